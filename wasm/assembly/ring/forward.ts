// The negacyclic number-theoretic transform of Z_p[X] / (X^N + 1), merged with the powers of a 2 N-th root of unity psi
// (Longa and Naehrig, CANS 2016): output j is the value at psi^(2 brv(j) + 1), SEAL's order. Two layers a pass (radix 4).
//
// Roots are centred (|w| <= p/2) and stand in bit-reversed order: roots[m + i] = psi^brv(m + i). Their
// ratios to p are multiplied out for every block, so that no second table is read.

import { check, mulModBy, reduce } from './arithmetic';

/** Doubles of a block that is transformed to its end before the next one: data and roots stay in the first-level cache. */
export const BLOCK: i32 = 2048;

/** Radix-4 pass in which operands that are only added are reduced, so that nothing outgrows 2^53. */
const RESET_PASS: i32 = 3;

/** Checked module: the largest magnitude that docs/kernels.md allows after any layer, for |input| <= 2^49. */
const LARGEST: f64 = 4503599627370496;

// @ts-ignore: decorator
@inline
export function root(roots: usize, i: i32): v128 {
  return v128.load64_splat(roots + (usize(i) << 3));
}

/** One layer over everything: for degrees that are odd powers of two. */
function firstLayer(dst: usize, src: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  const w = root(roots, 1), r = f64x2.mul(w, inverse);
  const half = usize(n) << 2;
  for (let i: usize = 0; i < half; i += 16) {
    const a = v128.load(src + i);
    const t = mulModBy(v128.load(src + half + i), w, r, p);
    v128.store(dst + i, f64x2.add(a, t));
    v128.store(dst + half + i, f64x2.sub(a, t));
  }
}

/** Two layers over `count` consecutive blocks of `length`, the first of which is block `first` of m in its layer. */
function twoLayers(
  dst: usize, src: usize, length: i32, m: i32, first: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
  reset: bool,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  const quarter = usize(length) << 1;
  for (let b = 0; b < count; b++) {
    const i = m + first + b;
    const w1 = root(roots, i);
    const w2 = root(roots, 2 * i);
    const w3 = root(roots, 2 * i + 1);
    const r1 = f64x2.mul(w1, inverse), r2 = f64x2.mul(w2, inverse), r3 = f64x2.mul(w3, inverse);
    let x0 = src + (usize(b) * quarter << 2);
    let y0 = dst + (usize(b) * quarter << 2);
    for (const end = x0 + quarter; x0 < end; x0 += 16, y0 += 16) {
      const x1 = x0 + quarter, x2 = x1 + quarter, x3 = x2 + quarter;
      const y1 = y0 + quarter, y2 = y1 + quarter, y3 = y2 + quarter;
      let a = v128.load(x0);
      let c = v128.load(x1);
      if (reset) {
        a = reduce(a, p, inverse);
        c = reduce(c, p, inverse);
      }
      const u = mulModBy(v128.load(x2), w1, r1, p);
      const v = mulModBy(v128.load(x3), w1, r1, p);
      const s = mulModBy(f64x2.add(c, v), w2, r2, p);
      const t = mulModBy(f64x2.sub(c, v), w3, r3, p);
      const e = f64x2.add(a, u);
      const f = f64x2.sub(a, u);
      check(e, LARGEST);
      check(f, LARGEST);
      v128.store(y0, f64x2.add(e, s));
      v128.store(y1, f64x2.sub(e, s));
      v128.store(y2, f64x2.add(f, t));
      v128.store(y3, f64x2.sub(f, t));
    }
  }
}

/** The last two layers, over `count` quadruples, and the reduction. */
function lastLayers(x: usize, i: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  let w1 = roots + (usize(i) << 3);
  let w23 = roots + (usize(i) << 4);
  for (const end = x + (usize(count) << 5); x < end; x += 32, w1 += 8, w23 += 16) {
    const a = v128.load(x);
    const u = v128.load64_splat(w1), v = v128.load(w23);
    const t = mulModBy(v128.load(x, 16), u, f64x2.mul(u, inverse), p);
    const e = f64x2.add(a, t);
    const f = f64x2.sub(a, t);
    // The last layer pairs neighbours: (e0, f0) with (e1, f1).
    const b = v128.shuffle<f64>(e, f, 0, 2);
    const s = mulModBy(v128.shuffle<f64>(e, f, 1, 3), v, f64x2.mul(v, inverse), p);
    const g = f64x2.add(b, s);
    const h = f64x2.sub(b, s);
    check(g, LARGEST);
    check(h, LARGEST);
    const k = reduce(g, p, inverse);
    const l = reduce(h, p, inverse);
    v128.store(x, v128.shuffle<f64>(k, l, 0, 2));
    v128.store(x, v128.shuffle<f64>(k, l, 1, 3), 16);
  }
}

/** Forward transform of n >= 8 integers of at most 2^49 in magnitude to residues of about -p/2 .. p/2; dst may be src. */
export function forward(dst: usize, src: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64): void {
  let m = 1;
  let from = src;
  if (ctz(n) & 1) {
    firstLayer(dst, src, n, roots, modulus, reciprocal);
    from = dst;
    m = 2;
  }
  let passes = 0;
  for (; n / m > BLOCK; m <<= 2) {
    twoLayers(dst, from, n / m, m, 0, m, roots, modulus, reciprocal, passes == RESET_PASS);
    from = dst;
    passes++;
  }
  const length = n / m;
  const bytes = usize(length) << 3;
  for (let b = 0; b < m; b++) {
    const block = dst + usize(b) * bytes;
    let source = from + usize(b) * bytes;
    let pass = passes;
    let count = 1;
    for (let size = length; size > 4; size >>= 2, count <<= 2) {
      twoLayers(block, source, size, m * count, b * count, count, roots, modulus, reciprocal, pass == RESET_PASS);
      source = block;
      pass++;
    }
    lastLayers(block, (m + b) * count, count, roots, modulus, reciprocal);
  }
}
