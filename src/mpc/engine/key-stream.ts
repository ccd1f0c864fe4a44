import { CHACHA_BLOCK_BYTES, CHACHA_KEY_BYTES, loadChaCha20 } from '../../kernels/chacha20.ts';

/** Bytes of a key. */
export const KEY_BYTES: number = CHACHA_KEY_BYTES;

/** The key stream of ChaCha20: two holders of a key read the same bytes. Where a request ends is public, what it reads is not. */
export class KeyStream {
  readonly #key: Uint8Array;
  #block = 0;

  /** @param key 32 bytes, used for nothing else; copied. */
  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  /** The next bytes, rounded up to whole blocks, in memory of their own. Cost: about 1 ns a byte. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const out = loadChaCha20().keyStream(this.#key, this.#block, length);
    // Below 2^53 blocks: more than any session can send.
    this.#block += out.length / CHACHA_BLOCK_BYTES;
    return out;
  }
}
