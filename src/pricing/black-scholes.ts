import { ShapeError } from '../base/errors.ts';
import {
  BLOCK,
  DENSITY,
  DEVIATION,
  fillBlock,
  HEAD1,
  HEAD2,
  RATE_DISCOUNT,
  ROOT_T,
  TAIL1,
  TAIL2,
  YIELD_DISCOUNT,
} from './black-scholes-block.ts';
import { type BlackScholesInputs, checkBlackScholesInputs } from './black-scholes-inputs.ts';
import { forEachLimit, limitGreeksAt } from './black-scholes-limit.ts';

export type { BlackScholesInputs } from './black-scholes-inputs.ts';

/** Price and first-order Greeks of a batch, a column each. Units: see {@link blackScholesGreeks}. */
export type BlackScholesGreeks = {
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
};

// Local names: V8 folds constants of the own module, not imported bindings.
const yieldDiscount = YIELD_DISCOUNT;
const rateDiscount = RATE_DISCOUNT;
const rootT = ROOT_T;
const deviation = DEVIATION;
const density = DENSITY;
const head1 = HEAD1;
const head2 = HEAD2;
const tail1 = TAIL1;
const tail2 = TAIL2;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/** @throws ShapeError unless `column` holds `count` numbers. */
export function checkOutput(column: Float64Array, count: number, field: string): void {
  if (column.length !== count) {
    throw new ShapeError(`expected room for ${count} results in ${field}, found ${column.length}`, {
      field,
      expected: count,
      found: column.length,
    });
  }
}

/**
 * Black-Scholes-Merton prices of European options (F1).
 *
 * F. Black and M. Scholes, "The pricing of options and corporate liabilities", J. Political Economy 81 (1973);
 * R. C. Merton, "Theory of rational option pricing", Bell J. Economics 4 (1973); E. G. Haug, "The Complete Guide to Option
 * Pricing Formulas", 2nd ed. (2007), section 1.1.6 (generalised, with a carry).
 *
 * Units: quote currency for one unit of the underlying. Without variance (t = 0 or vol = 0) the price is the discounted
 * intrinsic value. Accuracy: 1e-15 of the spot plus strike discounted; never negative.
 * Cost: three exponentials, one logarithm, one square root and two table polynomials an option.
 * @param out room for the prices; allocated when absent.
 * @throws ShapeError where columns differ in length. @throws RangeError naming index and field, see
 * {@link checkBlackScholesInputs}.
 * @example
 * const one = (x: number) => Float64Array.of(x);
 * blackScholesPrices({ sign: one(1), spot: one(100), strike: one(100), expiryYears: one(1), rate: one(0.05),
 *   dividendYield: one(0), vol: one(0.2) })[0]; // 10.450583572185566
 */
export function blackScholesPrices(
  inputs: BlackScholesInputs,
  out: Float64Array = new Float64Array(inputs.sign.length),
): Float64Array {
  const hasLimits = checkBlackScholesInputs(inputs);
  const count = inputs.sign.length;
  checkOutput(out, count, 'out');
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    fillBlock(inputs, offset, size);
    finishPrices(inputs.sign, inputs.spot, inputs.strike, offset, size, out);
  }
  if (hasLimits) {
    forEachLimit(inputs, (i) => {
      out[i] = limitGreeksAt(inputs, i).price;
    });
  }
  return out;
}

function finishPrices(
  sign: Float64Array,
  spot: Float64Array,
  strike: Float64Array,
  offset: number,
  count: number,
  out: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const spotPv = spot[offset + i]! * yieldDiscount[i]!;
    const strikePv = strike[offset + i]! * rateDiscount[i]!;
    // S e^(-qT) phi(d1) = K e^(-rT) phi(d2): one density serves both terms, and far from the money nothing cancels.
    const price =
      sign[offset + i]! *
      (spotPv * head1[i]! - strikePv * head2[i]! + spotPv * density[i]! * (tail1[i]! - tail2[i]!));
    out[offset + i] = Math.max(price, 0);
  }
}

/**
 * Prices and Greeks of European options: price (F1), delta (F2), gamma (F3), vega (F4), theta (F5), rho (F6).
 *
 * Source: as {@link blackScholesPrices}; Haug (2007), chapter 2. Units: delta dV/dS; gamma d2V/dS2; vega dV/dvol a unit of
 * vol (1.00, not a point); theta dV/d(calendar time) a year; rho dV/dr a unit of rate.
 * Without variance (vol sqrt(t) below 1e-150) the Greeks are those of the discounted intrinsic value; exactly at its kink, where they do not exist,
 * delta, gamma, theta and rho are NaN and vega is the derivative from the right.
 *
 * Accuracy: price, vega, theta, rho 1e-14 of the spot; delta 1e-14; gamma 1e-12 / spot.
 * Cost: as {@link blackScholesPrices} and two divisions; several million options a second on one core.
 * @throws ShapeError @throws RangeError as {@link blackScholesPrices}.
 */
export function blackScholesGreeks(
  inputs: BlackScholesInputs,
  out: BlackScholesGreeks = allocateGreeks(inputs.sign.length),
): BlackScholesGreeks {
  const hasLimits = checkBlackScholesInputs(inputs);
  const count = inputs.sign.length;
  for (const name of GREEKS) checkOutput(out[name], count, name);
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    fillBlock(inputs, offset, size);
    finishGreeks(inputs, offset, size, out);
  }
  if (hasLimits) {
    forEachLimit(inputs, (i) => {
      const limit = limitGreeksAt(inputs, i);
      for (const name of GREEKS) out[name][i] = limit[name];
    });
  }
  return out;
}

const GREEKS = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;

/** Room for the Greeks of `count` options. */
export function allocateGreeks(count: number): BlackScholesGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    price: column(),
    delta: column(),
    gamma: column(),
    vega: column(),
    theta: column(),
    rho: column(),
  };
}

function finishGreeks(
  inputs: BlackScholesInputs,
  offset: number,
  count: number,
  out: BlackScholesGreeks,
): void {
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  const { price, delta, gamma, vega, theta, rho } = out;
  for (let i = 0; i < count; i++) {
    const at = offset + i;
    const w = sign[at]!;
    const S = spot[at]!;
    const dq = yieldDiscount[i]!;
    const spotPv = S * dq;
    const strikePv = strike[at]! * rateDiscount[i]!;
    const weight = spotPv * density[i]!;
    const n1 = head1[i]! + density[i]! * tail1[i]!;
    // K e^(-rT) N(w d2)
    const strikeTerm = strikePv * head2[i]! + weight * tail2[i]!;
    const value = w * (spotPv * head1[i]! - strikePv * head2[i]! + weight * (tail1[i]! - tail2[i]!));
    price[at] = Math.max(value, 0);
    delta[at] = w * dq * n1;
    const pdfTerm = weight * SQRT_TWO_PI_INVERSE;
    // S^2 gamma = S e^(-qT) phi(d1) / (vol sqrt T)
    const cashGamma = pdfTerm / deviation[i]!;
    gamma[at] = cashGamma / (S * S);
    vega[at] = pdfTerm * rootT[i]!;
    theta[at] =
      w * (dividendYield[at]! * spotPv * n1 - rate[at]! * strikeTerm) - 0.5 * vol[at]! * vol[at]! * cashGamma;
    rho[at] = w * expiryYears[at]! * strikeTerm;
  }
}
