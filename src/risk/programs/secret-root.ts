import type { Ordered } from '../../algebra/arithmetic.ts';
import { seriesFor } from '../../algebra/series/library.ts';

/** Numbers are multiplied by this until they exceed its inverse: then one series takes their root. */
const STEP = 16;
/** How often at most. */
const STEPS = 4;
const SERIES_ERROR = 1e-9;

/** What a root is at least: of smaller numbers it is up to four times as large. */
export const LEAST_ROOT: number = STEP ** (-(STEPS + 1) / 2);

/**
 * sqrt(x) for secret x in [0, 1], elementwise, at least {@link LEAST_ROOT} (1e-3): a root has no slope at zero, so that a series cannot take it there. Numbers below
 * 1/16 are multiplied by 16, four times over, and their roots by 1/4. What `length` is of x.
 * Cost: 13 comparisons (five among semi-honest parties), eight selections and a series of degree some 30 an element.
 */
export function secretRoot<V>(alg: Ordered<V>, x: V, length: number): V {
  const all = (value: number): V => alg.constant(new Float64Array(length).fill(value));
  const threshold = all(1 / STEP);
  let scaled = x;
  let back = all(1);
  for (let step = 0; step < STEPS; step++) {
    const small = alg.lessThan(scaled, threshold);
    scaled = alg.within(alg.select(small, alg.scale(scaled, STEP), scaled), 0, 1);
    back = alg.select(small, alg.scale(back, 1 / Math.sqrt(STEP)), back);
  }
  // Up to 1: no recorded bound rounds beyond.
  const root = seriesFor('sqrt', [1 / STEP, 1], SERIES_ERROR);
  return alg.mul(alg.poly(root, alg.max(scaled, threshold)), back);
}
