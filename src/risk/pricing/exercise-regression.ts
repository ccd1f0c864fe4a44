import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { prefixInverseGrams } from '../../numeric/prefix-least-squares.ts';

/** So many paths in the money support one function of the regression more: with fewer, it would follow their noise. */
export const PATHS_PER_FUNCTION = 10;

/** What a regression over the paths in the money needs that is public. */
export type ExerciseRegression = {
  /** Functions at all paths: a row a path, a column a function. Times coefficients: values of holding. */
  readonly basis: Matrix;
  /** Times the indicators of the paths in the money: the inverse of the normal equations' matrix, row by row. */
  readonly inverse: Matrix;
  /** Of any coefficient, as a multiple of the largest observation. */
  readonly mostCoefficient: number;
};

/**
 * Inverses are rounded to multiples of this, so that what each path changes in them is exact in fixed point, and hundreds of such changes add up without error. It moves a
 * value of holding by some 1e-6 of the payoff at a thousand paths.
 */
const GRID = 2 ** -25;

/**
 * The regression of an exercise date over the paths in the money, whose number is secret, without solving anything in secret (F196). Spots rise with the
 * public Brownian motion w, whatever the secret parameters are, so that the paths in the money are the first so many in the public order of w: the normal equations are
 * one of `paths` public ones, and their inverse is telescoped, sum over the paths in the money of what each changes in it. Functions are Chebyshev polynomials
 * of w / max |w|, which span the polynomials of the log spot.
 * @param rising whether the paths in the money are those with the largest spots: of a call.
 */
export function exerciseRegression(w: Float64Array, rising: boolean, functions: number): ExerciseRegression {
  const paths = w.length;
  const furthest = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const basis = matrixOf(paths, functions);
  w.forEach((value, path) => {
    const u = value / furthest;
    const row = basis.data.subarray(path * functions, (path + 1) * functions);
    for (let k = 0; k < functions; k++) row[k] = k < 2 ? u ** k : 2 * u * row[k - 1]! - row[k - 2]!;
  });
  const order = Array.from(w.keys()).sort((a, b) => (rising ? w[b]! - w[a]! : w[a]! - w[b]!));
  const ordered = matrixOf(paths, functions);
  order.forEach((path, rank) => {
    ordered.data.set(basis.data.subarray(path * functions, (path + 1) * functions), rank * functions);
  });
  const { cols, data } = prefixInverseGrams(ordered, PATHS_PER_FUNCTION);
  const inverse = matrixOf(cols, paths);
  const onGrid = (value: number): number => Math.round(value / GRID) * GRID;
  let mostCoefficient = 0;
  order.forEach((path, rank) => {
    for (let i = 0; i < cols; i++) {
      const before = rank === 0 ? 0 : data[(rank - 1) * cols + i]!;
      inverse.data[i * paths + path] = onGrid(data[rank * cols + i]!) - onGrid(before);
    }
    for (let i = 0; i < functions; i++) {
      // |b_i| <= |row i of (Phi' Phi)^-1 Phi'| |y|, and the first is the root of the diagonal element.
      const size = Math.sqrt((rank + 1) * data[rank * cols + i * functions + i]!);
      mostCoefficient = Math.max(mostCoefficient, size);
    }
  });
  return { basis, inverse, mostCoefficient };
}
