import { ParseError } from '../../base/errors.ts';
import { type CsvRecords, lineOf, recordsOf } from './records.ts';
import { decimalOf, FINITE, listed, type NumberRule, shown } from './rule.ts';

/** Names of the columns a file must have and of those it may have; any other is ignored with a warning. */
export type CsvColumns = { readonly required: readonly string[]; readonly optional?: readonly string[] };

/** A CSV file with a checked header. Rows count from 0; lines and columns, in errors, from 1. */
export class CsvTable {
  readonly file: string;
  readonly header: readonly string[];
  /** At least 1. */
  readonly rowCount: number;
  /** What was ignored. */
  readonly warnings: readonly string[];
  readonly #records: CsvRecords;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #linesBefore: number;

  constructor(
    file: string,
    records: CsvRecords,
    header: readonly string[],
    columns: ReadonlyMap<string, number>,
    warnings: readonly string[],
    linesBefore: number,
  ) {
    this.file = file;
    this.header = header;
    this.rowCount = records.count - 1;
    this.warnings = warnings;
    this.#records = records;
    this.#columns = columns;
    this.#linesBefore = linesBefore;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Index of a column from 0, or -1. */
  indexOf(name: string): number {
    return this.#columns.get(name) ?? -1;
  }

  /** The error of a header that lacks a column. */
  missing(column: string, expected: string): ParseError {
    return missingColumn(this.file, this.header, column, expected);
  }

  /** @throws ParseError unless the row has as many fields as the header. */
  row(index: number): CsvRow {
    const fields = this.#records.fields(index + 1);
    const width = this.header.length;
    if (fields.length !== width) {
      const column = Math.min(fields.length, width) + 1;
      const name = this.header[column - 1];
      throw new ParseError(
        {
          file: this.file,
          line: this.lineOf(index),
          column,
          ...(name === undefined ? {} : { field: name }),
        },
        `${width} fields as in the header`,
        fields.length === 1 && fields[0] === '' ? 'an empty line' : `${fields.length}`,
      );
    }
    return new CsvRow(this, index, fields);
  }

  /** All rows in file order. @throws ParseError at the first ragged one. */
  *rows(): Generator<CsvRow, void, undefined> {
    for (let index = 0; index < this.rowCount; index++) yield this.row(index);
  }

  /** Physical line on which a field of a row begins. Cost: reads the rows before it; only errors ask. */
  lineOf(row: number, column = 0): number {
    return lineOf(this.#records, row + 1, column) + this.#linesBefore;
  }
}

/** One row: fields by column name, and errors that say where. */
export class CsvRow {
  readonly table: CsvTable;
  readonly index: number;
  readonly #fields: readonly string[];

  constructor(table: CsvTable, index: number, fields: readonly string[]) {
    this.table = table;
    this.index = index;
    this.#fields = fields;
  }

  /** The field as it stands in the file; empty too where the file lacks an optional column. */
  text(column: string): string {
    return this.#fields[this.table.indexOf(column)] ?? '';
  }

  /** @throws ParseError when the field is empty. */
  nonEmpty(column: string, expected: string): string {
    const text = this.text(column);
    if (text === '') throw this.error(column, expected);
    return text;
  }

  /** @throws ParseError unless the field is a finite decimal number that satisfies the rule. */
  number(column: string, rule: NumberRule = FINITE): number {
    const value = decimalOf(this.text(column));
    if (value === undefined || !rule.holds(value)) throw this.error(column, rule.text);
    return value;
  }

  /** An error at a field; `found` is its content unless given. */
  error(column: string, expected: string, found?: string): ParseError {
    const index = Math.max(0, this.table.indexOf(column));
    const text = this.text(column);
    return new ParseError(
      {
        file: this.table.file,
        line: this.table.lineOf(this.index, index),
        column: index + 1,
        field: column,
      },
      expected,
      found ?? (text === '' ? 'an empty cell' : shown(text)),
    );
  }
}

/** Refuses values that occur twice in a column. */
export type UniqueValues = {
  /** @throws ParseError when the row's value is empty or stands in an earlier row. */
  readonly read: (row: CsvRow) => string;
};

/** Refuses values that occur twice in a column of one table, naming both lines. */
export class UniqueColumn implements UniqueValues {
  readonly #rows: Map<string, number> = new Map();
  readonly #column: string;

  constructor(column: string) {
    this.#column = column;
  }

  read(row: CsvRow): string {
    const text = row.nonEmpty(this.#column, `a non-empty ${this.#column}`);
    const earlier = this.#rows.get(text);
    if (earlier !== undefined) {
      const line = row.table.lineOf(earlier, row.table.indexOf(this.#column));
      throw row.error(
        this.#column,
        `a ${this.#column} that no other row has`,
        `${shown(text)}, which is on line ${line} too`,
      );
    }
    this.#rows.set(text, row.index);
    return text;
  }
}

/**
 * Reads RFC 4180 text (LF or CRLF, an optional byte order mark, blank lines at the end allowed) and checks its header.
 * Rows are split when they are asked for.
 * @param linesBefore lines of the file between its header and the first row of this text, which is a block of it.
 * @throws ParseError for an empty file, a missing or repeated column, no rows, or malformed quotes.
 */
export function readCsv(text: string, file: string, columns: CsvColumns, linesBefore = 0): CsvTable {
  const records = recordsOf(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, file, linesBefore);
  if (records.count === 0) {
    throw new ParseError(
      { file, line: 1, column: 1 },
      `a header line (${columns.required.join(',')})`,
      'an empty file',
    );
  }
  const header = records.fields(0);
  const indexes = indexColumns(header, records, file);
  requireColumns(columns.required, header, indexes, file);
  if (records.count === 1) {
    throw new ParseError(
      { file, line: lineOf(records, 1), column: 1 },
      'at least one row after the header',
      'the end of the file',
    );
  }
  return new CsvTable(file, records, header, indexes, unknownColumns(header, columns, file), linesBefore);
}

function indexColumns(
  header: readonly string[],
  records: CsvRecords,
  file: string,
): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  for (const [index, name] of header.entries()) {
    const earlier = indexes.get(name);
    if (earlier !== undefined && name !== '') {
      throw new ParseError(
        { file, line: lineOf(records, 0, index), column: index + 1, field: name },
        'each column once',
        `${shown(name)} again, which is column ${earlier + 1} too`,
      );
    }
    indexes.set(name, index);
  }
  return indexes;
}

function requireColumns(
  required: readonly string[],
  header: readonly string[],
  indexes: ReadonlyMap<string, number>,
  file: string,
): void {
  const missing = required.filter((name) => !indexes.has(name));
  const first = missing[0];
  if (first === undefined) return;
  throw missingColumn(
    file,
    header,
    first,
    `${missing.length === 1 ? 'a column' : 'columns'} ${listed(missing)}`,
  );
}

/** Located after the last column, where the missing one could stand. */
function missingColumn(file: string, header: readonly string[], field: string, expected: string): ParseError {
  const column = header.length + 1;
  return new ParseError({ file, line: 1, column, field }, expected, `a header with ${listed(header)}`);
}

function unknownColumns(header: readonly string[], columns: CsvColumns, file: string): string[] {
  const known = new Set([...columns.required, ...(columns.optional ?? [])]);
  const unknown = header.filter((name) => !known.has(name));
  if (unknown.length === 0) return [];
  return [`${file}: ignored unknown ${unknown.length === 1 ? 'column' : 'columns'} ${listed(unknown)}`];
}
