import { RangeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import { cornishFisherQuantile } from '../../numeric/cornish-fisher.ts';
import { inverseNormalCdf } from '../../numeric/inverse-normal.ts';
import { type Moments, quadraticFormMoments } from '../../numeric/quadratic-form.ts';
import { factorCurvature, factorExposures } from './exposures.ts';
import type { PortfolioGreeks } from './net-greeks.ts';

/**
 * Moments of the second-order P&L (F149) when the factors are normal with the market's daily covariance: with delta, gamma, vega,
 * vanna and volga. M. Britten-Jones and S. M. Schaefer, "Non-linear value-at-risk", European Finance Review 2 (1999), 161-187.
 * Cost: factors^3. @throws ShapeError as `factorExposures`. @throws RangeError for a matrix that is no covariance.
 */
export function deltaGammaMoments(greeks: PortfolioGreeks, market: Market): Moments {
  return quadraticFormMoments(
    factorExposures(greeks, market),
    factorCurvature(greeks, market),
    market.dailyCovariance,
  );
}

/** Value at risk from four moments of the P&L. */
export type CornishFisherRisk = {
  readonly level: number;
  /** Standardised quantile of the P&L at 1 - level, negative for the usual levels. */
  readonly zCornishFisher: number;
  readonly var: number;
};

/**
 * Value at risk of a P&L with given moments by the Cornish-Fisher expansion (F150): -(mean + z sqrt(variance)), z the expanded
 * quantile at 1 - level. P. Zangari, "A VaR methodology for portfolios that include options", RiskMetrics Monitor (1996, first quarter).
 * An expansion: see `cornishFisherQuantile` for where it holds.
 * @throws RangeError for a level outside (0, 1), a negative variance, or a moment that is not finite; without variance skewness and kurtosis may be NaN.
 */
export function cornishFisherVar(
  { mean, variance, skewness, excessKurtosis }: Moments,
  level: number,
): CornishFisherRisk {
  if (!(level > 0 && level < 1))
    throw new RangeError(`expected a level between 0 and 1, found ${level}`, { level });
  checkMoments({ mean, variance, skewness, excessKurtosis });
  const normal = -inverseNormalCdf(level);
  // Without variance there is no shape to expand, and no use for one.
  const zCornishFisher = variance > 0 ? cornishFisherQuantile(normal, skewness, excessKurtosis) : normal;
  return { level, zCornishFisher, var: -(mean + zCornishFisher * Math.sqrt(variance)) };
}

function checkMoments({ mean, variance, skewness, excessKurtosis }: Moments): void {
  const rules: [string, string, number, boolean][] = [
    ['mean', 'a finite number', mean, Number.isFinite(mean)],
    ['variance', 'a finite number of at least 0', variance, variance >= 0 && Number.isFinite(variance)],
    ['skewness', 'a finite number', skewness, variance === 0 || Number.isFinite(skewness)],
    ['excessKurtosis', 'a finite number', excessKurtosis, variance === 0 || Number.isFinite(excessKurtosis)],
  ];
  for (const [moment, expected, found, holds] of rules) {
    if (!holds) throw new RangeError(`expected ${expected} as ${moment}, found ${found}`, { moment, found });
  }
}
