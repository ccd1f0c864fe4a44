import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { CustodyError, IntegrityError, RangeError } from '../../base/errors.ts';
import { randomBytes } from '../../base/random.ts';
import { FieldVector } from '../../kernels/field-vector.ts';
import { type BitStock, type BitsNeeded, MOST_CHUNKS, type PreparedBits } from '../engine/bit-stock.ts';

const SALT_BYTES = 32;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** A record of the journal: a chunk's number, twice. */
const RECORD_BYTES = 8;

/** What a store is about. Public. */
type Manifest = { readonly run: string; readonly party: number; readonly chunks: readonly BitsNeeded[] };

/**
 * One party's stock of random bits on disk: a folder with a manifest, a file a chunk, and a journal of what was handed out.
 *
 * Secrecy: AES-256-GCM, every chunk under a key of its own (HKDF of the caller's key and a random salt), bound to run, party and place. The caller keeps the key elsewhere.
 * Exactly once: a chunk's number is in the journal, and the journal on the disk (fsync), before the chunk is read; a crash in between loses the chunk and never repeats it.
 * A torn record counts as what it may stand for. Not protected: a folder that is restored from a copy. The other parties' journals then still say what was used, as long as one of
 * them is genuine and its party honest. One process at a time.
 */
export class BitStore implements BitStock {
  readonly run: string;
  readonly chunks: readonly BitsNeeded[];
  readonly #party: number;
  readonly #folder: string;
  readonly #key: Uint8Array;
  readonly #consumed: Set<number>;

  private constructor(folder: string, key: Uint8Array, manifest: Manifest) {
    this.#folder = folder;
    this.#key = key.slice();
    this.run = manifest.run;
    this.chunks = manifest.chunks;
    this.#party = manifest.party;
    this.#consumed = readJournal(join(folder, 'journal'), manifest.chunks.length);
  }

  /** Opens what {@link writeBitStore} wrote. @throws CustodyError for a folder without a whole store; RangeError for a key of other length. */
  static open(folder: string, key: Uint8Array): BitStore {
    checkKey(key);
    const path = join(folder, 'manifest.json');
    if (!existsSync(path)) {
      throw new CustodyError(
        'expected a folder with a stock of random bits, found none, or one whose making was interrupted: make it again',
      );
    }
    return new BitStore(folder, key, JSON.parse(readFileSync(path, 'utf8')) as Manifest);
  }

  consumed(): ReadonlySet<number> {
    return this.#consumed;
  }

  consume(chunk: number): PreparedBits {
    const needed = this.chunks[chunk];
    if (needed === undefined || this.#consumed.has(chunk)) {
      throw new CustodyError(`chunk ${chunk} of the stock was handed out before, or never existed`);
    }
    this.#consumed.add(chunk);
    const record = Buffer.alloc(RECORD_BYTES);
    record.writeUInt32LE(chunk, 0);
    record.writeUInt32LE(chunk, 4);
    append(join(this.#folder, 'journal'), record);
    const path = join(this.#folder, chunkName(chunk));
    const plain = unseal(this.#key, aad(this.run, this.#party, chunk), readFileSync(path));
    unlinkSync(path);
    const bits = decode(plain, needed);
    plain.fill(0);
    return bits;
  }
}

/**
 * Writes a store into a new folder. The manifest comes last: an interrupted store does not open.
 * @throws RangeError for more than 4096 chunks; CustodyError if the folder exists.
 */
export function writeBitStore(
  folder: string,
  key: Uint8Array,
  party: number,
  run: string,
  chunks: readonly (BitsNeeded & { readonly bits: PreparedBits })[],
): void {
  checkKey(key);
  if (chunks.length > MOST_CHUNKS) {
    throw new RangeError(`expected at most ${MOST_CHUNKS} chunks, found ${chunks.length}: make larger ones`);
  }
  if (existsSync(folder))
    throw new CustodyError('expected a new folder for a stock of random bits, found one');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chunks.forEach(({ bits }, chunk) => {
    const plain = concatBytes([bits.signs.bytes, bits.values.bytes]);
    write(join(folder, chunkName(chunk)), seal(key, aad(run, party, chunk), plain));
    plain.fill(0);
  });
  write(join(folder, 'journal'), new Uint8Array(0));
  const manifest: Manifest = { run, party, chunks: chunks.map(({ rows, length }) => ({ rows, length })) };
  write(join(folder, 'manifest.tmp'), utf8(JSON.stringify(manifest)));
  renameSync(join(folder, 'manifest.tmp'), join(folder, 'manifest.json'));
  sync(folder);
}

function chunkName(chunk: number): string {
  return `chunk-${chunk}`;
}

function aad(run: string, party: number, chunk: number): Uint8Array {
  return utf8(`blindrisk/bit-store/1 ${run} ${party} ${chunk}`);
}

function chunkKey(key: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, 'blindrisk/bit-store/1', KEY_BYTES));
}

/** Salt, ciphertext, tag. The nonce may be zero: a key serves once. */
function seal(key: Uint8Array, about: Uint8Array, plain: Uint8Array): Uint8Array {
  const salt = randomBytes(SALT_BYTES);
  const cipher = createCipheriv('aes-256-gcm', chunkKey(key, salt), new Uint8Array(12));
  cipher.setAAD(about);
  return concatBytes([salt, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Uint8Array, about: Uint8Array, sealed: Uint8Array): Uint8Array {
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      chunkKey(key, sealed.subarray(0, SALT_BYTES)),
      new Uint8Array(12),
    );
    decipher.setAAD(about);
    decipher.setAuthTag(sealed.subarray(end));
    return concatBytes([decipher.update(sealed.subarray(SALT_BYTES, end)), decipher.final()]);
  } catch {
    throw new IntegrityError(
      'a chunk of random bits does not open: another key, another party, or changed bytes',
    );
  }
}

function decode(plain: Uint8Array, { rows, length }: BitsNeeded): PreparedBits {
  const signs = new FieldVector((rows + 1) * length, 1);
  signs.bytes.set(plain.subarray(0, signs.bytes.length));
  const values = new FieldVector((plain.length - signs.bytes.length) / 16);
  values.bytes.set(plain.subarray(signs.bytes.length));
  return { signs, values };
}

/** Chunks that were, or may have been, handed out. */
function readJournal(path: string, chunks: number): Set<number> {
  const bytes = readFileSync(path);
  const consumed = new Set<number>();
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    const whole = at + RECORD_BYTES <= bytes.length;
    const chunk = whole ? bytes.readUInt32LE(at) : chunks;
    if (!whole || chunk !== bytes.readUInt32LE(at + 4) || chunk >= chunks) {
      // Torn: nothing says which chunk was meant, so none is left.
      for (let i = 0; i < chunks; i++) consumed.add(i);
      return consumed;
    }
    consumed.add(chunk);
  }
  return consumed;
}

function append(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'a');
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function write(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    let at = 0;
    while (at < bytes.length) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function sync(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`expected a key of ${KEY_BYTES} bytes, found ${key.length}`, { found: key.length });
  }
}
