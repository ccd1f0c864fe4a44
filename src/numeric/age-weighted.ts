import { RangeError } from '../base/errors.ts';
import type { OrderedLosses } from './quantile.ts';
import type { RankWeights } from './rank-weights.ts';

/**
 * Weights that fall with age: element i is proportional to lambda^(n - 1 - i), the newest last, and they sum to 1 (F142).
 * @throws RangeError unless 0 < lambda <= 1.
 */
export function ageWeights(n: number, lambda: number): Float64Array {
  if (!(lambda > 0 && lambda <= 1))
    throw new RangeError(`expected a decay lambda above 0 and at most 1, found ${lambda}`, { lambda });
  const weights = new Float64Array(n);
  let weight = 1;
  let total = 0;
  for (let i = n - 1; i >= 0; i--) {
    weights[i] = weight;
    total += weight;
    weight *= lambda;
  }
  for (let i = 0; i < n; i++) weights[i]! /= total;
  return weights;
}

/**
 * Age-weighted value at risk (F142): the smallest loss such that the scenarios with larger losses weigh at most 1 - alpha, each
 * weighing in proportion to lambda^age. With lambda = 1 it is the value at risk of type 1.
 *
 * J. Boudoukh, M. Richardson and R. Whitelaw, "The best of both worlds", Risk 11 (May 1998), 64-67, without their
 * interpolation between ranks. 1-Lipschitz in the losses.
 * @param ordered from `orderLosses` of a P&L vector whose oldest scenario is the first.
 * @throws RangeError without losses, or for a level outside (0, 1) or a lambda outside (0, 1].
 */
export function ageWeightedRank(ordered: OrderedLosses, alpha: number, lambda: number): RankWeights {
  const { losses, scenarios } = ordered;
  const n = losses.length;
  if (n < 1) throw new RangeError('expected at least one scenario, found none');
  if (!(alpha > 0 && alpha < 1))
    throw new RangeError(`expected a level between 0 and 1, found ${alpha}`, { alpha });
  const weights = ageWeights(n, lambda);
  // Sums of n weights carry rounding of some 1e-16; a level that meets one exactly is meant to include it.
  const allowed = 1 - alpha + 1e-12;
  let above = 0;
  let rank = n - 1;
  while (rank > 0) {
    above += weights[scenarios[rank]!]!;
    if (above > allowed) break;
    rank--;
  }
  return { first: rank, weights: Float64Array.of(1) };
}
