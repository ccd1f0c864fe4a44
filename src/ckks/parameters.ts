import type { Digest } from '../base/brand.ts';
import { digestOf } from '../base/digest.ts';
import { ParametersError } from '../base/errors.ts';
import { sealPrimes } from '../numeric/ntt-primes.ts';

export type PolynomialDegree = 2048 | 4096 | 8192 | 16384 | 32768;

/**
 * Largest log2 Q, special prime included, for 128-bit security with a ternary secret: Bossuat et al., "Security
 * Guidelines for Implementing Homomorphic Encryption" (ePrint 2024/463), table 5.2. SEAL itself still checks the
 * looser 2018 table.
 */
export const MODULUS_CAP_BITS: Readonly<Record<PolynomialDegree, number>> = {
  2048: 53,
  4096: 106,
  8192: 214,
  16384: 430,
  32768: 868,
};

/** Coefficients below 2^53 are exact in a double, so vectors are encoded and read without BigInt. */
export const MAX_PRIME_BITS = 53;

/** Largest prime of the evaluation kernels: with 50 bits lazy reductions fail, silently (3 of 40 random relinearisations). */
export const MAX_KERNEL_PRIME_BITS = 49;

/**
 * Primes of a CKKS ring. A coefficient-packed product is never rotated or relinearised: there the special prime, which
 * SEAL demands once there are two primes, protects nothing and may be small. A slot program switches keys, and its
 * special prime is the largest.
 */
export type CkksParameters = {
  readonly degree: PolynomialDegree;
  /** Bits of the primes that carry ciphertexts. */
  readonly dataPrimeBits: readonly number[];
  /** Bits of SEAL's key-switching prime; absent with a single data prime. */
  readonly specialPrimeBits?: number;
  readonly securityBits: 128;
  readonly digest: Digest;
};

/** log2 Q as the security table counts it. */
export function modulusBits(parameters: CkksParameters): number {
  return parameters.dataPrimeBits.reduce((sum, bits) => sum + bits, parameters.specialPrimeBits ?? 0);
}

/** Bits of all primes in SEAL's order: data primes, then the special one. */
export function primeBitsOf(parameters: CkksParameters): readonly number[] {
  const special = parameters.specialPrimeBits;
  return special === undefined ? parameters.dataPrimeBits : [...parameters.dataPrimeBits, special];
}

const dataPrimesByDigest = new Map<Digest, readonly number[]>();

/** The primes themselves that carry ciphertexts, as SEAL chooses them. */
export function dataPrimesOf(parameters: CkksParameters): readonly number[] {
  let primes = dataPrimesByDigest.get(parameters.digest);
  if (primes === undefined) {
    const { degree, dataPrimeBits } = parameters;
    primes = sealPrimes(degree, primeBitsOf(parameters)).slice(0, dataPrimeBits.length);
    dataPrimesByDigest.set(parameters.digest, primes);
  }
  return primes;
}

/** Bytes of one ciphertext polynomial: one 64-bit word a coefficient and prime. */
export function polynomialBytes(parameters: CkksParameters): number {
  return 8 * parameters.degree * parameters.dataPrimeBits.length;
}

/** @throws ParametersError if the set is malformed or weaker than 128 bits. */
export function ckksParameters(
  degree: PolynomialDegree,
  dataPrimeBits: readonly number[],
  specialPrimeBits?: number,
): CkksParameters {
  const cap = MODULUS_CAP_BITS[degree];
  if (cap === undefined) {
    throw new ParametersError(
      `expected a degree of ${Object.keys(MODULUS_CAP_BITS).join(', ')}, found ${degree}`,
    );
  }
  if (dataPrimeBits.length === 0 || dataPrimeBits.length > 1 !== (specialPrimeBits !== undefined)) {
    throw new ParametersError('expected one data prime alone, or several and a special prime');
  }
  const bits = specialPrimeBits === undefined ? dataPrimeBits : [...dataPrimeBits, specialPrimeBits];
  // A prime congruent to 1 mod 2 N needs more than log2(2 N) bits.
  const least = Math.log2(degree) + 2;
  const bad = bits.find((b) => !Number.isInteger(b) || b < least || b > MAX_PRIME_BITS);
  if (bad !== undefined) {
    throw new ParametersError(`expected primes of ${least} to ${MAX_PRIME_BITS} bits, found ${bad}`, {
      found: bad,
    });
  }
  const total = bits.reduce((sum, b) => sum + b, 0);
  if (total > cap) {
    throw new ParametersError(
      `a modulus of ${total} bits at degree ${degree} exceeds the 128-bit security limit of ${cap}; use fewer or smaller primes`,
      { degree, total, cap },
    );
  }
  const digest = digestOf('blindrisk/ckks-parameters/1', { degree, dataPrimeBits, specialPrimeBits });
  return {
    degree,
    dataPrimeBits,
    ...(specialPrimeBits === undefined ? {} : { specialPrimeBits }),
    securityBits: 128,
    digest,
  };
}

/**
 * Primes for a slot program: q_0, then `levels` primes of `scaleBits`, then a special prime as large as the kernels take.
 * @throws ParametersError if the set is weaker than 128 bits or a prime is too large or too small.
 */
export function slotParameters(
  degree: PolynomialDegree,
  firstBits: number,
  scaleBits: number,
  levels: number,
): CkksParameters {
  const large = [firstBits, scaleBits].find((bits) => bits > MAX_KERNEL_PRIME_BITS);
  if (large !== undefined) {
    throw new ParametersError(`expected primes of at most ${MAX_KERNEL_PRIME_BITS} bits, found ${large}`, {
      found: large,
      limit: MAX_KERNEL_PRIME_BITS,
    });
  }
  const data = [firstBits, ...Array<number>(levels).fill(scaleBits)];
  return ckksParameters(degree, data, levels === 0 ? undefined : MAX_KERNEL_PRIME_BITS);
}

/**
 * The sets from which the coefficient-packed planner picks: one, two and three data primes that the evaluation kernels take. Two
 * primes of 32 bits are for precisions that miss one of 49 by little: in whole words, at four bytes each.
 */
export const PARAMETER_SETS: readonly CkksParameters[] = [
  ckksParameters(2048, [49]),
  ckksParameters(4096, [32, 32], 20),
  ckksParameters(4096, [43, 43], 20),
  ckksParameters(8192, [49, 49], 49),
  ckksParameters(8192, [49, 49, 49], 49),
];

/** The same for an evaluator on node-seal: one prime as large as the security cap and doubles allow, besides. */
export const SEAL_PARAMETER_SETS: readonly CkksParameters[] = [
  ckksParameters(2048, [MAX_PRIME_BITS]),
  ...PARAMETER_SETS,
];
