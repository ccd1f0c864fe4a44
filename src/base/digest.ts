import { sha256 } from '@noble/hashes/sha2.js';
import type { Digest } from './brand.ts';
import { bytesOf, hex, utf8 } from './bytes.ts';

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

/**
 * SHA-256 over an injective encoding of a value under a domain-separation label: every item is tagged with its
 * type and length, and record keys are sorted, so two different values never hash the same bytes.
 * Cost: one pass over the data (about 250 MB/s).
 */
export function digestOf(label: string, value: Digestible): Digest {
  const hash = sha256.create();
  const write = (tag: string, bytes: Uint8Array) => {
    const head = new Uint8Array(5);
    head[0] = tag.charCodeAt(0);
    new DataView(head.buffer).setUint32(1, bytes.length, true);
    hash.update(head).update(bytes);
  };
  const visit = (item: Digestible): void => {
    if (item === null || item === undefined) write('n', new Uint8Array(0));
    else if (typeof item === 'string') write('s', utf8(item));
    else if (typeof item === 'number') write('d', bytesOf(Float64Array.of(item)));
    else if (typeof item === 'boolean') write('b', Uint8Array.of(item ? 1 : 0));
    else if (ArrayBuffer.isView(item)) {
      write('k', utf8(item.constructor.name));
      write('v', bytesOf(item));
    } else if (Array.isArray(item)) {
      write('l', bytesOf(Uint32Array.of(item.length)));
      for (const entry of item) visit(entry);
    } else {
      const record = item as DigestibleRecord;
      const keys = Object.keys(record).sort();
      write('r', bytesOf(Uint32Array.of(keys.length)));
      for (const key of keys) {
        write('f', utf8(key));
        visit(record[key]);
      }
    }
  };
  write('L', utf8(label));
  visit(value);
  return hex(hash.digest()) as Digest;
}

/** Plain SHA-256 of bytes. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}
