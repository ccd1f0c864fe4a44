import { RangeError } from '../base/errors.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Market } from '../domain/market.ts';
import { underlyingOf, underlyingsByName } from './unit-value.ts';

/** Forwards and spot positions: value change = spotPv x return + carry. */
export type LinearSegment = {
  readonly underlying: Int32Array;
  readonly column: Int32Array;
  /** S0 e^(-qT) with the time left after what elapses. */
  readonly spotPv: Float64Array;
  /** What the value changes by through elapsed time alone. */
  readonly carry: Float64Array;
};

/**
 * The forwards and spot positions among `instruments`.
 * @param left years left of so many, after what elapses.
 * @throws ShapeError for an underlying that the market lacks. @throws RangeError for negative time, or a spot or strike without a value.
 */
export function linearSegmentOf(
  instruments: readonly Instrument[],
  market: Market,
  indexOf: ReadonlyMap<string, number>,
  left: (years: number) => number,
): LinearSegment {
  const byName = underlyingsByName(market);
  const underlying: number[] = [];
  const columns: number[] = [];
  const spotPv: number[] = [];
  const carry: number[] = [];
  instruments.forEach((instrument, column) => {
    const { spot, rate, dividendYield } = underlyingOf(byName, instrument, column);
    if (instrument.kind === 'option') return;
    const { strike, expiryYears } =
      instrument.kind === 'forward' ? instrument : { strike: 0, expiryYears: 0 };
    const after = left(expiryYears);
    const moved = spot * Math.exp(-dividendYield * after);
    const drift =
      moved -
      spot * Math.exp(-dividendYield * expiryYears) -
      strike * (Math.exp(-rate * after) - Math.exp(-rate * expiryYears));
    if (!(expiryYears >= 0 && moved > 0 && Number.isFinite(moved) && Number.isFinite(drift))) {
      throw new RangeError(
        `instrument ${column}: expected t of at least 0, a positive spot and a finite strike, found t = ${expiryYears}, spot = ${spot}, strike = ${strike}`,
        { index: column },
      );
    }
    underlying.push(indexOf.get(instrument.underlying)!);
    columns.push(column);
    spotPv.push(moved);
    carry.push(drift);
  });
  return {
    underlying: Int32Array.from(underlying),
    column: Int32Array.from(columns),
    spotPv: Float64Array.from(spotPv),
    carry: Float64Array.from(carry),
  };
}
