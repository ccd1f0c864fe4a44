import { ShapeError } from '../../../base/errors.ts';
import type { Book, Position } from '../../../domain/book.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Market } from '../../../domain/market.ts';
import { isLinear } from '../../../pricing/instruments/linear.ts';
import { type PositionSample, SAMPLE_SIZE, samplePositions } from '../sample.ts';
import type { ChebyshevBasis } from './basis.ts';
import { allocateColumns, checkColumns, type OptionColumns, sliceColumns, writeOption } from './columns.ts';
import { allocateLocated, OUTSIDE_REASONS, type OutsideReason, PanelLocator, reasonOf } from './locate.ts';
import { isProjectable } from './project.ts';

/** A book as the projection takes it: options as columns, everything else as it is. Secret. */
export type SplitBook = { readonly options: OptionColumns; readonly rest: readonly Position[] };

/** @throws ShapeError for an underlying that the market lacks. */
export function splitBook({ positions }: Book, market: Market): SplitBook {
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const options = allocateColumns(positions.length);
  const rest: Position[] = [];
  let count = 0;
  for (const position of positions) {
    const { instrument } = position;
    const underlying = indexOf.get(instrument.underlying);
    if (underlying === undefined) {
      throw new ShapeError(`position ${position.id}: the market has no underlying ${instrument.underlying}`, {
        id: position.id,
        underlying: instrument.underlying,
      });
    }
    if (isProjectable(instrument)) writeOption(options, count++, underlying, instrument, position);
    else rest.push(position);
  }
  return { options: sliceColumns(options, 0, count), rest };
}

/** What of a book a basis takes, and what has to be listed: how many positions, and why. Secret. */
export type RoutedBook = {
  /** Options inside the panels, and what is linear in the spot. */
  readonly inside: SplitBook;
  /** Positions whose contracts need a coordinate of their own. */
  readonly outside: readonly Position[];
  readonly reasons: Readonly<Record<OutsideReason, number>>;
};

type Domain = Pick<ChebyshevBasis, 'settings' | 'panels' | 'references'>;

/**
 * Separates what lies outside the panels. Listing it makes its terms public: whether that may be is the owner's decision.
 * @throws RangeError @throws ShapeError as `PanelLocator.locate`.
 */
export function routeBook({ options, rest }: SplitBook, market: Market, domain: Domain): RoutedBook {
  const count = checkColumns(options);
  const located = allocateLocated(count);
  const found = new PanelLocator(domain, market).locate(options, located);
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
  if (found === 0) return { inside: { options, rest: linear }, outside, reasons };
  const inside = allocateColumns(count - found);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (located.panel[i]! < 0) {
      reasons[reasonOf(located.panel[i]!)]++;
      outside.push(positionAt(options, i, market));
    } else copyOption(options, i, inside, kept++);
  }
  return { inside: { options: inside, rest: linear }, outside, reasons };
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

/** Options of a book that stand for all of them, see `samplePositions`. */
export function sampleOptions(
  { options }: SplitBook,
  market: Market,
  size: number = SAMPLE_SIZE,
): PositionSample {
  const exposure = options.units.map(
    (units, i) => Math.abs(units) * market.underlyings[options.underlying[i]!]!.spot,
  );
  return samplePositions(exposure, (i) => positionAt(options, i, market), size);
}
