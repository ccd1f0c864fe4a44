// The inverse transform, from SEAL's order: the layers of forward.ts backwards (Gentleman and Sande), two a pass.
// Sums of four operands are reduced in every pass, all else is a product or a sum of two: nothing exceeds 1.6 p between passes.

import { canonical, centred, check, mulMod, mulModBy, reduce } from './arithmetic';
import { BLOCK, root } from './forward';

/** Checked module: magnitude between passes, as a multiple of p. */
const BETWEEN: f64 = 1.6;

/** The first two layers, over `count` quadruples. */
function firstLayers(
  dst: usize, src: usize, i: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  let w1 = roots + (usize(i) << 3);
  let w23 = roots + (usize(i) << 4);
  for (const end = dst + (usize(count) << 5); dst < end; dst += 32, src += 32, w1 += 8, w23 += 16) {
    const x = v128.load(src);
    const y = v128.load(src, 16);
    check(x, modulus * BETWEEN);
    check(y, modulus * BETWEEN);
    const g = v128.shuffle<f64>(x, y, 0, 2);
    const h = v128.shuffle<f64>(x, y, 1, 3);
    const s = f64x2.add(g, h);
    const u = v128.load64_splat(w1), v = v128.load(w23);
    const d = mulModBy(f64x2.sub(g, h), v, f64x2.mul(v, inverse), p);
    const e = v128.shuffle<f64>(s, d, 0, 2);
    const f = v128.shuffle<f64>(s, d, 1, 3);
    v128.store(dst, reduce(f64x2.add(e, f), p, inverse));
    v128.store(dst, mulModBy(f64x2.sub(e, f), u, f64x2.mul(u, inverse), p), 16);
  }
}

/** Two layers over `count` consecutive blocks of `length`, in place; the first is block `first` of m. */
function twoLayers(
  dst: usize, length: i32, m: i32, first: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  const quarter = usize(length) << 1;
  for (let b = 0; b < count; b++) {
    const i = m + first + b;
    const w1 = root(roots, i);
    const w2 = root(roots, 2 * i);
    const w3 = root(roots, 2 * i + 1);
    const r1 = f64x2.mul(w1, inverse), r2 = f64x2.mul(w2, inverse), r3 = f64x2.mul(w3, inverse);
    let x0 = dst + (usize(b) * quarter << 2);
    for (const end = x0 + quarter; x0 < end; x0 += 16) {
      const x1 = x0 + quarter, x2 = x1 + quarter, x3 = x2 + quarter;
      const a = v128.load(x0), c = v128.load(x1), e = v128.load(x2), g = v128.load(x3);
      check(a, modulus * BETWEEN);
      check(c, modulus * BETWEEN);
      check(e, modulus * BETWEEN);
      check(g, modulus * BETWEEN);
      const s = f64x2.add(a, c);
      const t = f64x2.add(e, g);
      const u = mulModBy(f64x2.sub(a, c), w2, r2, p);
      const v = mulModBy(f64x2.sub(e, g), w3, r3, p);
      v128.store(x0, reduce(f64x2.add(s, t), p, inverse));
      v128.store(x1, f64x2.add(u, v));
      v128.store(x2, mulModBy(f64x2.sub(s, t), w1, r1, p));
      v128.store(x3, mulModBy(f64x2.sub(u, v), w1, r1, p));
    }
  }
}

// @ts-ignore: decorator
@inline
function finish(address: usize, x: v128, p: v128, half: v128, centre: bool): void {
  const y = canonical(x, p);
  v128.store(address, centre ? centred(y, p, half) : y);
}

/** The last two layers over everything, times `factor`. */
function lastTwoLayers(
  dst: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64, factor: f64, centre: bool,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), half = f64x2.splat((modulus - 1) / 2);
  const f = f64x2.splat(factor);
  const w1 = root(roots, 1);
  const w2 = mulMod(root(roots, 2), f, p, inverse);
  const w3 = mulMod(root(roots, 3), f, p, inverse);
  const w4 = mulMod(w1, f, p, inverse);
  const quarter = usize(n) << 1;
  for (const end = dst + quarter; dst < end; dst += 16) {
    const x1 = dst + quarter, x2 = x1 + quarter, x3 = x2 + quarter;
    const a = v128.load(dst), c = v128.load(x1), e = v128.load(x2), g = v128.load(x3);
    const s = f64x2.add(a, c);
    const t = f64x2.add(e, g);
    const u = mulMod(f64x2.sub(a, c), w2, p, inverse);
    const v = mulMod(f64x2.sub(e, g), w3, p, inverse);
    finish(dst, mulMod(f64x2.add(s, t), f, p, inverse), p, half, centre);
    finish(x1, reduce(f64x2.add(u, v), p, inverse), p, half, centre);
    finish(x2, mulMod(f64x2.sub(s, t), w4, p, inverse), p, half, centre);
    finish(x3, mulMod(f64x2.sub(u, v), w1, p, inverse), p, half, centre);
  }
}

/** The last layer over everything, times `factor`: for degrees that are odd powers of two. */
function lastLayer(
  dst: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64, factor: f64, centre: bool,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), half = f64x2.splat((modulus - 1) / 2);
  const f = f64x2.splat(factor);
  const w = mulMod(root(roots, 1), f, p, inverse);
  const middle = usize(n) << 2;
  for (const end = dst + middle; dst < end; dst += 16) {
    const a = v128.load(dst), b = v128.load(dst + middle);
    finish(dst, mulMod(f64x2.add(a, b), f, p, inverse), p, half, centre);
    finish(dst + middle, mulMod(f64x2.sub(a, b), w, p, inverse), p, half, centre);
  }
}

/**
 * Inverse transform of n >= 32 residues of at most 1.6 p, times `factor` (1/n, or a multiple), to 0 .. p - 1 or, with
 * `centre`, to -(p-1)/2 .. (p-1)/2; dst may be src. roots[m + i] = psi^-brv(m + i).
 */
export function inverse(
  dst: usize, src: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64, factor: f64, centre: bool,
): void {
  const odd = ctz(n) & 1;
  // The last pass runs over everything; before it blocks of a fourth (or half) of that, and so on.
  const top = odd ? n >> 1 : n >> 2;
  let length = top;
  while (length > BLOCK) length >>= 2;
  const blocks = n / length;
  const bytes = usize(length) << 3;
  for (let b = 0; b < blocks; b++) {
    const block = dst + usize(b) * bytes;
    let count = length >> 2;
    firstLayers(block, src + usize(b) * bytes, (blocks + b) * count, count, roots, modulus, reciprocal);
    for (let size = 16; size <= length; size <<= 2) {
      count >>= 2;
      twoLayers(block, size, blocks * count, b * count, count, roots, modulus, reciprocal);
    }
  }
  for (let size = length << 2; size <= top; size <<= 2) {
    twoLayers(dst, size, n / size, 0, n / size, roots, modulus, reciprocal);
  }
  if (odd) lastLayer(dst, n, roots, modulus, reciprocal, factor, centre);
  else lastTwoLayers(dst, n, roots, modulus, reciprocal, factor, centre);
}
