import type { Ordered } from '../../algebra/arithmetic.ts';
import { min, not, positivePart } from '../../algebra/derived.ts';
import { RangeError } from '../../base/errors.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import type { QuantileConvention, ShortfallConvention } from '../../numeric/quantile.ts';
import { levelWeights, type RankWeights, shortfallWeights } from '../../numeric/rank-weights.ts';

/** A secret P&L vector in some algebra, and its length. */
export type SecretPnl<V> = {
  readonly alg: Ordered<V>;
  readonly pnl: V;
  readonly scenarios: number;
  /** Its smallest elements in increasing order, from which measures of the tail are free: see {@link withTail}. */
  readonly tail?: { readonly smallest: V; readonly count: number };
};

/** Finds the `count` worst scenarios once, for all the measures that look at no others. */
export function withTail<V>(of: SecretPnl<V>, count: number): SecretPnl<V> {
  return { ...of, tail: { smallest: of.alg.smallest(of.pnl, count), count } };
}

/** How many of the worst scenarios a measure looks at. */
export function reachOf({ first }: RankWeights, scenarios: number): number {
  return scenarios - first;
}

/**
 * A weighted sum of ascending losses: of the tail where that reaches, otherwise of one or two order statistics, or of a tail of its own. Its
 * error is that of the P&L, for weights that sum to 1: with the excess over a threshold (Rockafellar and Uryasev 2000) it would be 1 / (1 - level)
 * times as much.
 */
function rankMeasure<V>(of: SecretPnl<V>, ranks: RankWeights): V {
  const { alg, scenarios, tail } = of;
  const { weights } = ranks;
  const reach = reachOf(ranks, scenarios);
  if (tail === undefined || tail.count < reach) {
    if (weights.length > 2) return rankMeasure(withTail(of, reach), ranks);
    const parts = Array.from(weights, (weight, i) => alg.scale(alg.kthSmallest(of.pnl, reach - i), -weight));
    return parts.reduce((sum, part) => alg.add(sum, part));
  }
  // The ascending losses are the descending P&L.
  const factors = new Float64Array(tail.count);
  weights.forEach((weight, i) => {
    factors[reach - 1 - i] = -weight;
  });
  return alg.sum(alg.mulPlain(tail.smallest, factors));
}

/**
 * Value at risk (F140), a loss being positive.
 * @throws RangeError for a level outside (0, 1).
 */
export function secretValueAtRisk<V>(
  of: SecretPnl<V>,
  level: number,
  convention: QuantileConvention = 'type1',
): V {
  return rankMeasure(of, levelWeights(of.scenarios, level, convention));
}

/**
 * Sum of the `count` worst losses, the last of them counted in part where `count` is not whole.
 * @throws RangeError unless 0 < count <= scenarios.
 */
export function secretLargestLosses<V>(of: SecretPnl<V>, count: number): V {
  checkCount(count, of.scenarios);
  const weights = new Float64Array(Math.ceil(count)).fill(1);
  weights[0] = count - (weights.length - 1);
  return rankMeasure(of, { first: of.scenarios - weights.length, weights });
}

/** Losses that differ by less are equal, in units of the book's scale: far more than what they are off where plans choose their precision. */
const TIE = 1e-9;

/** Expected shortfall (F141), a loss being positive. @throws RangeError for a level outside (0, 1). */
export function secretShortfall<V>(
  of: SecretPnl<V>,
  level: number,
  convention: ShortfallConvention = 'acerbiTasche',
): V {
  return convention === 'tailMean'
    ? secretTailMean(of, level)
    : rankMeasure(of, shortfallWeights(of.scenarios, level));
}

/**
 * The mean of all losses at or above the value at risk of type 1. How many there are is secret, since all that equal it count: c of them for sure, and e equal ones more, so that
 * the mean is M + (1 - c / (c + e)) (VaR - M), M that of the c. What divides is a whole number, so that the factor is a public sum over the numbers j <= c + e of
 * c / (j - 1) - c / j, found by comparing with them all: exact, and two comparisons a scenario in all.
 *
 * Losses nearer to each other than {@link TIE} are equal: roundings fall by chance on shares, and would tell equal ones apart. Not Lipschitz, unlike the other measures: of a loss that
 * is further from the value at risk than that by less than its error, chance says whether it counts.
 */
function secretTailMean<V>(of: SecretPnl<V>, level: number): V {
  const { alg, pnl, scenarios: n } = of;
  const { first } = levelWeights(n, level, 'type1');
  const sure = n - first;
  const { tail } = of.tail !== undefined && of.tail.count >= sure ? of : withTail(of, sure);
  const { smallest, count } = tail!;
  const mean = rankMeasure({ ...of, tail: tail! }, { first, weights: new Float64Array(sure).fill(1 / sure) });
  if (sure === n) return mean;
  const pick = matrixOf(1, count);
  pick.data[sure - 1] = 1;
  const threshold = alg.matVecPlain(pick, smallest);
  const better = alg.sum(alg.lessThan(alg.replicate(alg.addPlain(threshold, Float64Array.of(TIE)), n), pnl));
  const wholes = Float64Array.from({ length: n - sure }, (_, i) => sure + 1 + i);
  // c + e >= j where no more than n - j are better.
  const reached = alg.lessThan(alg.replicate(better, n - sure), alg.constant(wholes.map((j) => n - j + 0.5)));
  const steps = matrixOf(
    1,
    n - sure,
    wholes.map((j) => sure / (j - 1) - sure / j),
  );
  const excess = alg.sub(alg.scale(threshold, -1), mean);
  return alg.add(mean, alg.mul(alg.matVecPlain(steps, reached), excess));
}

/** The worst scenario's loss. */
export function secretWorst<V>(of: SecretPnl<V>): V {
  return rankMeasure(of, { first: of.scenarios - 1, weights: Float64Array.of(1) });
}

/**
 * How far each scenario belongs to the `count` worst: 1, 0, or a part for the last where `count` is not whole; their sum is `count`. Of equal losses
 * the later scenario counts as the worse, as in `orderLosses`. One order statistic, and four comparisons a scenario: what equals the threshold
 * is found by comparing both ways, and its place among its equals by a public sum.
 *
 * An allocation by them, sum w_s part_s, is the derivative of the figure by the part's size (Euler; F147).
 * @throws RangeError unless 0 < count <= scenarios.
 */
export function secretTail<V>(of: SecretPnl<V>, count: number): V {
  const { alg, pnl, scenarios: n } = of;
  checkCount(count, n);
  const loss = rankMeasure(of, { first: n - thresholdRank(count, n), weights: Float64Array.of(1) });
  const threshold = alg.replicate(alg.scale(loss, -1), n);
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
