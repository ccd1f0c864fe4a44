/**
 * LU factorisation with partial pivoting, in place, of the leading n x n block of a row-major matrix with rows of `stride` elements.
 *
 * G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed. (2013), algorithm 3.4.1. Cost: n^3 / 3 multiplications.
 * A singular matrix leaves infinities or NaN behind: callers check what they solve.
 * @param pivots receives the row that was swapped into each place.
 */
export function factoriseLu(matrix: Float64Array, stride: number, n: number, pivots: Int32Array): void {
  for (let column = 0; column < n; column++) {
    let best = column;
    let largest = Math.abs(matrix[column * stride + column]!);
    for (let i = column + 1; i < n; i++) {
      const size = Math.abs(matrix[i * stride + column]!);
      if (size > largest) {
        largest = size;
        best = i;
      }
    }
    pivots[column] = best;
    const top = column * stride;
    if (best !== column) {
      const other = best * stride;
      for (let j = 0; j < n; j++) {
        const held = matrix[top + j]!;
        matrix[top + j] = matrix[other + j]!;
        matrix[other + j] = held;
      }
    }
    const inverse = 1 / matrix[top + column]!;
    for (let i = column + 1; i < n; i++) {
      const row = i * stride;
      const factor = matrix[row + column]! * inverse;
      matrix[row + column] = factor;
      for (let j = column + 1; j < n; j++) matrix[row + j]! -= factor * matrix[top + j]!;
    }
  }
}

/** Solves A x = b in place in `vector`, for a matrix that {@link factoriseLu} has factorised. Cost: n^2 multiplications. */
export function solveLu(
  matrix: Float64Array,
  stride: number,
  n: number,
  pivots: Int32Array,
  vector: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    const from = pivots[i]!;
    const held = vector[from]!;
    vector[from] = vector[i]!;
    vector[i] = held;
  }
  for (let i = 1; i < n; i++) {
    let sum = vector[i]!;
    for (let j = 0; j < i; j++) sum -= matrix[i * stride + j]! * vector[j]!;
    vector[i] = sum;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = vector[i]!;
    for (let j = i + 1; j < n; j++) sum -= matrix[i * stride + j]! * vector[j]!;
    vector[i] = sum / matrix[i * stride + i]!;
  }
}
