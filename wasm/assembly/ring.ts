// Polynomials modulo primes below 2^49, on which ciphertexts are evaluated: docs/kernels.md.

export { embed, reduceWide } from './ring/embedding';
export { expandSeed } from './ring/expand';
export { forward } from './ring/forward';
export { inverse } from './ring/inverse';
export {
  add, affine, combine, innerProduct, innerProducts, multiply, negate, permute, permuteAdd, reduceAll, sub, subMultiply,
  subMultiplyAdd, tensor, tensorSquare, unrotate,
} from './ring/pointwise';
export { intoStream, sumDigits } from './ring/switching';
export { fromBytes, fromWords, normalise, packLeading, reduceWords, toWords } from './ring/words';

// Passes of the inverse, exported so that they stay functions: within one, their loops would not find registers enough.
export { firstLayers, lastLayer, lastTwoLayers, twoLayers } from './ring/inverse';

/** First byte that the host may use. */
export const HEAP: usize = __heap_base;

/** Whether a product and a sum are rounded once, as one instruction: engines may do either. */
export function fused(a: f64, b: f64, c: f64): f64 {
  if (!ASC_FEATURE_RELAXED_SIMD) return a * b + c;
  return f64x2.extract_lane(f64x2.relaxed_madd(f64x2.splat(a), f64x2.splat(b), f64x2.splat(c)), 0);
}
