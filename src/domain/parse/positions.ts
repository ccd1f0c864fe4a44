import type { Book, Position } from '../book.ts';
import type { InstrumentKind } from '../instrument.ts';
import type { Market, Underlying } from '../market.ts';
import { type CsvRow, type CsvTable, readCsv, UniqueColumn, type UniqueValues } from './csv.ts';
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
  const reader = new PositionReader(file, market, new UniqueColumn('id'));
  return { book: { positions: reader.read(text) }, warnings: reader.warnings() };
}

/** Reads a positions.csv, whole or block after block. */
export class PositionReader {
  readonly #file: string;
  readonly #market: Market;
  readonly #underlyings: ReadonlyMap<string, Underlying>;
  readonly #id: UniqueValues;
  readonly #unused: UnusedTerms;
  #columnWarnings: readonly string[] = [];

  constructor(file: string, market: Market, id: UniqueValues) {
    this.#file = file;
    this.#market = market;
    this.#underlyings = new Map(market.underlyings.map((underlying) => [underlying.name, underlying]));
    this.#id = id;
    this.#unused = new UnusedTerms(file);
  }

  /** @param linesBefore see `readCsv`. @throws ParseError as {@link parsePositions}. */
  read(text: string, linesBefore = 0): Position[] {
    const table = readPositionTable(text, this.#file, linesBefore);
    this.#columnWarnings = table.warnings;
    const given = TERM_COLUMNS.filter((column) => table.has(column));
    const positions: Position[] = [];
    for (const row of table.rows()) {
      const reader = kindReaderOf(row);
      const position = {
        id: this.#id.read(row),
        instrument: reader.read(row, underlyingOf(row, this.#underlyings), this.#market),
        quantity: row.number('quantity'),
        multiplier: row.number('multiplier', CONTRACT_SIZE),
      };
      this.#unused.check(row, given, reader.columns);
      positions.push(position);
    }
    return positions;
  }

  /** What was ignored in all that was read. */
  warnings(): string[] {
    return [...this.#columnWarnings, ...this.#unused.warnings()];
  }
}

function readPositionTable(text: string, file: string, linesBefore: number): CsvTable {
  const optional = [...TERM_COLUMNS, ...OTHER_COLUMNS];
  const table = readCsv(text, file, { required: REQUIRED, optional }, linesBefore);
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
  readonly #file: string;
  readonly #seen: Map<string, { readonly line: number; count: number }> = new Map();

  constructor(file: string) {
    this.#file = file;
  }

  /** @param given the term columns that the file has. */
  check(row: CsvRow, given: readonly TermColumn[], used: readonly TermColumn[]): void {
    for (const column of given) {
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
        `${this.#file}:${line}: ignored ${key}, which does not use it` +
        (count > 1 ? ` (${count} rows in all)` : ''),
    );
  }
}
