import { RangeError } from '../../base/errors.ts';

/** Herfindahl index of sizes, sum s_i^2 / (sum s_i)^2 (F190). @throws RangeError for a size that is negative or sizes that are all 0. */
export function herfindahlIndex(sizes: Float64Array): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!(total > 0 && sizes.every((size) => size >= 0))) {
    throw new RangeError('expected sizes of at least 0, and one above');
  }
  return sizes.reduce((sum, size) => sum + (size / total) ** 2, 0);
}

/** Leverage of a sector, and the mean of its members' weighted by their assets. */
export function leverageIndices(
  assets: Float64Array,
  equity: Float64Array,
): { readonly aggregate: number; readonly mean: number } {
  const total = assets.reduce((sum, a) => sum + a, 0);
  return {
    aggregate: total / equity.reduce((sum, e) => sum + e, 0),
    mean: assets.reduce((sum, a, i) => sum + (a / total) * (a / equity[i]!), 0),
  };
}

/**
 * (r - mean) / (root of the sum of squares): of two such series the inner product is Pearson's correlation.
 * @throws RangeError for a series that does not vary or is not finite.
 */
export function standardised(returns: Float64Array): Float64Array {
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const centred = returns.map((r) => r - mean);
  const norm = Math.hypot(...centred);
  // Written so that NaN fails it.
  if (!(norm > 0 && Number.isFinite(norm))) {
    throw new RangeError('expected finite returns that vary: a constant series has no correlation');
  }
  return centred.map((r) => r / norm);
}
