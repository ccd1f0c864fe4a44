import { RangeError } from '../base/errors.ts';
import type { OrderedLosses, QuantileConvention } from './quantile.ts';

/**
 * A risk measure of n ascending losses a[0] <= ... <= a[n - 1] as a weighted sum: weights[i] belongs to a[first + i], all
 * others are zero. The weights are at least zero and sum to 1.
 */
export type RankWeights = { readonly first: number; readonly weights: Float64Array };

/** Sum of weights x losses, the worst first, so that small terms do not meet a large sum early. */
export function applyRankWeights(losses: Float64Array, { first, weights }: RankWeights): number {
  let sum = 0;
  for (let i = weights.length - 1; i >= 0; i--) sum += weights[i]! * losses[first + i]!;
  return sum;
}

/** @throws RangeError for n of 0 or a level outside (0, 1). */
function checkLevel(n: number, alpha: number): void {
  if (n < 1) throw new RangeError('expected at least one scenario, found none');
  if (!(alpha > 0 && alpha < 1))
    throw new RangeError(`expected a level between 0 and 1, found ${alpha}`, { alpha });
}

/**
 * n (1 - alpha) of the worst outcomes, above zero; products like 500 x 0.025 are meant exactly, so that rounding, at most
 * some 1e-16 n, is undone.
 */
function tailCount(n: number, alpha: number): number {
  const k = n * (1 - alpha);
  const nearest = Math.round(k);
  return nearest > 0 && Math.abs(k - nearest) <= 1e-12 * n ? nearest : k;
}

/** Between the ranks around `position` (counted from 1), kept within 1 and n. */
function betweenRanks(n: number, position: number): RankWeights {
  const within = Math.min(Math.max(position, 1), n);
  const rank = Math.floor(within);
  const share = within - rank;
  const first = rank - 1;
  return share === 0
    ? { first, weights: Float64Array.of(1) }
    : { first, weights: Float64Array.of(1 - share, share) };
}

/**
 * Value at risk as rank weights (F140).
 * @throws RangeError for n of 0 or a level outside (0, 1).
 */
export function levelWeights(n: number, alpha: number, convention: QuantileConvention): RankWeights {
  checkLevel(n, alpha);
  switch (convention) {
    case 'type1':
      return betweenRanks(n, n - Math.floor(tailCount(n, alpha)));
    case 'upper':
      return betweenRanks(n, n - Math.ceil(tailCount(n, alpha)) + 1);
    case 'type6':
      return betweenRanks(n, (n + 1) * alpha);
    case 'type7':
      return betweenRanks(n, 1 + (n - 1) * alpha);
    default:
      throw new RangeError(
        `expected type1, type6, type7 or upper as convention, found ${String(convention)}`,
        {
          convention: String(convention),
        },
      );
  }
}

/**
 * Expected shortfall of Acerbi and Tasche as rank weights (F141): 1/k for each of the floor(k) worst losses, k = n (1 - alpha), and
 * what is left for the next.
 * @throws RangeError as {@link levelWeights}.
 */
export function shortfallWeights(n: number, alpha: number): RankWeights {
  checkLevel(n, alpha);
  const k = tailCount(n, alpha);
  const weights = new Float64Array(Math.ceil(k)).fill(1 / k);
  if (!Number.isInteger(k)) weights[0] = (k - Math.floor(k)) / k;
  return { first: n - weights.length, weights };
}

/**
 * The mean of all losses at or above the value at risk of type 1 as rank weights (F141): equal losses at the value at risk all count.
 * @param losses ascending. @throws RangeError as {@link levelWeights}.
 */
export function tailMeanWeights(losses: Float64Array, alpha: number): RankWeights {
  let { first } = levelWeights(losses.length, alpha, 'type1');
  while (first > 0 && losses[first - 1] === losses[first]) first--;
  const count = losses.length - first;
  return { first, weights: new Float64Array(count).fill(1 / count) };
}

/**
 * Rank weights as weights of scenarios: the gradient of the measure by the losses. Equal losses share their weights equally, which
 * picks one element, the same whatever the order of the scenarios, where the measure has a kink.
 */
export function scenarioWeights(
  { losses, scenarios }: OrderedLosses,
  { first, weights }: RankWeights,
): Float64Array {
  const out = new Float64Array(losses.length);
  const last = first + weights.length;
  let from = first;
  while (from > 0 && losses[from - 1] === losses[from]) from--;
  while (from < last) {
    let to = from + 1;
    while (to < losses.length && losses[to] === losses[from]) to++;
    let total = 0;
    for (let rank = Math.max(from, first); rank < Math.min(to, last); rank++) total += weights[rank - first]!;
    for (let rank = from; rank < to; rank++) out[scenarios[rank]!] = total / (to - from);
    from = to;
  }
  return out;
}
