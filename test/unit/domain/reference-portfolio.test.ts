import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseMarket } from '../../../src/domain/parse/market.ts';
import { parsePositions } from '../../../src/domain/parse/positions.ts';
import { parseScenarios } from '../../../src/domain/parse/scenarios.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../vectors/portfolio/${name}`, import.meta.url), 'utf8');

it('parses and writes back the reference portfolio', () => {
  const { market, ...fromMarket } = parseMarket(read('market.json'), 'market.json');
  expect(fromMarket.warnings).toEqual([]);
  expect(market.underlyings).toHaveLength(12);
  expect(market.factors).toHaveLength(24);
  expect(market.factors[13]).toEqual({ name: 'EQ_B:vol_shift', underlying: 'EQ_B', kind: 'vol_shift' });
  expect(market.dailyCovariance).toMatchObject({ rows: 24, cols: 24 });

  const { book, ...fromPositions } = parsePositions(read('positions.csv'), 'positions.csv', market);
  expect(fromPositions.warnings).toEqual([]);
  const count = (kind: string): number => book.positions.filter((p) => p.instrument.kind === kind).length;
  expect([count('option'), count('forward'), count('spot')]).toEqual([1850, 100, 50]);
  expect(book.positions[0]).toEqual({
    id: '0',
    instrument: {
      kind: 'option',
      underlying: 'SOL',
      type: 'call',
      strike: 137.66,
      expiryYears: 0.565391,
      vol: 0.883368,
    },
    quantity: 362.6427,
    multiplier: 10,
  });

  const { scenarios, ...fromScenarios } = parseScenarios(read('scenarios.csv'), 'scenarios.csv', market);
  expect(fromScenarios.warnings).toEqual([]);
  expect(scenarios.labels).toHaveLength(500);
  expect(scenarios.moves).toMatchObject({ rows: 500, cols: 24 });
  expect(scenarios.moves.data.subarray(0, 2)).toEqual(Float64Array.of(-0.0001817242, 0.0114311588));

  expect(parseMarket(marketJson(market), 'm').market).toEqual(market);
  expect(parsePositions(positionsCsv(book), 'p', market).book).toEqual(book);
  expect(parseScenarios(scenariosCsv(scenarios), 's', market).scenarios).toEqual(scenarios);
});

it('reads expected values for every position and scenario', () => {
  expect(read('expected_position_greeks.csv').trimEnd().split('\n')).toHaveLength(2001);
  expect(read('expected_scenario_pnl.csv').trimEnd().split('\n')).toHaveLength(501);
  expect(JSON.parse(read('expected.json'))).toHaveProperty('value.gross_absolute');
});
