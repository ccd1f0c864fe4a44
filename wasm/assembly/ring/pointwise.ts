// What is done residue by residue: arithmetic, sums of products, the last step of a division, permutations.
// n is even; operands are residues of about -p/2 .. p/2, and so are results. dst may be any operand.

import { EXACT, check, minusProduct, mulMod, productError, reduce } from './arithmetic';

export function add(dst: usize, a: usize, b: usize, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    v128.store(dst + i, reduce(f64x2.add(v128.load(a + i), v128.load(b + i)), p, inverse));
  }
}

export function sub(dst: usize, a: usize, b: usize, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    v128.store(dst + i, reduce(f64x2.sub(v128.load(a + i), v128.load(b + i)), p, inverse));
  }
}

export function negate(dst: usize, a: usize, n: i32): void {
  for (let i: usize = 0; i < usize(n) << 3; i += 16) v128.store(dst + i, f64x2.neg(v128.load(a + i)));
}

export function multiply(dst: usize, a: usize, b: usize, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    v128.store(dst + i, mulMod(v128.load(a + i), v128.load(b + i), p, inverse));
  }
}

/** dst = a factor + addend, for |factor| <= p/2 and |addend| <= p. */
export function affine(dst: usize, a: usize, factor: f64, addend: f64, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), f = f64x2.splat(factor), c = f64x2.splat(addend);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    v128.store(dst + i, reduce(f64x2.add(mulMod(v128.load(a + i), f, p, inverse), c), p, inverse));
  }
}

/** The three products of (a0 + a1 s)(b0 + b1 s): d0 = a0 b0, d1 = a0 b1 + a1 b0, d2 = a1 b1. */
export function tensor(
  d0: usize, d1: usize, d2: usize, a0: usize, a1: usize, b0: usize, b1: usize, n: i32, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const x0 = v128.load(a0 + i), x1 = v128.load(a1 + i), y0 = v128.load(b0 + i), y1 = v128.load(b1 + i);
    v128.store(d0 + i, mulMod(x0, y0, p, inverse));
    v128.store(d1 + i, reduce(f64x2.add(mulMod(x0, y1, p, inverse), mulMod(x1, y0, p, inverse)), p, inverse));
    v128.store(d2 + i, mulMod(x1, y1, p, inverse));
  }
}

/** (a0 + a1 s)^2. */
export function tensorSquare(
  d0: usize, d1: usize, d2: usize, a0: usize, a1: usize, n: i32, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const x0 = v128.load(a0 + i), x1 = v128.load(a1 + i);
    v128.store(d0 + i, mulMod(x0, x0, p, inverse));
    v128.store(d1 + i, mulMod(f64x2.add(x0, x0), x1, p, inverse));
    v128.store(d2 + i, mulMod(x1, x1, p, inverse));
  }
}

/** Adds a b to the exact sum high + low: high moves by multiples of its last place, low takes what is left. */
// @ts-ignore: decorator
@inline
export function nextHigh(a: v128, b: v128, high: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, high);
  return f64x2.add(f64x2.mul(a, b), high);
}

// @ts-ignore: decorator
@inline
export function nextLow(a: v128, b: v128, moved: v128, low: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.sub(low, f64x2.relaxed_nmadd(a, b, moved));
  const h = f64x2.mul(a, b);
  return f64x2.add(low, f64x2.add(f64x2.sub(h, moved), productError(a, b, h)));
}

/** high - offset + low mod p. */
// @ts-ignore: decorator
@inline
export function settle(high: v128, low: v128, offset: v128, p: v128, inverse: v128): v128 {
  check(low, EXACT);
  const h = f64x2.sub(high, offset);
  const q = f64x2.nearest(f64x2.mul(h, inverse));
  check(q, EXACT);
  return reduce(f64x2.add(minusProduct(q, p, h), low), p, inverse);
}

