import { choleskyFactor, inverseFromCholesky } from './cholesky.ts';
import { type Matrix, matrixOf } from './matrix.ts';

/**
 * Least squares over every initial run of an ordered sample: of the first k points, (Phi' Phi)^-1 of as many functions as they support, row by row, zero
 * elsewhere. Coefficients are that times Phi' y.
 * @param basis functions at the points: a row a point, a column a function.
 * @param pointsPerFunction so many points support one function more; one is always supported.
 * @returns a row a run, k from 1: functions^2 elements.
 * @throws RangeError where a function is a combination of others on a run that is to support it.
 * Cost: n functions^3.
 */
export function prefixInverseGrams(basis: Matrix, pointsPerFunction: number): Matrix {
  const { rows: n, cols: functions, data } = basis;
  const gram = new Float64Array(functions ** 2);
  const out = matrixOf(n, functions ** 2);
  for (let point = 0; point < n; point++) {
    const row = data.subarray(point * functions, (point + 1) * functions);
    for (let i = 0; i < functions; i++) {
      for (let j = 0; j < functions; j++) gram[i * functions + j]! += row[i]! * row[j]!;
    }
    const used = functionsOf(point + 1, functions, pointsPerFunction);
    const block = matrixOf(used, used);
    for (let i = 0; i < used; i++) {
      for (let j = 0; j < used; j++) block.data[i * used + j] = gram[i * functions + j]!;
    }
    const inverse = inverseFromCholesky(choleskyFactor(block));
    for (let i = 0; i < used; i++) {
      const at = (point * functions + i) * functions;
      out.data.set(inverse.data.subarray(i * used, (i + 1) * used), at);
    }
  }
  return out;
}

/** Functions that so many points support. */
export function functionsOf(points: number, functions: number, pointsPerFunction: number): number {
  return Math.max(1, Math.min(functions, Math.floor(points / pointsPerFunction)));
}
