import { IntegrityError } from '../base/errors.ts';
import {
  type CoefficientFormat,
  coefficientFormat,
  droppedBitsDeviation,
  packResidues,
  unpackResidues,
} from './compression.ts';
import { CIPHERTEXT_HEADER_BYTES } from './wire.ts';

/*
 * What travels of a coefficient-packed product, as in compression.ts: up, the one polynomial of a seeded ciphertext and its
 * seed; down, for each prime that is left, the coefficients of c0 that are results and then all of c1. A residue takes the
 * bytes of its prime, not a word. SEAL's headers are written anew by the receiver: they hold nothing that it does not know.
 */

/** How a result travels. */
export type ResponseFormat = {
  /** Data primes that are left: the evaluator divides by the others, last first, and rounds. */
  readonly primes: number;
  /** How residues are sent, a prime each. Low bits are left out only where a single prime is left. */
  readonly coefficients: readonly CoefficientFormat[];
};

/** SEAL's seed of a seeded ciphertext. */
export const SEED_BYTES = 64;
/** SEALHeader and type of the generator, before the seed. */
const SEED_HEADER_BYTES = 17;

/** Bytes that hold every residue of a prime. */
export function exactFormat(prime: number): CoefficientFormat {
  return coefficientFormat(prime, Math.ceil(Math.log2(prime) / 8));
}

/** Every way to send a result that may pay: all primes exactly, some of them, or the leading bytes of a single one. */
export function responseFormats(primes: readonly number[]): ResponseFormat[] {
  const exact = primes.map(exactFormat);
  const several = exact.map((_, index) => ({
    primes: index + 1,
    coefficients: exact.slice(0, index + 1),
  }));
  const leading = Array.from({ length: exact[0]!.bytes - 1 }, (_, index) => ({
    primes: 1,
    coefficients: [coefficientFormat(primes[0]!, index + 1)],
  }));
  return [...leading, ...several];
}

/** Bytes of one response that carries `results` results. */
export function responseLength({ coefficients }: ResponseFormat, degree: number, results: number): number {
  return coefficients.reduce((sum, { bytes }) => sum + bytes * (results + degree), 0);
}

/**
 * Standard deviation proxy of what a format adds to a result, in integers modulo the primes that are left. Division by a prime
 * rounds every coefficient by at most a half, which meets a ternary secret as dropped bits do (compression.ts); later
 * divisions make earlier roundings smaller.
 */
export function responseDeviation(
  { primes: left, coefficients }: ResponseFormat,
  primes: readonly number[],
  degree: number,
): number {
  let variance = 0;
  let later = 1;
  for (let p = left; p < primes.length; p++) {
    variance += (degree + 1) / (4 * later * later);
    later *= primes[p]!;
  }
  return Math.hypot(Math.sqrt(variance), droppedBitsDeviation(coefficients[0]!, degree));
}

/** What results are divided by before they are sent. */
export function responseDivisor({ primes: left }: ResponseFormat, primes: readonly number[]): number {
  return primes.slice(left).reduce((product, prime) => product * prime, 1);
}

/**
 * A result as it travels.
 * @param ciphertext SEAL's serialization, not in NTT form, over the primes that are left.
 * @param positions coefficients that are results.
 */
export function packResponse(
  ciphertext: Uint8Array,
  degree: number,
  format: ResponseFormat,
  positions: readonly number[],
): Uint8Array {
  const out = new Uint8Array(responseLength(format, degree, positions.length));
  let at = 0;
  format.coefficients.forEach((coefficients, p) => {
    const [c0, c1] = [p, format.primes + p].map((index) => residuesAt(ciphertext, degree, index));
    for (const part of [packResidues(c0!, coefficients, positions), packResidues(c1!, coefficients)]) {
      out.set(part, at);
      at += part.length;
    }
  });
  return out;
}

/** Room for the two polynomials of a response. */
export function responsePolynomials(degree: number, { primes }: ResponseFormat): BigUint64Array[] {
  return [0, 1].map(() => new BigUint64Array(degree * primes));
}

