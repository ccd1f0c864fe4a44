// From slots to coefficients. A real polynomial m takes the value z_i at zeta^(3^i) (zeta a complex 2 N-th root of unity) and
// the conjugate at the conjugate point, and one of the two exponents is 4 j + 1. With u_k = m_k + i m_(k + N/2) the value
// there is u(zeta^(4 j + 1)), of a polynomial modulo Y^(N/2) - i, so that half a transform gives a whole real polynomial:
// the same layers as inverse.ts, over complex numbers. Real and imaginary parts stand apart.
//
// No fused instructions: a plaintext is the same on every machine.

import { EXACT, check, minusProduct } from './arithmetic';

/** One inverse layer over m blocks, each of two halves of `half` complex numbers (even). */
function layer(re: usize, im: usize, half: i32, m: i32, rootsRe: usize, rootsIm: usize): void {
  const bytes = usize(half) << 3;
  for (let i = 0; i < m; i++) {
    const c = v128.load64_splat(rootsRe + (usize(m + i) << 3));
    const s = v128.load64_splat(rootsIm + (usize(m + i) << 3));
    const from = usize(i) * bytes << 1;
    for (let j = from; j < from + bytes; j += 16) {
      const aRe = v128.load(re + j), aIm = v128.load(im + j);
      const bRe = v128.load(re + j + bytes), bIm = v128.load(im + j + bytes);
      const dRe = f64x2.sub(aRe, bRe), dIm = f64x2.sub(aIm, bIm);
      v128.store(re + j, f64x2.add(aRe, bRe));
      v128.store(im + j, f64x2.add(aIm, bIm));
      v128.store(re + j + bytes, f64x2.sub(f64x2.mul(dRe, c), f64x2.mul(dIm, s)));
      v128.store(im + j + bytes, f64x2.add(f64x2.mul(dRe, s), f64x2.mul(dIm, c)));
    }
  }
}

/** The first inverse layer: neighbours. */
function firstLayer(re: usize, im: usize, n: i32, rootsRe: usize, rootsIm: usize): void {
  rootsRe += usize(n) << 2;
  rootsIm += usize(n) << 2;
  for (const end = re + (usize(n) << 3); re < end; re += 32, im += 32, rootsRe += 16, rootsIm += 16) {
    const c = v128.load(rootsRe), s = v128.load(rootsIm);
    const xRe = v128.load(re), yRe = v128.load(re, 16), xIm = v128.load(im), yIm = v128.load(im, 16);
    const aRe = v128.shuffle<f64>(xRe, yRe, 0, 2), bRe = v128.shuffle<f64>(xRe, yRe, 1, 3);
    const aIm = v128.shuffle<f64>(xIm, yIm, 0, 2), bIm = v128.shuffle<f64>(xIm, yIm, 1, 3);
    const dRe = f64x2.sub(aRe, bRe), dIm = f64x2.sub(aIm, bIm);
    const eRe = f64x2.add(aRe, bRe), eIm = f64x2.add(aIm, bIm);
    const fRe = f64x2.sub(f64x2.mul(dRe, c), f64x2.mul(dIm, s));
    const fIm = f64x2.add(f64x2.mul(dRe, s), f64x2.mul(dIm, c));
    v128.store(re, v128.shuffle<f64>(eRe, fRe, 0, 2));
    v128.store(re, v128.shuffle<f64>(eRe, fRe, 1, 3), 16);
    v128.store(im, v128.shuffle<f64>(eIm, fIm, 0, 2));
    v128.store(im, v128.shuffle<f64>(eIm, fIm, 1, 3), 16);
  }
}

/**
 * n = N/2 values in place to u, then times `scale` and rounded to integers; im follows re, so that together they are the
 * N coefficients. Layer m multiplies block i by roots[m + i], the inverse square root that splits its modulus.
 * Returns the largest magnitude.
 */
export function embed(re: usize, n: i32, rootsRe: usize, rootsIm: usize, scale: f64): f64 {
  const im = re + (usize(n) << 3);
  firstLayer(re, im, n, rootsRe, rootsIm);
  for (let m = n >> 2, half = 2; m >= 1; m >>= 1, half <<= 1) layer(re, im, half, m, rootsRe, rootsIm);
  const factor = f64x2.splat(scale);
  let most = f64x2.splat(0);
  for (const end = re + (usize(n) << 4); re < end; re += 16) {
    const x = f64x2.nearest(f64x2.mul(v128.load(re), factor));
    most = f64x2.max(most, f64x2.abs(x));
    v128.store(re, x);
  }
  return Math.max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
}

/** Integers below 2^90 in magnitude to residues: each step takes off a multiple of p that is exact, and 50 bits. */
export function reduceWide(dst: usize, a: usize, n: i32, modulus: f64, reciprocal: f64): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    let x = v128.load(a + i);
    x = minusProduct(f64x2.nearest(f64x2.mul(x, inverse)), p, x);
    x = minusProduct(f64x2.nearest(f64x2.mul(x, inverse)), p, x);
    x = minusProduct(f64x2.nearest(f64x2.mul(x, inverse)), p, x);
    check(x, EXACT);
    v128.store(dst + i, x);
  }
}
