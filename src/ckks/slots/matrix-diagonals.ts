import type { Matrix } from '../../numeric/matrix.ts';
import { runElement } from './blocks.ts';
import { within } from './interval.ts';
import type { MatrixSteps } from './matrix-steps.ts';
import type { LazyValues } from './plaintexts.ts';

/** A matrix cut into blocks of all slots, with what a plan has to know of its diagonals. */
export type MatrixDiagonals = {
  readonly largest: number;
  readonly rowL1: number;
  /** Slot k holds M[(k - turn) mod rows][element in slot k + baby], or undefined where all of it is zero. */
  diagonal(
    rowBlock: number,
    colBlock: number,
    turn: number,
    baby: number,
    steps: MatrixSteps,
  ): LazyValues | undefined;
};

/** A plan lowers its circuit several times with the same matrix: it is read once. */
const known = new WeakMap<Matrix, Map<string, MatrixDiagonals>>();

/** @param count diagonals: a power of two. */
export function diagonalsOf(matrix: Matrix, slots: number, count: number): MatrixDiagonals {
  const byShape = known.get(matrix) ?? new Map<string, MatrixDiagonals>();
  known.set(matrix, byShape);
  const key = `${slots} ${count}`;
  const found = byShape.get(key) ?? readMatrix(matrix, slots, count);
  byShape.set(key, found);
  return found;
}

function readMatrix(matrix: Matrix, slots: number, count: number): MatrixDiagonals {
  const { rows, cols, data } = matrix;
  const colBlocks = Math.ceil(cols / slots);
  // Largest entry of every diagonal of every block. Counts are powers of two: a mask reduces modulo one.
  const sizes = new Float64Array(Math.ceil(rows / slots) * colBlocks * count);
  let rowL1 = 0;
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    let l1 = 0;
    const rowBlock = Math.floor(row / slots) * colBlocks;
    for (let col = 0; col < cols; col++) {
      const magnitude = Math.abs(data[row * cols + col]!);
      l1 += magnitude;
      const block = rowBlock + (col >= slots ? Math.floor(col / slots) : 0);
      const at = block * count + ((col - row) & (count - 1));
      if (magnitude > sizes[at]!) sizes[at] = magnitude;
    }
    if (l1 > rowL1) rowL1 = l1;
  }
  for (const size of sizes) if (size > largest) largest = size;
  return {
    largest,
    rowL1,
    diagonal(rowBlock, colBlock, turn, baby, steps) {
      const size = sizes[(rowBlock * colBlocks + colBlock) * count + turn + baby]!;
      if (size === 0) return undefined;
      const { runs, period } = steps;
      const make = (): Float64Array => {
        const out = new Float64Array(slots);
        for (let k = 0; k < slots; k++) {
          const row = rowBlock * slots + ((k - turn) & (steps.rows - 1));
          const col = colBlock * slots + runElement(runs, (k + baby) & (period - 1));
          if (row < rows && col < cols) out[k] = data[row * cols + col]!;
        }
        return out;
      };
      const key = `${rowBlock} ${colBlock} ${turn} ${baby} ${runs.length} ${runs.every}`;
      return { source: matrix, key, bound: within(size), make };
    },
  };
}
