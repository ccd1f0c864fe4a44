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
 * SEAL's scale field of all our objects. True scales are the plan's: coefficients are encoded and read by us, and SEAL
 * refuses products of scales above the modulus, which ours may be where results are far smaller than their inputs.
 */
export const SEAL_SCALE = 1;

const SEAL_HEADER_BYTES = 16;
const SEED_INFO_BYTES = SEAL_HEADER_BYTES + 1 + 64;
const MAGIC = 0xa15e;
const MAJOR = 4;
const MINOR = 1;
const ARRAY_OFFSET = 89;

/** What a ciphertext at the first level of a context looks like. */
export type SealShape = {
  /** SEAL's own digest of the parameters at that level. */
  readonly parmsId: Uint8Array;
  readonly degree: number;
  readonly primes: number;
};

/** Exact size of a two-polynomial ciphertext. */
export function ciphertextLength(shape: Omit<SealShape, 'parmsId'>, form: 'seeded' | 'full'): number {
  const polynomial = 8 * shape.degree * shape.primes;
  return CIPHERTEXT_HEADER_BYTES + (form === 'full' ? 2 * polynomial : polynomial + SEED_INFO_BYTES);
}

/** Writes two polynomials as a SEAL ciphertext of scale 1: the way in and out of SEAL for coefficient vectors. */
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
  u64(49, 2);
  u64(57, shape.degree);
  u64(65, shape.primes);
  view.setFloat64(73, SEAL_SCALE, true);
  u64(81, 1);
  writeHeader(view, ARRAY_OFFSET, total - ARRAY_OFFSET);
  u64(105, 2 * shape.degree * shape.primes);
  polynomials.forEach((words, i) => {
    bytes.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), 113 + i * words.byteLength);
  });
  return bytes;
}

function writeHeader(view: DataView, offset: number, total: number): void {
  view.setUint16(offset, MAGIC, true);
  view.setUint8(offset + 2, SEAL_HEADER_BYTES);
  view.setUint8(offset + 3, MAJOR);
  view.setUint8(offset + 4, MINOR);
  view.setBigUint64(offset + 8, BigInt(total), true);
}

/**
 * Checks that bytes are exactly a two-polynomial NTT-form ciphertext at the expected parameters, field by
 * field, before SEAL may parse them: node-seal embeds SEAL 4.1.2, whose deserialization is not hardened.
 * @throws IntegrityError naming the first field that differs.
 */
export function checkCiphertextBytes(bytes: Uint8Array, shape: SealShape, form: 'seeded' | 'full'): void {
  const expectedLength = ciphertextLength(shape, form);
  const field = (name: string, expected: unknown, found: unknown) => {
    if (expected !== found) {
      throw new IntegrityError(
        `ciphertext: expected ${name} ${String(expected)}, found ${String(found)}; refused unread`,
        {
          field: name,
        },
      );
    }
  };
  field('length', expectedLength, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u64 = (offset: number) => view.getBigUint64(offset, true);
  const header = (name: string, offset: number, total: number) => {
    field(`${name} magic`, MAGIC, view.getUint16(offset, true));
    field(`${name} header size`, SEAL_HEADER_BYTES, view.getUint8(offset + 2));
    field(
      `${name} version`,
      `${MAJOR}.${MINOR}`,
      `${view.getUint8(offset + 3)}.${view.getUint8(offset + 4)}`,
    );
    field(`${name} compression`, 0, view.getUint8(offset + 5));
    field(`${name} reserved field`, 0, view.getUint16(offset + 6, true));
    field(`${name} total`, BigInt(total), u64(offset + 8));
  };
  const words = shape.degree * shape.primes;
  header('outer', 0, expectedLength);
  field('parameters', hex(shape.parmsId), hex(bytes.subarray(16, 48)));
  field('NTT form', 1, view.getUint8(48));
  field('polynomials', 2n, u64(49));
  field('degree', BigInt(shape.degree), u64(57));
  field('primes', BigInt(shape.primes), u64(65));
  field('scale', SEAL_SCALE, view.getFloat64(73, true));
  field('correction factor', 1n, u64(81));
  const stored = form === 'full' ? 2 * words : words;
  header('array', ARRAY_OFFSET, CIPHERTEXT_HEADER_BYTES - ARRAY_OFFSET + 8 * stored);
  field('count', BigInt(stored), u64(105));
  if (form === 'seeded') {
    const seed = CIPHERTEXT_HEADER_BYTES + 8 * words;
    header('seed', seed, SEED_INFO_BYTES);
    // 1 = BLAKE2Xb, SEAL's default generator.
    field('generator', 1, view.getUint8(seed + SEAL_HEADER_BYTES));
  }
}
