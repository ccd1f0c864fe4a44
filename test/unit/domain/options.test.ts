import { expect, it } from 'vitest';
import { parseOptions } from '../../../src/domain/parse/options.ts';
import { expectParseError } from './expect-parse-error.ts';

const HEADER = 'id,type,spot,strike,t,r,q,vol';
const parse = (...lines: string[]) => parseOptions(lines.join('\n'), 'o.csv');

it('returns columns ready for pricing', () => {
  expect(parse(`${HEADER},model`, 'a,call,100,90,0.5,0.03,-0.01,0.2,bsm', 'b,put,1,2,0,-0.01,0,0,')).toEqual({
    ids: ['a', 'b'],
    sign: Float64Array.of(1, -1),
    spot: Float64Array.of(100, 1),
    strike: Float64Array.of(90, 2),
    expiryYears: Float64Array.of(0.5, 0),
    rate: Float64Array.of(0.03, -0.01),
    dividendYield: Float64Array.of(-0.01, 0),
    vol: Float64Array.of(0.2, 0),
    warnings: [],
  });
});

it('ignores result columns with one warning', () => {
  expect(parse(`${HEADER},price,delta`, 'a,call,1,1,1,0,0,0.2,,x').warnings).toEqual([
    'o.csv: ignored unknown columns "price", "delta"',
  ]);
});

it.each([
  ['a type', 'a,c,1,1,1,0,0,0.2', '2:2 type', 'expected call or put, found "c"'],
  ['a spot', 'a,call,0,1,1,0,0,0.2', '2:3 spot', 'a number > 0'],
  ['a strike', 'a,call,1,-1,1,0,0,0.2', '2:4 strike', 'a number > 0'],
  ['a time', 'a,call,1,1,-1,0,0,0.2', '2:5 t', 'a number >= 0'],
  ['a rate', 'a,call,1,1,1,,0,0.2', '2:6 r', 'a finite number, found an empty cell'],
  ['a yield', 'a,call,1,1,1,0,3%,0.2', '2:7 q', 'found "3%"'],
  ['a vol', 'a,call,1,1,1,0,0,-0.2', '2:8 vol', 'a number >= 0'],
  ['an id', ',call,1,1,1,0,0,0.2', '2:1 id', 'a non-empty id'],
])('refuses %s', (_, row, location, words) => {
  expectParseError(() => parse(HEADER, row), location, words);
});

it('refuses repeated ids, missing columns and other models', () => {
  const row = 'a,call,1,1,1,0,0,0.2';
  expectParseError(() => parse(HEADER, row, row), '3:1 id', 'which is on line 2 too');
  expectParseError(() => parse('id,type,spot,strike,t,r,q', 'a,call,1,1,1,0,0'), '1:8 vol', 'a column "vol"');
  expectParseError(() => parse(`${HEADER},model`, `${row},heston`), '2:9 model', '(bsm)', 'found "heston"');
});

it('reads 100,000 rows in well under the time a user notices', () => {
  const rows = Array.from(
    { length: 100_000 },
    (_, i) => `${i},put,${Math.PI + i},${Math.E + i},0.25,0.01,0,0.2`,
  );
  const start = performance.now();
  expect(parse(HEADER, ...rows).ids).toHaveLength(100_000);
  // Ten times what an idle core needs.
  expect(performance.now() - start).toBeLessThan(5_000);
});
