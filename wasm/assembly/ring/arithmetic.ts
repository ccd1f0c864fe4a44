// Residues modulo a prime p < 2^49 as doubles, two at a time: signed, lazily reduced. docs/kernels.md proves the bounds.
//
// One source, two modules: with relaxed SIMD a product and its rounding error take two instructions, without it
// Dekker's product takes seventeen. Quotients come from the same rounded product in both, and everything else is exact,
// so both give the same residues. A third module, built with assertions, traps where a value may stop being exact.

/** Integers up to this are exact. */
export const EXACT: f64 = 9007199254740992;

/** In the checked module: traps unless both numbers are integers of at most `bound` in magnitude. */
// @ts-ignore: decorator
@inline
export function check(x: v128, bound: f64): void {
  if (!ASC_NO_ASSERT) {
    const within = f64x2.le(f64x2.abs(x), f64x2.splat(bound));
    if (!i64x2.all_true(v128.and(within, f64x2.eq(x, f64x2.nearest(x))))) unreachable();
  }
}

/** a b - h for h = fl(a b), by Veltkamp's splitting and Dekker's product. */
// @ts-ignore: decorator
@inline
export function productError(a: v128, b: v128, h: v128): v128 {
  const splitter = f64x2.splat(134217729);
  const aScaled = f64x2.mul(a, splitter);
  const a1 = f64x2.sub(aScaled, f64x2.sub(aScaled, a));
  const a2 = f64x2.sub(a, a1);
  const bScaled = f64x2.mul(b, splitter);
  const b1 = f64x2.sub(bScaled, f64x2.sub(bScaled, b));
  const b2 = f64x2.sub(b, b1);
  return f64x2.add(
    f64x2.mul(a2, b2),
    f64x2.add(f64x2.mul(a2, b1), f64x2.add(f64x2.mul(a1, b2), f64x2.sub(f64x2.mul(a1, b1), h))),
  );
}

/** c - a b where that is a double. */
// @ts-ignore: decorator
@inline
export function minusProduct(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_nmadd(a, b, c);
  const h = f64x2.mul(a, b);
  return f64x2.sub(f64x2.sub(c, h), productError(a, b, h));
}

/** x mod p, at most p (1/2 + |x| / p 2^-52) in magnitude, for integers |x| <= 2^53. */
// @ts-ignore: decorator
@inline
export function reduce(x: v128, p: v128, inverse: v128): v128 {
  check(x, EXACT);
  return minusProduct(f64x2.nearest(f64x2.mul(x, inverse)), p, x);
}

/** x w mod p, at most p (1/2 + 3 |x w| / p 2^-53) in magnitude, for integers |x|, |w| <= 2^53 with |x w| <= 2^52 p. */
// @ts-ignore: decorator
@inline
export function mulMod(x: v128, w: v128, p: v128, inverse: v128): v128 {
  check(x, EXACT);
  check(w, EXACT);
  const h = f64x2.mul(x, w);
  const q = f64x2.nearest(f64x2.mul(h, inverse));
  check(q, EXACT / 2);
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f64x2.sub(f64x2.relaxed_nmadd(q, p, h), f64x2.relaxed_nmadd(x, w, h));
  }
  return f64x2.add(minusProduct(q, p, h), productError(x, w, h));
}

/** The same for a factor that serves often, with ratio = fl(w / p) in advance: a shorter chain of dependent instructions. */
// @ts-ignore: decorator
@inline
export function mulModBy(x: v128, w: v128, ratio: v128, p: v128): v128 {
  check(x, EXACT);
  check(w, EXACT);
  const h = f64x2.mul(x, w);
  const q = f64x2.nearest(f64x2.mul(x, ratio));
  check(q, EXACT / 2);
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f64x2.sub(f64x2.relaxed_nmadd(q, p, h), f64x2.relaxed_nmadd(x, w, h));
  }
  return f64x2.add(minusProduct(q, p, h), productError(x, w, h));
}

/** From less than p in magnitude to 0 .. p - 1. */
// @ts-ignore: decorator
@inline
export function canonical(x: v128, p: v128): v128 {
  return f64x2.add(x, v128.and(f64x2.lt(x, f64x2.splat(0)), p));
}

/** From 0 .. p - 1 to -(p - 1) / 2 .. (p - 1) / 2. */
// @ts-ignore: decorator
@inline
export function centred(x: v128, p: v128, half: v128): v128 {
  return f64x2.sub(x, v128.and(f64x2.gt(x, half), p));
}
