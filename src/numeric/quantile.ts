import { RangeError } from '../base/errors.ts';
import { applyRankWeights, levelWeights, shortfallWeights, tailMeanWeights } from './rank-weights.ts';

/**
 * Which empirical quantile of n losses a[1] <= ... <= a[n] is the value at risk at level alpha (F140):
 * - `type1`: a[ceil(n alpha)], the inverse of the empirical distribution function;
 * - `type6`: linear between ranks at (n + 1) alpha, within 1 and n (Weibull; Excel's PERCENTILE.EXC);
 * - `type7`: linear between ranks at 1 + (n - 1) alpha (the default of R and numpy);
 * - `upper`: a[floor(n alpha) + 1], the upper quantile: one rank above `type1` where n alpha is whole.
 */
export type QuantileConvention = 'type1' | 'type6' | 'type7' | 'upper';

/**
 * Which tail mean of the losses is the expected shortfall at level alpha (F141):
 * - `acerbiTasche`: the mean of the worst n (1 - alpha), the last of them counted in part;
 * - `tailMean`: the mean of all losses at or above the value at risk of `type1`. Not coherent, and never above the former.
 */
export type ShortfallConvention = 'acerbiTasche' | 'tailMean';

/** Losses, ascending, and the scenario of each; equal losses stand in the order of their scenarios. */
export type OrderedLosses = { readonly losses: Float64Array; readonly scenarios: Uint32Array };

/**
 * Losses (positive is bad) of a P&L vector, ascending: a[1] <= ... <= a[n].
 * @throws RangeError naming the scenario for a P&L that is not finite.
 */
export function sortedLosses(pnl: Float64Array): Float64Array {
  checkFinite(pnl);
  // Not -value: a loss of zero is not -0.
  return pnl.map((value) => 0 - value).sort();
}

/**
 * {@link sortedLosses} with their scenarios, for measures that look at age or at parts. Cost: some five times as much.
 * @throws RangeError naming the scenario for a P&L that is not finite.
 */
export function orderLosses(pnl: Float64Array): OrderedLosses {
  checkFinite(pnl);
  const scenarios = Uint32Array.from(pnl.keys()).sort((a, b) => pnl[b]! - pnl[a]! || a - b);
  return { losses: Float64Array.from(scenarios, (scenario) => 0 - pnl[scenario]!), scenarios };
}

function checkFinite(pnl: Float64Array): void {
  const scenario = pnl.findIndex((value) => !Number.isFinite(value));
  if (scenario < 0) return;
  throw new RangeError(`scenario ${scenario}: expected a finite P&L, found ${pnl[scenario]}`, {
    scenario,
    found: pnl[scenario]!,
  });
}

/**
 * Value at risk as a quantile of the empirical distribution of losses (F140), by default R type 1 (R. J. Hyndman and
 * Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), definitions 1, 6 and 7).
 * 1-Lipschitz in the largest error of the losses.
 * @param losses ascending, from {@link sortedLosses}.
 * @throws RangeError without losses, or for a level outside (0, 1).
 */
export function valueAtRisk(
  losses: Float64Array,
  alpha: number,
  convention: QuantileConvention = 'type1',
): number {
  return applyRankWeights(losses, levelWeights(losses.length, alpha, convention));
}

/**
 * Expected shortfall (F141), by default the mean of the worst n (1 - alpha) outcomes, the last of them counted in part (C.
 * Acerbi and D. Tasche, "On the coherence of expected shortfall", J. Banking & Finance 26 (2002), definition 2.6).
 * 1-Lipschitz like the above where `acerbiTasche`.
 * @param losses ascending, from {@link sortedLosses}.
 * @throws RangeError as {@link valueAtRisk}.
 */
export function expectedShortfall(
  losses: Float64Array,
  alpha: number,
  convention: ShortfallConvention = 'acerbiTasche',
): number {
  const weights =
    convention === 'tailMean' ? tailMeanWeights(losses, alpha) : shortfallWeights(losses.length, alpha);
  return applyRankWeights(losses, weights);
}
