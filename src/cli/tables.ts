import { extname } from 'node:path';
import { ParseError, UnsupportedError } from '../base/errors.ts';
import { type CsvCell, writeCsv } from '../domain/write/csv.ts';
import { readBinaryFile, readTextFile } from './files.ts';

/**
 * Reads a table named on the command line as CSV text: CSV as it is, Parquet and Arrow IPC by their column names. Line n + 1 in
 * a message about such a file is its row n.
 * @throws UsageError if it cannot be read; ParseError if it is not what its extension says; UnsupportedError where the optional
 * package that reads it is not installed.
 */
export async function readTable(path: string): Promise<string> {
  switch (extname(path).toLowerCase()) {
    case '.parquet':
      return columnsToCsv(path, readParquet);
    case '.arrow':
    case '.feather':
      return columnsToCsv(path, readArrow);
    default:
      return readTextFile(path);
  }
}

type Columns = { readonly names: readonly string[]; readonly rows: Iterable<readonly unknown[]> };

async function columnsToCsv(path: string, read: (bytes: Uint8Array) => Promise<Columns>): Promise<string> {
  const bytes = readBinaryFile(path);
  try {
    const { names, rows } = await read(bytes);
    return writeCsv(names, mapRows(rows));
  } catch (cause) {
    if (cause instanceof UnsupportedError) throw cause;
    const expected = `an uncompressed or Snappy-compressed ${extname(path).slice(1)} file`;
    throw new ParseError(
      { file: path, line: 1, column: 1 },
      expected,
      cause instanceof Error ? cause.message : 'other bytes',
      {
        cause,
      },
    );
  }
}

function* mapRows(rows: Iterable<readonly unknown[]>): Generator<CsvCell[]> {
  for (const row of rows) yield row.map(cellOf);
}

function cellOf(value: unknown): CsvCell {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return value;
  return value instanceof Date ? value.toISOString() : String(value);
}

async function readParquet(bytes: Uint8Array): Promise<Columns> {
  const { parquetMetadata, parquetReadObjects } = await optional(() => import('hyparquet'), 'hyparquet');
  const file = bytes.buffer as ArrayBuffer;
  const { schema } = parquetMetadata(file);
  const names = schema.slice(1).map(({ name }) => name);
  const records = await parquetReadObjects({ file });
  return { names, rows: records.map((record) => names.map((name) => record[name])) };
}

async function readArrow(bytes: Uint8Array): Promise<Columns> {
  const { tableFromIPC } = await optional(() => import('apache-arrow'), 'apache-arrow');
  const table = tableFromIPC(bytes);
  const names = table.schema.fields.map(({ name }) => String(name));
  const columns = names.map((name) => table.getChild(name));
  const rows = Array.from({ length: table.numRows }, (_, r) => columns.map((column) => column?.get(r)));
  return { names, rows };
}

async function optional<T>(load: () => Promise<T>, name: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new UnsupportedError(
      `reading this file needs the package ${name}: npm install ${name}`,
      { package: name },
      { cause },
    );
  }
}
