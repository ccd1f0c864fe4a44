import type { ChebyshevSeries, Ordered } from '../../algebra/arithmetic.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';

/**
 * exp(s w) for one secret s of [0, most] and many public w (F197). With u = s / most - 1/2 and b = w most it is e^(b/2) sum_k b^k / k! u^k: all
 * of them are one public matrix times 1, u .. u^degree, a dozen secrets whatever the number of paths and dates. A simulation with a
 * secret volatility needs no secret product a path. Powers of |u| <= 1/2 carry hardly more error than u.
 */
export type PublicGrowth = {
  /** A little more than the bound that it was made for, which a recorder may round up. */
  readonly most: number;
  readonly degree: number;
  /** Distance of any row's polynomial from exp(s w). */
  readonly error: number;
};

/** Beyond, exp(s w) spans ten orders of magnitude: no simulation says anything there. */
const MOST_DEGREE = 63;

/**
 * The least degree that is precise enough for s <= largest and |w| <= farthest: the remainder of Taylor's series is at most e^|a| |a|^(n + 1) / (n + 1)!,
 * times e^a.
 * @throws RangeError where no degree up to 63 is.
 */
export function publicGrowth(largest: number, farthest: number, wanted: number): PublicGrowth {
  const most = largest * (1 + 1e-9);
  const a = (most * farthest) / 2;
  let error = Math.exp(2 * a) * a;
  for (let degree = 1; degree <= MOST_DEGREE; degree++) {
    error *= a / (degree + 1);
    if (error <= wanted) return { most, degree, error };
  }
  throw new RangeError(
    `the domain's volatility over its expiry, ${most}, on paths as far as ${farthest}, takes more than degree ${MOST_DEGREE} for an error of ${wanted}: narrow the domain`,
    { most, farthest, wanted },
  );
}

/** The rows' polynomials: M[i][k] with weight exp(s w_i) = sum_k M[i][k] u^k. */
export function growthMatrix({ most, degree }: PublicGrowth, w: Float64Array, weight: number): Matrix {
  const matrix = matrixOf(w.length, degree + 1);
  w.forEach((each, i) => {
    const b = each * most;
    let term = weight * Math.exp(b / 2);
    for (let k = 0; k <= degree; k++) {
      matrix.data[i * (degree + 1) + k] = term;
      term *= b / (k + 1);
    }
  });
  return matrix;
}

/**
 * 1, u .. u^degree of a secret s of one element, as a vector: element k is the product of u^(2^j) over the bits j of k. Cost: 2 (degree + 1) products
 * a bit, in twice as many layers as there are bits.
 */
export function growthPowers<V>(alg: Ordered<V>, { most, degree }: PublicGrowth, s: V): V {
  const length = degree + 1;
  const ones = alg.constant(new Float64Array(length).fill(1));
  let power = alg.addPlain(alg.scale(s, 1 / most), Float64Array.of(-0.5));
  let powers: V | undefined;
  for (let bit = 1; bit <= degree; bit *= 2) {
    const chosen = alg.constant(Float64Array.from({ length }, (_, k) => (k & bit) / bit));
    const factor = alg.select(chosen, alg.replicate(power, length), ones);
    powers = powers === undefined ? factor : alg.mul(powers, factor);
    power = alg.mul(power, power);
  }
  return powers ?? ones;
}

/** Spots as a secret factor a date times {@link PublicGrowth}: the series of the factor's exponential, and the growth. */
export type SpotGrowth = {
  readonly growth: PublicGrowth;
  /** exp of the logs of the factors. What the polynomials of exp(s w) lack is told as its error: rows' coefficients add up to 1 at least. */
  readonly factor: ChebyshevSeries;
};

/**
 * For logs of factors in [low, high], s <= deviation and |w| <= farthest, within an absolute error of spots, half of it for each of the two.
 * @throws RangeError as {@link publicGrowth}; PlanError where the interval is too wide for a series.
 */
export function spotGrowth(
  [low, high]: readonly [low: number, high: number],
  deviation: number,
  farthest: number,
  error: number,
): SpotGrowth {
  const growth = publicGrowth(deviation, farthest, (error / 2) * Math.exp(-high));
  // A little wider than the recorded bounds, which round.
  const means = seriesFor(
    'exp',
    [low * (1 + 1e-9), high * (1 + 1e-9)],
    (error / 2) * Math.exp(-deviation * farthest),
  );
  return { growth, factor: { ...means, error: means.error + growth.error * Math.exp(high) } };
}
