import { type Matrix, matrixOf } from '../numeric/matrix.ts';

/** Larger matrices are not copied to fold a factor into them (128 MiB of doubles). */
const MAX_ENTRIES = 2 ** 24;
/** Most multiply-adds to compose two matrices: a few hundredths of a second. */
const MAX_WORK = 2 ** 24;

/** value, or undefined where the product overflowed or lost a factor to underflow. */
export function product(a: number, b: number): number | undefined {
  const value = a * b;
  return Number.isFinite(value) && (value !== 0 || a === 0 || b === 0) ? value : undefined;
}

/** Elementwise, with {@link product}'s care. */
export function productOfVectors(a: Float64Array, b: Float64Array | number): Float64Array | undefined {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const value = product(a[i]!, typeof b === 'number' ? b : b[i]!);
    if (value === undefined) return undefined;
    out[i] = value;
  }
  return out;
}

/** M with row r times rows[r] and column c times columns[c]. */
export function scaleMatrix(
  m: Matrix,
  rows: Float64Array | number,
  columns: Float64Array | number,
): Matrix | undefined {
  if (m.data.length > MAX_ENTRIES) return undefined;
  const data = new Float64Array(m.data.length);
  for (let r = 0; r < m.rows; r++) {
    const rowFactor = typeof rows === 'number' ? rows : rows[r]!;
    for (let c = 0; c < m.cols; c++) {
      const factor = rowFactor * (typeof columns === 'number' ? columns : columns[c]!);
      const value = product(m.data[r * m.cols + c]!, factor);
      if (value === undefined) return undefined;
      data[r * m.cols + c] = value;
    }
  }
  return matrixOf(m.rows, m.cols, data);
}

/** a A + b B. */
export function addMatrices(a: number, A: Matrix, b: number, B: Matrix): Matrix | undefined {
  if (A.data.length > MAX_ENTRIES) return undefined;
  const data = A.data.map((value, i) => a * value + b * B.data[i]!);
  return data.every(Number.isFinite) ? matrixOf(A.rows, A.cols, data) : undefined;
}

/** M N, where applying it costs no more than applying both. */
export function compose(m: Matrix, n: Matrix): Matrix | undefined {
  const entries = m.rows * n.cols;
  if (entries > m.data.length + n.data.length || entries > MAX_ENTRIES) return undefined;
  if (entries * m.cols > MAX_WORK) return undefined;
  const out = matrixOf(m.rows, n.cols);
  for (let r = 0; r < m.rows; r++) {
    for (let k = 0; k < m.cols; k++) {
      const factor = m.data[r * m.cols + k]!;
      if (factor === 0) continue;
      for (let c = 0; c < n.cols; c++) out.data[r * n.cols + c]! += factor * n.data[k * n.cols + c]!;
    }
  }
  return out.data.every(Number.isFinite) ? out : undefined;
}

/** 1' M, as a matrix of one row. */
export function columnSums(m: Matrix): Matrix {
  const out = matrixOf(1, m.cols);
  for (let i = 0; i < m.data.length; i++) out.data[i % m.cols]! += m.data[i]!;
  return out;
}

/** M 1, as a matrix of one column. */
export function rowSums(m: Matrix): Matrix {
  const out = matrixOf(m.rows, 1);
  for (let i = 0; i < m.data.length; i++) out.data[Math.floor(i / m.cols)]! += m.data[i]!;
  return out;
}

/** The diagonal of a square matrix that is zero elsewhere. */
export function diagonalOf({ rows, cols, data }: Matrix): Float64Array | undefined {
  if (rows !== cols) return undefined;
  const diagonal = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (r !== c && data[r * cols + c] !== 0) return undefined;
    diagonal[r] = data[r * cols + r]!;
  }
  return diagonal;
}

/** The value that all elements have. */
export function uniformValue(w: Float64Array): number | undefined {
  const first = w[0]!;
  for (let i = 1; i < w.length; i++) if (w[i] !== first) return undefined;
  return first;
}
