import { blake2b } from '@noble/hashes/blake2.js';
import {
  CIPHERTEXT_HEADER_BYTES,
  checkCiphertextBytes,
  checkSwitchingKeyBytes,
  ciphertextLength,
  type LevelShape,
  type SealShape,
} from '../wire.ts';

/** SEAL's number for CKKS. */
const CKKS = 2;
const SEED_BYTES = 64;
/** Of key-switching keys: header, parms_id, number of lists; then a length for every list. */
const KEY_HEADER_BYTES = 56;
const LIST_HEADER_BYTES = 8;

/** Where a serialised ciphertext has its residues, and its seed where the second component is not stored. */
export type CiphertextLayout = {
  /** Offset of the first residue. */
  readonly data: number;
  readonly seed: Uint8Array | undefined;
};

/** SEAL's identifier of a level: BLAKE2b-256 of scheme, degree, primes in use and a plaintext modulus of 0. */
export function parmsIdOf(degree: number, primes: readonly number[]): Uint8Array {
  const words = BigUint64Array.of(BigInt(CKKS), BigInt(degree), ...primes.map(BigInt), 0n);
  return blake2b(new Uint8Array(words.buffer), { dkLen: 32 });
}

/** Layout of a whole ciphertext, after every field was checked. @throws IntegrityError naming the first field that differs. */
export function ciphertextLayout(
  bytes: Uint8Array,
  shape: SealShape,
  form: 'seeded' | 'full',
): CiphertextLayout {
  checkCiphertextBytes(bytes, shape, form);
  return layoutAt(bytes, 0, shape, form);
}

/**
 * Layouts of the digits of every key that is there, after every field was checked: `lists` places, of which those in `made`
 * (ascending) hold one. @throws IntegrityError naming the first field that differs.
 */
export function switchingKeyLayouts(
  bytes: Uint8Array,
  keyLevel: LevelShape,
  lists: number,
  made: readonly number[],
  form: 'seeded' | 'full',
): readonly (readonly CiphertextLayout[])[] {
  checkSwitchingKeyBytes(bytes, keyLevel, lists, made, form);
  const shape: SealShape = { ...keyLevel, components: 2, scale: 1 };
  const length = ciphertextLength(shape, form);
  const digits = keyLevel.primes - 1;
  return made.map((list, key) => {
    const start = KEY_HEADER_BYTES + LIST_HEADER_BYTES * (list + 1) + key * digits * length;
    return Array.from({ length: digits }, (_, digit) => layoutAt(bytes, start + digit * length, shape, form));
  });
}

/** Layout of a ciphertext at an offset, whose fields were checked. */
export function layoutAt(
  bytes: Uint8Array,
  offset: number,
  shape: SealShape,
  form: 'seeded' | 'full',
): CiphertextLayout {
  const end = offset + ciphertextLength(shape, form);
  const seed = form === 'seeded' ? bytes.subarray(end - SEED_BYTES, end) : undefined;
  return { data: offset + CIPHERTEXT_HEADER_BYTES, seed };
}
