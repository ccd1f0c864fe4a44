import { interpolate } from '../../numeric/chebyshev/interpolate.ts';
import { type Target, targetOf } from './construct.ts';
import type { LibraryFunction } from './functions.ts';

/** Eight levels. Beyond, split the domain instead. */
export const MAX_SERIES_DEGREE = 255;

/** Points of the expansion from which degrees are guessed. */
const POINTS = 1024;
/** Coefficients are rounded to this part of the largest value. */
const ROUNDING = 1e-16;

/** sum_(k > n) |c_k| bounds the error of truncation at n; the best polynomial is no nearer than (pi / 4) max_(k > n) |c_k|. */
type Tails = { readonly sums: Float64Array; readonly largest: Float64Array };

function tailsOf({ part, domain, parity }: Target): Tails {
  const { coefficients } = interpolate(part, domain, POINTS - 2, parity, POINTS);
  const sums = new Float64Array(POINTS);
  const largest = new Float64Array(POINTS);
  const noise = coefficients.reduce((most, c) => Math.max(most, Math.abs(c)), 0) * ROUNDING;
  for (let n = POINTS - 3; n >= 0; n--) {
    const c = Math.max(0, Math.abs(coefficients[n + 1]!) - noise);
    sums[n] = sums[n + 1]! + c;
    largest[n] = Math.max(largest[n + 1]!, c);
  }
  return { sums, largest };
}

/**
 * Degrees among which the least one that reaches an error lies, ascending and of the target's parity; certified errors fall along
 * them. Empty where degree 255 is known to be too low.
 */
export function degreesToTry(target: Target, error: number): number[] {
  const { sums, largest } = tailsOf(target);
  const step = target.parity === 'none' ? 1 : 2;
  const first = target.parity === 'odd' ? 1 : target.parity === 'even' ? 2 : 1;
  const degrees: number[] = [];
  let beyond = 0;
  for (let degree = first; degree <= MAX_SERIES_DEGREE; degree += step) {
    if ((Math.PI / 4) * largest[degree]! > error) continue;
    degrees.push(degree);
    // Certificates exceed the truth by a few percent, and expansions by their rounding: some more degrees than enough.
    if (sums[degree]! <= 0.9 * error && ++beyond > 4) break;
  }
  return degrees;
}

/** The domain shrunk (from below for functions that are singular there) until degree 255 should do, with a margin. */
export function narrowedDomain(
  f: LibraryFunction,
  [low, high]: readonly [number, number],
  error: number,
): readonly [number, number] | undefined {
  const shrunk = (part: number): readonly [number, number] =>
    f.above === undefined ? [low * part, high * part] : [high * (low / high) ** part, high];
  let [good, bad] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const part = 0.5 * (good + bad);
    const { sums } = tailsOf(targetOf(f, shrunk(part)));
    if (sums[MAX_SERIES_DEGREE]! <= 0.5 * error) good = part;
    else bad = part;
  }
  return good > 0.02 && good < 0.98 ? shrunk(good) : undefined;
}
