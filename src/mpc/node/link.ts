import type { TLSSocket } from 'node:tls';
import { FRAME_HEADER_BYTES } from '../frame.ts';
import { type Incoming, LinkFault } from '../transport.ts';
import { RecordQueue } from './record-queue.ts';

export type LinkOptions = {
  /** Longest frame that the plan allows. */
  readonly frameBytes: number;
  /** How long a peer may say nothing at all, not even that it lives. */
  readonly silenceMs: number;
};

/** Ticks a time-out of silence: so often a quiet endpoint says that it lives. */
const TICKS = 4;

/** How long a peer has to take what was sent before the connection is cut. */
const FLUSH_MS = 2000;

/** Payloads up to this are copied behind their header: two pieces cost more than the copy. */
const JOINED_BYTES = 4096;

/** Instead of a length: nothing to say. */
const HEARTBEAT = 0;
/** Instead of a length: nothing more will come. */
const FAREWELL = 0xffffffff;

/**
 * One authenticated connection to one peer. On the wire, records: a length (u32, little-endian) and a frame; or one of two lengths that
 * mean something else. A peer that announces what no plan needs, leaves without a farewell, or falls silent breaks the link, for good.
 *
 * Memory: what the peer sent and nobody has taken is kept up to two frames; then the link stops reading, and the peer has to wait.
 */
export class Link {
  readonly #socket: TLSSocket;
  readonly #records: RecordQueue;
  readonly #timer: NodeJS.Timeout;
  #quietTicks = 0;
  #spoke = true;
  #left = false;
  #closing = false;

  constructor(socket: TLSSocket, { frameBytes, silenceMs }: LinkOptions) {
    this.#socket = socket;
    this.#records = new RecordQueue({
      shortest: FRAME_HEADER_BYTES,
      longest: frameBytes,
      special: new Map([
        [HEARTBEAT, () => {}],
        [
          FAREWELL,
          () => {
            this.#left = true;
            this.#records.end(new LinkFault('it left before its part was done'));
          },
        ],
      ]),
      onFull: () => socket.pause(),
      onRoom: () => socket.resume(),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#quietTicks = 0;
      // Once we leave, what still comes is of no interest; but unread it would turn the farewell into a reset.
      if (this.#closing) return;
      this.#records.push(chunk);
      if (this.#records.broken) this.destroy();
    });
    socket.on('error', (cause) =>
      this.#records.end(new LinkFault('the connection broke', undefined, { cause })),
    );
    socket.on('close', () => this.#close());
    socket.on('end', () => this.#close());
    this.#timer = setInterval(() => this.#tick(silenceMs), silenceMs / TICKS);
    socket.resume();
    if (socket.destroyed || socket.readableEnded) this.#close();
  }

  /** Frames that have arrived, at least in part, and were not taken. */
  get waiting(): number {
    return this.#records.waiting;
  }

  /** See {@link Transport.send}. */
  send(header: Uint8Array, payload: Uint8Array, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const fail = (fault: LinkFault) => {
        // A last word that waits to be read says more than that nobody listens any more.
        if (this.waiting > 0) resolve();
        else reject(fault);
      };
      if (this.#records.fault !== undefined) return fail(this.#records.fault);
      const stop = () => {
        // The socket may still hold the payload, whose memory its owner is about to use again.
        this.destroy();
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      const joined = payload.length <= JOINED_BYTES;
      // Not from the pool that small buffers share: it may hold a share.
      const head = Buffer.allocUnsafeSlow(4 + header.length + (joined ? payload.length : 0));
      head.writeUInt32LE(header.length + payload.length);
      head.set(header, 4);
      this.#spoke = true;
      const done = (error?: Error | null) => {
        signal.removeEventListener('abort', stop);
        if (error)
          fail(this.#records.fault ?? new LinkFault('the connection broke', undefined, { cause: error }));
        else resolve();
      };
      if (joined) {
        head.set(payload, 4 + header.length);
        this.#socket.write(head, done);
      } else {
        this.#socket.cork();
        this.#socket.write(head);
        this.#socket.write(payload, done);
        this.#socket.uncork();
      }
    });
  }

  /** See {@link Transport.receive}. */
  receive(signal: AbortSignal): Promise<Incoming> {
    return this.#records.next(signal);
  }

  /** Says farewell and closes the connection once everything sent was taken, or after two seconds. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing = true;
    const socket = this.#socket;
    if (socket.destroyed) return;
    const farewell = Buffer.alloc(4);
    farewell.writeUInt32LE(FAREWELL);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FLUSH_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.resume();
      socket.end(farewell);
    });
    socket.destroy();
  }

  destroy(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#records.end(
      new LinkFault('the connection was closed without a farewell: the process died or was stopped'),
    );
  }

  #tick(silenceMs: number): void {
    // Ticks, not times: after a long computation of our own, what the peer said meanwhile is read only now. And
    // whoever does not read cannot complain of silence.
    if (!this.#socket.isPaused() && !this.#left && ++this.#quietTicks > TICKS) {
      this.#records.end(new LinkFault(`nothing was heard from it for ${silenceMs} ms`));
      this.destroy();
      return;
    }
    if (!this.#spoke && this.#socket.writable && this.#socket.writableLength === 0) {
      const beat = Buffer.alloc(4);
      beat.writeUInt32LE(HEARTBEAT);
      this.#socket.write(beat);
    }
    this.#spoke = false;
  }
}
