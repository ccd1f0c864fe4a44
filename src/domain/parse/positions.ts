import type { Book, Position } from '../book.ts';
import type { InstrumentKind } from '../instrument.ts';
import type { Market, Underlying } from '../market.ts';
import { type CsvRow, type CsvTable, readCsv, UniqueColumn } from './csv.ts';
import { KIND_READERS, type KindReader, TERM_COLUMNS, type TermColumn } from './instruments.ts';
import { listed, type NumberRule } from './rule.ts';

const CONTRACT_SIZE: NumberRule = { text: 'a contract size > 0', holds: (value) => value > 0 };

const REQUIRED = ['id', 'underlying', 'kind', 'type', 'strike', 'vol', 'quantity', 'multiplier'];
const OTHER_COLUMNS = ['owner'];

/** Words that say of any kind what holds anyway. */
const USUAL_STYLES: ReadonlySet<string> = new Set(['european', 'linear']);

/**
 * Reads positions.csv against a market. Years to expiry come from `t`, or ACT/365F from the market's valuation time
 * where `expiry` is given: a date there means midnight UTC.
 * @throws ParseError naming line and column of the first value that does not follow the format or the market.
 */
export function parsePositions(
  text: string,
  file: string,
  market: Market,
): { book: Book; warnings: string[] } {
  const table = readPositionTable(text, file);
  const underlyings = new Map(market.underlyings.map((underlying) => [underlying.name, underlying]));
  const id = new UniqueColumn('id');
  const unused = new UnusedTerms(table);
  const positions: Position[] = [];
  for (const row of table.rows()) {
    const reader = kindReaderOf(row);
    const position = {
      id: id.read(row),
      instrument: reader.read(row, underlyingOf(row, underlyings), market),
      quantity: row.number('quantity'),
      multiplier: row.number('multiplier', CONTRACT_SIZE),
    };
    unused.check(row, reader.columns);
    positions.push(position);
  }
  return { book: { positions }, warnings: [...table.warnings, ...unused.warnings()] };
}

function readPositionTable(text: string, file: string): CsvTable {
  const optional = [...TERM_COLUMNS, ...OTHER_COLUMNS];
  const table = readCsv(text, file, { required: REQUIRED, optional });
  if (!table.has('t') && !table.has('expiry')) throw table.missing('t', 'a column "t" or "expiry"');
  return table;
}

function kindReaderOf(row: CsvRow): KindReader {
  const kind = row.text('kind');
  if (Object.hasOwn(KIND_READERS, kind)) return KIND_READERS[kind as InstrumentKind];
  throw row.error('kind', `a kind: ${Object.keys(KIND_READERS).join(', ')}`);
}

function underlyingOf(row: CsvRow, underlyings: ReadonlyMap<string, Underlying>): Underlying {
  const underlying = underlyings.get(row.text('underlying'));
  if (underlying === undefined) {
    throw row.error('underlying', `an underlying of the market (${listed([...underlyings.keys()])})`);
  }
  return underlying;
}

/** Terms given on kinds that do not have them: a `type` is refused, others are ignored with a warning. */
class UnusedTerms {
  readonly #table: CsvTable;
  readonly #columns: readonly TermColumn[];
  readonly #seen: Map<string, { readonly line: number; count: number }> = new Map();

  constructor(table: CsvTable) {
    this.#table = table;
    this.#columns = TERM_COLUMNS.filter((column) => table.has(column));
  }

  check(row: CsvRow, used: readonly TermColumn[]): void {
    for (const column of this.#columns) {
      const text = row.text(column);
      if (used.includes(column) || text === '' || USUAL_STYLES.has(text)) continue;
      const kind = row.text('kind');
      if (column === 'type') throw row.error('type', `an empty cell, as a ${kind} has no type`);
      const key = `${column} on kind ${kind}`;
      const seen = this.#seen.get(key);
      if (seen !== undefined) seen.count++;
      else this.#seen.set(key, { line: row.table.lineOf(row.index), count: 1 });
    }
  }

  warnings(): string[] {
    return [...this.#seen].map(
      ([key, { line, count }]) =>
        `${this.#table.file}:${line}: ignored ${key}, which does not use it` +
        (count > 1 ? ` (${count} rows in all)` : ''),
    );
  }
}
