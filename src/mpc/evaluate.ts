import { breathe } from '../base/progress.ts';
import { concatVectors, type FieldVector } from '../kernels/field-vector.ts';
import { type FieldMatrix, loadField127 } from '../kernels/field127.ts';
import type { MpcPlan } from './plan.ts';

/** Matrix entries between two chances for an abort to be heard: about 10 ms. */
const ENTRIES_PER_BLOCK = 2 ** 21;

const matrices = new WeakMap<MpcPlan, FieldMatrix>();

/**
 * The plan's matrix as integers, round(m 2^(F_o - f_i)), ready for the kernels. Public; made at the first
 * call for a plan and shared by all parties of this process. Cost: 20 to 30 ns an entry, 8 bytes an entry.
 */
export function matrixOfPlan(plan: MpcPlan): FieldMatrix {
  let prepared = matrices.get(plan);
  if (prepared === undefined) {
    prepared = quantise(plan);
    matrices.set(plan, prepared);
  }
  return prepared;
}

/**
 * A party's shares of all outputs from its shares of all inputs: M x on shares, since q -> M q maps
 * polynomials of degree t to such polynomials and commutes with evaluation. Local; the party learns nothing.
 */
export async function evaluateShares(
  plan: MpcPlan,
  x: FieldVector,
  check: (during: string) => void,
): Promise<FieldVector> {
  const matrix = matrixOfPlan(plan);
  const rowsPerBlock = Math.max(1, Math.floor(ENTRIES_PER_BLOCK / matrix.cols));
  const parts: FieldVector[] = [];
  for (let row = 0; row < matrix.rows; row += rowsPerBlock) {
    if (row > 0) await breathe();
    check('evaluating');
    parts.push(matrix.times(x, row, Math.min(matrix.rows, row + rowsPerBlock)));
  }
  return parts.length === 1 ? parts[0]! : concatVectors(parts);
}

function quantise(plan: MpcPlan): FieldMatrix {
  const { matrix, inputs, outputs } = plan.map;
  const integers = new Float64Array(matrix.cols);
  const scales = new Float64Array(matrix.cols);
  const rowScales = new Map<number, Float64Array>();
  for (const output of outputs) {
    for (const { name, offset, length } of inputs) {
      scales.fill(
        2 ** (plan.resultFracBits[output.name]! - plan.inputFracBits[name]!),
        offset,
        offset + length,
      );
    }
    rowScales.set(output.offset, scales.slice());
  }
  let current: Float64Array = scales;
  return loadField127().matrix(matrix.rows, matrix.cols, (row) => {
    current = rowScales.get(row) ?? current;
    const base = row * matrix.cols;
    for (let c = 0; c < matrix.cols; c++) integers[c] = Math.round(matrix.data[base + c]! * current[c]!);
    return integers;
  });
}
