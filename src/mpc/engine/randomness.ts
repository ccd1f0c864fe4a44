import { bitPlanes, wordsFor } from '../../kernels/bit-planes.ts';
import type { FieldKernels } from '../../kernels/field-kernels.ts';
import { FieldVector, type Width } from '../../kernels/field-vector.ts';
import { inverseVartime, type SharingScheme } from '../sharing.ts';
import { keySets } from './key-sets.ts';
import type { KeyStream } from './key-stream.ts';
import { permutationFrom } from './permutation.ts';
import type { SharedCoins, SharedMask } from './protocol.ts';
import { heldSets, SharedBits } from './shared-bits.ts';

/** Random bits of an element: all of an element's, of which all ones (p) count as zero. */
const ELEMENT_BITS: Readonly<Record<Width, number>> = { 1: 61, 2: 127 };

/**
 * Pseudo-random secret sharing (Cramer, Damgard, Ishai, "Share conversion, pseudorandom secret-sharing and applications
 * to secure computation", TCC 2005): every set A of t parties has a key that only the others hold, and a polynomial f_A of degree t that is 1 at
 * zero and 0 at the parties of A. With r_A from the key, sum_A r_A f_A is a sharing of sum_A r_A that t parties know nothing about: they
 * lack the key of their own set. No message is sent, and nobody can make the sharing inconsistent.
 *
 * Uniform elements are those of 61 or 127 random bits, p taken for 0: within 2^-61 or 2^-127 of uniform.
 */
export class SharedRandomness {
  readonly #k61: FieldKernels;
  readonly #k127: FieldKernels;
  readonly #streams: readonly KeyStream[];
  /** f_A at this party, for the sets whose key it holds, by field. */
  readonly #factors: Readonly<Record<Width, readonly bigint[]>>;
  /** Place of each of these among all sets. */
  readonly #places: readonly number[];
  readonly #setCount: number;
  readonly #self: number;
  readonly #threshold: number;

