import { ShapeError } from '../base/errors.ts';

/** A dense matrix, row-major: element (r, c) is `data[r * cols + c]`. */
export type Matrix = { readonly rows: number; readonly cols: number; readonly data: Float64Array };

/** @throws ShapeError unless `data` holds exactly rows x cols numbers. */
export function matrixOf(
  rows: number,
  cols: number,
  data: Float64Array = new Float64Array(rows * cols),
): Matrix {
  if (
    !Number.isInteger(rows) ||
    !Number.isInteger(cols) ||
    rows < 0 ||
    cols < 0 ||
    data.length !== rows * cols
  ) {
    throw new ShapeError(`expected ${rows} x ${cols} numbers, found ${data.length}`, {
      rows,
      cols,
      length: data.length,
    });
  }
  return { rows, cols, data };
}

/**
 * Checks a matrix from outside, which need not have come from {@link matrixOf}.
 * @throws ShapeError unless `rows` and `cols` are whole and `data` holds exactly rows x cols numbers.
 */
export function checkMatrix(matrix: Matrix, what: string): void {
  // Callers without types may pass anything.
  const { rows, cols, data } = (matrix ?? {}) as Partial<Matrix>;
  const fits =
    Number.isSafeInteger(rows) &&
    Number.isSafeInteger(cols) &&
    rows! >= 0 &&
    cols! >= 0 &&
    data instanceof Float64Array;
  if (fits && data.length === rows! * cols!) return;
  throw new ShapeError(
    `expected rows x cols numbers as ${what}, found ${rows} x ${cols} and ${data === undefined ? 'no' : data.length} numbers`,
    { what, rows: String(rows), cols: String(cols) },
  );
}

/** A view of one row, not a copy. */
export function rowOf(matrix: Matrix, row: number): Float64Array {
  return matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols);
}

/** y = M x, with four running sums a row. Cost: rows x cols multiply-adds; bound by memory bandwidth. */
export function matVec(matrix: Matrix, x: Float64Array): Float64Array {
  checkMatrix(matrix, 'matrix');
  const { rows, cols, data } = matrix;
  if (x.length !== cols) {
    throw new ShapeError(
      `expected a vector of ${cols} elements for a ${rows} x ${cols} matrix, found ${x.length}`,
      {
        expected: cols,
        found: x.length,
      },
    );
  }
  const y = new Float64Array(rows);
  const unrolled = cols - (cols % 4);
  for (let r = 0; r < rows; r++) {
    const base = r * cols;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let c = 0; c < unrolled; c += 4) {
      s0 += data[base + c]! * x[c]!;
      s1 += data[base + c + 1]! * x[c + 1]!;
      s2 += data[base + c + 2]! * x[c + 2]!;
      s3 += data[base + c + 3]! * x[c + 3]!;
    }
    for (let c = unrolled; c < cols; c++) s0 += data[base + c]! * x[c]!;
    y[r] = s0 + s1 + (s2 + s3);
  }
  return y;
}

/** The transposed matrix: a copy. */
export function transposeOf({ rows, cols, data }: Matrix): Matrix {
  const out = matrixOf(cols, rows);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out.data[c * rows + r] = data[r * cols + c]!;
  return out;
}

/** Of zeros and ones: times a vector of this length, its elements at `indices`, in their order. */
export function selectionMatrix(indices: readonly number[], length: number): Matrix {
  const out = matrixOf(indices.length, length);
  indices.forEach((index, row) => {
    out.data[row * length + index] = 1;
  });
  return out;
}
