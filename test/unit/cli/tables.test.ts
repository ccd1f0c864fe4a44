import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, expect, it } from 'vitest';
import { ParseError } from '../../../src/base/errors.ts';
import { UsageError } from '../../../src/cli/errors.ts';
import { readTable } from '../../../src/cli/tables.ts';
import { parsePositions } from '../../../src/domain/parse/positions.ts';
import { positionsCsv } from '../../../src/domain/write/csv.ts';
import { smallRequest } from '../../support/small-risk.ts';

const folder = mkdtempSync(join(tmpdir(), 'blindrisk-tables-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const { book, market } = smallRequest(50, 2);
const [header, ...lines] = positionsCsv(book)
  .trim()
  .split('\n')
  .map((line) => line.split(','));
const NUMBERS = new Set(['strike', 't', 'vol', 'quantity', 'multiplier']);
const columns = header!.map((name, c) => ({
  name,
  values: lines.map((line) => (NUMBERS.has(name) ? (line[c] === '' ? null : Number(line[c])) : line[c]!)),
}));

it('reads Parquet as the CSV with the same columns', async () => {
  const columnData = columns.map(({ name, values }) => ({
    name,
    data: values,
    type: NUMBERS.has(name) ? ('DOUBLE' as const) : ('STRING' as const),
  }));
  writeFileSync(path('p.parquet'), new Uint8Array(parquetWriteBuffer({ columnData })));
  expect(parsePositions(await readTable(path('p.parquet')), 'p.parquet', market).book).toEqual(book);
});

it('reads Arrow IPC as the CSV with the same columns', async () => {
  const table = tableFromArrays(Object.fromEntries(columns.map(({ name, values }) => [name, values])));
  writeFileSync(path('p.arrow'), tableToIPC(table, 'file'));
  expect(parsePositions(await readTable(path('p.arrow')), 'p.arrow', market).book).toEqual(book);
});

it('names the row of a bad value', async () => {
  const columnData = columns.map(({ name, values }) => ({
    name,
    data: name === 'strike' ? values.map((value, i) => (i === 4 ? Number.NaN : value)) : values,
    type: NUMBERS.has(name) ? ('DOUBLE' as const) : ('STRING' as const),
  }));
  writeFileSync(path('nan.parquet'), new Uint8Array(parquetWriteBuffer({ columnData })));
  const text = await readTable(path('nan.parquet'));
  expect(() => parsePositions(text, 'nan.parquet', market)).toThrow(/nan\.parquet:6:5 \(strike\)/);
});

it('refuses files that are not there, or not what they are called', async () => {
  await expect(readTable(path('none.parquet'))).rejects.toThrow(UsageError);
  for (const name of ['bad.parquet', 'bad.arrow']) {
    writeFileSync(path(name), 'id,underlying\n1,2\n');
    await expect(readTable(path(name)), name).rejects.toThrow(ParseError);
  }
});
