import { hex } from '../base/bytes.ts';
import { IntegrityError } from '../base/errors.ts';

/*
 * SEAL's serialization, uncompressed, version 4.1 (all fields little-endian):
 *   0 SEALHeader: magic u16 = 0xA15E, header size u8 = 16, major u8, minor u8, compression u8, reserved u16, total u64
 *  16 parms_id 4 x u64      48 NTT form u8      49 polynomials u64     57 N u64     65 primes u64
 *  73 scale f64             81 correction factor u64
 *  89 SEALHeader of the array (its total covers what follows)          105 count u64
 * 113 count x u64, [polynomial][prime][coefficient]
 * A seeded ciphertext holds one polynomial and, after it, SEALHeader + PRNG type u8 + 64 bytes of seed.
 */
export const CIPHERTEXT_HEADER_BYTES = 113;
/** Same, of a plaintext: SEALHeader 16, parms_id 32, count u64, scale f64, inner SEALHeader 16, count u64. */
export const PLAINTEXT_HEADER_BYTES = 88;

/**
 * SEAL's scale field of packed coefficients. True scales are the plan's: coefficients are encoded and read by us, and SEAL
 * refuses products of scales above the modulus, which ours may be where results are far smaller than their inputs.
 */
export const SEAL_SCALE = 1;

const SEAL_HEADER_BYTES = 16;
const SEED_INFO_BYTES = SEAL_HEADER_BYTES + 1 + 64;
/** BLAKE2Xb, SEAL's default. */
const DEFAULT_GENERATOR = 1;
const MAGIC = 0xa15e;
const MAJOR = 4;
const MINOR = 1;
const ARRAY_OFFSET = 89;

/** What polynomials at one level of a context look like. */
export type LevelShape = {
  /** SEAL's own digest of the parameters at that level. */
  readonly parmsId: Uint8Array;
  readonly degree: number;
  /** Primes in use: the level plus one. */
  readonly primes: number;
};

/** What a ciphertext looks like. */
export type SealShape = LevelShape & {
  readonly components: 2 | 3;
  /** SEAL's scale field: the true scale of slots, {@link SEAL_SCALE} for packed coefficients. */
  readonly scale: number;
};

/** Exact size of a ciphertext. A seeded one has two components, of which one is written. */
export function ciphertextLength(
  shape: Omit<SealShape, 'parmsId' | 'scale'>,
  form: 'seeded' | 'full',
): number {
  const polynomial = 8 * shape.degree * shape.primes;
  return (
    CIPHERTEXT_HEADER_BYTES + (form === 'full' ? shape.components * polynomial : polynomial + SEED_INFO_BYTES)
  );
}

/** Components that a full ciphertext says it has: three only before relinearisation. Nothing else of it is checked. */
export function componentsOf(bytes: Uint8Array): 2 | 3 {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length >= CIPHERTEXT_HEADER_BYTES && view.getBigUint64(49, true) === 3n ? 3 : 2;
}

/** Writes polynomials as a SEAL ciphertext: the way in and out of SEAL for coefficient vectors. */
export function ciphertextBytes(
  shape: SealShape,
  nttForm: boolean,
  polynomials: readonly BigUint64Array[],
): Uint8Array {
  const total = ciphertextLength(shape, 'full');
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const u64 = (offset: number, value: number) => view.setBigUint64(offset, BigInt(value), true);
  writeHeader(view, 0, total);
  bytes.set(shape.parmsId, 16);
  bytes[48] = nttForm ? 1 : 0;
  u64(49, shape.components);
  u64(57, shape.degree);
  u64(65, shape.primes);
  view.setFloat64(73, shape.scale, true);
  u64(81, 1);
  writeHeader(view, ARRAY_OFFSET, total - ARRAY_OFFSET);
  u64(105, shape.components * shape.degree * shape.primes);
  polynomials.forEach((words, i) => {
    bytes.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), 113 + i * words.byteLength);
  });
  return bytes;
}

/** Writes the polynomial and the seed of a seeded ciphertext in NTT form as SEAL does. */
export function seededBytes(shape: SealShape, polynomial: BigUint64Array, seed: Uint8Array): Uint8Array {
  const total = ciphertextLength(shape, 'seeded');
  // The same header with one polynomial less, and other lengths.
  const bytes = new Uint8Array(total);
  bytes.set(ciphertextBytes(shape, true, []).subarray(0, CIPHERTEXT_HEADER_BYTES));
  const view = new DataView(bytes.buffer);
  const stored = new Uint8Array(polynomial.buffer, polynomial.byteOffset, polynomial.byteLength);
  const seedOffset = CIPHERTEXT_HEADER_BYTES + stored.length;
  writeHeader(view, 0, total);
  writeHeader(view, ARRAY_OFFSET, seedOffset - ARRAY_OFFSET);
  view.setBigUint64(105, BigInt(polynomial.length), true);
  bytes.set(stored, CIPHERTEXT_HEADER_BYTES);
  writeHeader(view, seedOffset, SEED_INFO_BYTES);
  bytes[seedOffset + SEAL_HEADER_BYTES] = DEFAULT_GENERATOR;
  bytes.set(seed, seedOffset + SEAL_HEADER_BYTES + 1);
  return bytes;
}

