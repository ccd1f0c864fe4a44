import { blake2b } from '@noble/hashes/blake2.js';
import { hex } from '../../base/bytes.ts';
import { IntegrityError } from '../../base/errors.ts';

/*
 * SEAL's serialization, uncompressed, at any level and with any number of components; wire.ts lists the fields of a
 * ciphertext. A key-switching key is
 *   SEALHeader, parms_id 32, u64 rows, then for each row u64 digits and for each digit a ciphertext at the key level:
 * the relinearisation keys have one row, Galois keys the row (element - 1) / 2, and none for the others.
 */

const SEAL_HEADER_BYTES = 16;
const HEADER_BYTES = 113;
const SEED_BYTES = 64;
const SEED_INFO_BYTES = SEAL_HEADER_BYTES + 1 + SEED_BYTES;
const ARRAY_OFFSET = 89;
const MAGIC = 0xa15e;
const VERSION = 0x0104;
/** SEAL's numbers for CKKS and for its default generator, BLAKE2Xb. */
const CKKS = 2;
const BLAKE2XB = 1;

/** What must be in a ciphertext's header. */
export type CiphertextShape = {
  readonly parmsId: Uint8Array;
  readonly degree: number;
  readonly primes: number;
  readonly components: number;
  readonly scale: number;
};

/** Where a serialised ciphertext has its residues, and its seed where the last component is not stored. */
export type CiphertextLayout = {
  /** Offset of the first residue. */
  readonly data: number;
  readonly seed: Uint8Array | undefined;
  /** Bytes in all. */
  readonly length: number;
};

/** SEAL's identifier of a parameter set: BLAKE2b-256 of scheme, degree, primes and a plaintext modulus of 0. */
export function parmsIdOf(degree: number, primes: readonly number[]): Uint8Array {
  const words = BigUint64Array.of(BigInt(CKKS), BigInt(degree), ...primes.map(BigInt), 0n);
  return blake2b(new Uint8Array(words.buffer), { dkLen: 32 });
}

function refuse(field: string, expected: unknown, found: unknown): never {
  throw new IntegrityError(`expected ${field} ${String(expected)}, found ${String(found)}; refused unread`, {
    field,
  });
}

function require(field: string, expected: unknown, found: unknown): void {
  if (expected !== found) refuse(field, expected, found);
}

/** A reader that knows the end of its bytes. */
class Fields {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  need(offset: number, length: number): void {
    if (offset + length > this.#bytes.length)
      refuse('length', `${offset + length} or more`, this.#bytes.length);
  }

  u8(offset: number): number {
    return this.#view.getUint8(offset);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  f64(offset: number): number {
    return this.#view.getFloat64(offset, true);
  }

  slice(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + length);
  }

