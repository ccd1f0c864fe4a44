import { expect, it } from 'vitest';
import type { Market } from '../../../src/domain/market.ts';
import { parseScenarios } from '../../../src/domain/parse/scenarios.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { expectParseError } from './expect-parse-error.ts';

const market: Market = {
  valuation: 'now',
  underlyings: [{ name: 'A', spot: 1, rate: 0, dividendYield: 0, referenceVol: 0.2 }],
  factors: [
    { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
    { name: 'A:vol_shift', underlying: 'A', kind: 'vol_shift' },
  ],
  dailyCovariance: matrixOf(2, 2),
};
const parse = (...lines: string[]) => parseScenarios(lines.join('\n'), 's.csv', market);
const HEADER = 'scenario,A:spot_return,A:vol_shift';

it('reads moves in the order of the market, whatever the order of the columns', () => {
  const { scenarios, warnings } = parse('A:vol_shift,scenario,A:spot_return', '-0.3,old,0.1', '2,new,-0.99');
  expect(warnings).toEqual([]);
  expect(scenarios).toEqual({
    labels: ['old', 'new'],
    factors: market.factors,
    moves: matrixOf(2, 2, Float64Array.of(0.1, -0.3, -0.99, 2)),
  });
});

it('warns about factors that the market does not have', () => {
  expect(parse(`${HEADER},B:spot_return`, '0,0,0,x').warnings).toEqual([
    's.csv: ignored unknown column "B:spot_return"',
  ]);
});

it.each([
  ['a missing factor', ['scenario,A:spot_return', '0,0'], '1:3 A:vol_shift', 'a column "A:vol_shift"'],
  ['no labels', ['A:spot_return,A:vol_shift', '0,0'], '1:3 scenario', 'a column "scenario"'],
  ['an empty label', [HEADER, ',0,0'], '2:1 scenario', 'a non-empty scenario'],
  ['a repeated label', [HEADER, 'x,0,0', 'y,0,0', 'x,0,0'], '4:1 scenario', 'which is on line 2 too'],
  ['a spot that vanishes', [HEADER, 'x,-1,0'], '2:2 A:spot_return', 'expected a return > -1, found "-1"'],
  ['an empty move', [HEADER, 'x,0,'], '2:3 A:vol_shift', 'a finite number, found an empty cell'],
  ['an infinite move', [HEADER, 'x,0,inf'], '2:3 A:vol_shift', 'a finite number, found "inf"'],
  ['no rows', [HEADER], '2:1', 'at least one row'],
])('refuses %s', (_, lines, location, words) => {
  expectParseError(() => parse(...lines), location, words);
});

it('refuses scenarios of a market without factors', () => {
  expectParseError(
    () => parseScenarios('scenario\n1\n', 's.csv', { ...market, factors: [] }),
    '1:1',
    'a market without factors',
  );
});
