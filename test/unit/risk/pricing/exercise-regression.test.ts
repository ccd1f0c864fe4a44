import { describe, expect, it } from 'vitest';
import { leastSquares } from '../../../../src/numeric/least-squares.ts';
import { matVec } from '../../../../src/numeric/matrix.ts';
import { functionsOf } from '../../../../src/numeric/prefix-least-squares.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { exerciseRegression, PATHS_PER_FUNCTION } from '../../../../src/risk/pricing/exercise-regression.ts';

describe.each([false, true])('the regression over the paths in the money, the largest: %s', (rising) => {
  const paths = 120;
  const functions = 3;
  const random = new SeededRandom(2);
  const w = Float64Array.from({ length: paths }, () => random.normal());
  const held = Float64Array.from({ length: paths }, () => random.between(0, 1));
  const { moments, inverse, holdingAt, mostCoefficient } = exerciseRegression(w, rising, functions);
  const order = Array.from(w.keys()).sort((a, b) => (rising ? w[b]! - w[a]! : w[a]! - w[b]!));

  it('is that of the first k by their indicators alone, and its coefficients are within their bound', () => {
    for (const k of [1, 2, 9, 10, 19, 20, 29, 30, 31, 60, 119, 120]) {
      const inside = new Float64Array(paths);
      for (const path of order.slice(0, k)) inside[path] = 1;
      const chosen = matVec(inverse, inside);
      const right = matVec(
        moments,
        held.map((value, path) => inside[path]! * value),
      );
      const coefficients = matVec({ rows: functions, cols: functions, data: chosen }, right);
      const fitted = matVec(holdingAt(w), coefficients);
      const used = functionsOf(k, functions, PATHS_PER_FUNCTION);
      const first = order.slice(0, k);
      const powers = Array.from({ length: used }, (_, power) =>
        Float64Array.from(first, (path) => w[path]! ** power),
      );
      const expected = leastSquares(
        powers,
        Float64Array.from(first, (path) => held[path]!),
      );
      // Another basis of the same functions: the same fitted values.
      for (const path of first) {
        const value = expected.reduce((sum, c, power) => sum + c * w[path]! ** power, 0);
        expect(Math.abs(fitted[path]! - value), `${k} paths`).toBeLessThan(1e-5);
      }
      for (const c of coefficients) expect(Math.abs(c)).toBeLessThanOrEqual(mostCoefficient);
    }
  });

  it('holds for nothing where no path is in the money', () => {
    expect(matVec(inverse, new Float64Array(paths)).every((value) => value === 0)).toBe(true);
  });
});