/**
 * The two polynomials of a response, [prime][coefficient]; coefficients that were not sent are zero.
 * @param into where they are written.
 * @throws IntegrityError for another size, or a number that no residue rounds to.
 */
export function unpackResponse(
  bytes: Uint8Array,
  primes: readonly number[],
  degree: number,
  format: ResponseFormat,
  positions: readonly number[],
  into: readonly BigUint64Array[] = responsePolynomials(degree, format),
): readonly BigUint64Array[] {
  const expected = responseLength(format, degree, positions.length);
  if (bytes.length !== expected) refuseLength(expected, bytes.length);
  let at = 0;
  format.coefficients.forEach((coefficients, p) => {
    for (const [component, where] of [positions, undefined].entries()) {
      const end = at + coefficients.bytes * (where?.length ?? degree);
      const residues = unpackResidues(bytes.subarray(at, end), primes[p]!, degree, coefficients, where);
      writeResidues(into[component]!, p * degree, residues);
      at = end;
    }
  });
  return into;
}

/** Bytes of an upload. */
export function requestLength(primes: readonly number[], degree: number): number {
  return primes.reduce((sum, prime) => sum + degree * exactFormat(prime).bytes, SEED_BYTES);
}

/** A seeded ciphertext as it travels, from SEAL's serialization. */
export function packRequest(seeded: Uint8Array, primes: readonly number[], degree: number): Uint8Array {
  const out = new Uint8Array(requestLength(primes, degree));
  let at = 0;
  primes.forEach((prime, p) => {
    const packed = packResidues(residuesAt(seeded, degree, p), exactFormat(prime));
    out.set(packed, at);
    at += packed.length;
  });
  const seed = CIPHERTEXT_HEADER_BYTES + 8 * degree * primes.length + SEED_HEADER_BYTES;
  out.set(seeded.subarray(seed, seed + SEED_BYTES), at);
  return out;
}

/**
 * The polynomial and the seed of an upload.
 * @throws IntegrityError for another size, or a number that is no residue.
 */
export function unpackRequest(
  bytes: Uint8Array,
  primes: readonly number[],
  degree: number,
): { readonly polynomial: BigUint64Array; readonly seed: Uint8Array } {
  checkRequestLength(bytes, primes, degree);
  const polynomial = new BigUint64Array(degree * primes.length);
  let at = 0;
  primes.forEach((prime, p) => {
    const format = exactFormat(prime);
    const end = at + format.bytes * degree;
    writeResidues(polynomial, p * degree, unpackResidues(bytes.subarray(at, end), prime, degree, format));
    at = end;
  });
  return { polynomial, seed: bytes.subarray(at) };
}

/** @throws IntegrityError unless an upload has the size of these parameters. */
export function checkRequestLength(bytes: Uint8Array, primes: readonly number[], degree: number): void {
  const expected = requestLength(primes, degree);
  if (bytes.length !== expected) refuseLength(expected, bytes.length);
}

function refuseLength(expected: number, found: number): never {
  throw new IntegrityError(`ciphertext: expected ${expected} bytes, found ${found}; refused unread`, {
    expected,
    found,
  });
}

/** Polynomial `index` modulo one prime of a serialized ciphertext. Residues are below 2^53. */
function residuesAt(ciphertext: Uint8Array, degree: number, index: number): Float64Array {
  const start = CIPHERTEXT_HEADER_BYTES + 8 * degree * index;
  // The header's length is odd: words are read from an aligned copy.
  const halves = new Uint32Array(ciphertext.slice(start, start + 8 * degree).buffer);
  const residues = new Float64Array(degree);
  for (let i = 0; i < degree; i++) residues[i] = halves[2 * i]! + halves[2 * i + 1]! * 2 ** 32;
  return residues;
}

function writeResidues(words: BigUint64Array, from: number, residues: Float64Array): void {
  const halves = new Uint32Array(words.buffer, words.byteOffset + 8 * from, 2 * residues.length);
  for (let i = 0; i < residues.length; i++) {
    const high = Math.floor(residues[i]! / 2 ** 32);
    halves[2 * i] = residues[i]! - high * 2 ** 32;
    halves[2 * i + 1] = high;
  }
}