/** Header and residues of a plaintext in NTT form, [prime][coefficient]. */
export function plaintextBytes(shape: LevelShape, scale: number, residues: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PLAINTEXT_HEADER_BYTES + residues.length);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, bytes.length);
  bytes.set(shape.parmsId, 16);
  view.setBigUint64(48, BigInt(shape.degree * shape.primes), true);
  view.setFloat64(56, scale, true);
  writeHeader(view, 64, bytes.length - 64);
  view.setBigUint64(80, BigInt(shape.degree * shape.primes), true);
  bytes.set(residues, PLAINTEXT_HEADER_BYTES);
  return bytes;
}

function writeHeader(view: DataView, offset: number, total: number): void {
  view.setUint16(offset, MAGIC, true);
  view.setUint8(offset + 2, SEAL_HEADER_BYTES);
  view.setUint8(offset + 3, MAJOR);
  view.setUint8(offset + 4, MINOR);
  view.setBigUint64(offset + 8, BigInt(total), true);
}

/** Reads serialized bytes field by field and refuses the first that differs from what is expected. */
class FieldReader {
  readonly #what: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(what: string, bytes: Uint8Array) {
    this.#what = what;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  expect(name: string, expected: unknown, found: unknown): void {
    if (expected !== found) {
      throw new IntegrityError(
        `${this.#what}: expected ${name} ${String(expected)}, found ${String(found)}; refused unread`,
        { field: name },
      );
    }
  }

  length(expected: number): void {
    this.expect('length', expected, this.#bytes.length);
  }

  u8(name: string, offset: number, expected: number): void {
    this.expect(name, expected, this.#view.getUint8(offset));
  }

  u64(name: string, offset: number, expected: number): void {
    this.expect(name, BigInt(expected), this.#view.getBigUint64(offset, true));
  }

  f64(name: string, offset: number, expected: number): void {
    this.expect(name, expected, this.#view.getFloat64(offset, true));
  }

  digest(name: string, offset: number, expected: Uint8Array): void {
    this.expect(name, hex(expected), hex(this.#bytes.subarray(offset, offset + expected.length)));
  }

  header(name: string, offset: number, total: number): void {
    const view = this.#view;
    this.expect(`${name} magic`, MAGIC, view.getUint16(offset, true));
    this.u8(`${name} header size`, offset + 2, SEAL_HEADER_BYTES);
    this.expect(
      `${name} version`,
      `${MAJOR}.${MINOR}`,
      `${view.getUint8(offset + 3)}.${view.getUint8(offset + 4)}`,
    );
    this.u8(`${name} compression`, offset + 5, 0);
    this.expect(`${name} reserved field`, 0, view.getUint16(offset + 6, true));
    this.u64(`${name} total`, offset + 8, total);
  }

  /** A whole ciphertext at `offset`. */
  ciphertext(offset: number, shape: SealShape, form: 'seeded' | 'full'): void {
    const words = shape.degree * shape.primes;
    this.header('outer', offset, ciphertextLength(shape, form));
    this.digest('parameters', offset + 16, shape.parmsId);
    this.u8('NTT form', offset + 48, 1);
    this.u64('polynomials', offset + 49, shape.components);
    this.u64('degree', offset + 57, shape.degree);
    this.u64('primes', offset + 65, shape.primes);
    this.f64('scale', offset + 73, shape.scale);
    this.u64('correction factor', offset + 81, 1);
    const stored = form === 'full' ? shape.components * words : words;
    this.header('array', offset + ARRAY_OFFSET, CIPHERTEXT_HEADER_BYTES - ARRAY_OFFSET + 8 * stored);
    this.u64('count', offset + 105, stored);
    if (form === 'seeded') {
      const seed = offset + CIPHERTEXT_HEADER_BYTES + 8 * words;
      this.header('seed', seed, SEED_INFO_BYTES);
      this.u8('generator', seed + SEAL_HEADER_BYTES, DEFAULT_GENERATOR);
    }
  }
}

/**
 * Checks that bytes are exactly an NTT-form ciphertext of the expected shape, field by field, before SEAL may parse
 * them: node-seal embeds SEAL 4.1.2, whose deserialization is not hardened.
 * @throws IntegrityError naming the first field that differs.
 */
export function checkCiphertextBytes(bytes: Uint8Array, shape: SealShape, form: 'seeded' | 'full'): void {
  const reader = new FieldReader('ciphertext', bytes);
  reader.length(ciphertextLength(shape, form));
  reader.ciphertext(0, shape, form);
}

/** The shape of every ciphertext inside a key: over all primes, the special one included. */
function keyShape(level: LevelShape): SealShape {
  return { ...level, components: 2, scale: 1 };
}

/** Exact size of a public key in full. `keyLevel` counts all primes. */
export function publicKeyLength(keyLevel: Omit<LevelShape, 'parmsId'>): number {
  return ciphertextLength({ ...keyLevel, components: 2 }, 'full');
}

/** @throws IntegrityError naming the first field that differs. */
export function checkPublicKeyBytes(bytes: Uint8Array, keyLevel: LevelShape): void {
  const reader = new FieldReader('public key', bytes);
  reader.length(publicKeyLength(keyLevel));
  reader.ciphertext(0, keyShape(keyLevel), 'full');
}

/*
 * Key-switching keys: SEALHeader, parms_id at 16, number of lists u64 at 48, and from 56 on for every list its length u64
 * and then as many ciphertexts, one a data prime. Relinearisation keys are one list; Galois keys are N lists, of which
 * list (e - 1) / 2 belongs to the automorphism X -> X^e, and those that were not made are empty.
 */
export const KEY_LISTS_OFFSET = 56;

/** Exact size of key-switching keys: `lists` places, of which `made` hold a key. */
export function switchingKeyLength(
  keyLevel: Omit<LevelShape, 'parmsId'>,
  lists: number,
  made: number,
  form: 'seeded' | 'full',
): number {
  const digits = keyLevel.primes - 1;
  return (
    KEY_LISTS_OFFSET + 8 * lists + made * digits * ciphertextLength({ ...keyLevel, components: 2 }, form)
  );
}

/**
 * Joins Galois keys that were made one by one, so that SEAL never holds more than one of them.
 * @param parts serialized keys of a single automorphism each, with the list that it stands in; ascending.
 */
export function joinGaloisKeys(
  keyLevel: LevelShape,
  parts: readonly { readonly list: number; readonly bytes: Uint8Array }[],
  form: 'seeded' | 'full',
): Uint8Array {
  const lists = keyLevel.degree;
  const total = switchingKeyLength(keyLevel, lists, parts.length, form);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  writeHeader(view, 0, total);
  out.set(keyLevel.parmsId, 16);
  view.setBigUint64(48, BigInt(lists), true);
  let offset = KEY_LISTS_OFFSET;
  let next = 0;
  for (let list = 0; list < lists; list++) {
    const part = parts[next]?.list === list ? parts[next++] : undefined;
    view.setBigUint64(offset, part === undefined ? 0n : BigInt(keyLevel.primes - 1), true);
    offset += 8;
    if (part === undefined) continue;
    const digits = part.bytes.subarray(
      KEY_LISTS_OFFSET + 8 * (list + 1),
      part.bytes.length - 8 * (lists - 1 - list),
    );
    out.set(digits, offset);
    offset += digits.length;
  }
  return out;
}

/** Checks what stands before the lists. @throws IntegrityError */
export function checkKeyHead(bytes: Uint8Array, keyLevel: LevelShape, total: number, lists: number): void {
  const reader = new FieldReader('evaluation keys', bytes);
  reader.header('keys', 0, total);
  reader.digest('parameters', 16, keyLevel.parmsId);
  reader.u64('lists', 48, lists);
}

/** Checks the length of list `list`, number `index` of those in the bytes. @throws IntegrityError */
export function checkKeyListLength(bytes: Uint8Array, index: number, list: number, digits: number): void {
  new FieldReader('evaluation keys', bytes).u64(`length of list ${list}`, 8 * index, digits);
}

/** Checks a digit at an offset. @throws IntegrityError */
export function checkKeyDigit(
  bytes: Uint8Array,
  shape: SealShape,
  form: 'seeded' | 'full',
  offset = 0,
): void {
  new FieldReader('evaluation keys', bytes).ciphertext(offset, shape, form);
}

/**
 * Checks key-switching keys, field by field: exactly the lists named, no other.
 * @param lists how many places there are; @param made those that hold a key, ascending.
 * @throws IntegrityError naming the first field that differs.
 */
export function checkSwitchingKeyBytes(
  bytes: Uint8Array,
  keyLevel: LevelShape,
  lists: number,
  made: readonly number[],
  form: 'seeded' | 'full',
): void {
  const reader = new FieldReader('evaluation keys', bytes);
  const shape = keyShape(keyLevel);
  const digits = keyLevel.primes - 1;
  const total = switchingKeyLength(keyLevel, lists, made.length, form);
  reader.length(total);
  checkKeyHead(bytes, keyLevel, total, lists);
  let offset = KEY_LISTS_OFFSET;
  let next = 0;
  for (let list = 0; list < lists; list++) {
    const present = made[next] === list;
    reader.u64(`length of list ${list}`, offset, present ? digits : 0);
    offset += 8;
    if (!present) continue;
    next++;
    for (let digit = 0; digit < digits; digit++) {
      reader.ciphertext(offset, shape, form);
      offset += ciphertextLength(shape, form);
    }
  }
}
