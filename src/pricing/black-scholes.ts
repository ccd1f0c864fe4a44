import type { BlackScholesKernel } from '../kernels/black-scholes.ts';
import { type BlackScholesInputs, checkColumns, checkOptions } from './black-scholes-inputs.ts';
import { KERNEL_BLOCK, sharedKernel } from './black-scholes-kernel.ts';
import { finishLimitGreeks, finishLimitPrices } from './black-scholes-limit.ts';
import { allocateGreeks, type BlackScholesGreeks, checkOutput, GREEKS } from './black-scholes-outputs.ts';
import { greeksTwin, pricesTwin } from './black-scholes-twin.ts';
import { lengthOf } from './column-checks.ts';

export type { BlackScholesInputs } from './black-scholes-inputs.ts';
export { allocateGreeks, type BlackScholesGreeks, checkOutput } from './black-scholes-outputs.ts';

/** Smaller batches are cheaper in JavaScript: handing columns to the kernel costs as much as pricing this many options. */
const SMALLEST_FOR_KERNEL = 64;

/**
 * Black-Scholes-Merton prices of European options (F1).
 *
 * F. Black and M. Scholes, "The pricing of options and corporate liabilities", J. Political Economy 81 (1973);
 * R. C. Merton, "Theory of rational option pricing", Bell J. Economics 4 (1973); E. G. Haug, "The Complete Guide to Option
 * Pricing Formulas", 2nd ed. (2007), section 1.1.6 (generalised, with a carry).
 *
 * Units: quote currency for one unit of the underlying. Without variance (t = 0 or vol = 0) the price is the discounted
 * intrinsic value. Accuracy: 1e-15 of the spot plus strike discounted; never negative.
 * Cost: three exponentials, one logarithm, one square root and two table polynomials an option, two options at a time in
 * WebAssembly where there is SIMD; some thirty million options a second on one core there, a third in JavaScript. Both give
 * the same bits, on any machine and in a batch of any size.
 * @param out room for the prices; allocated when absent. Unspecified after an error.
 * @throws ShapeError where columns differ in length. @throws RangeError naming index and field, see
 * {@link checkBlackScholesInputs}.
 * @example
 * const one = (x: number) => Float64Array.of(x);
 * blackScholesPrices({ sign: one(1), spot: one(100), strike: one(100), expiryYears: one(1), rate: one(0.05),
 *   dividendYield: one(0), vol: one(0.2) })[0]; // 10.450583572185566
 */
export function blackScholesPrices(
  inputs: BlackScholesInputs,
  out: Float64Array = new Float64Array(lengthOf('sign', inputs.sign)),
): Float64Array {
  const count = checkColumns(inputs);
  checkOutput(out, count, 'out');
  const kernel = count < SMALLEST_FOR_KERNEL ? undefined : sharedKernel();
  if (kernel !== undefined) {
    runKernel(kernel, inputs, [out], false, (from, to) => finishLimitPrices(inputs, out, from, to));
    return out;
  }
  const hasLimits = checkOptions(inputs, 0, count);
  pricesTwin(inputs, out);
  if (hasLimits) finishLimitPrices(inputs, out, 0, count);
  return out;
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
 * Cost: as {@link blackScholesPrices} and two divisions. Columns that are priced again and again are better kept in a
 * `BlackScholesBatch`, which saves copying them.
 * @param out room for the results; allocated when absent. Unspecified after an error.
 * @throws ShapeError @throws RangeError as {@link blackScholesPrices}.
 */
export function blackScholesGreeks(
  inputs: BlackScholesInputs,
  out: BlackScholesGreeks = allocateGreeks(lengthOf('sign', inputs.sign)),
): BlackScholesGreeks {
  const count = checkColumns(inputs);
  for (const name of GREEKS) checkOutput(out[name], count, name);
  const kernel = count < SMALLEST_FOR_KERNEL ? undefined : sharedKernel();
  if (kernel !== undefined) {
    const columns = GREEKS.map((name) => out[name]);
    runKernel(kernel, inputs, columns, true, (from, to) => finishLimitGreeks(inputs, out, from, to));
    return out;
  }
  const hasLimits = checkOptions(inputs, 0, count);
  greeksTwin(inputs, out);
  if (hasLimits) finishLimitGreeks(inputs, out, 0, count);
  return out;
}

/** Copies block after block into the kernel's columns and back out. */
function runKernel(
  kernel: BlackScholesKernel,
  inputs: BlackScholesInputs,
  out: readonly Float64Array[],
  withGreeks: boolean,
  finishLimits: (from: number, to: number) => void,
): void {
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  const columns = [sign, spot, strike, expiryYears, rate, dividendYield, vol];
  const count = sign.length;
  for (let from = 0; from < count; from += KERNEL_BLOCK) {
    const to = Math.min(count, from + KERNEL_BLOCK);
    for (let c = 0; c < columns.length; c++) kernel.inputs[c]!.set(columns[c]!.subarray(from, to));
    const ordinary = withGreeks ? kernel.greeks(to - from) : kernel.prices(to - from);
    const hasLimits = !ordinary && checkOptions(inputs, from, to);
    for (let c = 0; c < out.length; c++) out[c]!.set(kernel.results[c]!.subarray(0, to - from), from);
    if (hasLimits) finishLimits(from, to);
  }
}
