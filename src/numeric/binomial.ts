import { RangeError } from '../base/errors.ts';

/** Error of Stirling's formula, ln(n!) - (n + 1/2) ln n + n - ln(2 pi)/2, for n of 0 to 15. */
const STIRLING_ERRORS: Float64Array = stirlingErrors();

function stirlingErrors(): Float64Array {
  const errors = new Float64Array(16);
  for (let n = 1; n < 16; n++) errors[n] = stirlingSeries(n + 16) + shift(n);
  return errors;
}

/** error(n) - error(n + 16), from (k + 1/2) ln(1 + 1/k) - 1 a step: the series is good only for large n. */
function shift(n: number): number {
  let sum = 0;
  for (let k = n; k < n + 16; k++) {
    // ln((k+1)/k) = 2 atanh(y), y = 1/(2k+1): (k + 1/2) ln(1 + 1/k) - 1 = y^2/3 + y^4/5 + ...
    const square = (1 / (2 * k + 1)) ** 2;
    let power = 1;
    for (let j = 3; j < 60; j += 2) {
      power *= square;
      sum += power / j;
    }
  }
  return sum;
}

function stirlingSeries(n: number): number {
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

const stirlingError = (n: number): number => (n < 16 ? STIRLING_ERRORS[n]! : stirlingSeries(n));

/**
 * The deviance term x ln(x/m) + m - x, at least zero, without cancellation for x near m (F165).
 * C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
 * @param x at least 0. @param m above 0.
 */
export function deviance(x: number, m: number): number {
  if (x === 0) return m;
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  // With v = (x - m)/(x + m): (x - m) v + 2 x (v^3/3 + v^5/5 + ...).
  const v = difference / (x + m);
  const square = v * v;
  let power = 2 * x * v;
  let sum = difference * v;
  for (let j = 3; ; j += 2) {
    power *= square;
    const next = sum + power / j;
    if (next === sum) return sum;
    sum = next;
  }
}

/** P(X = k) of a binomial variable, by Loader's saddle-point form; relative 1e-14. */
function binomialProbability(k: number, n: number, p: number): number {
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return p ** n;
  const exponent =
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(n - k) -
    deviance(k, n * p) -
    deviance(n - k, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/**
 * P(X <= k) for the number X of successes in n trials, each with probability p (F165).
 *
 * The shorter tail is summed away from its largest term, the rest is its complement.
 * Accuracy: relative 1e-13 of the smaller of the probability and its complement, for n up to 1e6. Cost: some sqrt(n) terms.
 * @throws RangeError unless n is a whole number of at least 1, k a whole number of 0 to n, and 0 < p < 1.
 */
export function binomialCdf(k: number, n: number, p: number): number {
  if (!(Number.isSafeInteger(n) && n >= 1))
    throw new RangeError(`expected a whole number of trials of at least 1, found ${n}`, { n });
  if (!(Number.isSafeInteger(k) && k >= 0 && k <= n))
    throw new RangeError(`expected a whole number of successes of 0 to ${n}, found ${k}`, { k, n });
  if (!(p > 0 && p < 1)) throw new RangeError(`expected a probability between 0 and 1, found ${p}`, { p });
  if (k === n) return 1;
  const odds = p / (1 - p);
  let sum = 0;
  if (k < n * p) {
    let term = binomialProbability(k, n, p);
    for (let i = k; i >= 0 && sum + term !== sum; i--) {
      sum += term;
      term *= i / ((n - i + 1) * odds);
    }
    return sum;
  }
  let term = binomialProbability(k + 1, n, p);
  for (let i = k + 1; i <= n && sum + term !== sum; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * odds;
  }
  return 1 - sum;
}
