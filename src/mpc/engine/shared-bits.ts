import type { SharingScheme } from '../sharing.ts';

/** Whether bits are shared in the way of this file: one sharing of degree t = 1 among n = 3 parties. */
export function sharesBits({ parties, threshold }: SharingScheme): boolean {
  return parties === 3 && threshold === 1;
}

/** Bits that everybody knows, 32 a word; in a plan there are only so many words, and nothing in them. */
export type PublicBits = { readonly words: number; readonly bits: Uint32Array<ArrayBuffer> };

/** Key sets (0, 1, 2 for parties 1, 2, 3, each of which lacks the key of its own) whose parts a party holds: first that of the next party. */
export function heldSets(self: number): readonly [first: number, second: number] {
  return [self % 3, (self + 1) % 3];
}

/**
 * Bits shared by three parties as b = b_1 + b_2 + b_3 modulo 2, where party i holds the two parts that are not its own number's (Araki, Furukawa, Lindell, Nof, Ohara, "High-throughput
 * semi-honest secure three-party computation with an honest majority", CCS 2016): any one party knows nothing about b, and what only
 * two parties know is a shared value as it is. 32 bits a word. In a plan the parts are empty.
 */
export class SharedBits {
  /** 32-bit words of a part. */
  readonly words: number;
  readonly sets: readonly [first: number, second: number];
  /** The parts of these sets. */
  readonly parts: readonly [first: Uint32Array, second: Uint32Array];

  constructor(
    words: number,
    sets: readonly [first: number, second: number],
    parts: readonly [first: Uint32Array, second: Uint32Array],
  ) {
    this.words = words;
    this.sets = sets;
    this.parts = parts;
  }

  /** So many words that a plan counts. */
  static shape(words: number): SharedBits {
    return new SharedBits(words, [0, 1], [new Uint32Array(0), new Uint32Array(0)]);
  }

  static concat(list: readonly SharedBits[]): SharedBits {
    const words = list.reduce((sum, bits) => sum + bits.words, 0);
    const joined = (side: 0 | 1): Uint32Array => {
      const parts = list.map((bits) => bits.parts[side]);
      const out = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        out.set(part, at);
        at += part.length;
      }
      return out;
    };
    return new SharedBits(words, list[0]!.sets, [joined(0), joined(1)]);
  }

  /** Words `start` up to `end`, sharing memory. */
  part(start: number, end: number): SharedBits {
    const [first, second] = this.parts;
    return new SharedBits(end - start, this.sets, [first.subarray(start, end), second.subarray(start, end)]);
  }

  xor(other: SharedBits): SharedBits {
    return this.#map((part, side) => xorWords(part, other.parts[side]));
  }

  /** The same bits, those flipped where a public bit is 1: one part of three takes that in. */
  flip({ bits }: PublicBits): SharedBits {
    return this.#map((part, side) => (this.sets[side] === 0 ? xorWords(part, bits) : part));
  }

  /** The sum of the parts of these sets alone, as a shared value. */
  only(...sets: readonly number[]): SharedBits {
    return this.#map((part, side) => (sets.includes(this.sets[side]!) ? part : new Uint32Array(part.length)));
  }

  #map(f: (part: Uint32Array, side: 0 | 1) => Uint32Array): SharedBits {
    return new SharedBits(this.words, this.sets, [f(this.parts[0], 0), f(this.parts[1], 1)]);
  }
}

export function xorWords(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i]! ^ b[i]!;
  return out;
}
