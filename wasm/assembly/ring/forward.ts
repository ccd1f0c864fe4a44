// The negacyclic number-theoretic transform of Z_p[X] / (X^N + 1), merged with the powers of a 2 N-th root of unity psi
// (Longa and Naehrig, CANS 2016): output j is the value at psi^(2 brv(j) + 1), SEAL's order. Two layers a pass (radix 4).
//
// Roots are centred (|w| <= p/2) and stand in bit-reversed order: roots[m + i] = psi^brv(m + i). Their
// ratios to p are multiplied out for every block, so that no second table is read.

import { check, mulModBy, reduce } from './arithmetic';

/** Doubles of a block that is transformed to its end before the next one: data and roots stay in the first-level cache. */
export const BLOCK: i32 = 2048;

/**
 * Radix-4 pass in which operands that are only added are reduced, so that nothing outgrows 2^53; and from which primes on: below, an
 * operand grows by p/2 a layer and nothing is near.
 */
const RESET_PASS: i32 = 3;
const RESET_FROM: f64 = 140737488355328;

/** Checked module: the largest magnitude that docs/kernels.md allows after any layer, for |input| <= 2^49. */
const LARGEST: f64 = 4503599627370496;

// @ts-ignore: decorator
@inline
function resetPass(modulus: f64): i32 {
  return modulus < RESET_FROM ? -1 : RESET_PASS;
}

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
// @ts-ignore: decorator
@inline
function twoLayersOf(
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
      // What the longest chain begins with comes first: more instructions are ready when a core sees them.
      const v = mulModBy(v128.load(x3), w1, r1, p);
      let c = v128.load(x1);
      if (reset) c = reduce(c, p, inverse);
      const s = mulModBy(f64x2.add(c, v), w2, r2, p);
      const t = mulModBy(f64x2.sub(c, v), w3, r3, p);
      const u = mulModBy(v128.load(x2), w1, r1, p);
      let a = v128.load(x0);
      if (reset) a = reduce(a, p, inverse);
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

/** As two functions, each of one loop without a branch: registers suffice. */
function twoLayersPlain(
  dst: usize, src: usize, length: i32, m: i32, first: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
): void {
  twoLayersOf(dst, src, length, m, first, count, roots, modulus, reciprocal, false);
}

function twoLayersReset(
  dst: usize, src: usize, length: i32, m: i32, first: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
): void {
  twoLayersOf(dst, src, length, m, first, count, roots, modulus, reciprocal, true);
}

// @ts-ignore: decorator
@inline
function twoLayers(
  dst: usize, src: usize, length: i32, m: i32, first: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
  reset: bool,
): void {
  if (reset) twoLayersReset(dst, src, length, m, first, count, roots, modulus, reciprocal);
  else twoLayersPlain(dst, src, length, m, first, count, roots, modulus, reciprocal);
}

/** The last two layers over `count` quadruples, an even number, two at a time so that a lane stands for one; reduced, if `reduced`. */
// @ts-ignore: decorator
@inline
function lastLayers(
  x: usize, i: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64, reduced: bool,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  let w1 = roots + (usize(i) << 3);
  let w23 = roots + (usize(i) << 4);
  for (const end = x + (usize(count) << 5); x < end; x += 64, w1 += 16, w23 += 32) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    const w = v128.load(w1), r = f64x2.mul(w, inverse);
    const v0 = v128.load(w23), v1 = v128.load(w23, 16);
    const w2 = v128.shuffle<f64>(v0, v1, 0, 2), w3 = v128.shuffle<f64>(v0, v1, 1, 3);
    const v = mulModBy(v128.shuffle<f64>(x1, x3, 1, 3), w, r, p);
    const u = mulModBy(v128.shuffle<f64>(x1, x3, 0, 2), w, r, p);
    const a = v128.shuffle<f64>(x0, x2, 0, 2), c = v128.shuffle<f64>(x0, x2, 1, 3);
    const e = f64x2.add(a, u), f = f64x2.sub(a, u);
    const s = mulModBy(f64x2.add(c, v), w2, f64x2.mul(w2, inverse), p);
    const t = mulModBy(f64x2.sub(c, v), w3, f64x2.mul(w3, inverse), p);
    let y0 = f64x2.add(e, s), y1 = f64x2.sub(e, s), y2 = f64x2.add(f, t), y3 = f64x2.sub(f, t);
    check(y0, LARGEST);
    check(y1, LARGEST);
    check(y2, LARGEST);
    check(y3, LARGEST);
    if (reduced) {
      y0 = reduce(y0, p, inverse);
      y1 = reduce(y1, p, inverse);
      y2 = reduce(y2, p, inverse);
      y3 = reduce(y3, p, inverse);
    }
    v128.store(x, v128.shuffle<f64>(y0, y1, 0, 2));
    v128.store(x, v128.shuffle<f64>(y2, y3, 0, 2), 16);
    v128.store(x, v128.shuffle<f64>(y0, y1, 1, 3), 32);
    v128.store(x, v128.shuffle<f64>(y2, y3, 1, 3), 48);
  }
}

/** Layers of n >= 16 integers down to blocks that are transformed one by one: how many blocks. Where it is one, nothing was done. */
export function forwardHead(dst: usize, src: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64): i32 {
  let m = 1;
  if (ctz(n) & 1) {
    firstLayer(dst, src, n, roots, modulus, reciprocal);
    src = dst;
    m = 2;
  }
  for (let pass = 0; n / m > BLOCK; m <<= 2, pass++) {
    twoLayers(dst, src, n / m, m, 0, m, roots, modulus, reciprocal, pass == resetPass(modulus));
    src = dst;
  }
  return m;
}

/** Block b of m, from its place in src to that in dst. */
export function forwardBlock(
  dst: usize, src: usize, n: i32, m: i32, b: i32, roots: usize, modulus: f64, reciprocal: f64, lazy: bool,
): void {
  const length = n / m;
  const start = usize(b) * usize(length) << 3;
  dst += start;
  src += start;
  let pass = ctz(m) >> 1;
  let count = 1;
  for (let size = length; size > 4; size >>= 2, count <<= 2, pass++) {
    twoLayers(dst, src, size, m * count, b * count, count, roots, modulus, reciprocal, pass == resetPass(modulus));
    src = dst;
  }
  if (lazy) lastLayers(dst, (m + b) * count, count, roots, modulus, reciprocal, false);
  else lastLayers(dst, (m + b) * count, count, roots, modulus, reciprocal, true);
}

/**
 * Forward transform of n >= 16 integers of at most 2^49 in magnitude to residues; dst may be src. Of about -p/2 .. p/2 or, with `lazy`
 * and a prime below 2^45, of at most 1.1 times the largest input and 8 p.
 */
export function forward(
  dst: usize, src: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64, lazy: bool,
): void {
  const m = forwardHead(dst, src, n, roots, modulus, reciprocal);
  if (m > 1) src = dst;
  for (let b = 0; b < m; b++) forwardBlock(dst, src, n, m, b, roots, modulus, reciprocal, lazy);
}
