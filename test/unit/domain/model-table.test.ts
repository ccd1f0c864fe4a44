import { expect, it } from 'vitest';
import type { ModelColumn } from '../../../src/domain/model-table.ts';
import { parseModelFile } from '../../../src/domain/parse/model-table.ts';
import { blackScholesModel } from '../../../src/pricing/black-scholes-model.ts';
import { expectParseError } from './expect-parse-error.ts';

const HEADER = 'id,type,spot,strike,t,r,q,vol';
const OTHER: readonly ModelColumn[] = [
  { name: 'forward', kind: 'number', rule: 'finite' },
  { name: 'rebate', kind: 'number', rule: 'nonNegative', optional: true },
  { name: 'note', kind: 'text', optional: true },
];
const MODELS = new Map([
  ['bsm', blackScholesModel.inputs],
  ['other', OTHER],
]);
const parse = (...lines: string[]) => parseModelFile(lines.join('\n'), 'o.csv', MODELS, 'bsm');

it('returns the columns of the model, a row an element', () => {
  const { ids, groups, warnings } = parse(
    HEADER,
    'a,call,100,90,0.5,0.03,-0.01,0.2',
    'b,put,1,2,0,-0.01,0,0',
  );
  expect(ids).toEqual(['a', 'b']);
  expect(warnings).toEqual([]);
  expect(groups).toHaveLength(1);
  const { model, rows, table } = groups[0]!;
  expect([model, ...rows]).toEqual(['bsm', 0, 1]);
  expect(table.length).toBe(2);
  expect(table.text('type')).toEqual(['call', 'put']);
  expect(table.number('spot')).toEqual(Float64Array.of(100, 1));
  expect(table.number('r')).toEqual(Float64Array.of(0.03, -0.01));
  expect(table.number('vol')).toEqual(Float64Array.of(0.2, 0));
});

it('groups rows by the model they name', () => {
  const { groups } = parse(
    `model,${HEADER},forward,rebate,note`,
    "other,a,,,,,,,,5,'',hello",
    ',b,put,1,2,0,0,0,0.1,,,',
    "other,c,,,,,,,,-6,0.5,''",
  );
  expect(groups.map(({ model, rows }) => [model, ...rows])).toEqual([
    ['other', 0, 2],
    ['bsm', 1],
  ]);
  expect(groups[0]!.table.number('forward')).toEqual(Float64Array.of(5, -6));
  expect(groups[0]!.table.number('rebate')).toEqual(Float64Array.of(Number.NaN, 0.5));
  expect(groups[0]!.table.text('note')).toEqual(['hello', '']);
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
  expectParseError(
    () => parse(`${HEADER},model`, `${row},heston`),
    '2:9 model',
    'a model ("bsm", "other")',
    'found "heston"',
  );
});
