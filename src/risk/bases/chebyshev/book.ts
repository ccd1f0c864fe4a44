import { RangeError, ShapeError } from '../../../base/errors.ts';
import type { Book, Position } from '../../../domain/book.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Market } from '../../../domain/market.ts';
import { isLinear } from '../../../pricing/instruments/linear.ts';
import type { PositionSampler } from '../sample.ts';
import type { ChebyshevBasis } from './basis.ts';
import { allocateColumns, checkColumns, type OptionColumns, sliceColumns, writeOption } from './columns.ts';
import {
  allocateLocated,
  type Located,
  OUTSIDE_REASONS,
  type OutsideReason,
  PanelLocator,
  reasonOf,
} from './locate.ts';
import { isProjectable } from './project.ts';

/** A book as the projection takes it: options as columns, everything else as it is. Secret. */
export type SplitBook = {
  readonly options: OptionColumns;
  readonly rest: readonly Position[];
  /** The position of each option in the book, from 1, for errors. */
  readonly rows?: Int32Array;
};

/** @param before positions of the book before these. @throws ShapeError for an underlying that the market lacks. */
export function splitBook({ positions }: Book, market: Market, before = 0): SplitBook {
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const options = allocateColumns(positions.length);
  const rest: Position[] = [];
  const rows = new Int32Array(positions.length);
  let count = 0;
  for (const [i, position] of positions.entries()) {
    const { instrument } = position;
    const underlying = indexOf.get(instrument.underlying);
    if (underlying === undefined) {
      throw new ShapeError(`position ${position.id}: the market has no underlying ${instrument.underlying}`, {
        id: position.id,
        underlying: instrument.underlying,
      });
    }
    if (isProjectable(instrument)) {
      rows[count] = before + i + 1;
      writeOption(options, count++, underlying, instrument, position);
    } else rest.push(position);
  }
  return { options: sliceColumns(options, 0, count), rest, rows: rows.subarray(0, count) };
}

/** What of a book a basis takes, and what has to be listed: how many positions, and why. Secret. */
export type RoutedBook = {
  /** Options inside the panels, and what is linear in the spot. */
  readonly inside: SplitBook;
  /** Positions whose contracts need a coordinate of their own. */
  readonly outside: readonly Position[];
  readonly reasons: Readonly<Record<OutsideReason, number>>;
  /** Options that only a wing takes. */
  readonly onWing: number;
};

type Domain = Pick<ChebyshevBasis, 'settings' | 'panels' | 'references'>;

/**
 * Separates what lies outside the panels. Listing it makes its terms public: whether that may be is the owner's decision.
 * @throws RangeError @throws ShapeError as `PanelLocator.locate`.
 */
export function routeBook({ options, rest, rows }: SplitBook, market: Market, domain: Domain): RoutedBook {
  const count = checkColumns(options);
  const located = allocateLocated(count);
  const found = locateAll(new PanelLocator(domain, market), options, located, rows);
  const reasons = Object.fromEntries(OUTSIDE_REASONS.map((reason) => [reason, 0])) as Record<
    OutsideReason,
    number
  >;
  const outside: Position[] = [];
  const linear: Position[] = [];
  for (const position of rest) {
    if (isLinear(position.instrument)) linear.push(position);
    else {
      outside.push(position);
      reasons.kind++;
    }
  }
  const onWing = located.panel.reduce(
    (sum, panel) => sum + (domain.panels[panel]?.chart === 'wing' ? 1 : 0),
    0,
  );
  if (found === 0) return { inside: { options, rest: linear }, outside, reasons, onWing };
  const inside = allocateColumns(count - found);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (located.panel[i]! < 0) {
      reasons[reasonOf(located.panel[i]!)]++;
      outside.push(positionAt(options, i, market));
    } else copyOption(options, i, inside, kept++);
  }
  return { inside: { options: inside, rest: linear }, outside, reasons, onWing };
}

/** Errors name the row of the book, not that of its columns. */
function locateAll(
  locator: PanelLocator,
  options: OptionColumns,
  into: Located,
  rows: Int32Array | undefined,
): number {
  try {
    return locator.locate(options, into);
  } catch (error) {
    const index = error instanceof RangeError ? error.facts['index'] : undefined;
    if (rows === undefined || typeof index !== 'number') throw error;
    const row = rows[index]!;
    const message = (error as RangeError).message.replace(/^option \d+/, `position ${row} of the book`);
    throw new RangeError(message, { row }, { cause: error });
  }
}

function copyOption(from: OptionColumns, i: number, to: Required<OptionColumns>, at: number): void {
  to.underlying[at] = from.underlying[i]!;
  to.sign[at] = from.sign[i]!;
  to.strike[at] = from.strike[i]!;
  to.expiryYears[at] = from.expiryYears[i]!;
  to.vol[at] = from.vol[i]!;
  to.units[at] = from.units[i]!;
  to.american[at] = from.american?.[i] ?? 0;
}

/** Row i as a position of a multiplier of 1. */
export function positionAt(options: OptionColumns, i: number, market: Market): Position {
  const vol = options.vol[i]!;
  const instrument: Instrument = {
    kind: 'option',
    underlying: market.underlyings[options.underlying[i]!]!.name,
    type: options.sign[i]! > 0 ? 'call' : 'put',
    strike: options.strike[i]!,
    expiryYears: options.expiryYears[i]!,
    ...(Number.isNaN(vol) ? {} : { vol }),
    ...(options.american?.[i] === 1 ? { exercise: 'american' as const } : {}),
  };
  return { id: `option ${i}`, instrument, quantity: options.units[i]!, multiplier: 1 };
}

/** Adds the options of a book, by exposure, to what stands for all of them. */
export function sampleOptions({ options }: SplitBook, market: Market, into: PositionSampler): void {
  options.units.forEach((units, i) => {
    const exposure = Math.abs(units) * market.underlyings[options.underlying[i]!]!.spot;
    into.add(exposure, () => positionAt(options, i, market));
  });
}
