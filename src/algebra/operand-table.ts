import type { VectorBound } from './bounds.ts';

type Entry = { readonly id: number; readonly hash: number; readonly data: Float64Array };

/**
 * Gives public operands numbers, equal numbers for equal contents, so that comparing them later is comparing two
 * integers; and remembers what it is slow to derive from them. An array is read at its first sight only.
 */
export class OperandTable {
  readonly #seen = new Map<Float64Array, Entry>();
  readonly #byHash = new Map<number, Entry[]>();
  readonly #bounds = new Map<string, VectorBound>();
  #next = 0;

  /** `data` of what it returns is the array that stands for all of equal contents; it has one zero, not two. */
  of(data: Float64Array): Entry {
    const seen = this.#seen.get(data);
    if (seen !== undefined) return seen;
    const unsigned = hasNegativeZero(data) ? data.map((value) => value + 0) : data;
    const hash = hashOfArray(unsigned);
    const candidates = this.#byHash.get(hash) ?? [];
    let entry = candidates.find((candidate) => equalBits(candidate.data, unsigned));
    if (entry === undefined) {
      entry = { id: this.#next++, hash, data: unsigned };
      candidates.push(entry);
      this.#byHash.set(hash, candidates);
    }
    this.#seen.set(data, entry);
    this.#seen.set(entry.data, entry);
    return entry;
  }

  /** The bound that `derive` gives, derived once a key. */
  bound(key: string, derive: () => VectorBound): VectorBound {
    let bound = this.#bounds.get(key);
    if (bound === undefined) {
      bound = derive();
      this.#bounds.set(key, bound);
    }
    return bound;
  }
}

function hasNegativeZero(data: Float64Array): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] === 0 && 1 / data[i]! < 0) return true;
  return false;
}

const words = (data: Float64Array): Uint32Array =>
  new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);

function equalBits(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  const left = words(a);
  const right = words(b);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** Not cryptographic: it orders nodes and finds candidates for equality. What parties agree on is the digest. */
function hashOfArray(data: Float64Array): number {
  const hash = new Mixer();
  const view = words(data);
  hash.add(view.length);
  for (let i = 0; i < view.length; i++) hash.add(view[i]!);
  return hash.value();
}

export function hashOfText(text: string): number {
  const hash = new Mixer();
  for (let i = 0; i < text.length; i++) hash.add(text.charCodeAt(i));
  return hash.value();
}

/** Two multiplicative lanes of 32 bits, joined to 53. */
class Mixer {
  #a = 0x2545f491;
  #b = 0x4f6cdd1d;

  add(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x9e3779b1);
    this.#b = Math.imul(this.#b ^ word, 0x85ebca6b);
    this.#a ^= this.#b >>> 15;
    this.#b ^= this.#a >>> 13;
  }

  value(): number {
    return (this.#a >>> 0) * 2 ** 21 + ((this.#b >>> 0) & 0x1fffff);
  }
}
