import { sha256 } from '@noble/hashes/sha2.js';
import type { Digest } from './brand.ts';
import { bytesOf, hex, utf8 } from './bytes.ts';
import { ShapeError } from './errors.ts';

/** Anything a digest may cover. Typed arrays are hashed as their little-endian memory. */
export type Digestible =
  | string
  | number
  | boolean
  | null
  | undefined
  | ArrayBufferView
  | DigestibleList
  | DigestibleRecord;
type DigestibleList = readonly Digestible[];
type DigestibleRecord = { readonly [key: string]: Digestible };

type Hash = { update(bytes: Uint8Array): unknown; digest(): Uint8Array };

/** The platform's SHA-256 where it is at hand synchronously (Node), noble's elsewhere: the same function, faster. */
function newHash(): Hash {
  const native = globalThis.process?.getBuiltinModule?.('node:crypto');
  return native ? native.createHash('sha256') : sha256.create();
}

/** Small fields are gathered here, so that the hash is called once a block and not once a field. */
const BLOCK_BYTES = 65_536;

/** Writes tagged, length-prefixed fields into a hash. */
class FieldHasher {
  readonly #hash: Hash = newHash();
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #view = new DataView(this.#block.buffer);
  #used = 0;

  field(tag: string, bytes: Uint8Array): void {
    this.#head(tag, bytes.length);
    if (bytes.length > BLOCK_BYTES - this.#used) this.#flush();
    if (bytes.length > BLOCK_BYTES) {
      this.#hash.update(bytes);
      return;
    }
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  text(tag: string, text: string): void {
    // UTF-8 has one replacement character for all of them.
    if (!text.isWellFormed())
      throw new ShapeError('a digest covers well-formed text only, found a lone surrogate');
    this.field(tag, utf8(text));
  }

  number(value: number): void {
    this.#head('d', 8);
    if (BLOCK_BYTES - this.#used < 8) this.#flush();
    this.#view.setFloat64(this.#used, value, true);
    this.#used += 8;
  }

  /** A field without content: `count` items or nothing follow. */
  mark(tag: string, count: number): void {
    this.#head(tag, count);
  }

  finish(): Uint8Array {
    this.#flush();
    return new Uint8Array(this.#hash.digest());
  }

  #head(tag: string, length: number): void {
    if (BLOCK_BYTES - this.#used < 5) this.#flush();
    this.#block[this.#used] = tag.charCodeAt(0);
    this.#view.setUint32(this.#used + 1, length, true);
    this.#used += 5;
  }

  #flush(): void {
    // Copied by update(): the block may be reused at once.
    this.#hash.update(this.#block.subarray(0, this.#used));
    this.#used = 0;
  }
}

/**
 * SHA-256 over an injective encoding of a value under a domain-separation label: every item is tagged with its
 * type and length, and record keys are sorted, so two different values never hash the same bytes. A Buffer counts as the
 * Uint8Array that it is. Numbers are hashed as their bits: 0 and -0 differ.
 * Cost: one pass over the data.
 * @throws ShapeError for what has no encoding (a bigint, a function, a Map, ill-formed text).
 */
export function digestOf(label: string, value: Digestible): Digest {
  const hasher = new FieldHasher();
  const visit = (item: Digestible): void => {
    if (item === null) hasher.mark('n', 0);
    else if (item === undefined) hasher.mark('u', 0);
    else if (typeof item === 'string') hasher.text('s', item);
    else if (typeof item === 'number') hasher.number(item);
    else if (typeof item === 'boolean') hasher.mark('b', item ? 1 : 0);
    else if (ArrayBuffer.isView(item)) {
      hasher.text('k', typeNameOf(item));
      hasher.field('v', bytesOf(item));
    } else if (Array.isArray(item)) {
      hasher.mark('l', item.length);
      for (const entry of item) visit(entry);
    } else {
      const record = item as DigestibleRecord;
      // Anything else would hash as the empty record that it looks like.
      if (typeNameOf(record) !== 'Object') {
        throw new ShapeError(`a digest does not cover a ${typeNameOf(record)}; convert it first`);
      }
      const keys = Object.keys(record).sort();
      hasher.mark('r', keys.length);
      for (const key of keys) {
        hasher.text('f', key);
        visit(record[key]);
      }
    }
  };
  hasher.text('L', label);
  visit(value);
  return hex(hasher.finish()) as Digest;
}

/** `Float64Array`, `Object`, `Map` ...: the built-in type, whatever a subclass calls itself. */
function typeNameOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** Plain SHA-256 of bytes. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  const hash = newHash();
  hash.update(bytes);
  return new Uint8Array(hash.digest());
}
