import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import { choleskyFactor, inverseFromCholesky } from '../../../src/numeric/cholesky.ts';
import { type Matrix, matrixOf } from '../../../src/numeric/matrix.ts';

function product(a: Matrix, b: Matrix): Matrix {
  const out = matrixOf(a.rows, b.cols);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < b.cols; c++) {
      for (let k = 0; k < a.cols; k++)
        out.data[r * b.cols + c]! += a.data[r * a.cols + k]! * b.data[k * b.cols + c]!;
    }
  }
  return out;
}

function transpose(a: Matrix): Matrix {
  return matrixOf(
    a.cols,
    a.rows,
    a.data.map((_, i) => a.data[(i % a.rows) * a.cols + Math.floor(i / a.rows)]!),
  );
}

describe('Cholesky factor', () => {
  it('reproduces random positive definite matrices, and inverts them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }).chain((n) =>
          fc
            .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n })
            .map((list) => {
              const root = matrixOf(n, n, Float64Array.from(list));
              const a = product(root, transpose(root));
              for (let i = 0; i < n; i++) a.data[i * n + i]! += 0.5;
              return a;
            }),
        ),
        (a) => {
          const n = a.rows;
          const factor = choleskyFactor(a);
          product(factor, transpose(factor)).data.forEach((x, i) => {
            expect(Math.abs(x - a.data[i]!)).toBeLessThan(1e-13);
          });
          product(a, inverseFromCholesky(factor)).data.forEach((x, i) => {
            expect(Math.abs(x - (i % (n + 1) === 0 ? 1 : 0))).toBeLessThan(1e-11);
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  const square = (...rows: number[][]): Matrix =>
    matrixOf(rows.length, rows[0]!.length, Float64Array.from(rows.flat()));

  it('says what is wrong with a matrix', () => {
    expect(() => choleskyFactor(square([1, 2, 3], [4, 5, 6]))).toThrow(ShapeError);
    expect(() => choleskyFactor(square([1, 0.2], [0.3, 1]))).toThrow(
      /symmetric.*0.3 at \(1, 0\) and 0.2 at \(0, 1\)/,
    );
    expect(() => choleskyFactor(square([1, Number.NaN], [Number.NaN, 1]))).toThrow(RangeError);
    expect(() => choleskyFactor(square([1, 1], [1, 1]))).toThrow(/row 1 is a combination of/);
    // Three variables cannot all be strongly negatively correlated.
    expect(() => choleskyFactor(square([1, -0.9, -0.9], [-0.9, 1, -0.9], [-0.9, -0.9, 1]))).toThrow(
      /row 2 is impossible given/,
    );
  });
});
