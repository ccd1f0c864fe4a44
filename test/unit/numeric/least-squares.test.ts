import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import { compressRows, leastSquares } from '../../../src/numeric/least-squares.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const random = new SeededRandom(7);
const column = (rows: number): Float64Array => Float64Array.from({ length: rows }, () => random.normal());
const combine = (columns: readonly Float64Array[], x: ArrayLike<number>): Float64Array =>
  columns[0]!.map((_, i) => columns.reduce((sum, c, j) => sum + c[i]! * x[j]!, 0));
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

describe('least squares', () => {
  it('recovers the coefficients of a consistent system', () => {
    const columns = [column(9), column(9), column(9), column(9)];
    const x = leastSquares(columns, combine(columns, [1, -2, 3, 0.5]));
    [1, -2, 3, 0.5].forEach((expected, j) => {
      expect(Math.abs(x[j]! - expected)).toBeLessThan(1e-14);
    });
  });

  it('leaves a residual orthogonal to the columns', () => {
    const columns = [column(20), column(20), column(20)];
    const b = column(20);
    const fitted = combine(columns, leastSquares(columns, b));
    const residual = b.map((value, i) => value - fitted[i]!);
    for (const c of columns) expect(Math.abs(dot(c, residual))).toBeLessThan(1e-13);
  });

  it('does not square the condition: a fit of degree 9 on 40 points', () => {
    const at = Float64Array.from({ length: 40 }, (_, i) => i / 39);
    const columns = Array.from({ length: 10 }, (_, j) => at.map((t) => t ** j));
    const x = leastSquares(columns, combine(columns, new Array<number>(10).fill(1)));
    // The condition is 4e6; its square would leave no more than three digits.
    for (const value of x) expect(Math.abs(value - 1)).toBeLessThan(1e-8);
  });

  it('gives a dependent column the coefficient 0 and still the best fit', () => {
    const [one, two, b] = [column(8), column(8), column(8)];
    const twice = one!.map((value) => 2 * value);
    const x = leastSquares([one!, twice, two!], b!);
    const y = leastSquares([one!, two!], b!);
    expect(x[1]).toBe(0);
    expect(Math.abs(x[0]! - y[0]!)).toBeLessThan(1e-13);
    expect(Math.abs(x[2]! - y[1]!)).toBeLessThan(1e-13);
    expect([...leastSquares([new Float64Array(3)], column(3))]).toEqual([0]);
  });

  it('compresses rows without changing an inner product', () => {
    const columns = [column(30), column(30), column(30), column(30)];
    const small = compressRows(columns);
    columns.forEach((a, i) => {
      columns.forEach((b, j) => {
        expect(Math.abs(dot(small[i]!, small[j]!) - dot(a, b))).toBeLessThan(1e-12);
      });
      expect(small[i]).toHaveLength(4);
    });
    expect(compressRows([Float64Array.of(3, 4)])[0]).toEqual(Float64Array.of(-5));
  });

  it('refuses columns of different lengths and numbers that are not finite', () => {
    expect(() => leastSquares([column(3)], column(4))).toThrow(ShapeError);
    expect(() => leastSquares([Float64Array.of(1, Number.NaN)], column(2))).toThrow(RangeError);
  });
});
