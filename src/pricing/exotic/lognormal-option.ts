import { blackScholesPrices } from '../black-scholes.ts';

/** Payoffs max(w (A - K), 0) on something taken to be lognormal, in total terms, a column a field. */
export type LognormalInputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  /** E[A]. */
  readonly mean: Float64Array;
  readonly strike: Float64Array;
  /** Standard deviation of ln A. */
  readonly deviation: Float64Array;
  /** r T up to the payment. */
  readonly rateTime: Float64Array;
};

/**
 * Discounted values by Black's formula (F32) with v sqrt T and r T given: it is Black-Scholes-Merton over one unit of
 * time.
 * @throws RangeError as `blackScholesPrices`.
 */
export function lognormalPrices({ sign, mean, strike, deviation, rateTime }: LognormalInputs): Float64Array {
  return blackScholesPrices({
    sign,
    spot: mean,
    strike,
    expiryYears: new Float64Array(sign.length).fill(1),
    rate: rateTime,
    dividendYield: rateTime,
    vol: deviation,
  });
}
