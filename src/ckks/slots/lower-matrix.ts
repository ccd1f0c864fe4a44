import { magnitudeOf, type VectorBound } from '../../algebra/bounds.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import type { SlotProgramBuilder } from './builder.ts';
import type { SlotRegister } from './draft.ts';
import { within } from './interval.ts';
import { layoutOf } from './layout.ts';
import type { SlotVector } from './lower.ts';
import { diagonalsOf } from './matrix-diagonals.ts';
import { type MatrixSteps, stepsOf } from './matrix-steps.ts';

/** M x, and whether its slots i, i + every ... have still to be added up. */
export type LoweredMatrix = { readonly value: SlotVector; readonly every: number | undefined };

/**
 * M x for a public matrix of any shape, in slots. Where x is repeated with period p and y with period r, D = min(p, r) diagonals give
 *   y_j = sum_(d < D) M[j mod r][(j + d) mod p] x_(j + d),
 * and for a wide matrix (r < p) the sum of that over j, j + r, j + 2r ... < p. What only matrices read lies in runs, slot k holds
 * x[floor(k / r) D + k mod D] for k < m r: D = p / m diagonals, and the sum over m parts.
 * Diagonals d = g G + b go to baby steps b and giant steps G (Halevi and Shoup, "Faster Homomorphic Linear Transformations in HElib",
 * CRYPTO 2018), the giant steps in Horner's form, acc = rot_g(acc) + sum_b P_(G,b) rot_b(x), so that rotations by 1 and by g are all there
 * are: two keys. Parts are added up by doubling, with log2(m) further keys, by continuing the giant steps around the period, or by
 * who decrypts. Sums are rescaled before giant steps, which then cost a prime less; not where the result is carried smaller than it is,
 * since the noise of those steps would weigh as much more.
 * Longer vectors are cut into blocks of all slots; baby steps are shared by all rows.
 */
export function lowerMatrix(
  builder: SlotProgramBuilder,
  matrix: Matrix,
  x: SlotVector,
  bound: VectorBound,
  unit: number,
  foldable = false,
): LoweredMatrix {
  const { slots } = builder.chain;
  const layout = layoutOf(matrix.rows, slots);
  const steps = stepsFor(matrix, x, layout.period, slots, foldable);
  const blocks = diagonalsOf(matrix, slots, steps);
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
  const early = unit <= 1 && (steps.giants > 1 || steps.doublings.length > 0);
  const registers = Array.from({ length: layout.blocks }, (_, rowBlock) => {
    const groups = Array.from({ length: steps.groups }, (_, group) => {
      const terms = babies.flatMap((turned, colBlock) =>
        turned.flatMap((a, baby) => {
          const values = blocks.diagonal(rowBlock, colBlock, steps.baby * group, baby);
          return values === undefined ? [] : [{ a, values }];
        }),
      );
      if (terms.length === 0) return undefined;
      const sum = bounded(builder.innerProductPlain(terms, scale));
      return early ? builder.rescale(sum) : sum;
    });
    return fold(builder, groups, steps, bounded);
  });
  // A matrix of zeros: one product with zero keeps the shape.
  const zero = (): SlotRegister => builder.mulPlain(babies[0]![0]!, 0, scale / babies[0]![0]!.scale);
  const value = { layout, gap: 0, registers: registers.map((register) => register ?? zero()) };
  return { value, every: steps.folded ? steps.rows : undefined };
}

/** A vector that lies in runs was laid so for all who read it. */
function stepsFor(
  matrix: Matrix,
  x: SlotVector,
  rows: number,
  slots: number,
  foldable: boolean,
): MatrixSteps {
  const cols = layoutOf(matrix.cols, slots).period;
  return stepsOf({ rows, cols, slots, runs: x.layout.runs ?? 'own', foldable });
}

function fold(
  builder: SlotProgramBuilder,
  groups: readonly (SlotRegister | undefined)[],
  steps: MatrixSteps,
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
