import { magnitudeOf, type VectorBound } from '../../algebra/bounds.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import type { SlotProgramBuilder, SlotRegister } from './builder.ts';
import { within } from './interval.ts';
import { layoutOf } from './layout.ts';
import type { SlotVector } from './lower.ts';
import type { LazyValues } from './plaintexts.ts';

/**
 * M x for a public matrix of any shape, in slots: with x repeated with period p and y with period r,
 *   y_j = sum_(d < D) M[j mod r][(j + d) mod p] x_(j + d),   D = min(p, r),
 * and for a wide matrix (r < p) the sum of that over j, j + r, j + 2r ... < p. Diagonals d = g G + b go to baby steps b and
 * giant steps G (Halevi and Shoup, "Faster Homomorphic Linear Transformations in HElib", CRYPTO 2018), the giant steps in
 * Horner's form, acc = rot_g(acc) + sum_b P_(G,b) rot_b(x), so that rotations by 1 and by g are all there are: two keys. A wide
 * matrix continues the giant steps around the period, or folds by doubling where that saves more rotations than its
 * log2(p / r) further keys cost.
 * Longer vectors are cut into blocks of all slots; baby steps are shared by all rows.
 */
export function lowerMatrix(
  builder: SlotProgramBuilder,
  matrix: Matrix,
  x: SlotVector,
  bound: VectorBound,
  unit: number,
): SlotVector {
  const { slots } = builder.chain;
  const layout = layoutOf(matrix.rows, slots);
  const blocks = matrixBlocks(matrix, slots);
  const steps = stepsOf(layout.period, x.layout.period);
  const babies = x.registers.map((register) => {
    const turned = [builder.settle(register)];
    while (turned.length < steps.baby) turned.push(builder.rotate(turned.at(-1)!, 1));
    return turned;
  });
  const { level } = babies[0]![0]!;
  const scale = builder.pendingScaleAt(level) / unit;
  // Any part of a row's sum: its products are over distinct elements of x.
  const most = within(Math.min(blocks.largest * bound.l1, blocks.rowL1 * magnitudeOf(bound)));
  const bounded = (register: SlotRegister): SlotRegister => {
    builder.declareBound(register, most);
    return register;
  };
  const registers = Array.from({ length: layout.blocks }, (_, rowBlock) => {
    const groups = Array.from({ length: steps.groups }, (_, group) => {
      const terms = babies.flatMap((turned, colBlock) =>
        turned.flatMap((a, baby) => {
          const values = blocks.diagonal(rowBlock, colBlock, steps.baby * group, baby, steps);
          return values === undefined ? [] : [{ a, values }];
        }),
      );
      return terms.length === 0 ? undefined : bounded(builder.innerProductPlain(terms, scale));
    });
    return fold(builder, groups, steps, bounded);
  });
  // A matrix of zeros: one product with zero keeps the shape.
  const zero = (): SlotRegister => builder.mulPlain(babies[0]![0]!, 0, scale / babies[0]![0]!.scale);
  return { layout, gap: 0, registers: registers.map((register) => register ?? zero()) };
}

type Steps = {
  readonly baby: number;
  /** Distinct sums of baby steps. */
  readonly groups: number;
  /** Giant steps, around which the groups repeat. */
  readonly giants: number;
  /** Rotations by rows, 2 rows ... that fold a wide matrix. */
  readonly doublings: readonly number[];
  readonly rows: number;
  readonly cols: number;
};

/** The steps with the fewest rotations and keys, for y of period `rows` and x of period `cols`. */
function stepsOf(rows: number, cols: number): Steps {
  const diagonals = Math.min(rows, cols);
  const doublings: number[] = [];
  for (let step = rows; step < cols; step *= 2) doublings.push(step);
  let best: { readonly cost: number; readonly steps: Steps } | undefined;
  for (const folds of doublings.length === 0 ? [[]] : [[], doublings]) {
    const around = folds.length > 0 ? diagonals : cols;
    for (let baby = 1; baby <= diagonals; baby *= 2) {
      const giants = around / baby;
      // A key costs about what a rotation does, to make and to send.
      const cost = baby - 1 + giants - 1 + 2 * folds.length;
      const steps = { baby, giants, groups: diagonals / baby, doublings: folds, rows, cols };
      if (best === undefined || cost < best.cost) best = { cost, steps };
    }
  }
  return best!.steps;
}

