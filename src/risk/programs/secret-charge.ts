import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit } from '../../algebra/circuit.ts';
import { min, negate } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { CORRELATION_SCENARIOS } from '../../pricing/portfolio/nested-aggregation.ts';
import { secretRoot } from './secret-root.ts';

/** Which sensitivities a bucket holds, and the correlations within buckets and across them. */
export type ChargeStructure = {
  readonly buckets: readonly (readonly number[])[];
  readonly correlations: { readonly within: number; readonly across: number };
};

/** Rows of weighted sensitivities, columns divided by their 1-norms: of a book z = (columnScale x) / L1 their 1-norm is at most 1. */
export type ChargeRows = { readonly matrix: Matrix; readonly columnScale: Float64Array };

export function chargeRows({ rows, cols, data }: Matrix): ChargeRows {
  const columnScale = new Float64Array(cols);
  data.forEach((entry, at) => {
    columnScale[at % cols]! += Math.abs(entry);
  });
  const scaled = data.map((entry, at) => (entry === 0 ? 0 : entry / columnScale[at % cols]!));
  return { matrix: matrixOf(rows, cols, scaled), columnScale };
}

/**
 * Squares of the charges of a secret book under low, medium and high correlations, and the largest of the three (F155, MAR21.4 to 21.6), from sensitivities to charges
 * without opening anything between: K_b^2 = (1 - rho) sum WS^2 + rho S_b^2, charge^2 = sum K_b^2 + gamma ((sum S)^2 - sum S_b^2), with S_b kept within +-K_b
 * where that is negative. The root of the largest is taken of what opens, which says the same. With sum |WS| <= 1 no intermediate exceeds 1. K_b, which
 * only keeps S_b, is at least 1e-3 of the sum of |WS|: see `secretRoot`.
 */
export function secretCharges<V>(
  alg: Ordered<V>,
  weighted: V,
  count: number,
  { buckets, correlations }: ChargeStructure,
): Record<keyof typeof CORRELATION_SCENARIOS | 'largest', V> {
  const members = matrixOf(buckets.length, count);
  buckets.forEach((bucket, b) => {
    for (const k of bucket) members.data[b * count + k] = 1;
  });
  const unit = (value: V): V => alg.within(value, 0, 1);
  const squares = unit(alg.matVecPlain(members, alg.mul(weighted, weighted)));
  const sums = alg.within(alg.matVecPlain(members, weighted), -1, 1);
  const sumsSquared = alg.mul(sums, sums);
  /** sum K_b^2 + gamma ((sum S)^2 - sum S_b^2). */
  const across = (capital: V, of: V, gamma: number): V => {
    const total = alg.within(alg.sum(of), -1, 1);
    const pairs = alg.sub(alg.mul(total, total), unit(alg.dot(of, of)));
    return alg.within(alg.add(unit(alg.sum(capital)), alg.scale(pairs, gamma)), -1, 1);
  };
  const under = (adjust: (correlation: number) => number): V => {
    const [rho, gamma] = [adjust(correlations.within), adjust(correlations.across)];
    const raw = alg.add(alg.scale(squares, 1 - rho), alg.scale(sumsSquared, rho));
    const capital = unit(rho < 0 ? alg.max(raw, zeros(alg, buckets.length)) : raw);
    const plain = across(capital, sums, gamma);
    const root = secretRoot(alg, capital, buckets.length);
    const kept = alg.max(min(alg, sums, root), negate(alg, root));
    const negative = alg.lessThan(plain, zeros(alg, 1));
    return alg.select(negative, across(capital, kept, gamma), plain);
  };
  const low = under(CORRELATION_SCENARIOS.low);
  const medium = under(CORRELATION_SCENARIOS.medium);
  const high = under(CORRELATION_SCENARIOS.high);
  return { low, medium, high, largest: alg.max(alg.max(low, medium), high) };
}

const zeros = <V>(alg: Ordered<V>, length: number): V => alg.constant(new Float64Array(length));

/**
 * The recorded program of a normalised book, of which only the square of the largest charge opens: not the scenario that binds, no bucket, no
 * sensitivity. See {@link readCharge}.
 * @throws ShapeError for a bucket of a sensitivity that there is not, or one in two buckets. @throws RangeError for correlations outside [-1, 1].
 */
export function chargeCircuit(
  { matrix }: ChargeRows,
  structure: ChargeStructure,
): Circuit<'book', 'square', 'ordered'> {
  const { buckets, correlations } = structure;
  const seen = new Set<number>();
  for (const k of buckets.flat()) {
    if (Number.isInteger(k) && k >= 0 && k < matrix.rows && !seen.has(k)) {
      seen.add(k);
      continue;
    }
    throw new ShapeError(
      `expected every sensitivity of 0 to ${matrix.rows - 1} in one bucket at most, found ${k}${seen.has(k) ? ' twice' : ''}`,
      { sensitivity: k, count: matrix.rows },
    );
  }
  for (const [name, value] of Object.entries(correlations)) {
    if (value >= -1 && value <= 1) continue;
    throw new RangeError(`expected a correlation ${name} buckets of -1 to 1, found ${value}`, {
      name,
      value,
    });
  }
  return recordOrdered(
    (alg, { book }) => ({
      square: secretCharges(alg, alg.matVecPlain(matrix, book), matrix.rows, structure).largest,
    }),
    { book: { length: matrix.cols, bound: 1, l1: 1 } },
  );
}

/** The largest charge in currency, from what opened. @param l1 of the normalised book. */
export function readCharge({ square }: Readonly<Record<'square', Float64Array>>, l1: number): number {
  // A charge of nothing may open a little below it.
  return Math.sqrt(Math.max(0, square[0]!)) * l1;
}
