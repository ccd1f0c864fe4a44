import { checkOutput } from './black-scholes.ts';
import { blackScholesAllGreeks } from './black-scholes-all-greeks.ts';
import { NO_VARIANCE } from './black-scholes-limit.ts';
import { CORRELATION, checkColumns, checkDiscounts, lengthOf, RATE, YEARS } from './column-checks.ts';
import type { PricingModel } from './model.ts';
import { priceColumn, YEARS_COLUMN } from './model-table.ts';

/** A batch of options to receive quantity1 of asset 1 for quantity2 of asset 2, a column a field. */
export type MargrabeInputs = {
  readonly spot1: Float64Array;
  readonly spot2: Float64Array;
  readonly quantity1: Float64Array;
  readonly quantity2: Float64Array;
  readonly expiryYears: Float64Array;
  /** Dividend, borrow or foreign yields, continuous, per year, decimal. */
  readonly dividendYield1: Float64Array;
  readonly dividendYield2: Float64Array;
  readonly vol1: Float64Array;
  readonly vol2: Float64Array;
  readonly correlation: Float64Array;
};

/** Price and sensitivities of a batch, a column each. Units: see {@link margrabeGreeks}. */
export type MargrabeGreeks = {
  readonly price: Float64Array;
  readonly delta1: Float64Array;
  readonly delta2: Float64Array;
  readonly vega1: Float64Array;
  readonly vega2: Float64Array;
  readonly correlationSensitivity: Float64Array;
};

const NAMES = ['price', 'delta1', 'delta2', 'vega1', 'vega2', 'correlationSensitivity'] as const;

/** Room for the sensitivities of `count` options. */
export function allocateMargrabe(count: number): MargrabeGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    price: column(),
    delta1: column(),
    delta2: column(),
    vega1: column(),
    vega2: column(),
    correlationSensitivity: column(),
  };
}

/**
 * Prices and sensitivities of options to exchange one asset for another, max(Q1 S1 - Q2 S2, 0) at expiry (F34).
 *
 * W. Margrabe, "The value of an option to exchange one asset for another", Journal of Finance 33 (1978), 177-186;
 * Haug (2007), section 5.4. In units of asset 2 it is a call on Q1 S1 with strike Q2 S2, rate q2, yield q1 and the
 * vol of the ratio, v^2 = (v1 - v2)^2 + 2 (1 - rho) v1 v2, a form in which nothing cancels as rho goes to 1.
 *
 * Units: delta1 dV/dS1 and delta2 dV/dS2; vega1 dV/dv1 and vega2 dV/dv2 a unit of vol; correlationSensitivity dV/drho
 * for 1.00 of correlation. Without variance: the discounted intrinsic value and its deltas; exactly at its kink what
 * has two one-sided values is NaN.
 *
 * Accuracy: price 2e-15 (Q1 S1 + Q2 S2); deltas 2e-14 Q1, 2e-14 Q2; vegas and correlation sensitivity 1e-14 (Q1 S1 +
 * Q2 S2).
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless spots and
 * quantities lie between 1e-40 and 1e40, expiryYears >= 0, 0 <= vols <= 1e99, |correlation| <= 1 and |yield x years|
 * <= 300.
 */
