/** Vector instructions of two doubles and bytes that have to pass between a core and its second-level cache or beyond. */
export type KernelWork = { readonly instructions: number; readonly bytes: number };

/** Instructions of a product modulo p: multiply, multiply, round, two fused, subtract. */
const PRODUCT = 6;
const REDUCTION = 3;
/** Of an exact multiply-accumulate. */
const ACCUMULATE = 4;

export type WorkOf = {
  transforms(count: number): KernelWork;
  tensor(): KernelWork;
  plainSum(terms: number): KernelWork;
  /** `decompositions` of a polynomial, each digit times `keys` keys, and as many divisions by the special prime. */
  keySwitch(decompositions: number, keys: number): KernelWork;
  /** A complex transform of half the degree, and a transform a prime. */
  encode(): KernelWork;
};

/**
 * What the operations cost at least, as they are done: arithmetic alone, and every operand and result once (transforms that fit
 * the second-level cache are not counted as traffic; keys and operands are).
 */
export function workOf(degree: number, primes: number): WorkOf {
  const layers = Math.log2(degree);
  const pairs = degree / 2;
  const page = 8 * degree;
  const transform = (pairs * layers * (PRODUCT + 2)) / 2 + pairs * REDUCTION;
  const transforms = (count: number): KernelWork => ({
    instructions: count * transform,
    bytes: 2 * count * page,
  });
  return {
    transforms,
    tensor: (): KernelWork => ({
      instructions: primes * pairs * (4 * PRODUCT + 1 + REDUCTION),
      bytes: 7 * primes * page,
    }),
    plainSum: (terms: number): KernelWork => ({
      instructions: 2 * primes * terms * pairs * ACCUMULATE,
      bytes: primes * page * (3 * terms + 2),
    }),
    keySwitch: (decompositions: number, keys: number): KernelWork => ({
      instructions:
        decompositions * primes * (1 + primes) * transform +
        keys * (2 * (1 + primes) * transform + 2 * primes * (primes + 1) * pairs * ACCUMULATE),
      bytes: keys * page * (2 * primes * (primes + 1) + 4 * primes),
    }),
    encode: (): KernelWork => ({
      instructions: (pairs / 2) * ((layers - 1) / 2) * 10 + primes * (transform + pairs * 3 * REDUCTION),
      bytes: page * (1 + primes),
    }),
  };
}
