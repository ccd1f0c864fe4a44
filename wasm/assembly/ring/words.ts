// Between residues and the 64-bit words of SEAL's serialization, at any alignment.

import { EXACT, canonical, centred, minusProduct, mulMod } from './arithmetic';

/** Exponent and leading bit of 2^52: an integer below 2^52 in the bits under it is that double, less 2^52. */
const BITS_2_52: i64 = 0x4330000000000000;
const TWO_52: f64 = 4503599627370496;

/** Words below p to residues of about -p/2 .. p/2. False, and dst void, where a word is p or more. */
export function fromWords(dst: usize, words: usize, n: i32, modulus: f64): bool {
  const p = f64x2.splat(modulus), half = f64x2.splat((modulus - 1) / 2);
  const bits = i64x2.splat(BITS_2_52), bias = f64x2.splat(TWO_52);
  let high = i64x2.splat(0);
  let valid = i64x2.splat(-1);
  for (const end = dst + (usize(n) << 3); dst < end; dst += 16, words += 16) {
    const w = v128.load(words);
    high = v128.or(high, w);
    const x = f64x2.sub(v128.or(w, bits), bias);
    valid = v128.and(valid, f64x2.lt(x, p));
    v128.store(dst, f64x2.sub(x, v128.and(f64x2.gt(x, half), p)));
  }
  const tooHigh = v128.and(high, i64x2.splat(<i64>0xfff0000000000000));
  return i64x2.all_true(valid) && !v128.any_true(tooHigh);
}

/**
 * Residues of `bytes` bytes each (at most 7), little-endian, to residues of about -p/2 .. p/2. False, and dst void, where one is p or
 * more. Reads up to 8 bytes beyond them.
 */
export function fromBytes(dst: usize, packed: usize, n: i32, bytes: i32, modulus: f64): bool {
  const p = f64x2.splat(modulus), half = f64x2.splat((modulus - 1) / 2);
  const bits = i64x2.splat(BITS_2_52), bias = f64x2.splat(TWO_52), mask = i64x2.splat((<i64>1 << (<i64>bytes << 3)) - 1);
  let high = i64x2.splat(0);
  let valid = i64x2.splat(-1);
  for (const end = dst + (usize(n) << 3); dst < end; dst += 16, packed += usize(bytes) << 1) {
    const w = v128.and(v128.load64_lane(packed + usize(bytes), v128.load64_zero(packed), 1), mask);
    high = v128.or(high, w);
    const x = f64x2.sub(v128.or(w, bits), bias);
    valid = v128.and(valid, f64x2.lt(x, p));
    v128.store(dst, f64x2.sub(x, v128.and(f64x2.gt(x, half), p)));
  }
  const tooHigh = v128.and(high, i64x2.splat(<i64>0xfff0000000000000));
  return i64x2.all_true(valid) && !v128.any_true(tooHigh);
}

/** Residues of less than p in magnitude to 0 .. p - 1 or, with `centre`, to -(p-1)/2 .. (p-1)/2. */
export function normalise(dst: usize, a: usize, n: i32, centre: bool, modulus: f64): void {
  const p = f64x2.splat(modulus), half = f64x2.splat((modulus - 1) / 2);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const x = canonical(v128.load(a + i), p);
    v128.store(dst + i, centre ? centred(x, p, half) : x);
  }
}

/** Residues of less than p in magnitude to words 0 .. p - 1. */
export function toWords(words: usize, a: usize, n: i32, modulus: f64): void {
  const p = f64x2.splat(modulus), bits = i64x2.splat(BITS_2_52), bias = f64x2.splat(TWO_52);
  for (const end = a + (usize(n) << 3); a < end; a += 16, words += 16) {
    v128.store(words, v128.xor(f64x2.add(canonical(v128.load(a), p), bias), bits));
  }
}

/**
 * Uniform 64-bit words to uniform residues as SEAL takes them (word mod p), centred. Stops before the first word at or
 * above `limit`, which SEAL replaces: returns how many words were taken (an even number, or n).
 */
export function reduceWords(
  dst: usize, words: usize, n: i32, limit: u64, modulus: f64, reciprocal: f64, power32: f64,
): i32 {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), factor = f64x2.splat(power32);
  const bits = i64x2.splat(BITS_2_52), bias = f64x2.splat(TWO_52), low = i64x2.splat(0xffffffff);
  for (let i = 0; i < n; i += 2, dst += 16, words += 16) {
    if (load<u64>(words) >= limit || load<u64>(words, 8) >= limit) return i;
    const w = v128.load(words);
    const upper = f64x2.sub(v128.or(i64x2.shr_u(w, 32), bits), bias);
    const lower = f64x2.sub(v128.or(v128.and(w, low), bits), bias);
    const x = f64x2.add(mulMod(upper, factor, p, inverse), lower);
    v128.store(dst, minusProduct(f64x2.nearest(f64x2.mul(x, inverse)), p, x));
  }
  return n;
}

/** Residues 0 .. p - 1 to their leading bits: x unit, rounded half up, `bytes` bytes each. Writes up to 8 bytes beyond them. */
export function packLeading(dst: usize, a: usize, n: i32, unit: f64, bytes: i32): void {
  for (const end = a + (usize(n) << 3); a < end; a += 8, dst += usize(bytes)) {
    store<u64>(dst, u64(Math.floor(load<f64>(a) * unit + 0.5)));
  }
}
