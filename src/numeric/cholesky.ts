import { RangeError, ShapeError } from '../base/errors.ts';
import { type Matrix, matrixOf } from './matrix.ts';

/** Below this share of its diagonal element a pivot counts as zero: rounding alone leaves that much. */
const SMALLEST_PIVOT = 1e-12;

/**
 * The lower triangular L with L L' = A for a symmetric positive definite A (G. H. Golub and C. F. Van Loan, "Matrix
 * Computations", 4th ed. (2013), algorithm 4.2.1).
 *
 * Cost: n^3 / 3 multiply-adds.
 * @throws ShapeError unless A is square.
 * @throws RangeError naming the elements where A is not symmetric, or the row that is not independent of those
 * above it (A is then singular or has a negative eigenvalue; row and column numbers count from 0).
 */
export function choleskyFactor(matrix: Matrix): Matrix {
  const { rows: n, cols, data } = matrix;
  if (n !== cols) throw new ShapeError(`expected a square matrix, found ${n} x ${cols}`, { rows: n, cols });
  const factor = matrixOf(n, n);
  const L = factor.data;
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      const element = data[r * n + c]!;
      const mirror = data[c * n + r]!;
      // The comparison is false for NaN.
      if (!(Math.abs(element - mirror) <= 1e-12 * (1 + Math.abs(element)))) {
        throw new RangeError(
          `expected a symmetric matrix of finite numbers, found ${element} at (${r}, ${c}) and ${mirror} at (${c}, ${r})`,
          { row: r, column: c },
        );
      }
      let rest = element;
      for (let k = 0; k < c; k++) rest -= L[r * n + k]! * L[c * n + k]!;
      if (c < r) {
        L[r * n + c] = rest / L[c * n + c]!;
        continue;
      }
      if (!(rest > SMALLEST_PIVOT * Math.abs(element))) {
        throw new RangeError(
          `expected a positive definite matrix, but row ${r} is ${
            rest > -SMALLEST_PIVOT * Math.abs(element) ? 'a combination of' : 'impossible given'
          } the rows above it (pivot ${rest}): lower its off-diagonal elements or drop it`,
          { row: r, pivot: rest },
        );
      }
      L[r * n + r] = Math.sqrt(rest);
    }
  }
  return factor;
}

/** The inverse of L L' from its factor. Cost: n^3 multiply-adds. */
export function inverseFromCholesky(factor: Matrix): Matrix {
  const n = factor.rows;
  const L = factor.data;
  const inverse = matrixOf(n, n);
  const x = new Float64Array(n);
  for (let column = 0; column < n; column++) {
    for (let r = 0; r < n; r++) {
      let rest = r === column ? 1 : 0;
      for (let k = 0; k < r; k++) rest -= L[r * n + k]! * x[k]!;
      x[r] = rest / L[r * n + r]!;
    }
    for (let r = n - 1; r >= 0; r--) {
      let rest = x[r]!;
      for (let k = r + 1; k < n; k++) rest -= L[k * n + r]! * x[k]!;
      x[r] = rest / L[r * n + r]!;
      inverse.data[r * n + column] = x[r]!;
    }
  }
  return inverse;
}