export function margrabeGreeks(
  inputs: MargrabeInputs,
  out: MargrabeGreeks = allocateMargrabe(lengthOf('spot1', inputs.spot1)),
): MargrabeGreeks {
  const { spot1, spot2, quantity1, quantity2, expiryYears, vol1, vol2, correlation } = inputs;
  const count = checkColumns(inputs, RANGES);
  checkDiscounts('dividendYield1', inputs.dividendYield1, expiryYears);
  checkDiscounts('dividendYield2', inputs.dividendYield2, expiryYears);
  for (const name of NAMES) checkOutput(out[name], count, name);
  const vol = vol1.map((v1, i) => ratioVol(v1, vol2[i]!, correlation[i]!));
  const ratio = blackScholesAllGreeks({
    sign: new Float64Array(count).fill(1),
    spot: spot1.map((S1, i) => quantity1[i]! * S1),
    strike: spot2.map((S2, i) => quantity2[i]! * S2),
    expiryYears,
    rate: inputs.dividendYield2,
    dividendYield: inputs.dividendYield1,
    vol,
  });
  out.price.set(ratio.price);
  for (let i = 0; i < count; i++) {
    const v = vol[i]!;
    const v1 = vol1[i]!;
    const v2 = vol2[i]!;
    const rho = correlation[i]!;
    const vega = ratio.vega[i]!;
    out.delta1[i] = quantity1[i]! * ratio.delta[i]!;
    out.delta2[i] = quantity2[i]! * ratio.dualDelta[i]!;
    if (vega === 0) {
      // Off the kink vega vanishes faster than any slope of v grows.
      out.vega1[i] = 0;
      out.vega2[i] = 0;
      out.correlationSensitivity[i] = 0;
    } else if (v < NO_VARIANCE) {
      atRest(out, i, vega, v1, v2);
    } else {
      out.vega1[i] = vega * ((v1 - rho * v2) / v);
      out.vega2[i] = vega * ((v2 - rho * v1) / v);
      out.correlationSensitivity[i] = -vega * v1 * (v2 / v);
    }
  }
  return out;
}

/** sqrt(v1^2 + v2^2 - 2 rho v1 v2). */
function ratioVol(v1: number, v2: number, rho: number): number {
  return Math.hypot(v1 - v2, Math.sqrt(2 * (1 - rho)) * Math.sqrt(v1) * Math.sqrt(v2));
}

/**
 * At the kink with v = 0 the price is linear in the vols from the right where both are 0, and has a corner where they
 * cancel.
 */
function atRest(out: MargrabeGreeks, i: number, vega: number, v1: number, v2: number): void {
  const none = v1 === 0 && v2 === 0;
  out.vega1[i] = none ? vega : Number.NaN;
  out.vega2[i] = none ? vega : Number.NaN;
  out.correlationSensitivity[i] = none ? 0 : Number.NaN;
}

// Products of a spot and a quantity stay within the bounds of a price.
const FACTOR = { low: 1e-40, high: 1e40, expected: 'a positive number between 1e-40 and 1e40' };
// And the vol of the ratio, at most v1 + v2, within those of a vol.
const VOL = { low: 0, high: 1e99, expected: 'a volatility between 0 and 1e99' };
const RANGES = {
  spot1: FACTOR,
  spot2: FACTOR,
  quantity1: FACTOR,
  quantity2: FACTOR,
  expiryYears: YEARS,
  dividendYield1: RATE,
  dividendYield2: RATE,
  vol1: VOL,
  vol2: VOL,
  correlation: CORRELATION,
};

/** Margrabe's exchange option on the command line. */
export const margrabeModel: PricingModel = {
  name: 'margrabe',
  inputs: [
    priceColumn('spot1'),
    priceColumn('spot2'),
    priceColumn('quantity1'),
    priceColumn('quantity2'),
    YEARS_COLUMN,
    { name: 'q1', kind: 'number', rule: 'finite' },
    { name: 'q2', kind: 'number', rule: 'finite' },
    { name: 'vol1', kind: 'number', rule: 'nonNegative' },
    { name: 'vol2', kind: 'number', rule: 'nonNegative' },
    { name: 'rho', kind: 'number', rule: 'finite' },
  ],
  results: ['price'],
  price: (table) => {
    const { price } = margrabeGreeks({
      spot1: table.number('spot1'),
      spot2: table.number('spot2'),
      quantity1: table.number('quantity1'),
      quantity2: table.number('quantity2'),
      expiryYears: table.number('t'),
      dividendYield1: table.number('q1'),
      dividendYield2: table.number('q2'),
      vol1: table.number('vol1'),
      vol2: table.number('vol2'),
      correlation: table.number('rho'),
    });
    return { price };
  },
};
