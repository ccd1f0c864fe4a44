import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import { underlyingOf, underlyingsByName } from '../unit-value.ts';
import { isLinear, linearTerms } from './linear.ts';

/** What is linear in the spot: value change = spotPv x return + carry. */
export type LinearSegment = {
  readonly underlying: Int32Array;
  readonly column: Int32Array;
  /** Slope times S0, with the time left after what elapses. */
  readonly spotPv: Float64Array;
  /** What the value changes by through elapsed time alone. */
  readonly carry: Float64Array;
};

/**
 * The contracts among `instruments` that are straight lines in the spot.
 * @throws ShapeError for an underlying that the market lacks. @throws RangeError as `linearTerms`.
 */
export function linearSegmentOf(
  instruments: readonly Instrument[],
  market: Market,
  indexOf: ReadonlyMap<string, number>,
  elapsedYears: number,
): LinearSegment {
  const byName = underlyingsByName(market);
  const underlying: number[] = [];
  const columns: number[] = [];
  const spotPv: number[] = [];
  const carry: number[] = [];
  instruments.forEach((instrument, column) => {
    const quoted = underlyingOf(byName, instrument, column);
    if (!isLinear(instrument)) return;
    const now = linearTerms(instrument, quoted);
    const then = linearTerms(instrument, quoted, elapsedYears);
    underlying.push(indexOf.get(instrument.underlying)!);
    columns.push(column);
    spotPv.push(then.slope * quoted.spot);
    carry.push((then.slope - now.slope) * quoted.spot + (then.level - now.level));
  });
  return {
    underlying: Int32Array.from(underlying),
    column: Int32Array.from(columns),
    spotPv: Float64Array.from(spotPv),
    carry: Float64Array.from(carry),
  };
}
