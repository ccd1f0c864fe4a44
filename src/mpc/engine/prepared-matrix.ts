import { type FieldMatrix, loadField127 } from '../../kernels/field127.ts';
import type { Matrix } from '../../numeric/matrix.ts';

const prepared = new WeakMap<Matrix, Map<number, FieldMatrix>>();

/**
 * A public matrix as integers round(m 2^fracBits), ready for the kernels; made at the first call and shared by all parties of this
 * process. Cost: 20 to 30 ns and 8 bytes an entry.
 */
export function preparedMatrix(m: Matrix, fracBits: number): FieldMatrix {
  const known = prepared.get(m) ?? new Map<number, FieldMatrix>();
  prepared.set(m, known);
  let matrix = known.get(fracBits);
  if (matrix === undefined) {
    const row = new Float64Array(m.cols);
    const scale = 2 ** fracBits;
    matrix = loadField127().matrix(m.rows, m.cols, (r) => {
      for (let c = 0; c < m.cols; c++) row[c] = Math.round(m.data[r * m.cols + c]! * scale);
      return row;
    });
    known.set(fracBits, matrix);
  }
  return matrix;
}
