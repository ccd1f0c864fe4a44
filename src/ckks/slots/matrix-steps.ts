import type { SlotRuns } from './program.ts';

/** How a product with a matrix walks over its diagonals; rows and columns are padded to powers of two. */
export type MatrixSteps = {
  /** Slots after which a result repeats, or is to be added to itself. */
  readonly rows: number;
  /** How the vector lies: {@link runElement} of its slots, with this period. A vector that lies as it is, is one run. */
  readonly runs: SlotRuns;
  readonly period: number;
  readonly baby: number;
  /** Distinct sums of baby steps: runs.length / baby. */
  readonly groups: number;
  /** Giant steps, around which the groups repeat. */
  readonly giants: number;
  /** Rotations by rows, 2 rows ... that add up what the runs of a row give. */
  readonly doublings: readonly number[];
  /** Whether that is left to who decrypts. */
  readonly folded: boolean;
  /** In rotations. */
  readonly cost: number;
};

/** Shape of a product: periods of rows and columns, and what its vector allows. */
export type MatrixShape = {
  readonly rows: number;
  readonly cols: number;
  readonly slots: number;
  /** How the vector lies: as it is (`own`), as suits the matrix (`any`), or in these runs. */
  readonly runs: 'own' | 'any' | SlotRuns;
  /** Whether the result is only read by who may add up its parts: the key holder, of its own vector. */
  readonly foldable: boolean;
};

/** Public products that take as long as a rotation: 8 with node-seal's 2 primes, of 0.34 k and 0.41 k^2 + 1.96 k ms. */
const PRODUCTS_PER_ROTATION = 8;

/**
 * The cheapest steps. The vector lies in m runs of d elements, in its own slots each, m rows = period: fewer diagonals for more sums in the end,
 * d + log2(m). A key costs about what a rotation does, to make and to send.
 */
export function stepsOf({ rows, cols, slots, runs, foldable }: MatrixShape): MatrixSteps {
  let best: MatrixSteps | undefined;
  const natural = Math.max(1, cols / rows);
  const given = typeof runs === 'object' ? Math.ceil(cols / runs.length) : undefined;
  const most = given ?? (runs === 'any' ? slots / rows : natural);
  for (let parts = given ?? natural; parts <= most; parts *= 2) {
    const length = Math.max(1, cols / parts);
    const period = parts === 1 ? cols : rows * parts;
    const doublings: number[] = [];
    for (let step = rows; step < rows * parts; step *= 2) doublings.push(step);
    const ways = [{ doublings, around: length, folded: false }];
    // Diagonals of whole rows go on around the period.
    if (doublings.length > 0 && length === rows) ways.push({ doublings: [], around: period, folded: false });
    if (foldable && doublings.length > 0 && period === slots)
      ways.push({ doublings: [], around: length, folded: true });
    for (const { doublings: sums, around, folded } of ways) {
      for (let baby = 1; baby <= length; baby *= 2) {
        const giants = around / baby;
        const rotations = baby - 1 + giants - 1 + 2 * sums.length;
        const cost = rotations + length / PRODUCTS_PER_ROTATION;
        if (best !== undefined && cost >= best.cost) continue;
        const laid = { length, every: parts === 1 ? period : rows };
        best = {
          rows,
          runs: laid,
          period,
          baby,
          groups: length / baby,
          giants,
          doublings: sums,
          folded,
          cost,
        };
      }
    }
  }
  return best!;
}
