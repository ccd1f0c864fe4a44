import { ShapeError } from '../base/errors.ts';
import { recycleLimbs, zeroedLimbs } from './zeroed.ts';

/** p = 2^127 - 1, the Mersenne prime of fixed-point values. */
export const M127: bigint = 2n ** 127n - 1n;

/** p = 2^61 - 1, the Mersenne prime of bits and small integers. */
export const M61: bigint = 2n ** 61n - 1n;

/** Bytes of one element of M127, in memory and on the wire: two little-endian 64-bit limbs. */
export const ELEMENT_BYTES = 16;

/** 64-bit limbs of an element: 1 for M61, 2 for M127. */
export type Width = 1 | 2;

/**
 * A vector of elements of a prime field: 8 bytes each modulo 2^61 - 1, 16 modulo 2^127 - 1; little-endian,
 * canonical (below p). `limbs`, `words` and `bytes` are views of the same memory. Whether its content is
 * secret depends on its holder; `wipe` it when it was.
 */
export class FieldVector {
  readonly length: number;
  readonly width: Width;
  /** `width` limbs an element, low limb first. Indexing it makes a BigInt: for tests and copies, not for loops. */
  readonly limbs: BigUint64Array<ArrayBuffer>;
  /** The same memory as 32-bit words, lowest first. */
  readonly words: Uint32Array<ArrayBuffer>;

  /** `length` zeros; or, over given limbs, a view. */
  constructor(
    length: number,
    width: Width = 2,
    limbs: BigUint64Array<ArrayBuffer> = zeroedLimbs(width * length),
  ) {
    this.length = length;
    this.width = width;
    this.limbs = limbs;
    this.words = new Uint32Array(limbs.buffer, limbs.byteOffset, 2 * limbs.length);
  }

  /** The elements as they travel, without a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.limbs.buffer, this.limbs.byteOffset, this.limbs.byteLength);
  }

  /** A copy of the elements from `start` up to `end`. */
  slice(start: number, end: number): FieldVector {
    return new FieldVector(end - start, this.width, this.limbs.slice(this.width * start, this.width * end));
  }

  /** The elements from `start` up to `end`, sharing memory. */
  part(start: number, end: number): FieldVector {
    return new FieldVector(
      end - start,
      this.width,
      this.limbs.subarray(this.width * start, this.width * end),
    );
  }

  /** Wipes the vector and gives its memory to later ones. Neither it nor a view of it may be used afterwards. */
  recycle(): void {
    recycleLimbs(this.limbs);
  }

  /** Overwrites the elements with zeros. A runtime that has copied the memory is not reached by this. */
  wipe(): void {
    this.limbs.fill(0n);
  }
}

/** One vector after the other. */
export function concatVectors(parts: readonly FieldVector[]): FieldVector {
  const width = parts[0]?.width ?? 2;
  const out = new FieldVector(
    parts.reduce((length, part) => length + part.length, 0),
    width,
  );
  let offset = 0;
  for (const part of parts) {
    out.limbs.set(part.limbs, offset);
    offset += width * part.length;
  }
  return out;
}

/** The prime of a width. */
export function modulusOf(width: Width): bigint {
  return width === 1 ? M61 : M127;
}

/** Elements from BigInts, reduced mod p. For public constants and tests: it allocates and varies in time. */
export function fieldVectorOf(values: readonly bigint[], width: Width = 2): FieldVector {
  const p = modulusOf(width);
  const out = new FieldVector(values.length, width);
  values.forEach((value, i) => {
    const reduced = ((value % p) + p) % p;
    for (let k = 0; k < width; k++) {
      out.limbs[width * i + k] = BigInt.asUintN(64, reduced >> BigInt(64 * k));
    }
  });
  return out;
}

/** The elements as BigInts in [0, p). For public constants and tests. */
export function bigintsOf(vector: FieldVector): bigint[] {
  const { width, limbs } = vector;
  return Array.from({ length: vector.length }, (_, i) => {
    const low = limbs[width * i]!;
    return width === 1 ? low : low | (limbs[width * i + 1]! << 64n);
  });
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
