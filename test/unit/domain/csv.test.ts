import { describe, expect, it } from 'vitest';
import { type CsvTable, readCsv, UniqueColumn } from '../../../src/domain/parse/csv.ts';
import { decimalOf, listed, POSITIVE, shown } from '../../../src/domain/parse/rule.ts';
import { expectParseError } from './expect-parse-error.ts';

const AB = { required: ['a', 'b'] };
const read = (text: string): CsvTable => readCsv(text, 'f.csv', AB);
const cells = (table: CsvTable): string[][] =>
  [...table.rows()].map((row) => table.header.map((name) => row.text(name)));

describe('readCsv', () => {
  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['no line end at the end', 'a,b\n1,2\n3,4'],
    ['blank lines at the end', 'a,b\n1,2\n3,4\n\n\r\n\n'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4\n'],
    ['plain quotes', '"a",b\n1,"2"\r\n"3","4"\n'],
    ['a byte order mark before a quote', '\ufeff"a","b"\n1,2\n3,4\n'],
  ])('reads %s', (_, text) => {
    const table = read(text);
    expect(cells(table)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(table.warnings).toEqual([]);
  });

  it('reads commas, quotes and line ends inside quotes', () => {
    const table = read('a,b\r\n"x, ""y""","1\r\n2"\r\n3,"\n"\r\n\r\n');
    expect(cells(table)).toEqual([
      ['x, "y"', '1\r\n2'],
      ['3', '\n'],
    ]);
    expect([table.lineOf(0), table.lineOf(0, 1), table.lineOf(1), table.lineOf(1, 1)]).toEqual([2, 2, 4, 4]);
  });

  it('keeps a comment sign, blanks and a lone carriage return as data', () => {
    expect(cells(read('a,b\n#1, 2 \n3\r4,5\n'))).toEqual([
      ['#1', ' 2 '],
      ['3\r4', '5'],
    ]);
  });

  it('warns once about unknown columns', () => {
    expect(read('a,x,b\n1,2,3\n').warnings).toEqual(['f.csv: ignored unknown column "x"']);
    expect(read('a,x,b,\n1,2,3,\n').warnings).toEqual(['f.csv: ignored unknown columns "x", ""']);
    expect(readCsv('a,x,b\n1,2,3\n', 'f', { ...AB, optional: ['x'] }).warnings).toEqual([]);
  });

  it.each([
    ['an empty file', '', '1:1', ['a header line (a,b)', 'an empty file']],
    ['a byte order mark alone', '\ufeff', '1:1', ['an empty file']],
    ['blank lines alone', '\n\r\n', '1:1', ['an empty file']],
    ['no rows', 'a,b\n', '2:1', ['at least one row after the header', 'the end of the file']],
    ['a missing column', 'a,c\n1,2\n', '1:3 b', ['a column "b"', 'a header with "a", "c"']],
    ['missing columns', 'x\n1\n', '1:2 a', ['columns "a", "b"', 'a header with "x"']],
    ['a column in another case', 'a,B\n1,2\n', '1:3 b', ['"a", "B"']],
    ['a repeated column', 'a,b,x,b\n1,2,3,4\n', '1:4 b', ['each column once', 'column 2 too']],
    ['a short row', 'a,b\n1,2\n3\n', '3:2 b', ['2 fields as in the header', 'found 1']],
    ['a long row', 'a,b\n1,2\n3,4,5\n', '3:3', ['2 fields as in the header', 'found 3']],
    ['a blank line inside', 'a,b\n1,2\n\n3,4\n', '3:2 b', ['an empty line']],
    ['a quote that stays open', 'a,b\n1,2\n"3\n","4\n5\n', '4:2', ['a closing quote', 'the end of the file']],
    ['text after a quote', 'a,b\n1,"x\ny"z\n', '3:2', ['RFC 4180', 'text after a closing quote']],
    ['a quote inside a field', 'a,b\n1, "x"\n', '2:2', ['RFC 4180', 'a quote inside a field']],
  ])('refuses %s', (_, text, location, words) => {
    const error = expectParseError(() => cells(read(text)), location, ...words);
    expect(error.location.file).toBe('f.csv');
    expect(error.message.startsWith('f.csv:')).toBe(true);
  });

  it('names the physical line of a ragged row after quoted line ends', () => {
    expectParseError(() => cells(read('a,b\n"x\n\ny","z\n"\n1\n')), '6:2 b');
  });
});

describe('CsvRow', () => {
  it('locates a bad number, also behind quoted line ends', () => {
    const table = read('a,b\n1,"x"\n"2\n3",y\n');
    expectParseError(
      () => table.row(1).number('b', POSITIVE),
      '4:2 b',
      'f.csv:4:2 (b): expected a number > 0, found "y"',
    );
    expectParseError(() => table.row(1).number('a'), '3:1 a', 'a finite number', '"2\\n3"');
  });

  it('shows an empty cell as such and cuts long ones', () => {
    const table = read(`a,b\n,${'9'.repeat(400)}\n`);
    expectParseError(() => table.row(0).number('a'), '2:1 a', 'found an empty cell');
    const error = expectParseError(() => table.row(0).number('b'), '2:2 b', '9…"');
    expect(error.message.length).toBeLessThan(110);
  });

  it('refuses an empty or repeated key, naming the other line', () => {
    const table = read('a,b\nk,1\n"l\nm",2\nk,3\n,4\n');
    const unique = new UniqueColumn('a');
    expect([unique.read(table.row(0)), unique.read(table.row(1))]).toEqual(['k', 'l\nm']);
    expectParseError(() => unique.read(table.row(2)), '5:1 a', '"k", which is on line 2 too');
    expectParseError(() => unique.read(table.row(3)), '6:1 a', 'a non-empty a', 'an empty cell');
  });
});

describe('decimalOf', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['007', 7],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['5e-324', 5e-324],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('reads %s', (text, value) => expect(decimalOf(text)).toBe(value));

  it.each(
    [
      '',
      ' ',
      ' 1',
      '1 ',
      '.',
      '-',
      'e5',
      '1e',
      '1e+',
      '0x10',
      '0b1',
      '1_000',
      '1,000',
      '1.2.3',
      '--1',
      '1e999',
    ].concat([
      'NaN',
      'nan',
      'Infinity',
      '-Infinity',
      'inf',
      '1n',
      '1f',
      '٣',
      '１',
      '−1',
      'true',
      'null',
      '1\n',
    ]),
  )('refuses %j', (text) => expect(decimalOf(text)).toBeUndefined());
});

it('cuts and escapes what a message shows', () => {
  expect(shown('a\n"')).toBe('"a\\n\\""');
  expect(shown('x'.repeat(41))).toBe(`"${'x'.repeat(40)}…"`);
  expect(listed(['a', 'b'])).toBe('"a", "b"');
  expect(listed('abcdefghij'.split(''))).toMatch(/"h" and 2 more$/);
});
