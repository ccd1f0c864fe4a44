import { millsSlope } from '../numeric/mills.ts';
import { normalCdf, normalPdf } from '../numeric/normal.ts';
import { checkOutput } from './black-scholes.ts';
import { NO_VARIANCE } from './black-scholes-limit.ts';
import {
  checkColumns,
  checkDiscounts,
  checkSigns,
  lengthOf,
  RATE,
  SIGNED_PRICE,
  VOL,
  YEARS,
} from './column-checks.ts';
import type { PricingModel } from './model.ts';
import { RATE_COLUMN, signColumn, TYPE_COLUMN, YEARS_COLUMN } from './model-table.ts';

/** A batch of European options on forwards that may be negative, a column a field. */
export type BachelierInputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  readonly expiryYears: Float64Array;
  /** Discount rate, continuous, per year, decimal. */
  readonly rate: Float64Array;
  /** Volatility in units of the forward, per square root of a year. */
  readonly normalVol: Float64Array;
};

/** Price and Greeks of a batch, a column each. Units: see {@link bachelierGreeks}. */
export type BachelierGreeks = {
  readonly price: Float64Array;
  readonly deltaForward: Float64Array;
  readonly gammaForward: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
};

const NAMES = ['price', 'deltaForward', 'gammaForward', 'vega', 'theta', 'rho'] as const;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/** Room for the Greeks of `count` options. */
export function allocateBachelier(count: number): BachelierGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    price: column(),
    deltaForward: column(),
    gammaForward: column(),
    vega: column(),
    theta: column(),
    rho: column(),
  };
}

/**
 * Discounted prices and Greeks of European options on a normally distributed forward (F33).
 *
 * L. Bachelier, "Théorie de la spéculation", Annales scientifiques de l'École normale supérieure 17 (1900), 21-86;
 * Haug (2007), section 1.3.1. With x = w (K - F) / (v sqrt T) an option out of the money (x > 0) is worth v sqrt(T)
 * n(x) (1 - x R(x)) before discounting, R the Mills ratio, of which both factors keep all their digits; parity does
 * the rest.
 *
 * Units: as `black76Greeks`; vega is dV/d(normal vol). Without variance: the discounted intrinsic value; exactly at
 * its kink delta, gamma and theta are NaN, and vega is the derivative from the right.
 *
 * Accuracy: relative 1e-15 (4 + x^2) for price (out of the money), gamma and vega down to 1e-300; delta 1e-15. Cost:
 * one exponential pair, one distribution function and one Chebyshev series an option.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless sign is +1 or
 * -1, prices are at most 1e100 in size, expiryYears >= 0, 0 <= normalVol <= 1e100 and |rate x years| <= 300.
 */
export function bachelierGreeks(
  inputs: BachelierInputs,
  out: BachelierGreeks = allocateBachelier(lengthOf('sign', inputs.sign)),
): BachelierGreeks {
  const { sign, forward, strike, expiryYears, rate, normalVol } = inputs;
  const count = checkColumns({ forward, strike, expiryYears, rate, normalVol }, RANGES);
  checkSigns('sign', sign, count, 'call or put');
  checkDiscounts('rate', rate, expiryYears);
  for (const name of NAMES) checkOutput(out[name], count, name);
  for (let i = 0; i < count; i++) {
    const w = sign[i]!;
    const t = expiryYears[i]!;
    const discount = Math.exp(-rate[i]! * t);
    const rootT = Math.sqrt(t);
    const deviation = normalVol[i]! * rootT;
    const moneyness = w * (forward[i]! - strike[i]!);
    const intrinsic = discount * Math.max(moneyness, 0);
    let price = intrinsic;
    let gamma = 0;
    if (deviation < NO_VARIANCE) {
      // N(d) in the limit; at the kink it does not exist.
      const kink = moneyness === 0;
      gamma = kink ? Number.NaN : 0;
      out.deltaForward[i] = kink ? Number.NaN : moneyness > 0 ? w * discount : 0;
      out.vega[i] = kink ? discount * rootT * SQRT_TWO_PI_INVERSE : 0;
    } else {
      const d = moneyness / deviation;
      const density = discount * normalPdf(d);
      price += deviation * density * millsSlope(Math.abs(d));
      gamma = density / deviation;
      out.deltaForward[i] = w * discount * normalCdf(d);
      out.vega[i] = density * rootT;
    }
    out.price[i] = price;
    out.gammaForward[i] = gamma;
    out.theta[i] = rate[i]! * price - 0.5 * normalVol[i]! * normalVol[i]! * gamma;
    out.rho[i] = -t * price;
  }
  return out;
}

const RANGES = {
  forward: SIGNED_PRICE,
  strike: SIGNED_PRICE,
  expiryYears: YEARS,
  rate: RATE,
  normalVol: VOL,
};

/** Bachelier's model on the command line. */
export const bachelierModel: PricingModel = {
  name: 'bachelier',
  inputs: [
    TYPE_COLUMN,
    { name: 'forward', kind: 'number', rule: 'finite' },
    { name: 'strike', kind: 'number', rule: 'finite' },
    YEARS_COLUMN,
    RATE_COLUMN,
    { name: 'normal_vol', kind: 'number', rule: 'nonNegative' },
  ],
  results: ['price', 'delta_forward', 'gamma_forward', 'vega'],
  price: (table) => {
    const { price, deltaForward, gammaForward, vega } = bachelierGreeks({
      sign: signColumn(table, 'type', 'call'),
      forward: table.number('forward'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      normalVol: table.number('normal_vol'),
    });
    return { price, delta_forward: deltaForward, gamma_forward: gammaForward, vega };
  },
};
