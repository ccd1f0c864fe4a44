import { describe, expect, it } from 'vitest';
import { DEFAULT_RELEASE_BUDGET, floodingOf } from '../../../src/ckks/flooding.ts';

const NOISE = 1e-9;

describe('flooding', () => {
  it.each([
    // OpenFHE's "CKKS noise flooding" note: log2 of sqrt(12 tau) 2^(s/2) for its budgets.
    [30, 1, 16.8],
    [30, 1024, 21.8],
    [40, 128, 25.3],
    [64, 1, 33.8],
  ])('of %d bits for %d releases costs %d bits and the tail', (statisticalBits, queries, bits) => {
    const tail = 8;
    const { lossBits, sigma, error, grid } = floodingOf({ queries, statisticalBits }, NOISE, 1, 1, tail);
    expect(Math.log2(sigma / NOISE)).toBeCloseTo(bits, 1);
    // The grid adds at most a sixteenth of a sigma.
    expect(lossBits - bits - Math.log2(tail)).toBeGreaterThan(-0.06);
    expect(lossBits - bits - Math.log2(tail)).toBeLessThan(0.1);
    expect(error).toBe(tail * sigma + grid / 2);
    expect(Number.isInteger(Math.log2(grid))).toBe(true);
  });

  it('drowns the noise of a whole vector, and never below what a double can carry', () => {
    const one = floodingOf(DEFAULT_RELEASE_BUDGET, NOISE, 1, 1, 8);
    const many = floodingOf(DEFAULT_RELEASE_BUDGET, NOISE, 100, 1, 8);
    expect(many.sigma / one.sigma).toBeCloseTo(10, 10);
    const none = floodingOf(DEFAULT_RELEASE_BUDGET, 0, 100, 1, 8);
    expect(none.sigma).toBe(2 ** -44);
    expect(none.lossBits).toBeGreaterThan(8);
    expect(none.lossBits).toBeLessThan(12);
  });
});
