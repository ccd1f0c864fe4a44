import { ShapeError } from '../base/errors.ts';

/** p = 2^127 - 1, the Mersenne prime of the field. */
export const M127: bigint = 2n ** 127n - 1n;

/** Bytes of one element, in memory and on the wire: two little-endian 64-bit limbs. */
export const ELEMENT_BYTES = 16;

/**
 * A vector of elements of the field of p = 2^127 - 1 elements: 16 bytes each, little-endian, canonical (below
 * p). `words` and `bytes` are views of the same memory. Whether its content is secret depends on its holder;
 * `wipe` it when it was.
 */
export class FieldVector {
  readonly length: number;
  /**
   * Two 64-bit limbs an element, low limb first. Indexing it makes a BigInt: for tests and copies, not for
   * loops.
   */
  readonly limbs: BigUint64Array<ArrayBuffer>;
  /** The same memory as four 32-bit words an element, lowest first. */
  readonly words: Uint32Array<ArrayBuffer>;

  /** `length` zeros. */
  constructor(length: number) {
    this.length = length;
    this.limbs = new BigUint64Array(2 * length);
    this.words = new Uint32Array(this.limbs.buffer);
  }

  /** The elements as they travel, without a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.limbs.buffer);
  }

  /** A copy of the elements from `start` up to `end`. */
  slice(start: number, end: number): FieldVector {
    const part = new FieldVector(end - start);
    part.limbs.set(this.limbs.subarray(2 * start, 2 * end));
    return part;
  }

  /** Overwrites the elements with zeros. A runtime that has copied the memory is not reached by this. */
  wipe(): void {
    this.limbs.fill(0n);
  }
}

/** One vector after the other. */
export function concatVectors(parts: readonly FieldVector[]): FieldVector {
  const out = new FieldVector(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.limbs.set(part.limbs, offset);
    offset += 2 * part.length;
  }
  return out;
}

/** Elements from BigInts, reduced mod p. For public constants and tests: it allocates and varies in time. */
export function fieldVectorOf(values: readonly bigint[]): FieldVector {
  const out = new FieldVector(values.length);
  values.forEach((value, i) => {
    const reduced = ((value % M127) + M127) % M127;
    out.limbs[2 * i] = BigInt.asUintN(64, reduced);
    out.limbs[2 * i + 1] = reduced >> 64n;
  });
  return out;
}

/** The elements as BigInts in [0, p). For public constants and tests. */
export function bigintsOf(vector: FieldVector): bigint[] {
  return Array.from(
    { length: vector.length },
    (_, i) => vector.limbs[2 * i]! | (vector.limbs[2 * i + 1]! << 64n),
  );
}

/** @throws ShapeError unless all vectors have the same length, which is returned (0 for none). */
export function commonLength(what: string, vectors: readonly FieldVector[]): number {
  const length = vectors[0]?.length ?? 0;
  for (const vector of vectors) {
    if (vector.length !== length) {
      throw new ShapeError(`${what}: expected vectors of ${length} elements, found one of ${vector.length}`, {
        expected: length,
        found: vector.length,
      });
    }
  }
  return length;
}
