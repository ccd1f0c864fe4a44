import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { factoriseLu, solveLu } from '../../../src/numeric/small-lu.ts';

describe('small LU', () => {
  it.each([1, 2, 5, 12])('solves %i equations, in rows longer than they need be', (n) => {
    const random = new SeededRandom(n);
    const stride = n + 3;
    const matrix = Float64Array.from({ length: n * stride }, () => random.between(-1, 1));
    const solution = Float64Array.from({ length: n }, () => random.between(-1, 1));
    const vector = Float64Array.from({ length: n }, (_, i) =>
      solution.reduce((sum, x, j) => sum + matrix[i * stride + j]! * x, 0),
    );
    const pivots = new Int32Array(n);
    factoriseLu(matrix, stride, n, pivots);
    solveLu(matrix, stride, n, pivots, vector);
    for (let i = 0; i < n; i++) expect(Math.abs(vector[i]! - solution[i]!)).toBeLessThan(1e-12);
  });

  it('pivots where the diagonal is zero', () => {
    const matrix = Float64Array.of(0, 2, 3, 0);
    const vector = Float64Array.of(4, 9);
    const pivots = new Int32Array(2);
    factoriseLu(matrix, 2, 2, pivots);
    solveLu(matrix, 2, 2, pivots, vector);
    expect([...vector]).toEqual([3, 2]);
  });
});
