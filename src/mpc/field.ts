import { RangeError } from '../base/errors.ts';
import { fillRandom } from '../base/random.ts';
import { FieldVector, type Width } from '../kernels/field-vector.ts';

/**
 * Fixed point in the field of p = 2^127 - 1 elements: a real x stands for the integer round(x 2^f), a
 * negative integer -m for p - m. Products of representations add their fraction bits; nothing wraps while
 * magnitudes stay below p / 2, which is the plan's business.
 */

/**
 * Magnitudes at or above this are negative integers when read back, and are refused when encoded: 2^126 > p /
 * 2.
 */
const HALF: number = 2 ** 126;

const WORD: number = 2 ** 32;
const TOP_WORD = 0x7fffffff;

/** Highest 32-bit word of p, by limbs an element. */
const TOP_WORDS: Readonly<Record<Width, number>> = { 1: 0x1fffffff, 2: TOP_WORD };

/**
 * round(x 2^fracBits) as field elements. Exact up to that rounding (error at most 2^-(fracBits+1)): a double
 * times a power of two is a double, and its 32-bit words come off exactly. Secrecy: the result is as secret
 * as x; local.
 * @throws RangeError for what is not finite or reaches 2^126; the message names the element, not its value.
 */
export function encodeFixed(x: Float64Array, fracBits: number): FieldVector {
  const out = new FieldVector(x.length);
  const { words } = out;
  const scale = 2 ** fracBits;
  for (let i = 0; i < x.length; i++) {
    const scaled = x[i]! * scale;
    // From 2^52 on every double is an integer, and Math.round need not be asked.
    const integer = Math.abs(scaled) < 2 ** 52 ? Math.round(scaled) : scaled;
    let rest = Math.abs(integer);
    // Written so that NaN fails it.
    if (!(rest < HALF)) {
      throw new RangeError(`element ${i} does not fit the field with ${fracBits} fraction bits`, {
        index: i,
        fracBits,
      });
    }
    // p - m is m with its 127 bits inverted.
    const sign = integer < 0 ? 0xffffffff : 0;
    for (let k = 3; k > 0; k--) {
      const unit = WORD ** k;
      const word = Math.floor(rest / unit);
      rest -= word * unit;
      words[4 * i + k] = word ^ sign;
    }
    words[4 * i] = rest ^ sign;
    words[4 * i + 3]! &= TOP_WORD;
  }
  return out;
}

/** round(value 2^frac) as {@link encodeFixed} rounds: for public numbers. */
export function toInteger(value: number, frac: number): bigint {
  const scaled = value * 2 ** frac;
  return BigInt(Math.abs(scaled) < 2 ** 52 ? Math.round(scaled) : scaled);
}

/**
 * The reals that field elements stand for: relative error below 2^-52, and exact for integers below 2^53.
 * Local. Where the result is opened, so is every digit of the integer behind it.
 */
export function decodeFixed(v: FieldVector, fracBits: number): Float64Array {
  const out = new Float64Array(v.length);
  const { words } = v;
  const scale = 2 ** -fracBits;
  for (let i = 0; i < v.length; i++) {
    const negative = words[4 * i + 3]! >>> 30;
    const mask = negative === 1 ? 0xffffffff : 0;
    const w0 = (words[4 * i]! ^ mask) >>> 0;
    const w1 = (words[4 * i + 1]! ^ mask) >>> 0;
    const w2 = (words[4 * i + 2]! ^ mask) >>> 0;
    const w3 = (words[4 * i + 3]! ^ mask) & TOP_WORD;
    // high: 31 + 21 bits, exact. low: 43 exact bits plus w0, rounded once. Where high is not 0, low is at
    // most half of the sum, so both roundings together stay below 1.5 x 2^-53.
    const high = w3 * WORD ** 3 + ((w2 & 0xfffff800) >>> 0) * WORD ** 2;
    const low = (w2 & 0x7ff) * WORD ** 2 + w1 * WORD + w0;
    out[i] = (negative === 1 ? -1 : 1) * (high + low) * scale;
  }
  return out;
}

/**
 * Uniform elements of the whole field, zero included, by rejection: 61 or 127 random bits are an element
 * unless they are all ones, which is p.
 * @param fill a replacement of the CSPRNG, for tests of the rejection only.
 */
export function uniformVector(
  length: number,
  width: Width = 2,
  fill: <T extends Uint32Array>(words: T) => T = fillRandom,
): FieldVector {
  const out = new FieldVector(length, width);
  const { words } = out;
  const size = 2 * width;
  const top = TOP_WORDS[width];
  fill(words);
  for (let i = 0; i < length; i++) {
    words[size * (i + 1) - 1]! &= top;
    while (isModulus(words, i, size, top)) {
      fill(words.subarray(size * i, size * (i + 1)));
      words[size * (i + 1) - 1]! &= top;
    }
  }
  return out;
}

/** Index of the first element that is not below p, or -1: what arrives from a peer need not be canonical. */
export function indexOfNonCanonical(v: FieldVector): number {
  const size = 2 * v.width;
  const top = TOP_WORDS[v.width];
  for (let i = 0; i < v.length; i++) {
    if (v.words[size * (i + 1) - 1]! > top || isModulus(v.words, i, size, top)) return i;
  }
  return -1;
}

/** Whether all elements are zero; looks at every one. */
export function isZero(v: FieldVector): boolean {
  let any = 0;
  for (const word of v.words) any |= word;
  return any === 0;
}

/** Whether two vectors are equal; looks at every element. */
export function sameVectors(a: FieldVector, b: FieldVector): boolean {
  const { words } = b;
  let any = a.length ^ b.length;
  for (let i = 0; i < words.length; i++) any |= a.words[i]! ^ words[i]!;
  return any === 0;
}

function isModulus(words: Uint32Array, i: number, size: number, top: number): boolean {
  const end = size * (i + 1) - 1;
  if (words[end] !== top) return false;
  for (let k = size * i; k < end; k++) if (words[k] !== 0xffffffff) return false;
  return true;
}
