import type {
  AsianOption,
  BarrierType,
  DoubleBarrierOption,
  Instrument,
  InstrumentKind,
  OptionType,
} from '../instrument.ts';
import type { Market, Underlying } from '../market.ts';
import type { CsvRow } from './csv.ts';
import { instantOf, yearsBetween } from './instant.ts';
import { decimalOf, NON_NEGATIVE, POSITIVE, shown } from './rule.ts';

/** Columns that only some kinds use; elsewhere they are left empty. */
export const TERM_COLUMNS = [
  'type',
  'strike',
  't',
  'expiry',
  'vol',
  'barrier',
  'barrier_type',
  'lower',
  'upper',
  'rebate',
  'cash',
  'fixing_days',
  'current_extreme',
  'exercise',
  'settlement',
] as const;
export type TermColumn = (typeof TERM_COLUMNS)[number];

/** How one kind of instrument is read: the columns it uses, and its terms from them. */
export type KindReader = {
  readonly columns: readonly TermColumn[];
  readonly read: (row: CsvRow, underlying: Underlying, market: Market) => Instrument;
};

const DATED = ['t', 'expiry'] as const;

/** A new kind of {@link Instrument} is one more entry here. */
export const KIND_READERS: Readonly<Record<InstrumentKind, KindReader>> = {
  option: {
    columns: ['type', 'strike', ...DATED, 'vol', 'exercise', 'settlement'],
    read: readOption,
  },
  forward: {
    columns: ['strike', ...DATED],
    read: (row, { name }, market) => ({
      kind: 'forward',
      underlying: name,
      strike: row.number('strike', POSITIVE),
      expiryYears: readExpiry(row, market),
    }),
  },
  spot: { columns: [], read: (_, { name }) => ({ kind: 'spot', underlying: name }) },
  future: {
    columns: ['strike', ...DATED, 'settlement'],
    read: (row, { name }, market) => ({
      kind: 'future',
      underlying: name,
      strike: row.number('strike', POSITIVE),
      expiryYears: readExpiry(row, market),
      ...readSettlement(row),
    }),
  },
  perpetual: {
    columns: ['strike', 'settlement'],
    read: (row, { name }) => ({
      kind: 'perpetual',
      underlying: name,
      strike: row.number('strike', POSITIVE),
      ...readSettlement(row),
    }),
  },
  digital: {
    columns: ['type', 'strike', ...DATED, 'vol', 'cash'],
    read: (row, underlying, market) => ({
      kind: 'digital',
      underlying: underlying.name,
      type: readType(row),
      strike: row.number('strike', POSITIVE),
      expiryYears: readExpiry(row, market),
      ...(row.text('cash') === '' ? {} : { cash: row.number('cash', POSITIVE) }),
      ...readVol(row, underlying),
    }),
  },
  one_touch: {
    columns: ['barrier', ...DATED, 'vol', 'cash'],
    read: (row, underlying, market) => {
      const barrier = row.number('barrier', POSITIVE);
      return {
        kind: 'one_touch',
        underlying: underlying.name,
        direction: barrier >= underlying.spot ? 'up' : 'down',
        barrier,
        cash: row.number('cash', POSITIVE),
        expiryYears: readExpiry(row, market),
        ...readVol(row, underlying),
      };
    },
  },
  barrier: {
    columns: ['type', 'strike', ...DATED, 'vol', 'barrier', 'barrier_type', 'rebate'],
    read: (row, underlying, market) => {
      const barrier = row.number('barrier', POSITIVE);
      return {
        kind: 'barrier',
        underlying: underlying.name,
        type: readType(row),
        strike: row.number('strike', POSITIVE),
        barrierType: readBarrierType(row, barrier >= underlying.spot ? 'up_out' : 'down_out'),
        barrier,
        rebate: row.text('rebate') === '' ? 0 : row.number('rebate', NON_NEGATIVE),
        expiryYears: readExpiry(row, market),
        ...readVol(row, underlying),
      };
    },
  },
  double_barrier: {
    columns: ['type', 'strike', ...DATED, 'vol', 'lower', 'upper', 'barrier_type'],
    read: readDoubleBarrier,
  },
  asian: { columns: ['type', 'strike', ...DATED, 'vol', 'fixing_days'], read: readAsian },
  lookback: {
    columns: ['type', 'strike', ...DATED, 'vol', 'current_extreme'],
    read: (row, underlying, market) => ({
      kind: 'lookback',
      underlying: underlying.name,
      type: readType(row),
      ...(row.text('strike') === '' ? {} : { strike: row.number('strike', POSITIVE) }),
      currentExtreme:
        row.text('current_extreme') === '' ? underlying.spot : row.number('current_extreme', POSITIVE),
      expiryYears: readExpiry(row, market),
      ...readVol(row, underlying),
    }),
  },
};

