import { IntegrityError, RangeError } from '../base/errors.ts';

/*
 * Compressed responses. A coefficient-packed result (c0, c1) is read at a few coefficients k only, where its value is
 * c0[k] + (c1 s)[k]: the receiver needs all of c1 but only those of c0, and only as many leading bits of each as the wanted
 * precision asks for. What is left out of c0 is also what the receiver is not meant to see. Dropping d bits of a
 * coefficient changes it by at most h = 2^(d - 1); the c1 of a fresh encryption is indistinguishable from uniform (RLWE), so the
 * change of a result is a sum of at most N + 1 terms of at most h, sub-Gaussian with proxy h^2 (N + 1) (Hoeffding 1963).
 * The receiver puts zeros in place of dropped bits and has an ordinary ciphertext, which SEAL decrypts as any other.
 */

/** How the residues modulo one prime are sent. */
export type CoefficientFormat = {
  /** Bytes a coefficient, little-endian. */
  readonly bytes: number;
  /** Low bits left out, rounded to nearest. */
  readonly droppedBits: number;
};

/** Residues below this are exact in a double. */
const MOST_BITS = 53;

/** The format that sends a prime's residues in `bytes` bytes. @throws RangeError */
export function coefficientFormat(prime: number, bytes: number): CoefficientFormat {
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > 7 || !(prime > 2 && prime < 2 ** MOST_BITS)) {
    throw new RangeError(`expected 1 to 7 bytes for a prime below 2^53, found ${bytes} for ${prime}`, {
      bytes,
      prime,
    });
  }
  // A residue may round up to prime itself, which must still fit.
  return { bytes, droppedBits: Math.max(0, Math.ceil(Math.log2(prime + 1)) - 8 * bytes) };
}

/** Standard deviation proxy, in units of the ciphertext modulus' integers, of what dropping bits does to a result. */
export function droppedBitsDeviation({ droppedBits }: CoefficientFormat, degree: number): number {
  return droppedBits === 0 ? 0 : 2 ** (droppedBits - 1) * Math.sqrt(degree + 1);
}

/** Writes residues modulo a prime. `positions`: which of them, all if undefined. */
export function packResidues(
  residues: Float64Array,
  format: CoefficientFormat,
  positions?: readonly number[],
): Uint8Array {
  const { bytes, droppedBits } = format;
  const count = positions?.length ?? residues.length;
  const unit = 2 ** -droppedBits;
  const out = new Uint8Array(count * bytes);
  for (let i = 0, at = 0; i < count; i++, at += bytes) {
    const value = Math.round(residues[positions === undefined ? i : positions[i]!]! * unit);
    const high = Math.floor(value / 2 ** 32);
    const low = value - high * 2 ** 32;
    for (let b = 0; b < bytes; b++) out[at + b] = b < 4 ? low >>> (8 * b) : high >>> (8 * (b - 4));
  }
  return out;
}

/**
 * The inverse of {@link packResidues}: what was not sent is zero.
 * @throws IntegrityError for another size, or a number that no residue rounds to.
 */
export function unpackResidues(
  packed: Uint8Array,
  prime: number,
  degree: number,
  format: CoefficientFormat,
  positions?: readonly number[],
): Float64Array {
  const { bytes, droppedBits } = format;
  const count = positions?.length ?? degree;
  if (packed.length !== count * bytes) {
    throw new IntegrityError(
      `expected ${count * bytes} bytes of residues, found ${packed.length}; refused unread`,
      {
        expected: count * bytes,
        found: packed.length,
      },
    );
  }
  const residues = new Float64Array(degree);
  const unit = 2 ** droppedBits;
  const most = Math.round((prime - 1) / unit);
  const wholeLow = Math.min(bytes, 4);
  for (let i = 0, at = 0; i < count; i++, at += bytes) {
    let low = 0;
    let high = 0;
    for (let b = wholeLow - 1; b >= 0; b--) low = (low << 8) | packed[at + b]!;
    for (let b = bytes - 1; b >= 4; b--) high = (high << 8) | packed[at + b]!;
    const value = high * 2 ** 32 + (low >>> 0);
    if (value > most) {
      throw new IntegrityError('a residue exceeds its modulus: damaged, or not made for these parameters');
    }
    const residue = value * unit;
    residues[positions === undefined ? i : positions[i]!] = residue >= prime ? residue - prime : residue;
  }
  return residues;
}
