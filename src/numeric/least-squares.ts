import { RangeError, ShapeError } from '../base/errors.ts';

/**
 * The x that minimises |A x - b|, by Householder reflections (F90).
 *
 * G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed. (2013), algorithm 5.3.2. Unlike the normal equations,
 * it does not square the condition of A. A column that depends on those before it, to 1e-14, gets the coefficient 0.
 * @param columns of A, each of the length of b; not changed. Cost: 2 n p^2.
 * @throws ShapeError where the columns are longer or shorter than b. @throws RangeError for a number that is not
 * finite.
 */
export function leastSquares(columns: readonly Float64Array[], b: Float64Array): Float64Array {
  const rows = b.length;
  const a = columns.map((column, index) => {
    if (column.length !== rows) {
      throw new ShapeError(`expected ${rows} elements in column ${index}, found ${column.length}`, {
        index,
        expected: rows,
        found: column.length,
      });
    }
    return Float64Array.from(column);
  });
  const y = Float64Array.from(b);
  for (const [index, column] of [...a, y].entries()) {
    const bad = column.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      throw new RangeError(`expected finite numbers, found ${column[bad]} in row ${bad} of column ${index}`, {
        row: bad,
        index,
      });
    }
  }
  const diagonal = new Float64Array(a.length);
  let pivot = 0;
  // Row of R of each column, or -1 for a dependent one.
  const rowOf: number[] = [];
  for (const [j, column] of a.entries()) {
    const whole = norm(column, 0);
    const size = norm(column, pivot);
    if (pivot >= rows || size <= 1e-14 * whole || size === 0) {
      rowOf.push(-1);
      continue;
    }
    const head = column[pivot]!;
    const alpha = head > 0 ? -size : size;
    // The reflector v stands in the column from the pivot down; what is above it is R.
    column[pivot] = head - alpha;
    const half = size * (size + Math.abs(head));
    for (let l = j + 1; l < a.length; l++) reflect(column, a[l]!, pivot, half);
    reflect(column, y, pivot, half);
    diagonal[j] = alpha;
    rowOf.push(pivot);
    pivot++;
  }
  const x = new Float64Array(a.length);
  for (let j = a.length - 1; j >= 0; j--) {
    const row = rowOf[j]!;
    if (row < 0) continue;
    let value = y[row]!;
    for (let l = j + 1; l < a.length; l++) value -= a[l]![row]! * x[l]!;
    x[j] = value / diagonal[j]!;
  }
  return x;
}

/**
 * The same columns after a rotation that leaves nothing below row p: every length, angle and least-squares problem
 * among them is that of the originals (F90). For many small problems on the same data.
 * @param columns p of them, of one length; not changed. Cost: 2 n p^2.
 * @returns columns of p elements, or of n where there are fewer rows.
 */
export function compressRows(columns: readonly Float64Array[]): Float64Array[] {
  const a = columns.map((column) => Float64Array.from(column));
  const rows = Math.min(a[0]?.length ?? 0, a.length);
  for (let j = 0; j < rows; j++) {
    const column = a[j]!;
    const size = norm(column, j);
    if (size === 0) continue;
    const head = column[j]!;
    const alpha = head > 0 ? -size : size;
    column[j] = head - alpha;
    const half = size * (size + Math.abs(head));
    for (let l = j + 1; l < a.length; l++) reflect(column, a[l]!, j, half);
    column.fill(0, j);
    column[j] = alpha;
  }
  return a.map((column) => column.slice(0, rows));
}

function norm(column: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < column.length; i++) sum += column[i]! * column[i]!;
  return Math.sqrt(sum);
}

/** other -= v (v . other) / half, from `from` down, where half is |v|^2 / 2. */
function reflect(v: Float64Array, other: Float64Array, from: number, half: number): void {
  let dot = 0;
  for (let i = from; i < v.length; i++) dot += v[i]! * other[i]!;
  const factor = dot / half;
  for (let i = from; i < v.length; i++) other[i]! -= factor * v[i]!;
}
