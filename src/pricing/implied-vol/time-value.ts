import {
  addDouble2,
  type Double2,
  multiplyDouble2,
  twoProduct,
  twoSum,
} from '../../numeric/double-double.ts';

/**
 * The time value of a quote deep in the money, where it is left in the last bits of the price: in twice the precision of a double.
 *
 * T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971), 224-242. A number is the
 * unevaluated sum of two doubles, high and low.
 */

/** e^x with a relative error below 1e-25, |x| at most 300: Taylor's series of x / 2^k, then k squarings of e^x - 1. */
function exponential(x: Double2): Double2 {
  let halvings = 0;
  while (Math.abs(x[0]) * 2 ** -halvings > 2 ** -8) halvings++;
  const y: Double2 = [x[0] * 2 ** -halvings, x[1] * 2 ** -halvings];
  // The terms beyond the second are below 2^-24 of 1, where single precision of the pair's low part does no harm.
  let term: Double2 = y;
  let sum: Double2 = y;
  for (let n = 2; n <= 12; n++) {
    const product = multiplyDouble2(term, y);
    const high = product[0] / n;
    const [back, error] = twoProduct(high, n);
    term = [high, (product[0] - back - error + product[1]) / n];
    sum = addDouble2(sum, term);
  }
  for (let i = 0; i < halvings; i++) {
    // (1 + s)^2 - 1 = s (2 + s)
    sum = multiplyDouble2(sum, addDouble2([2, 0], sum));
  }
  return addDouble2([1, 0], sum);
}

/**
 * price e^(rate years) - |forward - strike|, rounded once: the forward time value of a quote in the money.
 * Every input is taken as exact. Relative error 1e-15 or, next to zero, 1e-24 of the price. Cost: about a microsecond.
 */
export function exactTimeValue(
  price: number,
  rate: number,
  years: number,
  forward: number,
  strike: number,
): number {
  const value = multiplyDouble2([price, 0], exponential(twoProduct(rate, years)));
  const [high, low] = twoSum(Math.max(forward, strike), -Math.min(forward, strike));
  const [difference, rest] = addDouble2(value, [-high, -low]);
  return difference + rest;
}
