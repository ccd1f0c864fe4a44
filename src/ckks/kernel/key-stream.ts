import { sha256 } from '@noble/hashes/sha2.js';
import type { ByteStream } from '../../base/byte-stream.ts';
import { hex } from '../../base/bytes.ts';
import { IntegrityError } from '../../base/errors.ts';
import type { KeyForm } from '../slots/keys.ts';
import {
  checkKeyDigit,
  checkKeyHead,
  checkKeyListLength,
  ciphertextLength,
  KEY_LISTS_OFFSET,
  type LevelShape,
  switchingKeyLength,
} from '../wire.ts';
import { type CiphertextLayout, layoutAt } from './layout.ts';

/** Key-switching keys in SEAL's serialization that are read in order, and what their SHA-256 must be, in hex. */
export type KeyStream = { readonly stream: ByteStream; readonly sha256: string };

/** One digit: valid until the next is asked for. */
export type StreamedDigit = {
  /** Which of the lists that were made, and which digit of it. */
  readonly key: number;
  readonly digit: number;
  readonly bytes: Uint8Array;
  readonly layout: CiphertextLayout;
};

/**
 * The digits of key-switching keys, one at a time, each checked field by field, so that never more than one stands in memory as
 * bytes. The digest is known at the end only: who consumes them uses nothing before that.
 * @param lists places, of which those in `made` (ascending) hold a key.
 * @throws IntegrityError for another size, field or digest.
 */
export async function* digitsOf(
  { stream, sha256: expected }: KeyStream,
  keyLevel: LevelShape,
  lists: number,
  made: readonly number[],
  form: KeyForm,
): AsyncGenerator<StreamedDigit> {
  const total = switchingKeyLength(keyLevel, lists, made.length, form);
  if (stream.length !== total) {
    throw new IntegrityError(
      `evaluation keys: expected ${total} bytes, found ${stream.length}; refused unread`,
      { expected: total, found: stream.length },
    );
  }
  const hash = sha256.create();
  const next = async (into: Uint8Array) => {
    await stream.read(into);
    hash.update(into);
    return into;
  };
  checkKeyHead(await next(new Uint8Array(KEY_LISTS_OFFSET)), keyLevel, total, lists);
  const shape = { ...keyLevel, components: 2 as const, scale: 1 };
  const bytes = new Uint8Array(ciphertextLength(shape, form));
  const digits = keyLevel.primes - 1;
  let list = 0;
  for (const [key, place] of made.entries()) {
    // The lengths of the empty lists before it, and its own.
    const lengths = await next(new Uint8Array(8 * (place + 1 - list)));
    for (; list <= place; list++)
      checkKeyListLength(lengths, list - (place + 1 - lengths.length / 8), list, list === place ? digits : 0);
    for (let digit = 0; digit < digits; digit++) {
      checkKeyDigit(await next(bytes), shape, form);
      yield { key, digit, bytes, layout: layoutAt(bytes, 0, shape, form) };
    }
  }
  const rest = await next(new Uint8Array(8 * (lists - list)));
  for (let i = 0; list < lists; i++, list++) checkKeyListLength(rest, i, list, 0);
  const found = hex(hash.digest());
  if (found !== expected) {
    throw new IntegrityError(
      'evaluation keys: the digest differs from the expected one: damaged, or other keys',
    );
  }
}
