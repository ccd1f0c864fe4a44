import { RangeError } from '../base/errors.ts';
import { checkSquare, dot, varianceOfSum } from './covariance.ts';
import { type Matrix, matrixOf, matVec } from './matrix.ts';

/** Mean and central moments of a distribution; skewness and excess kurtosis are 0 for a normal one. */
export type Moments = {
  readonly mean: number;
  readonly variance: number;
  /** Third central moment over variance^1.5; NaN without variance. */
  readonly skewness: number;
  /** Fourth central moment over variance^2, less 3; NaN without variance. */
  readonly excessKurtosis: number;
};

/**
 * Moments of a quadratic form x'f + f'Gf/2 of normal variables f with mean 0 and covariance C (F149). With A = G C:
 *
 *     mean tr(A)/2,   variance x'Cx + tr(A^2)/2,   third cumulant 3 x'CGCx + tr(A^3),   fourth 12 x'CGCGCx + 3 tr(A^4).
 *
 * A. M. Mathai and S. B. Provost, "Quadratic Forms in Random Variables" (1992), theorem 3.2b.2.
 * @param linear x. @param quadratic G, symmetric. @param covariance C.
 * Cost: two products of matrices of that size.
 * @throws ShapeError for matrices that do not fit x. @throws RangeError for an asymmetric G, or a C that is no covariance.
 */
export function quadraticFormMoments(linear: Float64Array, quadratic: Matrix, covariance: Matrix): Moments {
  const size = linear.length;
  checkSquare(quadratic, size, 'quadratic form');
  checkSymmetric(quadratic);
  const { variance: linearVariance, gradient } = varianceOfSum(linear, covariance);
  const a = multiply(quadratic, covariance);
  const a2 = multiply(a, a);
  // g = C x: x'CGCx = g'Gg, and x'CGCGCx = (Gg)'C(Gg).
  const bent = matVec(quadratic, gradient);
  const bentVariance = varianceOfSum(bent, covariance).variance;
  const variance = linearVariance + 0.5 * trace(a, a);
  const third = 3 * dot(gradient, bent) + trace(a, a2);
  const fourth = 12 * bentVariance + 3 * trace(a2, a2);
  let mean = 0;
  for (let i = 0; i < size; i++) mean += 0.5 * a.data[i * size + i]!;
  return {
    mean,
    variance,
    skewness: third / variance ** 1.5,
    excessKurtosis: fourth / variance ** 2,
  };
}

function checkSymmetric({ rows, data }: Matrix): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      if (data[i * rows + j] === data[j * rows + i]) continue;
      throw new RangeError(
        `expected a symmetric quadratic form, found ${data[i * rows + j]} at (${i}, ${j}) and ${data[j * rows + i]} at (${j}, ${i})`,
        { row: i, column: j },
      );
    }
  }
}

function multiply(x: Matrix, y: Matrix): Matrix {
  const size = x.rows;
  const out = matrixOf(size, size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = x.data[i * size + k]!;
      // The quadratic form of a portfolio is nearly empty: two elements a row.
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) out.data[i * size + j]! += factor * y.data[k * size + j]!;
    }
  }
  return out;
}

/** tr(XY) without the product. */
function trace(x: Matrix, y: Matrix): number {
  const size = x.rows;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) sum += x.data[i * size + j]! * y.data[j * size + i]!;
  }
  return sum;
}
