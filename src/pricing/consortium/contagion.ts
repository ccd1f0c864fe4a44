import { ShapeError } from '../../base/errors.ts';
import type { Matrix } from '../../numeric/matrix.ts';

const MOST_ITERATIONS = 100_000;

/**
 * The greatest clearing vector p = min(L, max(0, e + Pi' p)) of L. Eisenberg and T. H. Noe, "Systemic risk in financial systems", Management Science 47
 * (2001), from above: until it stands still, or for a number of rounds (F192).
 * @param external assets of each firm. @param owed in all by each firm.
 * @param shares row j, column i: the share of firm i in the debt of firm j; rows sum to at most 1.
 */
export function clearingPayments(
  external: Float64Array,
  owed: Float64Array,
  { rows, cols, data: shares }: Matrix,
  iterations: number = MOST_ITERATIONS,
): Float64Array {
  const n = owed.length;
  if (external.length !== n || rows !== n || cols !== n) {
    throw new ShapeError(
      `expected ${n} firms, found ${external.length} assets and ${rows} x ${cols} shares`,
      { n },
    );
  }
  let paid = owed.slice();
  for (let round = 0; round < iterations; round++) {
    const next = paid.map((_, i) => {
      let funds = external[i]!;
      for (let j = 0; j < n; j++) funds += shares[j * n + i]! * paid[j]!;
      return Math.min(owed[i]!, Math.max(0, funds));
    });
    if (next.every((p, i) => p === paid[i])) return next;
    paid = next;
  }
  return paid;
}
