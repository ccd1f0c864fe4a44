import { RangeError, ShapeError } from '../../base/errors.ts';
import { ageWeightedRank } from '../../numeric/age-weighted.ts';
import { checkMatrix, type Matrix, matVec, rowOf } from '../../numeric/matrix.ts';
import { type OrderedLosses, orderLosses, type QuantileConvention } from '../../numeric/quantile.ts';
import {
  applyRankWeights,
  levelWeights,
  type RankWeights,
  scenarioWeights,
  shortfallWeights,
  tailMeanWeights,
} from '../../numeric/rank-weights.ts';
import { totalPnl } from './pnl.ts';

/** A historical risk measure: its convention (see `HistoricalRisk`), its level, and for `ageWeighted` the decay. */
export type HistoricalMeasure =
  | { readonly kind: 'valueAtRisk'; readonly convention: QuantileConvention; readonly level: number }
  | {
      readonly kind: 'valueAtRisk';
      readonly convention: 'ageWeighted';
      readonly level: number;
      readonly ageDecay: number;
    }
  | {
      readonly kind: 'expectedShortfall';
      readonly convention: 'acerbiTasche' | 'tailMean';
      readonly level: number;
    };

/** How much of a historical risk figure comes from each part of a portfolio; an element a part. */
export type HistoricalContributions = {
  readonly total: number;
  /** Sums to `total`; the derivative of `total` by the size of the part. */
  readonly component: Float64Array;
  /** `component` a unit of exposure: the derivative of `total` by it. NaN where the exposure is zero. */
  readonly marginal: Float64Array;
  /** `total` less the measure of the portfolio without the part. */
  readonly incremental: Float64Array;
};

/**
 * Splits a historical value at risk or expected shortfall over the parts of a portfolio (F147).
 *
 * The measure is a weighted sum of ordered losses; the same weights on the losses of a part, in the same scenarios, are its component.
 * By Euler's theorem that is the derivative by the part's size (D. Tasche, "Risk contributions and performance measurement", 1999),
 * where it exists: not where losses are equal at a rank at which weights change. There equal losses share their weights, and the components still sum.
 * A component value at risk rests on one or two scenarios and jumps with them; of an expected shortfall it is an average.
 * Cost: one sort, and one more a part for the incremental figures.
 * @param parts P&L, a row a part, a column a scenario, oldest first: `portfolioPnl`.
 * @param exposures what `marginal` is a unit of, an element a part: cash delta, value, notional; 1 each if absent.
 * @throws ShapeError unless there is an exposure a part.
 * @throws RangeError as `historicalRisk`, or naming the part whose exposure is not finite.
 */
export function historicalContributions(
  parts: Matrix,
  measure: HistoricalMeasure,
  exposures?: Float64Array,
): HistoricalContributions {
  checkMatrix(parts, 'P&L of parts');
  return contributionsOf(parts, measure, exposures ?? new Float64Array(parts.rows).fill(1));
}

function contributionsOf(
  parts: Matrix,
  measure: HistoricalMeasure,
  exposures: Float64Array,
): HistoricalContributions {
  if (exposures.length !== parts.rows) {
    throw new ShapeError(`expected an exposure for each of ${parts.rows} parts, found ${exposures.length}`, {
      expected: parts.rows,
      found: exposures.length,
    });
  }
  exposures.forEach((exposure, part) => {
    if (Number.isFinite(exposure)) return;
    throw new RangeError(`part ${part}: expected a finite exposure, found ${exposure}`, { part, exposure });
  });
  const pnl = totalPnl(parts);
  const { value, weights } = measured(pnl, measure);
  const component = matVec(parts, weights).map((gain) => 0 - gain);
  return {
    total: value,
    component,
    marginal: component.map((share, part) => {
      const exposure = exposures[part]!;
      return exposure === 0 ? Number.NaN : share / exposure;
    }),
    incremental: Float64Array.from({ length: parts.rows }, (_, part) => {
      const own = rowOf(parts, part);
      const without = pnl.map((gain, s) => gain - own[s]!);
      return value - measured(without, measure).value;
    }),
  };
}

/** The measure of a P&L vector, and the weight of each scenario in it. */
function measured(
  pnl: Float64Array,
  measure: HistoricalMeasure,
): { readonly value: number; readonly weights: Float64Array } {
  const ordered = orderLosses(pnl);
  const ranks = rankWeightsOf(ordered, measure);
  return { value: applyRankWeights(ordered.losses, ranks), weights: scenarioWeights(ordered, ranks) };
}

function rankWeightsOf(ordered: OrderedLosses, measure: HistoricalMeasure): RankWeights {
  const { losses } = ordered;
  const { convention, level } = measure;
  switch (convention) {
    case 'acerbiTasche':
      return shortfallWeights(losses.length, level);
    case 'tailMean':
      return tailMeanWeights(losses, level);
    case 'ageWeighted':
      return ageWeightedRank(ordered, level, measure.ageDecay);
    default:
      return levelWeights(losses.length, level, convention);
  }
}