  /** Checks a SEALHeader whose total must be `total`. */
  header(name: string, offset: number, total: number): void {
    this.need(offset, SEAL_HEADER_BYTES);
    require(`${name} magic`, MAGIC, this.#view.getUint16(offset, true));
    require(`${name} header size`, SEAL_HEADER_BYTES, this.u8(offset + 2));
    require(`${name} version`, VERSION, this.#view.getUint16(offset + 3, true));
    require(`${name} compression`, 0, this.u8(offset + 5));
    require(`${name} reserved field`, 0, this.#view.getUint16(offset + 6, true));
    require(`${name} total`, BigInt(total), this.u64(offset + 8));
  }
}

/** Exact size of a ciphertext; seeded, its last component (of two) is a seed. */
export function serialisedLength(
  shape: Omit<CiphertextShape, 'parmsId' | 'scale'>,
  form: 'seeded' | 'full',
): number {
  const component = 8 * shape.degree * shape.primes;
  return HEADER_BYTES + (form === 'full' ? shape.components * component : component + SEED_INFO_BYTES);
}

/**
 * Checks every field of the ciphertext that starts at `offset`, and that it ends with the bytes if `whole`.
 * @throws IntegrityError naming the first field that differs.
 */
export function checkCiphertext(
  bytes: Uint8Array,
  offset: number,
  shape: CiphertextShape,
  form: 'seeded' | 'full',
  whole: boolean,
): CiphertextLayout {
  const length = serialisedLength(shape, form);
  const fields = new Fields(bytes);
  if (whole) require('length', length, bytes.length - offset);
  fields.need(offset, length);
  fields.header('ciphertext', offset, length);
  require('parameters', hex(shape.parmsId), hex(fields.slice(offset + 16, 32)));
  require('NTT form', 1, fields.u8(offset + 48));
  require('components', BigInt(shape.components), fields.u64(offset + 49));
  require('degree', BigInt(shape.degree), fields.u64(offset + 57));
  require('primes', BigInt(shape.primes), fields.u64(offset + 65));
  require('scale', shape.scale, fields.f64(offset + 73));
  require('correction factor', 1n, fields.u64(offset + 81));
  const stored = shape.degree * shape.primes * (form === 'full' ? shape.components : 1);
  fields.header('array', offset + ARRAY_OFFSET, HEADER_BYTES - ARRAY_OFFSET + 8 * stored);
  require('count', BigInt(stored), fields.u64(offset + 105));
  if (form === 'full') return { data: offset + HEADER_BYTES, seed: undefined, length };
  const info = offset + HEADER_BYTES + 8 * stored;
  fields.header('seed', info, SEED_INFO_BYTES);
  require('generator', BLAKE2XB, fields.u8(info + SEAL_HEADER_BYTES));
  const seed = fields.slice(info + SEAL_HEADER_BYTES + 1, SEED_BYTES);
  return { data: offset + HEADER_BYTES, seed, length };
}

/** A full ciphertext whose residues are still to be written, at {@link CiphertextLayout.data} = 113. */
export function ciphertextHeader(shape: CiphertextShape): Uint8Array<ArrayBuffer> {
  const length = serialisedLength(shape, 'full');
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const header = (offset: number, total: number) => {
    view.setUint16(offset, MAGIC, true);
    view.setUint8(offset + 2, SEAL_HEADER_BYTES);
    view.setUint16(offset + 3, VERSION, true);
    view.setBigUint64(offset + 8, BigInt(total), true);
  };
  const u64 = (offset: number, value: number) => view.setBigUint64(offset, BigInt(value), true);
  header(0, length);
  bytes.set(shape.parmsId, 16);
  bytes[48] = 1;
  u64(49, shape.components);
  u64(57, shape.degree);
  u64(65, shape.primes);
  view.setFloat64(73, shape.scale, true);
  u64(81, 1);
  header(ARRAY_OFFSET, length - ARRAY_OFFSET);
  u64(105, shape.components * shape.degree * shape.primes);
  return bytes;
}

/** Where a full ciphertext has its first residue. */
export const CIPHERTEXT_DATA_OFFSET: number = HEADER_BYTES;

/** One row of a key-switching key: a ciphertext at the key level for every digit. */
export type KeyRow = { readonly row: number; readonly digits: readonly CiphertextLayout[] };

/**
 * Finds the rows of a key-switching key and checks every field. `seeded` keys hold one component of two.
 * @throws IntegrityError unless the bytes are exactly one key with `rows` rows, each empty or of `digits` ciphertexts of `shape`.
 */
export function checkSwitchingKey(
  bytes: Uint8Array,
  shape: CiphertextShape,
  rows: number,
  digits: number,
  form: 'seeded' | 'full',
): KeyRow[] {
  const fields = new Fields(bytes);
  fields.header('key', 0, bytes.length);
  fields.need(0, 56);
  require('parameters', hex(shape.parmsId), hex(fields.slice(16, 32)));
  require('rows', BigInt(rows), fields.u64(48));
  let offset = 56;
  const found: KeyRow[] = [];
  for (let row = 0; row < rows; row++) {
    fields.need(offset, 8);
    const count = fields.u64(offset);
    offset += 8;
    if (count === 0n) continue;
    require('digits', BigInt(digits), count);
    const layouts: CiphertextLayout[] = [];
    for (let digit = 0; digit < digits; digit++) {
      const layout = checkCiphertext(bytes, offset, shape, form, false);
      layouts.push(layout);
      offset += layout.length;
    }
    found.push({ row, digits: layouts });
  }
  require('length', offset, bytes.length);
  return found;
}
