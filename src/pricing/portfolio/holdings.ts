import { RangeError, ShapeError } from '../../base/errors.ts';
import type { Book } from '../../domain/book.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import { checkMarket } from '../market-checks.ts';

/** A portfolio as columns: an instrument and how much of it. An instrument may occur more than once. */
export type Holdings = {
  readonly instruments: readonly Instrument[];
  /** Signed quantity x multiplier of each instrument: units of what `unitValues` values. */
  readonly units: Float64Array;
};

/** A figure an underlying, by its name, for all underlyings of the market. */
export type ByUnderlying<T = number> = Readonly<Record<string, T>>;

/** The holdings of a book, in its order. @throws RangeError naming the position whose units are not finite. */
export function holdingsOf(book: Book): Holdings {
  if (!Array.isArray(book?.positions)) throw new ShapeError('expected a book with a list of positions');
  return {
    instruments: book.positions.map(({ instrument }) => instrument),
    units: Float64Array.from(book.positions, ({ quantity, multiplier }, index) => {
      const units = quantity * multiplier;
      if (Number.isFinite(units)) return units;
      throw new RangeError(
        `position ${index}: expected a finite quantity and multiplier, found ${quantity} and ${multiplier}`,
        { index, quantity: String(quantity), multiplier: String(multiplier) },
      );
    }),
  };
}

/**
 * Index into `market.underlyings` of each instrument's underlying.
 * @throws ShapeError unless there are as many units as instruments, and for an underlying that the market lacks or has twice.
 * @throws RangeError naming the index for units that are not finite.
 */
export function underlyingIndices(holdings: Holdings, market: Market): Int32Array {
  checkMarket(market);
  const { instruments, units } = holdings ?? {};
  if (!Array.isArray(instruments) || !(units instanceof Float64Array)) {
    throw new ShapeError('expected holdings of instruments and units, a list and a Float64Array');
  }
  if (units.length !== instruments.length) {
    throw new ShapeError(`expected units of ${instruments.length} instruments, found ${units.length}`, {
      expected: instruments.length,
      found: units.length,
    });
  }
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const indices = new Int32Array(instruments.length);
  for (let i = 0; i < indices.length; i++) {
    const { underlying } = instruments[i]!;
    const index = indexOf.get(underlying);
    if (index === undefined) {
      throw new ShapeError(`instrument ${i}: the market has no underlying ${underlying}`, {
        index: i,
        underlying,
      });
    }
    if (!Number.isFinite(units[i]!)) {
      throw new RangeError(`instrument ${i}: expected finite units, found ${units[i]}`, {
        index: i,
        units: units[i]!,
      });
    }
    indices[i] = index;
  }
  return indices;
}

/** Names one figure an underlying of the market, in its order. */
export function byUnderlying<T>(market: Market, of: (index: number) => T): ByUnderlying<T> {
  return Object.fromEntries(market.underlyings.map(({ name }, index) => [name, of(index)]));
}

/** Sums of units x unit figure, an underlying. */
export function netByUnderlying(
  units: Float64Array,
  unitFigure: Float64Array,
  indices: Int32Array,
  underlyings: number,
): Float64Array {
  const out = new Float64Array(underlyings);
  for (let i = 0; i < units.length; i++) out[indices[i]!]! += units[i]! * unitFigure[i]!;
  return out;
}

/** The sum of all elements, in their order. */
export function total(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
