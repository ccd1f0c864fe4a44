/** Bytes of an AES-128 key. */
export const KEY_BYTES = 16;

const BLOCK_BYTES = 16;
const FIRST_CHUNK: number = 2 ** 14;
const LAST_CHUNK: number = 2 ** 20;

type SubtleCrypto = {
  importKey(
    format: 'raw',
    key: Uint8Array,
    algorithm: 'AES-CTR',
    extractable: boolean,
    usages: string[],
  ): Promise<object>;
  encrypt(
    algorithm: { name: 'AES-CTR'; counter: Uint8Array; length: number },
    key: object,
    data: Uint8Array,
  ): Promise<ArrayBuffer>;
};

const { subtle } = (globalThis as unknown as { readonly crypto: { readonly subtle: SubtleCrypto } }).crypto;

let zeros: Uint8Array = new Uint8Array(FIRST_CHUNK);

/**
 * The key stream of AES-128 in counter mode (NIST SP 800-38A) on the platform's WebCrypto, which uses the
 * processor's AES instructions: two holders of a key read the same bytes. A chunk is made ahead, so that
 * small requests rarely wait; chunks grow with demand. Where a request ends is public, what it reads is not.
 */
export class KeyStream {
  readonly #key: object;
  #block = 0;
  #chunkBytes: number = FIRST_CHUNK;
  #pool: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #ahead: Promise<Uint8Array<ArrayBuffer>>;

  private constructor(key: object) {
    this.#key = key;
    this.#ahead = this.#generate(this.#chunkBytes);
  }

  /** @param key 16 bytes, used for nothing else. */
  static async open(key: Uint8Array): Promise<KeyStream> {
    return new KeyStream(await subtle.importKey('raw', key, 'AES-CTR', false, ['encrypt']));
  }

  /**
   * The next bytes, rounded up to whole AES blocks. The result may be a view that later calls do not change.
   * One call at a time. Cost: about 0.3 ns a byte and, where nothing was made ahead, 20 us.
   */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const rounded = Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
    if (rounded <= this.#pool.length) return this.#cut(rounded);
    while (this.#chunkBytes < rounded && this.#chunkBytes < LAST_CHUNK) this.#chunkBytes *= 2;
    const out = new Uint8Array(rounded);
    let filled = this.#pool.length;
    out.set(this.#pool);
    while (filled < rounded) {
      const chunk = await this.#ahead;
      this.#ahead = this.#generate(this.#chunkBytes);
      const used = Math.min(chunk.length, rounded - filled);
      out.set(chunk.subarray(0, used), filled);
      this.#pool = chunk.subarray(used);
      filled += used;
    }
    return out;
  }

  #cut(length: number): Uint8Array<ArrayBuffer> {
    const out = this.#pool.subarray(0, length);
    this.#pool = this.#pool.subarray(length);
    return out;
  }

  async #generate(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const counter = new Uint8Array(BLOCK_BYTES);
    // Block numbers stay below 2^53: the counter's upper half is zero.
    new DataView(counter.buffer).setBigUint64(8, BigInt(this.#block));
    this.#block += length / BLOCK_BYTES;
    if (zeros.length < length) zeros = new Uint8Array(length);
    const data = zeros.subarray(0, length);
    return new Uint8Array(await subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, this.#key, data));
  }
}
