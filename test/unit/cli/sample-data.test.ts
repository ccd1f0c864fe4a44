import { expect, it } from 'vitest';
import { sampleData } from '../../../src/cli/sample-data.ts';
import type { Market } from '../../../src/domain/market.ts';
import { parseMarket } from '../../../src/domain/parse/market.ts';
import { parsePositions } from '../../../src/domain/parse/positions.ts';
import { parseScenarios } from '../../../src/domain/parse/scenarios.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../../src/domain/write/csv.ts';

const sample = sampleData();
const { book, market, scenarios } = sample;
const deviation = (m: Market, name: string): number => Math.sqrt(covariance(m, name, name));
const correlation = (a: string, b: string): number =>
  covariance(market, a, b) / deviation(market, a) / deviation(market, b);

function covariance(m: Market, a: string, b: string): number {
  const index = (name: string): number => m.factors.findIndex((factor) => factor.name === name);
  return m.dailyCovariance.data[index(a) * m.dailyCovariance.cols + index(b)]!;
}

it('is the same for the same seed, and another for another', () => {
  expect(sampleData()).toEqual(sample);
  expect(sampleData(7).scenarios.moves.data).not.toEqual(scenarios.moves.data);
});

it('has the shape that the demonstration promises', () => {
  const count = (kind: string): number => book.positions.filter((p) => p.instrument.kind === kind).length;
  expect([count('option'), count('forward'), count('spot')]).toEqual([280, 30, 10]);
  expect(scenarios.moves).toMatchObject({ rows: 500, cols: 16 });
  expect(new Set(book.positions.map((position) => position.id)).size).toBe(320);
});

it('passes its own readers without a warning and reads back the same', () => {
  const parsed = parseMarket(marketJson(market), 'm');
  expect(parsed).toEqual({ market, warnings: [] });
  expect(parsePositions(positionsCsv(book), 'p', market)).toEqual({ book, warnings: [] });
  expect(parseScenarios(scenariosCsv(scenarios), 's', market)).toEqual({ scenarios, warnings: [] });
});

it('moves like markets do', () => {
  for (const [name, low, high] of [
    ['ATLAS', 0.01, 0.025],
    ['BOREAL', 0.008, 0.025],
    ['CIRRUS', 0.01, 0.03],
    ['DORIAN', 0.01, 0.025],
    ['EURUSD', 0.004, 0.007],
    ['JPYUSD', 0.004, 0.007],
    ['BTC', 0.024, 0.037],
    ['ETH', 0.032, 0.05],
  ] as const) {
    expect(deviation(market, `${name}:spot_return`), name).toBeGreaterThan(low);
    expect(deviation(market, `${name}:spot_return`), name).toBeLessThan(high);
  }
  expect(correlation('BTC:spot_return', 'ETH:spot_return')).toBeGreaterThan(0.7);
  expect(correlation('ATLAS:spot_return', 'CIRRUS:spot_return')).toBeGreaterThan(0.3);
  for (const name of ['ATLAS', 'BOREAL', 'CIRRUS', 'DORIAN']) {
    expect(correlation(`${name}:spot_return`, `${name}:vol_shift`), name).toBeLessThan(-0.5);
  }
  for (const move of scenarios.moves.data) expect(Math.abs(move)).toBeLessThan(0.35);
});

it('spreads its risk: no underlying carries more than 30 % of the gross daily move', () => {
  const gross = market.underlyings.map(({ name, spot }) =>
    book.positions
      .filter((position) => position.instrument.underlying === name)
      .reduce(
        (sum, position) =>
          sum +
          Math.abs(position.quantity) * position.multiplier * spot * deviation(market, `${name}:spot_return`),
        0,
      ),
  );
  expect(Math.max(...gross) / gross.reduce((a, b) => a + b)).toBeLessThan(0.3);
});