/**
 * dst = sum of a_k b_k over `count` pairs of addresses (two i32 each). Products are added exactly: the sum stands in two
 * doubles, of which the upper one starts at `offset` = 1.5 2^E so that its last place stays put; every `group` terms both
 * are reduced. docs/kernels.md derives E and group from p.
 */
export function innerProduct(
  dst: usize, pairs: usize, count: i32, group: i32, offset: f64, n: i32, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), start = f64x2.splat(offset);
  const last = pairs + (usize(count) << 3);
  for (let i: usize = 0; i < usize(n) << 3; i += 32) {
    let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0);
    for (let first = pairs; first < last; ) {
      const stop = min(first + (usize(group) << 3), last);
      let high0 = start, high1 = start, low0 = sum0, low1 = sum1;
      for (; first < stop; first += 8) {
        const a = i + load<u32>(first), b = i + load<u32>(first, 4);
        const a0 = v128.load(a), b0 = v128.load(b), a1 = v128.load(a, 16), b1 = v128.load(b, 16);
        const next0 = nextHigh(a0, b0, high0), next1 = nextHigh(a1, b1, high1);
        low0 = nextLow(a0, b0, f64x2.sub(next0, high0), low0);
        low1 = nextLow(a1, b1, f64x2.sub(next1, high1), low1);
        high0 = next0;
        high1 = next1;
      }
      sum0 = settle(high0, low0, start, p, inverse);
      sum1 = settle(high1, low1, start, p, inverse);
    }
    v128.store(dst + i, sum0);
    v128.store(dst + i, sum1, 16);
  }
}

/** dst = sum of a_k f_k over `count` terms of 16 bytes: the address of a_k (i32), then at 8 the number f_k, |f_k| <= p/2. */
export function combine(
  dst: usize, terms: usize, count: i32, group: i32, offset: f64, n: i32, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), start = f64x2.splat(offset);
  const last = terms + (usize(count) << 4);
  for (let i: usize = 0; i < usize(n) << 3; i += 32) {
    let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0);
    for (let first = terms; first < last; ) {
      const stop = min(first + (usize(group) << 4), last);
      let high0 = start, high1 = start, low0 = sum0, low1 = sum1;
      for (; first < stop; first += 16) {
        const a = i + load<u32>(first);
        const f = v128.load64_splat(first, 8);
        const a0 = v128.load(a), a1 = v128.load(a, 16);
        const next0 = nextHigh(a0, f, high0), next1 = nextHigh(a1, f, high1);
        low0 = nextLow(a0, f, f64x2.sub(next0, high0), low0);
        low1 = nextLow(a1, f, f64x2.sub(next1, high1), low1);
        high0 = next0;
        high1 = next1;
      }
      sum0 = settle(high0, low0, start, p, inverse);
      sum1 = settle(high1, low1, start, p, inverse);
    }
    v128.store(dst + i, sum0);
    v128.store(dst + i, sum1, 16);
  }
}

/**
 * Two sums with a common factor: dst0 = sum a_k b_k, dst1 = sum a_k c_k, over triples of addresses (three i32 each), for the
 * residues from..to - 1 (multiples of 4): a caller with many sums of the same b and c goes through them in blocks that stay in the cache.
 */
