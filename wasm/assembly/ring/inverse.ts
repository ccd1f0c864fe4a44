// The inverse transform, from SEAL's order: the layers of forward.ts backwards (Gentleman and Sande), two a pass.
// Sums of four operands are reduced in every pass, all else is a product or a sum of two: nothing exceeds 1.6 p between passes.

import { canonical, check, mulMod, mulModBy, reduce } from './arithmetic';
import { BLOCK, root } from './forward';

/** Checked module: magnitude between passes, as a multiple of p. */
const BETWEEN: f64 = 1.6;

/** The first two layers over `count` quadruples, an even number, two at a time so that a lane stands for one. */
export function firstLayers(
  dst: usize, src: usize, i: i32, count: i32, roots: usize, modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  let w1 = roots + (usize(i) << 3);
  let w23 = roots + (usize(i) << 4);
  for (const end = dst + (usize(count) << 5); dst < end; dst += 64, src += 64, w1 += 16, w23 += 32) {
    const x0 = v128.load(src), x1 = v128.load(src, 16), x2 = v128.load(src, 32), x3 = v128.load(src, 48);
    check(x0, modulus * BETWEEN);
    check(x1, modulus * BETWEEN);
    check(x2, modulus * BETWEEN);
    check(x3, modulus * BETWEEN);
    const v0 = v128.load(w23), v1 = v128.load(w23, 16);
    const w2 = v128.shuffle<f64>(v0, v1, 0, 2), w3 = v128.shuffle<f64>(v0, v1, 1, 3);
    const a = v128.shuffle<f64>(x0, x2, 0, 2), c = v128.shuffle<f64>(x0, x2, 1, 3);
    const e = v128.shuffle<f64>(x1, x3, 0, 2), g = v128.shuffle<f64>(x1, x3, 1, 3);
    const u = mulModBy(f64x2.sub(a, c), w2, f64x2.mul(w2, inverse), p);
    const v = mulModBy(f64x2.sub(e, g), w3, f64x2.mul(w3, inverse), p);
    const w = v128.load(w1), r = f64x2.mul(w, inverse);
    const s = f64x2.add(a, c), t = f64x2.add(e, g);
    const y3 = mulModBy(f64x2.sub(u, v), w, r, p);
    const y2 = mulModBy(f64x2.sub(s, t), w, r, p);
    const y1 = f64x2.add(u, v), y0 = reduce(f64x2.add(s, t), p, inverse);
    v128.store(dst, v128.shuffle<f64>(y0, y1, 0, 2));
    v128.store(dst, v128.shuffle<f64>(y2, y3, 0, 2), 16);
    v128.store(dst, v128.shuffle<f64>(y0, y1, 1, 3), 32);
    v128.store(dst, v128.shuffle<f64>(y2, y3, 1, 3), 48);
  }
}

/** Two layers over `count` consecutive blocks of `length`, in place; the first is block `first` of m. */
export function twoLayers(
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

/** Writes the one representative of x, |x| <= 2 p: to nearest is exact so near to 0, and there is no tie as p is odd. */
// @ts-ignore: decorator
@inline
function finish(address: usize, x: v128, p: v128, inverse: v128, centre: bool): void {
  const y = reduce(x, p, inverse);
  v128.store(address, centre ? y : canonical(y, p));
}

/** The last two layers over everything, times `factor`. */
export function lastTwoLayers(
  dst: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64, factor: f64, centre: bool,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
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
    finish(dst, mulMod(f64x2.add(s, t), f, p, inverse), p, inverse, centre);
    finish(x1, f64x2.add(u, v), p, inverse, centre);
    finish(x2, mulMod(f64x2.sub(s, t), w4, p, inverse), p, inverse, centre);
    finish(x3, mulMod(f64x2.sub(u, v), w1, p, inverse), p, inverse, centre);
  }
}

/** The last layer over everything, times `factor`: for degrees that are odd powers of two. */
export function lastLayer(
  dst: usize, n: i32, roots: usize, modulus: f64, reciprocal: f64, factor: f64, centre: bool,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  const f = f64x2.splat(factor);
  const w = mulMod(root(roots, 1), f, p, inverse);
  const middle = usize(n) << 2;
  for (const end = dst + middle; dst < end; dst += 16) {
    const a = v128.load(dst), b = v128.load(dst + middle);
    finish(dst, mulMod(f64x2.add(a, b), f, p, inverse), p, inverse, centre);
    finish(dst + middle, mulMod(f64x2.sub(a, b), w, p, inverse), p, inverse, centre);
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
