import { PlanError } from '../base/errors.ts';
import { FRESH_NOISE_DEVIATION, tailFactor } from './noise.ts';

/*
 * Responses that hide the matrix from the owner of the key. Without more, a response is sum_c p_c (b_c, a_c) with p_c the rows of
 * the matrix: whoever knows the a_c that it sent divides. The engine therefore adds an encryption of zero under the owner's
 * public key, (u b + e_0, u a + e_1), which makes c1 indistinguishable from uniform for whoever does not know u, the owner of s
 * included (RLWE with secret u), and to each coefficient of c0 that is sent an integer uniform on 2^f values. Given c1 and s, what
 * c0 says beyond the result is then uniform plus a noise sum_c e_c p_c + u e + e_0 + e_1 s of at most B: at most rows B / 2^f
 * away from uniform, whatever the matrix. (Flooding as in Gentry, "A fully homomorphic encryption scheme", 2009, section 8.2;
 * here of the same owner's ciphertexts.) The owner is assumed to follow the protocol when it makes key and uploads.
 */

/** Hides the engine's matrix from the owner of the key. */
export type MatrixHiding = {
  /** A response differs from one that depends on the results alone by at most 2^-statisticalBits; responses add up. */
  readonly statisticalBits: number;
};

/** Noise by which a matrix is hidden. */
export type HidingNoise = MatrixHiding & {
  /** f: an integer uniform on [-2^(f-1), 2^(f-1)) is added to every result coefficient. */
  readonly floodBits: number;
};

/** More than 128 bits is beyond what the encryption itself gives. */
const MOST_BITS = 128;

/** @throws PlanError for anything but 1 to 128 bits. */
export function checkHiding({ statisticalBits }: MatrixHiding): void {
  if (!Number.isInteger(statisticalBits) || statisticalBits < 1 || statisticalBits > MOST_BITS) {
    throw new PlanError(
      `expected hideMatrix.statisticalBits of 1 to ${MOST_BITS}, found ${statisticalBits}; 40 is usual`,
      { statisticalBits },
    );
  }
}

/**
 * Standard deviation proxy of the noise of an encryption of zero under a public key: u e + e_0 + e_1 s with u, s ternary; where
 * SEAL encrypts over the special prime and divides by it, that noise becomes smaller, and rounding comes in its place.
 */
export function zeroEncryptionDeviation(degree: number): number {
  return Math.sqrt(FRESH_NOISE_DEVIATION ** 2 * (2 * degree + 1) + (degree + 1) / 4);
}

/**
 * The flooding that a matrix needs. Half of the allowed distance goes to the flooding, half to the noise's exceeding its bound.
 * @param noiseDeviation of one result, in integers modulo Q, the encryption of zero included; @param rows results in a response.
 */
export function hidingNoise(
  { statisticalBits }: MatrixHiding,
  noiseDeviation: number,
  rows: number,
): HidingNoise {
  const bound = tailFactor(rows, statisticalBits + 1) * noiseDeviation;
  return { statisticalBits, floodBits: Math.ceil(Math.log2(rows * bound)) + statisticalBits + 1 };
}
