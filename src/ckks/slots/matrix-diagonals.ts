import type { Matrix } from '../../numeric/matrix.ts';
import { periodOf, runElement } from './blocks.ts';
import { within } from './interval.ts';
import type { MatrixSteps } from './matrix-steps.ts';
import type { LazyValues } from './plaintexts.ts';

/** A matrix cut into blocks of all slots, with what a plan has to know of its diagonals. */
export type MatrixDiagonals = {
  readonly largest: number;
  readonly rowL1: number;
  /** Slot k holds M[(k - turn) mod rows][element in slot k + baby], or undefined where all of it is zero. */
  diagonal(rowBlock: number, colBlock: number, turn: number, baby: number): LazyValues | undefined;
};

/** What reading a matrix once tells of it, cut into blocks of all slots. */
type Extent = {
  readonly largest: number;
  readonly rowL1: number;
  /** Blocks side by side. */
  readonly colBlocks: number;
  /** Largest entry of every diagonal of every block, modulo `count`, a power of two. */
  readonly sizes: Float64Array;
  readonly count: number;
};

/** A plan lowers its circuit several times with the same matrix, and in one block all slots are alike: it is read once. */
const extents = new WeakMap<Matrix, Map<number, Extent>>();
const known = new WeakMap<Matrix, Map<string, MatrixDiagonals>>();

/** Diagonals as `steps` walk over them, each made once. */
export function diagonalsOf(matrix: Matrix, slots: number, steps: MatrixSteps): MatrixDiagonals {
  const byWalk = known.get(matrix) ?? new Map<string, MatrixDiagonals>();
  known.set(matrix, byWalk);
  const walk = [slots, steps.rows, steps.period, steps.runs.length, steps.runs.every].join(' ');
  const found = byWalk.get(walk) ?? makeDiagonals(matrix, slots, steps);
  byWalk.set(walk, found);
  return found;
}

function makeDiagonals(matrix: Matrix, slots: number, steps: MatrixSteps): MatrixDiagonals {
  const { rows, cols, data } = matrix;
  const { runs, period } = steps;
  const count = runs.length;
  const { largest, rowL1, colBlocks, ...finest } = extentOf(matrix, slots);
  const sizes = folded(finest.sizes, finest.count, count);
  const made = new Map<number, LazyValues>();
  return {
    largest,
    rowL1,
    diagonal(rowBlock, colBlock, turn, baby) {
      const first = (rowBlock * colBlocks + colBlock) * count;
      const size = sizes[first + turn + baby]!;
      if (size === 0) return undefined;
      const position = (first + turn) * count + baby;
      const before = made.get(position);
      if (before !== undefined) return before;
      const make = (): Float64Array => {
        const out = new Float64Array(slots);
        for (let k = 0; k < slots; k++) {
          const row = rowBlock * slots + ((k - turn) & (steps.rows - 1));
          const col = colBlock * slots + runElement(runs, (k + baby) & (period - 1));
          if (row < rows && col < cols) out[k] = data[row * cols + col]!;
        }
        return out;
      };
      const values = { bound: within(size), make };
      made.set(position, values);
      return values;
    },
  };
}

function extentOf(matrix: Matrix, slots: number): Extent {
  const bySlots = extents.get(matrix) ?? new Map<number, Extent>();
  extents.set(matrix, bySlots);
  const key = Math.max(matrix.rows, matrix.cols) <= slots ? Infinity : slots;
  const found = bySlots.get(key) ?? readMatrix(matrix, slots);
  bySlots.set(key, found);
  return found;
}

function readMatrix({ rows, cols, data }: Matrix, slots: number): Extent {
  const colBlocks = Math.ceil(cols / slots);
  const count = colBlocks > 1 ? slots : periodOf(cols);
  const sizes = new Float64Array(Math.ceil(rows / slots) * colBlocks * count);
  const mask = count - 1;
  let rowL1 = 0;
  for (let row = 0; row < rows; row++) {
    let l1 = 0;
    const firstBlock = Math.floor(row / slots) * colBlocks;
    for (let colBlock = 0; colBlock < colBlocks; colBlock++) {
      const base = (firstBlock + colBlock) * count;
      const end = row * cols + Math.min(cols, (colBlock + 1) * slots);
      let diagonal = -row & mask;
      for (let i = row * cols + colBlock * slots; i < end; i++) {
        const magnitude = Math.abs(data[i]!);
        l1 += magnitude;
        const at = base + diagonal;
        if (magnitude > sizes[at]!) sizes[at] = magnitude;
        diagonal = (diagonal + 1) & mask;
      }
    }
    if (l1 > rowL1) rowL1 = l1;
  }
  let largest = 0;
  for (const size of sizes) if (size > largest) largest = size;
  return { largest, rowL1, colBlocks, sizes, count };
}

/** Diagonals modulo a smaller power of two: each is several of the finer ones. */
function folded(sizes: Float64Array, from: number, to: number): Float64Array {
  if (from === to) return sizes;
  const out = new Float64Array((sizes.length / from) * to);
  sizes.forEach((size, index) => {
    const at = Math.floor(index / from) * to + (index & (to - 1));
    if (size > out[at]!) out[at] = size;
  });
  return out;
}
