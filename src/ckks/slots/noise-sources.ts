import { FRESH_NOISE_DEVIATION } from '../noise.ts';

/**
 * Variances of the noise that one operation adds, of the real part of a slot, in units of the integer polynomial (divide by
 * scale^2 for values). An error polynomial with independent coefficients of variance v has in every slot, a primitive 2N-th root
 * of unity, the real variance N v / 2: the canonical embedding of Cheon, Kim, Kim and Song (ASIACRYPT 2017), variances as in
 * Costache, Curtis, Hales, Murphy, Ogilvie and Player, "On the precision loss in approximate homomorphic encryption" (SAC 2023).
 *
 * Proved: encryption and key errors are sums of 42 coins each (SEAL's centred binomial), the secret is uniform ternary, as
 * drawn. Heuristic: roundings of encoding, rescaling and key switching are independent and uniform on [-1/2, 1/2), and digits
 * of a ciphertext uniform modulo their prime.
 */
export type SourceVariance = {
  /** Sub-Gaussian, alike in all slots. */
  readonly single: number;
  /** Times the secret key's value in the slot. */
  readonly secret: number;
  /** Times its square. */
  readonly secretSquare: number;
  /** Times the error of an evaluation key in the slot. */
  readonly key: number;
  /** In the slot next to 1, the largest; the k-th of the others has it divided by (2k + 1)^2. */
  readonly peak: number;
};

const NONE: SourceVariance = { single: 0, secret: 0, secretSquare: 0, key: 0, peak: 0 };
const ROUNDING = 1 / 12;
const FRESH = FRESH_NOISE_DEVIATION ** 2;
/** Mean of |s(zeta)|^2 / N for a uniform ternary secret. */
const SECRET = 2 / 3;

/** Noise sources of a ring with a special prime P. */
export class NoiseSources {
  readonly #degree: number;
  readonly #primes: readonly number[];
  readonly #special: number;

  /** @param special P; anything where no key is switched. */
  constructor(degree: number, primes: readonly number[], special: number) {
    this.#degree = degree;
    this.#primes = primes;
    this.#special = special;
  }

  /** Symmetric encryption of an encoded vector: the error of one sample, and the encoder's rounding. */
  symmetric(): SourceVariance {
    return { ...NONE, single: this.#slots(FRESH) + this.encoding() };
  }

  /**
   * Encryption by public key: u e + e_0 + e_1 s is divided by the next prime up (P at the top level), which leaves the
   * rounding of that division.
   */
  asymmetric(level: number): SourceVariance {
    const divisor = this.#primes[level + 1] ?? this.#special;
    const rounded = this.#division();
    // u is ternary, as s is: both products have a ternary factor's variance.
    const samples = (2 * this.#degree * SECRET * FRESH) / divisor ** 2;
    return { ...rounded, single: rounded.single + this.encoding(), key: this.#slots(samples) };
  }

  /** Rounding of an encoded vector's coefficients. */
  encoding(): number {
    return this.#slots(ROUNDING);
  }

  /** Rescaling, by components. */
  rescale(components: 2 | 3): SourceVariance {
    const rounded = this.#division();
    const square = this.#slots(ROUNDING * (SECRET * this.#degree) ** 2);
    return components === 2 ? rounded : { ...rounded, secretSquare: square };
  }

  /**
   * Key switching with one special prime: sum_i d_i e_i / P over the digits d_i = c mod q_i, and the rounding of the
   * division by P. SEAL's digits lie in [0, q_i), not around zero: their mean, q_i / 2 in every coefficient, is
   * q_i / (1 - zeta) in a slot, N q_i / pi next to 1 and therefore 100 times the rest there.
   */
  keySwitch(level: number): SourceVariance {
    let squares = 0;
    for (let i = 0; i <= level; i++) squares += this.#primes[i]! ** 2;
    const ratio = squares / this.#special ** 2;
    const peak = (FRESH / 4) * ratio * ((2 * this.#degree) / Math.PI) ** 2;
    return {
      ...this.#division(),
      key: this.#slots(this.#degree * FRESH * ROUNDING * ratio),
      peak: this.#slots(peak),
    };
  }

  /** Division of two components by a prime. */
  #division(): SourceVariance {
    return {
      ...NONE,
      single: this.#slots(ROUNDING),
      secret: this.#slots(ROUNDING * SECRET * this.#degree),
    };
  }

  #slots(coefficient: number): number {
    return (coefficient * this.#degree) / 2;
  }
}

/** sum over slots of a peak's profile, 1 / 1^2 + 1 / 3^2 + ... = pi^2 / 8: what rotated copies of it can add up to. */
export const PEAK_SUM: number = Math.PI ** 2 / 8;
