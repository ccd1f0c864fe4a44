import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { leastSquares } from '../../../src/numeric/least-squares.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { functionsOf, prefixInverseGrams } from '../../../src/numeric/prefix-least-squares.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

describe('least squares over every initial run', () => {
  const n = 60;
  const functions = 3;
  const random = new SeededRandom(1);
  const x = Float64Array.from({ length: n }, () => random.between(-1, 1));
  const y = Float64Array.from({ length: n }, () => random.normal());
  const basis = matrixOf(
    n,
    functions,
    Float64Array.from({ length: n * functions }, (_, i) => x[Math.floor(i / functions)]! ** (i % functions)),
  );
  const inverses = prefixInverseGrams(basis, 5);

  it('gives the coefficients that reflections give, of as many functions as the points carry', () => {
    for (let k = 1; k <= n; k++) {
      const used = functionsOf(k, functions, 5);
      expect(used).toBe(k < 10 ? 1 : k < 15 ? 2 : 3);
      const columns = Array.from({ length: used }, (_, c) =>
        Float64Array.from({ length: k }, (_, r) => x[r]! ** c),
      );
      const expected = leastSquares(columns, y.slice(0, k));
      const moments = Float64Array.from({ length: functions }, (_, c) => {
        let sum = 0;
        for (let r = 0; r < k; r++) sum += x[r]! ** c * y[r]!;
        return sum;
      });
      for (let i = 0; i < functions; i++) {
        let found = 0;
        for (let j = 0; j < functions; j++) {
          found += inverses.data[(k - 1) * functions ** 2 + i * functions + j]! * moments[j]!;
        }
        expect(Math.abs(found - (expected[i] ?? 0)), `${k} points, ${i}`).toBeLessThan(1e-9);
      }
    }
  });

  it('refuses points that do not carry their functions', () => {
    const same = matrixOf(20, 2, new Float64Array(40).fill(1));
    expect(() => prefixInverseGrams(same, 5)).toThrow(RangeError);
  });
});
