import { describe, expect, it } from 'vitest';
import type { ChebyshevSeries } from '../../../src/algebra/arithmetic.ts';
import { boundOf } from '../../../src/algebra/bounds.ts';
import { shiftSeries } from '../../../src/algebra/series-folding.ts';
import { chebyshevSum } from '../../../src/numeric/chebyshev/expansion.ts';

const p: ChebyshevSeries = { coefficients: Float64Array.of(1, -2, 3, 0.5), domain: [-2, 4], error: 1e-9 };
const valueAt = ({ coefficients, domain: [low, high] }: ChebyshevSeries, x: number): number =>
  chebyshevSum(coefficients, (2 * x - low - high) / (high - low));

describe('shiftSeries', () => {
  it.each([
    [2, 0],
    [-0.5, 1],
    [1, 3],
    [-1, 0],
  ])('p(%d x + %d) on its own interval', (factor, offset) => {
    const ends = p.domain.map((end) => (end - offset) / factor).sort((a, b) => a - b) as [number, number];
    const shifted = shiftSeries(p, factor, offset, boundOf(ends[0], ends[1], 3))!;
    expect(shifted.domain).toEqual(ends);
    expect(shifted.error).toBe(p.error);
    for (let i = 0; i <= 10; i++) {
      const x = ends[0] + ((ends[1] - ends[0]) * i) / 10;
      expect(valueAt(shifted, x)).toBeCloseTo(valueAt(p, factor * x + offset), 12);
    }
  });

  it('not where less is known of x than of the shifted value: another interval would be another polynomial', () => {
    expect(shiftSeries(p, 1, 3, boundOf(-6, 1, 3))).toBeUndefined();
  });

  it('not where the ends would lose their digits', () => {
    expect(shiftSeries(p, 1, 1e9, boundOf(-1e9, -1e9 + 1, 3))).toBeUndefined();
  });
});