function fold(
  builder: SlotProgramBuilder,
  groups: readonly (SlotRegister | undefined)[],
  steps: Steps,
  bounded: (register: SlotRegister) => SlotRegister,
): SlotRegister | undefined {
  let sum: SlotRegister | undefined;
  for (let giant = steps.giants - 1; giant >= 0; giant--) {
    const group = groups[giant % steps.groups];
    if (sum !== undefined) sum = builder.rotate(sum, steps.baby);
    if (group !== undefined) sum = sum === undefined ? group : bounded(builder.add(sum, group));
  }
  for (const step of steps.doublings)
    if (sum !== undefined) sum = bounded(builder.add(sum, builder.rotate(sum, step)));
  return sum;
}

/** A matrix cut into blocks of all slots, with what a plan has to know of its diagonals. */
type MatrixBlocks = {
  readonly largest: number;
  readonly rowL1: number;
  /** P_(G,b) with turn = g G, or undefined where it is zero. */
  diagonal(
    rowBlock: number,
    colBlock: number,
    turn: number,
    baby: number,
    steps: Steps,
  ): LazyValues | undefined;
};

/** A plan lowers its circuit several times with the same matrix: it is read once. */
const known = new WeakMap<Matrix, Map<number, MatrixBlocks>>();

function matrixBlocks(matrix: Matrix, slots: number): MatrixBlocks {
  const bySlots = known.get(matrix) ?? new Map<number, MatrixBlocks>();
  known.set(matrix, bySlots);
  const found = bySlots.get(slots) ?? readMatrix(matrix, slots);
  bySlots.set(slots, found);
  return found;
}

function readMatrix(matrix: Matrix, slots: number): MatrixBlocks {
  const { rows, cols, data } = matrix;
  const rowPeriod = layoutOf(rows, slots).period;
  const colPeriod = layoutOf(cols, slots).period;
  const diagonals = Math.min(rowPeriod, colPeriod);
  const colBlocks = Math.ceil(cols / slots);
  // Largest entry of every diagonal of every block. Periods are powers of two: a mask reduces modulo one.
  const sizes = new Float64Array(Math.ceil(rows / slots) * colBlocks * diagonals);
  let rowL1 = 0;
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    let l1 = 0;
    const rowBlock = Math.floor(row / slots) * colBlocks;
    for (let col = 0; col < cols; col++) {
      const magnitude = Math.abs(data[row * cols + col]!);
      l1 += magnitude;
      const block = rowBlock + (col >= slots ? Math.floor(col / slots) : 0);
      const at = block * diagonals + ((col - row) & (diagonals - 1));
      if (magnitude > sizes[at]!) sizes[at] = magnitude;
    }
    if (l1 > rowL1) rowL1 = l1;
  }
  for (const size of sizes) if (size > largest) largest = size;
  return {
    largest,
    rowL1,
    diagonal(rowBlock, colBlock, turn, baby, steps) {
      const size = sizes[(rowBlock * colBlocks + colBlock) * diagonals + turn + baby]!;
      if (size === 0) return undefined;
      const make = (): Float64Array => {
        const out = new Float64Array(slots);
        for (let k = 0; k < slots; k++) {
          const row = rowBlock * slots + ((k - turn) & (steps.rows - 1));
          const col = colBlock * slots + ((k + baby) & (steps.cols - 1));
          if (row < rows && col < cols) out[k] = data[row * cols + col]!;
        }
        return out;
      };
      return { source: matrix, key: `${rowBlock} ${colBlock} ${turn} ${baby}`, bound: within(size), make };
    },
  };
}
