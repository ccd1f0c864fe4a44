import { FieldVector } from './field-vector.ts';

/** 32-bit words that hold one bit of each of `length` elements. */
export function wordsFor(length: number): number {
  return Math.ceil(length / 32);
}

/**
 * The low `rows` bits of every element, bit-sliced: row r holds bit r of all elements, 32 a word, lowest first, zeros behind the last. Of a vector without elements in memory
 * (a plan's) there are none. Cost: about 1 ns a bit of 32 elements.
 */
export function bitPlanes(v: FieldVector, rows: number): Uint32Array<ArrayBuffer> {
  const { words } = v;
  if (words.length === 0) return new Uint32Array(0);
  const stride = 2 * v.width;
  const count = wordsFor(v.length);
  const out = new Uint32Array(rows * count);
  const block = new Uint32Array(32);
  for (let chunk = 0; chunk < count; chunk++) {
    const n = Math.min(32, v.length - 32 * chunk);
    for (let limb = 0; 32 * limb < rows; limb++) {
      let at = stride * 32 * chunk + limb;
      for (let i = 0; i < n; i++, at += stride) block[i] = words[at]!;
      block.fill(0, n);
      transpose(block);
      const last = Math.min(32, rows - 32 * limb);
      for (let r = 0; r < last; r++) out[(32 * limb + r) * count + chunk] = block[r]!;
    }
  }
  block.fill(0);
  return out;
}

/** Bit i of word k becomes bit k of word i (Warren, "Hacker's Delight", 7-3). */
function transpose(block: Uint32Array): void {
  let mask = 0xffff;
  for (let j = 16; j > 0; j >>= 1, mask ^= mask << j) {
    for (let k = 0; k < 32; k = (k + j + 1) & ~j) {
      const t = ((block[k]! >>> j) ^ block[k + j]!) & mask;
      block[k + j]! ^= t;
      block[k]! ^= t << j;
    }
  }
}

/** So many bits, lowest of each word first, as elements 0 and 1 modulo 2^61 - 1. */
export function elementsOfBits(bits: Uint32Array, length: number): FieldVector {
  const out = new FieldVector(length, 1);
  for (let i = 0; i < length; i++) out.words[2 * i] = (bits[i >> 5]! >>> (i & 31)) & 1;
  return out;
}
