import { expect } from 'vitest';

/**
 * Expects every number of a column within `tolerance(i)` of the reference, absolutely; a reference of NaN (an empty cell) is
 * not compared, but at least one has to be.
 */
export function expectClose(
  found: Float64Array,
  expected: Float64Array,
  tolerance: (i: number) => number,
  what = 'row',
): void {
  expect(found).toHaveLength(expected.length);
  let compared = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i]!)) continue;
    compared++;
    const error = Math.abs(found[i]! - expected[i]!);
    // Not `toBeLessThanOrEqual`: a NaN has to fail, and a message a row would cost more than the prices.
    if (error <= tolerance(i)) continue;
    expect.fail(
      `${what} ${i}: expected ${expected[i]} within ${tolerance(i)}, found ${found[i]}, off by ${error}`,
    );
  }
  expect(compared).toBeGreaterThan(0);
}
