import { ageWeightedRank } from '../../numeric/age-weighted.ts';
import { expectedShortfall, orderLosses, valueAtRisk } from '../../numeric/quantile.ts';
import { applyRankWeights } from '../../numeric/rank-weights.ts';

/** Historical value at risk and expected shortfall at one level by every convention, losses positive. */
export type HistoricalRisk = {
  readonly level: number;
  readonly varType1: number;
  readonly varType6: number;
  readonly varType7: number;
  readonly varUpper: number;
  readonly varAgeWeighted: number;
  readonly esAcerbiTasche: number;
  readonly esTailMean: number;
};

/** What a historical simulation leaves open. */
export type HistoricalConventions = {
  /** Decay of the weights a scenario of age, for `varAgeWeighted`: Boudoukh, Richardson and Whitelaw use 0.97 to 0.99. */
  readonly ageDecay?: number;
};

/**
 * Historical simulation of a P&L vector (F140 to F142), at each of the levels. The conventions are those of
 * `QuantileConvention` and `ShortfallConvention`. Cost: one sort.
 * @param pnl an element a scenario, oldest first, in currency; a gain is positive.
 * @throws RangeError for no scenarios, a P&L that is not finite, a level outside (0, 1), or an ageDecay outside (0, 1].
 */
export function historicalRisk(
  pnl: Float64Array,
  levels: readonly number[],
  { ageDecay = 0.98 }: HistoricalConventions = {},
): readonly HistoricalRisk[] {
  const ordered = orderLosses(pnl);
  const { losses } = ordered;
  return levels.map((level) => ({
    level,
    varType1: valueAtRisk(losses, level, 'type1'),
    varType6: valueAtRisk(losses, level, 'type6'),
    varType7: valueAtRisk(losses, level, 'type7'),
    varUpper: valueAtRisk(losses, level, 'upper'),
    varAgeWeighted: applyRankWeights(losses, ageWeightedRank(ordered, level, ageDecay)),
    esAcerbiTasche: expectedShortfall(losses, level, 'acerbiTasche'),
    esTailMean: expectedShortfall(losses, level, 'tailMean'),
  }));
}
