import { RangeError } from '../../base/errors.ts';
import { addDouble2, type Double2, divideDouble2, multiplyDouble2, twoSum } from '../double-double.ts';
import { checkDomain } from './checks.ts';
import { type ChebyshevExpansion, cosineOf, degreeOf } from './expansion.ts';

/** A function with what a proof about it needs. */
export type KnownFunction = {
  /** Its value at a double, as computed. */
  readonly at: (x: number) => number;
  /** Bound of |at(x) - f(x)|, given the computed value. */
  readonly errorAt: (value: number, x: number) => number;
  /**
   * Some polynomial of this degree is within the returned distance of f on the whole interval of the proof; may be Infinity
   * for low degrees and need not decrease.
   */
  readonly remainder: (degree: number) => number;
};

export type Certificate = {
  /** |p(x) - f(x)| is at most this for every real x of the interval. */
  readonly bound: number;
  /** The largest difference seen: the true maximum lies between it and `bound`. */
  readonly seen: number;
  readonly points: number;
};

/** Unit roundoff. */
const U = 2 ** -53;
/** The remainder may add this part of the error that was seen. */
const REMAINDER_PART = 1 / 64;
/** Grid points a degree: 1 / cos(pi / 16) = 1.0196. */
const OVERSAMPLING = 8;
const MAX_SUPPORT = 4096;

/**
 * Proves a bound of |p - f| over an interval (F184): not a sampled maximum.
 *
 * Let f_N be a polynomial of degree N >= deg p within tau of f. q(t) = (p - f_N)(x(cos t)) is a trigonometric polynomial of degree N; by
 * M. Riesz' lemma (H. Ehlich and K. Zeller, "Schwankung von Polynomen zwischen Gitterpunkten", Math. Z. 86 (1964), 41-44) it keeps
 * |q(t)| >= |q|_max cos(N d) at distance d from its maximum, so that on points with gaps of at most h in t
 *
 *     sup |p - f|  <=  (max_j |p(x_j) - f(x_j)| + tau) / cos(N h / 2) + tau.
 *
 * What is proved: the statement above for the real polynomial whose coefficients are the given doubles, against the real function f, at
 * every real x of the interval, provided that `errorAt` and `remainder` hold. Accounted: the rounding of the grid points (in h),
 * of u (twice double precision), of p (Clenshaw in twice double precision, error below n^2 2^-94 sum |c_k|), of f (`errorAt`), and of
 * the sums here. Not accounted: the rounding of whoever evaluates p later; {@link clenshawRounding} bounds that of doubles.
 * Tight: within 6 % of the largest difference seen, as long as that is well above `errorAt`.
 * Cost: 8 N values of f and of p in twice double precision; N is about 1.5 to 4 deg p.
 * @param interval within the domain of p; default: all of it.
 * @throws RangeError where f is not finite or no remainder is.
 */
export function certify(
  p: ChebyshevExpansion,
  f: KnownFunction,
  interval: readonly [number, number] = p.domain,
): Certificate {
  checkDomain(interval);
  const degree = Math.max(1, degreeOf(p));
  const rough = sample(p, f, interval, 4 * degree);
  let support = degree;
  while (f.remainder(support) > REMAINDER_PART * rough.seen && support < Math.max(MAX_SUPPORT, degree))
    support = Math.ceil(1.1 * support) + 1;
  const remainder = f.remainder(support);
  if (!Number.isFinite(remainder)) {
    throw new RangeError(
      `no polynomial of degree ${support} is known to be near the function on [${interval}]`,
      {
        degree: support,
      },
    );
  }
  const { seen, most, points, slack } = sample(p, f, interval, OVERSAMPLING * support);
  const gap = Math.PI / points + 2 * slack;
  const bound = (most + remainder) / Math.cos(0.5 * support * gap) + remainder;
  return { bound: bound * (1 + 64 * U), seen, points };
}

/**
 * Bound of the rounding error of Clenshaw's recurrence in doubles, for |u| <= 1 exact (F185): the recurrence is a triangular solve
 * whose inverse has entries U_j(u), |U_j| <= j + 1; each step rounds at most 4 times what it holds.
 */
export function clenshawRounding(coefficients: Float64Array): number {
  const n = coefficients.length;
  // |b_k| <= sum_(j >= k) (j - k + 1) |c_j|; the error made at step k reaches the result multiplied by |T_k| <= 1.
  let held = 0;
  let sum = 0;
  let total = 0;
  for (let k = n - 1; k >= 0; k--) {
    sum += Math.abs(coefficients[k]!);
    held += sum;
    total += held;
  }
  return 8 * U * total;
}

/** Differences on x_j = x(cos(pi j / m)). `most` adds the error of f to `seen`; `slack` bounds the angle by which doubles miss. */
function sample(
  p: ChebyshevExpansion,
  f: KnownFunction,
  [low, high]: readonly [number, number],
  m: number,
): { seen: number; most: number; points: number; slack: number } {
  const mid = 0.5 * (low + high);
  const half = 0.5 * (high - low);
  const sum = p.coefficients.reduce((total, c) => total + Math.abs(c), 0);
  const evaluation = p.coefficients.length ** 2 * 2 ** -94 * sum;
  let seen = 0;
  let most = 0;
  for (let j = 0; j <= m; j++) {
    const x = Math.min(high, Math.max(low, mid + half * cosineOf(j, m)));
    const value = f.at(x);
    if (!Number.isFinite(value)) {
      throw new RangeError(`expected a function that is finite on its domain, found ${value} at ${x}`, { x });
    }
    const [p1, p2] = chebyshevSum2(p.coefficients, unitOf(p.domain, x));
    const difference = Math.abs(p1 - value + p2);
    seen = Math.max(seen, difference);
    most = Math.max(most, difference * (1 + 4 * U) + f.errorAt(value, x) + evaluation);
  }
  // arccos moves by at most pi sqrt(d / 2) where its argument moves by d; here by a few roundings of mid + half cos.
  const moved = 8 * U * (1 + Math.abs(mid) / half);
  return { seen, most, points: m, slack: Math.PI * Math.sqrt(moved / 2) };
}

/** u = (2x - low - high) / (high - low) in twice the precision of a double. */
function unitOf([low, high]: readonly [number, number], x: number): Double2 {
  const top = addDouble2(twoSum(x, -low), twoSum(x, -high));
  return divideDouble2(top, twoSum(high, -low));
}

function chebyshevSum2(coefficients: Float64Array, u: Double2): Double2 {
  const twice: Double2 = [2 * u[0], 2 * u[1]];
  let here: Double2 = [0, 0];
  let next: Double2 = [0, 0];
  for (let k = coefficients.length - 1; k > 0; k--) {
    const sum = addDouble2(addDouble2(multiplyDouble2(twice, here), [-next[0], -next[1]]), [
      coefficients[k]!,
      0,
    ]);
    next = here;
    here = sum;
  }
  return addDouble2(addDouble2(multiplyDouble2(u, here), [-next[0], -next[1]]), [coefficients[0] ?? 0, 0]);
}