export function innerProducts(
  dst0: usize, dst1: usize, triples: usize, count: i32, group: i32, offset: f64, from: i32, to: i32, modulus: f64,
  reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), start = f64x2.splat(offset);
  const last = triples + usize(count) * 12;
  for (let i = usize(from) << 3; i < usize(to) << 3; i += 32) {
    let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0), sum2 = f64x2.splat(0), sum3 = f64x2.splat(0);
    for (let first = triples; first < last; ) {
      const stop = min(first + usize(group) * 12, last);
      let high0 = start, high1 = start, high2 = start, high3 = start;
      let low0 = sum0, low1 = sum1, low2 = sum2, low3 = sum3;
      for (; first < stop; first += 12) {
        const a = i + load<u32>(first), b = i + load<u32>(first, 4), c = i + load<u32>(first, 8);
        const a0 = v128.load(a), b0 = v128.load(b), c0 = v128.load(c);
        const next0 = nextHigh(a0, b0, high0), next1 = nextHigh(a0, c0, high1);
        low0 = nextLow(a0, b0, f64x2.sub(next0, high0), low0);
        low1 = nextLow(a0, c0, f64x2.sub(next1, high1), low1);
        high0 = next0;
        high1 = next1;
        const a1 = v128.load(a, 16), b1 = v128.load(b, 16), c1 = v128.load(c, 16);
        const next2 = nextHigh(a1, b1, high2), next3 = nextHigh(a1, c1, high3);
        low2 = nextLow(a1, b1, f64x2.sub(next2, high2), low2);
        low3 = nextLow(a1, c1, f64x2.sub(next3, high3), low3);
        high2 = next2;
        high3 = next3;
      }
      sum0 = settle(high0, low0, start, p, inverse);
      sum1 = settle(high1, low1, start, p, inverse);
      sum2 = settle(high2, low2, start, p, inverse);
      sum3 = settle(high3, low3, start, p, inverse);
    }
    v128.store(dst0 + i, sum0);
    v128.store(dst1 + i, sum1);
    v128.store(dst0 + i, sum2, 16);
    v128.store(dst1 + i, sum3, 16);
  }
}

/** dst = (a - b) factor: the last step of a division by a dropped prime, whose inverse is `factor`. */
export function subMultiply(dst: usize, a: usize, b: usize, factor: f64, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), f = f64x2.splat(factor);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    v128.store(dst + i, mulMod(f64x2.sub(v128.load(a + i), v128.load(b + i)), f, p, inverse));
  }
}

/** dst = (a - b) factor + c. */
export function subMultiplyAdd(
  dst: usize, a: usize, b: usize, factor: f64, c: usize, n: i32, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), f = f64x2.splat(factor);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const t = mulMod(f64x2.sub(v128.load(a + i), v128.load(b + i)), f, p, inverse);
    v128.store(dst + i, reduce(f64x2.add(t, v128.load(c + i)), p, inverse));
  }
}

/** dst[i] = a[table[i]]; dst must not be a. An automorphism of the ring, on transformed polynomials. */
export function permute(dst: usize, a: usize, table: usize, n: i32): void {
  for (const end = dst + (usize(n) << 3); dst < end; dst += 16, table += 8) {
    const x = v128.load64_zero(a + (usize(load<u32>(table)) << 3));
    v128.store(dst, v128.load64_lane(a + (usize(load<u32>(table, 4)) << 3), x, 1));
  }
}

/** dst[i] = a[table[i]] + b[i]. */
export function permuteAdd(
  dst: usize, a: usize, table: usize, b: usize, n: i32, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16, table += 8) {
    const x = v128.load64_zero(a + (usize(load<u32>(table)) << 3));
    const y = v128.load64_lane(a + (usize(load<u32>(table, 4)) << 3), x, 1);
    v128.store(dst + i, reduce(f64x2.add(y, v128.load(b + i)), p, inverse));
  }
}

/**
 * Coefficients 0 .. p - 1 of a polynomial f to those of sigma^-1(canonical(sigma(f))), for sigma: X -> X^element: where sigma
 * turns the sign, x becomes x - p.
 */
export function unrotate(dst: usize, a: usize, element: i32, n: i32, modulus: f64): void {
  const mask = 2 * n - 1;
  let power = 0;
  for (const end = dst + (usize(n) << 3); dst < end; dst += 8, a += 8) {
    const x = load<f64>(a);
    store<f64>(dst, power >= n && x > 0 ? x - modulus : x);
    power = (power + element) & mask;
  }
}

/** Any integers of at most 2^53 in magnitude to residues. */
export function reduceAll(dst: usize, a: usize, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) v128.store(dst + i, reduce(v128.load(a + i), p, inverse));
}