  constructor(
    kernels: { readonly k61: FieldKernels; readonly k127: FieldKernels },
    scheme: SharingScheme,
    self: number,
    streams: readonly (KeyStream | undefined)[],
  ) {
    this.#k61 = kernels.k61;
    this.#k127 = kernels.k127;
    this.#self = self;
    this.#threshold = scheme.threshold;
    const sets = keySets(scheme);
    this.#setCount = sets.length;
    this.#places = sets.flatMap((set, i) => (set.includes(self) ? [] : [i]));
    this.#streams = this.#places.map((place) => streams[place]!);
    const factorsOf = ({ modulus }: FieldKernels): bigint[] =>
      this.#places.map((place) =>
        sets[place]!.reduce(
          (product, party) =>
            (product * BigInt(party - self) * inverseVartime(BigInt(party), modulus)) % modulus,
          1n,
        ),
      );
    this.#factors = { 1: factorsOf(this.#k61), 2: factorsOf(this.#k127) };
  }

  uniform(width: Width, length: number): FieldVector {
    const k = this.#of(width);
    const values = this.#elements(width, length, ELEMENT_BITS[width]);
    return k.combine(this.#factors[width], values);
  }

  /** A uniform sharing of zero of degree 2t: sum_A f_A(x) (r_A1 x + ... + r_At x^t), ibid. section 4. */
  zero(width: Width, length: number): FieldVector {
    const k = this.#of(width);
    const factors: bigint[] = [];
    const values: FieldVector[] = [];
    for (let power = 1; power <= this.#threshold; power++) {
      values.push(...this.#elements(width, length, ELEMENT_BITS[width]));
      factors.push(...this.#factors[width].map((f) => f * BigInt(this.#self) ** BigInt(power)));
    }
    return k.combine(factors, values);
  }

  bounded(bits: number, shift: number, length: number): { whole: FieldVector; shifted: FieldVector } {
    const k = this.#k127;
    const values = this.#elements(2, length, bits);
    const whole = k.combine(this.#factors[2], values);
    if (shift === 0) return { whole, shifted: whole };
    const high = values.map((value) => k.shiftRight(value, shift));
    return { whole, shifted: k.combine(this.#factors[2], high) };
  }

  signs(length: number): FieldVector[] {
    const bits = this.#streams.map((stream) => stream.take(Math.ceil(length / 8)));
    const out: FieldVector[] = Array.from({ length: this.#setCount }, () => this.#k61.zeros(length));
    this.#places.forEach((place, i) => {
      out[place] = this.#k61.signs(bits[i]!, this.#factors[1][i]!, length);
    });
    return out;
  }

  /** A mask's integers as `bounded` shares them, and the lowest bits of each set's. Among three parties. */
  mask(bits: number, shift: number, planes: number, length: number): SharedMask {
    const k = this.#k127;
    const values = this.#elements(2, length, bits);
    const high = values.map((value) => k.shiftRight(value, shift));
    const rows = values.map((value) => bitPlanes(value, planes));
    return {
      whole: k.combine(this.#factors[2], values),
      shifted: k.combine(this.#factors[2], high),
      planes: this.#shared(planes * wordsFor(length), rows),
    };
  }

  /** Random bits as parts, and each part's as 1 or -1 modulo 2^127 - 1. Among three parties. */
  randomBits(length: number): SharedCoins {
    const words = wordsFor(length);
    const bits = this.#words(words);
    const signs: FieldVector[] = Array.from({ length: this.#setCount }, () => this.#k127.zeros(length));
    this.#places.forEach((place, i) => {
      const { buffer, byteOffset, byteLength } = bits[i]!;
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      signs[place] = this.#k127.signs(bytes, this.#factors[2][i]!, length);
    });
    return { bits: this.#shared(words, bits), signs };
  }

  /** By what to multiply what the holders of its first and its second key know to have its share of it modulo 2^61 - 1. Among three parties. */
  partFactors(): readonly [first: bigint, second: bigint] {
    const [first, second] = heldSets(this.#self).map(
      (set) => this.#factors[1][this.#places.indexOf(set)]!,
    ) as [bigint, bigint];
    return [first, second];
  }

  /** The next words of both keys, as parts of shared bits. Among three parties. */
  words(count: number): SharedBits {
    return this.#shared(count, this.#words(count));
  }

  #words(count: number): Uint32Array<ArrayBuffer>[] {
    return this.#streams.map((stream) => {
      const bytes = stream.take(4 * count);
      return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
    });
  }

  /** From parts in the order of the keys. */
  #shared(words: number, parts: readonly Uint32Array[]): SharedBits {
    const sets = heldSets(this.#self);
    const at = (set: number): Uint32Array => parts[this.#places.indexOf(set)]!;
    return new SharedBits(words, sets, [at(sets[0]), at(sets[1])]);
  }

  dual(bits: number, length: number): { narrow: FieldVector; wide: FieldVector } {
    const values = this.#elements(1, length, bits);
    const narrow = this.#k61.combine(this.#factors[1], values);
    const wide = this.#k127.combine(this.#factors[2], values.map(widened));
    return { narrow, wide };
  }

  /** The next permutation of a set whose key this party holds; undefined for others. All holders have to ask. */
  permutation(set: number, length: number): Uint32Array | undefined {
    const held = this.#places.indexOf(set);
    return held < 0 ? undefined : permutationFrom(this.#streams[held]!, length);
  }

  #of(width: Width): FieldKernels {
    return width === 1 ? this.#k61 : this.#k127;
  }

  #elements(width: Width, length: number, bits: number): FieldVector[] {
    const k = this.#of(width);
    return this.#streams.map((stream) => elementsFrom(k, stream.take(8 * width * length), length, bits));
  }
}

/** Elements of so many random bits from a key stream's bytes, in the same memory. */
export function elementsFrom(
  k: FieldKernels,
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  bits: number = ELEMENT_BITS[k.width],
): FieldVector {
  const limbs = new BigUint64Array(bytes.buffer, bytes.byteOffset, k.width * length);
  return k.keepLowBits(new FieldVector(length, k.width, limbs), bits);
}

/** Integers below 2^61 as elements of the other field. */
export function widened(v: FieldVector): FieldVector {
  const out = new FieldVector(v.length, 2);
  const { words } = out;
  for (let i = 0; i < v.length; i++) {
    words[4 * i] = v.words[2 * i]!;
    words[4 * i + 1] = v.words[2 * i + 1]!;
  }
  return out;
}

/** 1 where an element is zero, else 0, in the other field. Public values. */
export function zeroFlags(v: FieldVector): FieldVector {
  const out = new FieldVector(v.length, 2);
  for (let i = 0; i < v.length; i++) {
    if ((v.words[2 * i]! | v.words[2 * i + 1]!) === 0) out.words[4 * i] = 1;
  }
  return out;
}
