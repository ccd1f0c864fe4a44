import type { Arithmetic, Ordered } from './arithmetic.ts';

/** -a. No level under CKKS, no communication on shares. */
export function negate<V>(alg: Arithmetic<V>, a: V): V {
  return alg.scale(a, -1);
}

/** The smaller of a and b, elementwise: one comparison. */
export function min<V>(alg: Ordered<V>, a: V, b: V): V {
  return negate(alg, alg.max(negate(alg, a), negate(alg, b)));
}

/** |a|, elementwise: one comparison. */
export function absolute<V>(alg: Ordered<V>, a: V): V {
  return alg.max(a, negate(alg, a));
}

/** The larger of a and 0, elementwise: one comparison with a public number. `length` is that of a. */
export function positivePart<V>(alg: Ordered<V>, a: V, length: number): V {
  return alg.max(a, alg.constant(new Float64Array(length)));
}

/** 1 - bit, elementwise. `length` is that of bit. */
export function not<V>(alg: Arithmetic<V>, bit: V, length: number): V {
  return alg.addPlain(negate(alg, bit), new Float64Array(length).fill(1));
}

/** 1 where both bits are 1, elementwise: one secret product. */
export function and<V>(alg: Arithmetic<V>, a: V, b: V): V {
  return alg.mul(a, b);
}

/** 1 where either bit is 1, elementwise: one secret product. */
export function or<V>(alg: Arithmetic<V>, a: V, b: V): V {
  return alg.sub(alg.add(a, b), alg.mul(a, b));
}

/**
 * 1 where a and b are equal, elementwise: two comparisons and a secret product. A back end compares what it represents, so that two numbers
 * closer than its fixed-point step are equal. `length` is that of a.
 */
export function equal<V>(alg: Ordered<V>, a: V, b: V, length: number): V {
  // 1 - (a < b) - (b < a) would save the product, but nobody could tell from its bounds that it is a bit.
  return alg.mul(not(alg, alg.lessThan(a, b), length), not(alg, alg.lessThan(b, a), length));
}
