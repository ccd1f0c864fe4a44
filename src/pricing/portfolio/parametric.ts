import { RangeError, ShapeError } from '../../base/errors.ts';
import { varianceOfSum } from '../../numeric/covariance.ts';
import { inverseNormalCdf } from '../../numeric/inverse-normal.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import { normalPdf } from '../../numeric/normal.ts';

/** Value at risk and expected shortfall of a linear portfolio of normal factors; vectors hold an element a factor. */
export type ParametricRisk = {
  readonly level: number;
  /** Standard deviation of the P&L. */
  readonly sigma: number;
  /** Normal quantile of the level. */
  readonly z: number;
  readonly var: number;
  readonly es: number;
  /** Derivative of `var` by the exposure. NaN where sigma is zero: there it does not exist. */
  readonly marginalVar: Float64Array;
  /** exposure x marginal: sums to `var`. */
  readonly componentVar: Float64Array;
};

/**
 * Variance-covariance risk (F148): sigma = sqrt(x'Cx), var = z sigma, es = sigma n(z)/(1 - alpha), with z = N^-1(alpha); marginal
 * z Cx/sigma, component x times that.
 *
 * P. Jorion, "Value at Risk", 3rd ed. (2007), chapter 7; expected shortfall: A. J. McNeil, R. Frey and P. Embrechts, "Quantitative
 * Risk Management" (2005), example 2.18. The mean P&L counts as zero; the horizon is that of the covariance. Cost: factors^2.
 * @param exposures x, currency a unit move: `factorExposures`.
 * @throws ShapeError for a covariance that does not fit. @throws RangeError for a level outside (0, 1) or a matrix that is no covariance.
 */
export function parametricRisk(exposures: Float64Array, covariance: Matrix, level: number): ParametricRisk {
  if (!(level > 0 && level < 1))
    throw new RangeError(`expected a level between 0 and 1, found ${level}`, { level });
  const { variance, gradient } = varianceOfSum(exposures, covariance);
  const sigma = Math.sqrt(variance);
  const z = inverseNormalCdf(level);
  const marginalVar = gradient.map((slope) => (sigma > 0 ? (z * slope) / sigma : Number.NaN));
  return {
    level,
    sigma,
    z,
    var: z * sigma,
    es: (sigma * normalPdf(z)) / (1 - level),
    marginalVar,
    componentVar: marginalVar.map((slope, i) => (sigma > 0 ? exposures[i]! * slope : 0)),
  };
}

/**
 * What the parametric value at risk falls by when a group of exposures is taken out (F148), an element a group: negative where the group
 * is a hedge. Cost: groups x factors^2.
 * @param groups group of each exposure, 0 and up: `factorUnderlyings`.
 * @throws ShapeError unless there is a group for each exposure. @throws RangeError as {@link parametricRisk}, or for a group that is not whole.
 */
export function incrementalVar(
  exposures: Float64Array,
  covariance: Matrix,
  level: number,
  groups: ArrayLike<number>,
): Float64Array {
  if (groups.length !== exposures.length) {
    throw new ShapeError(
      `expected a group for each of ${exposures.length} exposures, found ${groups.length}`,
      {
        expected: exposures.length,
        found: groups.length,
      },
    );
  }
  const { var: whole, z } = parametricRisk(exposures, covariance, level);
  let count = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (!Number.isSafeInteger(group) || group < 0 || group > 2 ** 31) {
      throw new RangeError(`exposure ${i}: expected a group of 0 or more, found ${group}`, {
        index: i,
        group,
      });
    }
    count = Math.max(count, group + 1);
  }
  return Float64Array.from({ length: count }, (_, group) => {
    const rest = exposures.map((exposure, i) => (groups[i] === group ? 0 : exposure));
    return whole - z * Math.sqrt(varianceOfSum(rest, covariance).variance);
  });
}
