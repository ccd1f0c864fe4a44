import { RangeError, ShapeError } from '../base/errors.ts';
import { ageWeights } from './age-weighted.ts';
import { checkMatrix, type Matrix, matrixOf } from './matrix.ts';

/**
 * Sample covariance of the columns of a table of observations, a row an observation (F143):
 * sum of (x - mean)(x - mean)' over n - ddof.
 *
 * Two passes, so that large means cost no digits. Cost: rows x cols^2 / 2 multiply-adds.
 * @param ddof degrees of freedom taken off: 1 for an unknown mean, 0 for the maximum-likelihood estimate.
 * @throws RangeError unless there are more observations than ddof, which is at least 0, and all are finite.
 */
export function sampleCovariance(observations: Matrix, ddof = 1): Matrix {
  checkMatrix(observations, 'observations');
  const { rows, cols, data } = observations;
  if (!(ddof >= 0 && rows > ddof))
    throw new RangeError(`expected more than ddof = ${ddof} observations, found ${rows}`, { ddof, rows });
  checkFinite(observations);
  const centred = data.slice();
  for (let c = 0; c < cols; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += data[r * cols + c]!;
    for (let r = 0; r < rows; r++) centred[r * cols + c]! -= sum / rows;
  }
  return weightedProducts(centred, rows, cols, new Float64Array(rows).fill(1 / (rows - ddof)));
}

/**
 * Exponentially weighted covariance around a mean of zero (F144): sum of w x x' with weights that fall as lambda^age, the
 * newest observation last, and sum to 1.
 *
 * J.P. Morgan and Reuters, "RiskMetrics: Technical Document", 4th ed. (1996), section 5.2: lambda 0.94 for daily moves.
 * Cost: as {@link sampleCovariance}.
 * @throws RangeError without observations, unless 0 < lambda <= 1, or if one is not finite.
 */
export function ewmaCovariance(observations: Matrix, lambda = 0.94): Matrix {
  checkMatrix(observations, 'observations');
  const { rows, cols, data } = observations;
  if (rows < 1) throw new RangeError('expected at least one observation, found none');
  checkFinite(observations);
  return weightedProducts(data, rows, cols, ageWeights(rows, lambda));
}

function checkFinite({ cols, data }: Matrix): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const [row, column] = [Math.floor(at / cols), at % cols];
  throw new RangeError(`observation ${row}, column ${column}: expected a finite number, found ${data[at]}`, {
    row,
    column,
  });
}

function weightedProducts(data: Float64Array, rows: number, cols: number, weights: Float64Array): Matrix {
  const out = matrixOf(cols, cols);
  for (let r = 0; r < rows; r++) {
    const weight = weights[r]!;
    const row = r * cols;
    for (let i = 0; i < cols; i++) {
      const factor = weight * data[row + i]!;
      for (let j = i; j < cols; j++) out.data[i * cols + j]! += factor * data[row + j]!;
    }
  }
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < i; j++) out.data[i * cols + j] = out.data[j * cols + i]!;
  }
  return out;
}

/** The inner product of two vectors of one length. */
export function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** @throws ShapeError unless `matrix` is square with `size` rows. */
export function checkSquare(matrix: Matrix, size: number, what: string): void {
  checkMatrix(matrix, what);
  if (matrix.rows === size && matrix.cols === size) return;
  throw new ShapeError(`expected a ${size} x ${size} ${what}, found ${matrix.rows} x ${matrix.cols}`, {
    expected: size,
    rows: matrix.rows,
    cols: matrix.cols,
  });
}

/** Variance x' C x of a sum of exposures, and its half gradient C x. */
export type SumVariance = { readonly variance: number; readonly gradient: Float64Array };

/**
 * Variance of the sum of exposures x to variables with covariance C: x' C x and C x.
 *
 * Rounding below zero, up to 1e-12 of the sum of |x_i C_ij x_j|, becomes zero.
 * @throws ShapeError unless C is square and fits x.
 * @throws RangeError for a variance that is negative beyond rounding, or not finite: C is then no covariance. Names the number that is not finite.
 */
export function varianceOfSum(x: Float64Array, covariance: Matrix): SumVariance {
  const size = x.length;
  checkSquare(covariance, size, 'covariance');
  const gradient = new Float64Array(size);
  let variance = 0;
  let scale = 0;
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) {
      const term = covariance.data[i * size + j]! * x[j]!;
      sum += term;
      scale += Math.abs(x[i]! * term);
    }
    gradient[i] = sum;
    variance += x[i]! * sum;
  }
  if (!(scale < Number.POSITIVE_INFINITY)) refuseNumbers(x, covariance);
  if (!(variance >= -1e-12 * scale && variance < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `expected exposures and a positive semidefinite covariance that give a finite variance of at least 0, found ${variance}`,
      { variance },
    );
  }
  return { variance: Math.max(variance, 0), gradient };
}

/** Only products were looked at: names the number that is not finite, if there is one. */
function refuseNumbers(x: Float64Array, { cols, data }: Matrix): void {
  const exposure = x.findIndex((value) => !Number.isFinite(value));
  if (exposure >= 0) {
    throw new RangeError(`exposure ${exposure}: expected a finite number, found ${x[exposure]}`, {
      index: exposure,
    });
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const [row, column] = [Math.floor(at / cols), at % cols];
  throw new RangeError(
    `covariance, row ${row}, column ${column}: expected a finite number, found ${data[at]}`,
    {
      row,
      column,
    },
  );
}
