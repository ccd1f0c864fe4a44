import type { Book, Position } from '../book.ts';
import type { Instrument, InstrumentKind } from '../instrument.ts';
import type { Market, Underlying } from '../market.ts';
import { type CsvRow, type CsvTable, readCsv, UniqueColumn } from './csv.ts';
import { instantOf, yearsBetween } from './instant.ts';
import { listed, NON_NEGATIVE, type NumberRule, POSITIVE, shown } from './rule.ts';

const CONTRACT_SIZE: NumberRule = { text: 'a contract size > 0', holds: (value) => value > 0 };

/** Columns that only some kinds use; elsewhere they are left empty. */
const TERM_COLUMNS = [
  'type',
  'strike',
  't',
  'expiry',
  'vol',
  'barrier',
  'lower',
  'upper',
  'rebate',
  'cash',
  'fixing_days',
  'current_extreme',
] as const;
type TermColumn = (typeof TERM_COLUMNS)[number];

const REQUIRED = ['id', 'underlying', 'kind', 'type', 'strike', 'vol', 'quantity', 'multiplier'];
const STYLE_COLUMNS = ['exercise', 'settlement', 'owner'];

/** How one kind of instrument is read: the columns it uses, and its terms from them. */
type KindReader = {
  readonly columns: readonly TermColumn[];
  readonly read: (row: CsvRow, underlying: Underlying, market: Market) => Instrument;
};

/** A new kind of {@link Instrument} is one more entry here. */
const KIND_READERS: Readonly<Record<InstrumentKind, KindReader>> = {
  option: { columns: ['type', 'strike', 't', 'expiry', 'vol'], read: readOption },
  forward: { columns: ['strike', 't', 'expiry'], read: readForward },
  spot: { columns: [], read: (_, underlying) => ({ kind: 'spot', underlying: underlying.name }) },
};

/** Kinds of the file format that no reader exists for yet. */
const LATER_KINDS: readonly string[] = [
  'future',
  'perpetual',
  'digital',
  'one_touch',
  'barrier',
  'double_barrier',
  'asian',
  'lookback',
];

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
    checkStyle(row, 'exercise', 'european', 'american');
    checkStyle(row, 'settlement', 'linear', 'inverse');
    unused.check(row, reader.columns);
    positions.push(position);
  }
  return { book: { positions }, warnings: [...table.warnings, ...unused.warnings()] };
}

function readPositionTable(text: string, file: string): CsvTable {
  const optional = [...TERM_COLUMNS, ...STYLE_COLUMNS];
  const table = readCsv(text, file, { required: REQUIRED, optional });
  if (!table.has('t') && !table.has('expiry')) throw table.missing('t', 'a column "t" or "expiry"');
  return table;
}

function kindReaderOf(row: CsvRow): KindReader {
  const kind = row.text('kind');
  if (Object.hasOwn(KIND_READERS, kind)) return KIND_READERS[kind as InstrumentKind];
  const supported = Object.keys(KIND_READERS).join(', ');
  if (LATER_KINDS.includes(kind)) {
    throw row.error(
      'kind',
      `a kind that is supported so far (${supported})`,
      `${shown(kind)}, which is not supported yet`,
    );
  }
  throw row.error('kind', `a kind: ${supported} (not supported yet: ${LATER_KINDS.join(', ')})`);
}

function underlyingOf(row: CsvRow, underlyings: ReadonlyMap<string, Underlying>): Underlying {
  const underlying = underlyings.get(row.text('underlying'));
  if (underlying === undefined) {
    throw row.error('underlying', `an underlying of the market (${listed([...underlyings.keys()])})`);
  }
  return underlying;
}

function readOption(row: CsvRow, underlying: Underlying, market: Market): Instrument {
  const type = row.text('type');
  if (type !== 'call' && type !== 'put') throw row.error('type', 'call or put');
  const terms = {
    kind: 'option',
    underlying: underlying.name,
    type,
    strike: row.number('strike', POSITIVE),
    expiryYears: readExpiry(row, market),
  } as const;
  if (row.text('vol') !== '') return { ...terms, vol: row.number('vol', NON_NEGATIVE) };
  if (underlying.surface === undefined) {
    throw row.error('vol', `a volatility, as ${shown(underlying.name)} has no surface in the market`);
  }
  return terms;
}

function readForward(row: CsvRow, underlying: Underlying, market: Market): Instrument {
  return {
    kind: 'forward',
    underlying: underlying.name,
    strike: row.number('strike', POSITIVE),
    expiryYears: readExpiry(row, market),
  };
}

function readExpiry(row: CsvRow, market: Market): number {
  const expiry = row.text('expiry');
  if (expiry === '' && row.table.has('t')) return row.number('t', NON_NEGATIVE);
  if (row.text('t') !== '') throw row.error('expiry', 'an empty cell, as t is given');
  const end = instantOf(expiry);
  if (end === undefined) throw row.error('expiry', 'an ISO 8601 date or date-time');
  const start = instantOf(market.valuation);
  if (start === undefined) {
    throw row.error(
      'expiry',
      'years to expiry in t, or a market whose valuation is an ISO 8601 time',
      `an expiry with the valuation ${shown(market.valuation)}`,
    );
  }
  if (end < start) throw row.error('expiry', `an expiry not before the valuation ${market.valuation}`);
  return yearsBetween(start, end);
}

/** Empty means the usual style; the other style of the format is refused until it can be priced. */
function checkStyle(row: CsvRow, column: string, usual: string, later: string): void {
  const style = row.text(column);
  if (style === '' || style === usual) return;
  throw row.error(
    column,
    `${usual} or an empty cell`,
    style === later ? `${shown(style)}, which is not supported yet` : shown(style),
  );
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
      if (used.includes(column) || row.text(column) === '') continue;
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
