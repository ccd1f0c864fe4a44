import { type Incoming, LinkFault } from '../transport.ts';

export type RecordRules = {
  /** Bytes of the shortest and longest record. */
  readonly shortest: number;
  readonly longest: number;
  /** Lengths that announce no record. */
  readonly special: ReadonlyMap<number, () => void>;
  /** More was pushed than is kept gladly; and there is room again. */
  readonly onFull: () => void;
  readonly onRoom: () => void;
};

const PREFIX_BYTES = 4;

/** One record, of which some bytes may be missing. */
type Entry = {
  readonly length: number;
  /** Received and not read, oldest first; chunks as they came, so that bytes are moved once, to where they belong. */
  readonly chunks: Uint8Array[];
  /** Bytes received so far, and bytes read so far. */
  received: number;
  read: number;
};

/**
 * Cuts the bytes that come from a peer into records, each a length (u32, little-endian) and so many bytes, and hands them out one after
 * the other. The bytes of a length are judged before anything is kept on its account.
 */
export class RecordQueue {
  readonly #rules: RecordRules;
  readonly #entries: Entry[] = [];
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #prefixLength = 0;
  /** The record that is being received. */
  #open: Entry | undefined;
  /** Bytes kept. */
  #kept = 0;
  #full = false;
  #fault: LinkFault | undefined;
  #broken = false;
  /** Tells whoever waits that something has changed. */
  #wake: (() => void) | undefined;

  constructor(rules: RecordRules) {
    this.#rules = rules;
  }

  /** Records that nobody has begun to take. */
  get waiting(): number {
    return this.#entries.length;
  }

  /** Why nothing more will come. */
  get fault(): LinkFault | undefined {
    return this.#fault;
  }

  /** Whether the peer announced what it may not. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Bytes from the peer, whose memory is the queue's from now on. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#broken) {
      const open = this.#open;
      if (open === undefined) {
        at += this.#takePrefix(chunk, at);
        continue;
      }
      const size = Math.min(chunk.length - at, open.length - open.received);
      open.chunks.push(chunk.subarray(at, at + size));
      open.received += size;
      this.#kept += size;
      at += size;
      if (open.received === open.length) this.#open = undefined;
    }
    if (!this.#full && this.#kept > 2 * this.#rules.longest) {
      this.#full = true;
      this.#rules.onFull();
    }
    this.#wake?.();
  }

  /** Nothing more will come, for this reason; the first one counts. What has come whole can still be taken. */
  end(fault: LinkFault): void {
    this.#fault ??= fault;
    this.#wake?.();
  }

  /** The next record, as soon as its length is known. */
  async next(signal: AbortSignal): Promise<Incoming> {
    await this.#until(() => this.#entries.length > 0, signal);
    const entry = this.#entries.shift()!;
    return { length: entry.length, read: (into, stop) => this.#read(entry, into, stop) };
  }

  async #read(entry: Entry, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const end = entry.read + into.length;
    if (end > entry.length) throw new LinkFault('a frame is shorter than what was to be read of it', 'size');
    let at = 0;
    while (at < into.length) {
      if (entry.chunks.length === 0) await this.#until(() => entry.chunks.length > 0, signal);
      const chunk = entry.chunks[0]!;
      const size = Math.min(chunk.length, into.length - at);
      into.set(size === chunk.length ? chunk : chunk.subarray(0, size), at);
      if (size === chunk.length) entry.chunks.shift();
      else entry.chunks[0] = chunk.subarray(size);
      at += size;
      entry.read += size;
      this.#kept -= size;
      if (this.#full && this.#kept <= this.#rules.longest) {
        this.#full = false;
        this.#rules.onRoom();
      }
    }
  }

  #until(holds: () => boolean, signal: AbortSignal): Promise<void> | undefined {
    if (holds()) return undefined;
    if (this.#wake !== undefined) throw new LinkFault('somebody is receiving from it already');
    return new Promise((resolve, reject) => {
      const settle = () => {
        const done = holds();
        if (!done && !signal.aborted && this.#fault === undefined) return;
        this.#wake = undefined;
        signal.removeEventListener('abort', settle);
        if (done) resolve();
        else reject(signal.aborted ? signal.reason : this.#fault);
      };
      this.#wake = settle;
      signal.addEventListener('abort', settle);
      settle();
    });
  }

  /** Takes bytes of a length; the number taken. */
  #takePrefix(chunk: Uint8Array, at: number): number {
    const size = Math.min(PREFIX_BYTES - this.#prefixLength, chunk.length - at);
    this.#prefix.set(chunk.subarray(at, at + size), this.#prefixLength);
    this.#prefixLength += size;
    if (this.#prefixLength < PREFIX_BYTES) return size;
    this.#prefixLength = 0;
    const length = new DataView(this.#prefix.buffer).getUint32(0, true);
    const special = this.#rules.special.get(length);
    if (special !== undefined) {
      special();
      return size;
    }
    const { shortest, longest } = this.#rules;
    if (length < shortest || length > longest) {
      this.#broken = true;
      this.end(
        new LinkFault(
          `expected a frame of ${shortest} to ${longest} bytes, found one announced with ${length}`,
          'size',
        ),
      );
      return size;
    }
    this.#open = { length, chunks: [], received: 0, read: 0 };
    this.#entries.push(this.#open);
    return size;
  }
}
