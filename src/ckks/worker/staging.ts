/** Buffers are of whole pages of this size. */
const PAGE_BYTES = 65_536;
/** What is kept for the next requests. */
const MOST_KEPT_BYTES = 2 ** 26;

/**
 * The way of large requests to workers, through buffers that they share with this thread and that are used again. A message with plain arrays is
 * copied twice, each time into memory that is new; first touches of new memory cost more than the copies, and more than the evaluation of a
 * small request. Where the platform shares no memory, bytes go as they are. For public bytes: buffers are not wiped.
 */
export class Staging {
  readonly #free: SharedArrayBuffer[] = [];
  #keptBytes = 0;

  /** A copy that workers can read: until it is released, or for good. */
  stage(bytes: Uint8Array): Uint8Array {
    if (typeof SharedArrayBuffer === 'undefined') return bytes;
    const staged = new Uint8Array(this.#take(bytes.length), 0, bytes.length);
    staged.set(bytes);
    return staged;
  }

  /** Takes copies back that no worker's answer depends on any longer; what is not of shared memory is left alone. */
  release(staged: Iterable<Uint8Array>): void {
    for (const { buffer } of staged) {
      if (buffer instanceof ArrayBuffer || this.#keptBytes + buffer.byteLength > MOST_KEPT_BYTES) continue;
      this.#keptBytes += buffer.byteLength;
      this.#free.push(buffer);
    }
  }

  /** The smallest buffer that suffices. */
  #take(bytes: number): SharedArrayBuffer {
    let best = -1;
    this.#free.forEach(({ byteLength }, index) => {
      if (byteLength >= bytes && (best < 0 || byteLength < this.#free[best]!.byteLength)) best = index;
    });
    if (best < 0) return new SharedArrayBuffer(Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES);
    const [buffer] = this.#free.splice(best, 1) as [SharedArrayBuffer];
    this.#keptBytes -= buffer.byteLength;
    return buffer;
  }
}