function readOption(row: CsvRow, underlying: Underlying, market: Market): Instrument {
  const settlement = readSettlement(row);
  const american = readChoice(row, 'exercise', ['european', 'american']) === 'american';
  if (american && settlement.settlement !== undefined) {
    throw row.error('exercise', 'european exercise of a coin-settled option');
  }
  return {
    kind: 'option',
    underlying: underlying.name,
    type: readType(row),
    strike: row.number('strike', POSITIVE),
    expiryYears: readExpiry(row, market),
    ...readVol(row, underlying),
    ...(american ? { exercise: 'american' } : {}),
    ...settlement,
  };
}

function readDoubleBarrier(row: CsvRow, underlying: Underlying, market: Market): DoubleBarrierOption {
  const lower = row.number('lower', POSITIVE);
  const upper = row.number('upper', POSITIVE);
  if (upper <= lower) throw row.error('upper', `an upper barrier above the lower one (${lower})`);
  return {
    kind: 'double_barrier',
    underlying: underlying.name,
    type: readType(row),
    strike: row.number('strike', POSITIVE),
    knock: readChoice(row, 'barrier_type', ['knock_out', 'knock_in']),
    lower,
    upper,
    expiryYears: readExpiry(row, market),
    ...readVol(row, underlying),
  };
}

/** Fixing days are whole days from valuation, ascending, separated by blanks; they make `t` and `expiry` superfluous. */
function readAsian(row: CsvRow, underlying: Underlying): AsianOption {
  const expected = 'ascending whole days from 1, separated by blanks';
  const fixingDays = row
    .nonEmpty('fixing_days', expected)
    .split(' ')
    .map((day) => decimalOf(day) ?? Number.NaN);
  const ascending = fixingDays.every((day, i) => Number.isInteger(day) && day > (fixingDays[i - 1] ?? 0));
  if (!ascending) throw row.error('fixing_days', expected);
  return {
    kind: 'asian',
    underlying: underlying.name,
    type: readType(row),
    strike: row.number('strike', POSITIVE),
    fixingDays,
    ...readVol(row, underlying),
  };
}

function readType(row: CsvRow): OptionType {
  const type = row.text('type');
  if (type !== 'call' && type !== 'put') throw row.error('type', 'call or put');
  return type;
}

function readVol(row: CsvRow, underlying: Underlying): { readonly vol?: number } {
  if (row.text('vol') !== '') return { vol: row.number('vol', NON_NEGATIVE) };
  if (underlying.surface === undefined) {
    throw row.error('vol', `a volatility, as ${shown(underlying.name)} has no surface in the market`);
  }
  return {};
}

function readSettlement(row: CsvRow): { readonly settlement?: 'inverse' } {
  return readChoice(row, 'settlement', ['linear', 'inverse']) === 'inverse' ? { settlement: 'inverse' } : {};
}

function readBarrierType(row: CsvRow, usual: BarrierType): BarrierType {
  if (row.text('barrier_type') === '') return usual;
  return readChoice(row, 'barrier_type', ['down_in', 'down_out', 'up_in', 'up_out']);
}

/** One of a few words; an empty cell means the first. */
function readChoice<const T extends string>(
  row: CsvRow,
  column: TermColumn,
  choices: readonly [T, ...T[]],
): T {
  const text = row.text(column);
  if (text === '') return choices[0];
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw row.error(column, `${choices.join(' or ')}, or an empty cell`);
  return found;
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
