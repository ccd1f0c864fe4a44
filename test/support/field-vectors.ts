import { FieldVector, fieldVectorOf, M127 } from '../../src/kernels/field-vector.ts';
import type { SeededRandom } from '../../src/numeric/seeded.ts';

/** Reproducible field elements, about a third of them at the ends of the range. */
export function seededVector(random: SeededRandom, length: number): FieldVector {
  const extremes = [0n, 1n, M127 - 1n, M127 - 2n, 2n ** 126n, 2n ** 64n - 1n, 2n ** 64n, M127 - 2n ** 64n];
  const values = Array.from({ length }, () => {
    if (random.uniform() < 0.3) return random.pick(extremes);
    return Array.from({ length: 4 }, () => BigInt(random.u32())).reduce((sum, word) => (sum << 32n) | word);
  });
  return fieldVectorOf(values);
}

/** `values` repeated up to a length. */
export function repeated(values: readonly bigint[], length: number): FieldVector {
  return fieldVectorOf(Array.from({ length }, (_, i) => values[i % values.length]!));
}

/** A copy with one bit of one element flipped. */
export function flipped(vector: FieldVector, index: number): FieldVector {
  const copy = vector.slice(0, vector.length);
  copy.words[4 * index]! ^= 1;
  return copy;
}

export const emptyVector: FieldVector = new FieldVector(0);
