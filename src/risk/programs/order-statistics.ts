import type { Ordered } from '../../algebra/arithmetic.ts';
import { min, not, positivePart } from '../../algebra/derived.ts';
import { RangeError } from '../../base/errors.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import type { QuantileConvention } from '../../numeric/quantile.ts';
import { levelWeights, shortfallWeights } from '../../numeric/rank-weights.ts';

/** A secret P&L vector in some algebra, and its length. */
export type SecretPnl<V> = { readonly alg: Ordered<V>; readonly pnl: V; readonly scenarios: number };

/** The loss of a rank, counted from 0 in ascending order: the ascending losses are the descending P&L. */
function lossAt<V>({ alg, pnl, scenarios }: SecretPnl<V>, rank: number): V {
  return alg.scale(alg.kthSmallest(pnl, scenarios - rank), -1);
}

/**
 * Value at risk (F140), a loss being positive: one order statistic, or two where the convention takes it between ranks.
 * @throws RangeError for a level outside (0, 1).
 */
export function secretValueAtRisk<V>(
  of: SecretPnl<V>,
  level: number,
  convention: QuantileConvention = 'type1',
): V {
  const { first, weights } = levelWeights(of.scenarios, level, convention);
  const parts = Array.from(weights, (weight, i) => of.alg.scale(lossAt(of, first + i), weight));
  return parts.reduce((sum, part) => of.alg.add(sum, part));
}

/**
 * Sum of the `count` worst losses, the last of them counted in part where `count` is not whole: with the loss t of the rank at which they begin,
 * count t + sum max(loss - t, 0) (R. T. Rockafellar and S. Uryasev, "Optimization of conditional value-at-risk", J. Risk 2 (2000)). One order
 * statistic and a comparison a scenario.
 * @throws RangeError unless 0 < count <= scenarios.
 */
export function secretLargestLosses<V>(of: SecretPnl<V>, count: number): V {
  return tailSum(of, count, 1);
}

/** Expected shortfall of Acerbi and Tasche (F141). @throws RangeError for a level outside (0, 1). */
export function secretShortfall<V>(of: SecretPnl<V>, level: number): V {
  const count = tailCountOf(of.scenarios, level);
  return tailSum(of, count, 1 / count);
}

/** The sum of the worst losses times a public weight. */
function tailSum<V>({ alg, pnl, scenarios }: SecretPnl<V>, count: number, weight: number): V {
  checkCount(count, scenarios);
  const threshold = alg.kthSmallest(pnl, thresholdRank(count, scenarios));
  const below = alg.sub(alg.replicate(threshold, scenarios), pnl);
  // Weighted before it is added up: the bound of a sum of hundreds would cost every value its last bits.
  const excess = positivePart(alg, alg.scale(below, weight), scenarios);
  return alg.add(alg.scale(threshold, -count * weight), alg.sum(excess));
}

/** The worst scenario's loss. */
export function secretWorst<V>({ alg, pnl }: SecretPnl<V>): V {
  return alg.scale(alg.kthSmallest(pnl, 1), -1);
}

/**
 * How far each scenario belongs to the `count` worst: 1, 0, or a part for the last where `count` is not whole; their sum is `count`. Of equal losses
 * the later scenario counts as the worse, as in `orderLosses`. One order statistic, and four comparisons a scenario: what equals the threshold
 * is found by comparing both ways, and its place among its equals by a public sum.
 *
 * An allocation by them, sum w_s part_s, is the derivative of the figure by the part's size (Euler; F147).
 * @throws RangeError unless 0 < count <= scenarios.
 */
export function secretTail<V>({ alg, pnl, scenarios: n }: SecretPnl<V>, count: number): V {
  checkCount(count, n);
  const threshold = alg.replicate(alg.kthSmallest(pnl, thresholdRank(count, n)), n);
  const worse = alg.lessThan(pnl, threshold);
  const equal = alg.sub(not(alg, alg.lessThan(threshold, pnl), n), worse);
  const later = matrixOf(n, n);
  for (let s = 0; s < n; s++) later.data.fill(1, s * n + s + 1, (s + 1) * n);
  const taken = alg.add(alg.replicate(alg.sum(worse), n), alg.matVecPlain(later, equal));
  const left = alg.addPlain(alg.scale(taken, -1), new Float64Array(n).fill(count));
  const share = min(alg, positivePart(alg, left, n), alg.constant(new Float64Array(n).fill(1)));
  return alg.add(worse, alg.mul(equal, share));
}

/** The number of scenarios, whole or not, over which an expected shortfall is a mean. @throws RangeError for a level outside (0, 1). */
export function tailCountOf(scenarios: number, level: number): number {
  const { weights } = shortfallWeights(scenarios, level);
  return weights.length - 1 + weights[0]! / weights.at(-1)!;
}

/** From the worst: that of value at risk (type 1), so that figures of one level share an order statistic. The last loss that counts would do as well. */
function thresholdRank(count: number, scenarios: number): number {
  return Math.min(Math.floor(count) + 1, scenarios);
}

/** 1 where a figure exceeds a public limit, else 0: the only bit to open of it. */
export function secretBreach<V>(alg: Ordered<V>, figure: V, limit: number): V {
  return alg.lessThan(alg.constant(Float64Array.of(limit)), figure);
}

/** The larger of many vectors, elementwise, in as many layers of comparisons as the logarithm of their number. */
export function largestOf<V>(alg: Ordered<V>, vectors: readonly V[]): V {
  if (vectors.length === 1) return vectors[0]!;
  const middle = vectors.length >> 1;
  return alg.max(largestOf(alg, vectors.slice(0, middle)), largestOf(alg, vectors.slice(middle)));
}

function checkCount(count: number, scenarios: number): void {
  // Written so that NaN fails it.
  if (count > 0 && count <= scenarios) return;
  throw new RangeError(`expected a count of the worst of ${scenarios} scenarios, found ${count}`, {
    count,
    scenarios,
  });
}
