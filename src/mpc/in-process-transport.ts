import { concatBytes } from '../base/bytes.ts';
import { TransportError } from '../base/errors.ts';
import type { Incoming, Transport } from './transport.ts';

/** A frame on its way. */
export type Transit = { readonly from: number; readonly to: number; readonly bytes: Uint8Array };

/**
 * What happens to a frame in transit: the frames to deliver instead. For tests of drops, repeats, reordering
 * and tampering.
 */
export type Intercept = (transit: Transit) => readonly Transit[];

/** Frames and bytes sent, headers included. */
export type Traffic = { readonly messages: number; readonly bytes: number };

type Queue = { readonly frames: Uint8Array[]; waiter: (() => void) | undefined };

/**
 * Endpoints 1..count in one process, connected by queues: the embedded default, and one-party debugging. It
 * counts what is sent. Secrecy: all roles live in one process, so this separates them by code, not against an
 * adversary; a frame is copied, so that roles share no memory.
 */
export class InProcessNetwork {
  readonly #count: number;
  readonly #intercept: Intercept | undefined;
  readonly #queues = new Map<string, Queue>();
  readonly #traffic = new Map<string, Traffic>();

  constructor(count: number, intercept?: Intercept) {
    this.#count = count;
    this.#intercept = intercept;
  }

  /** The transport of one endpoint. */
  endpoint(self: number): Transport {
    this.#check(self);
    return {
      self,
      send: async (to, header, payload) =>
        this.#send({ from: self, to, bytes: concatBytes([header, payload]) }),
      receive: async (from, signal) => incoming(await this.#receive(from, self, signal)),
      waiting: (from) => this.#queue(from, self).frames.length,
    };
  }

  /** What was sent over the links that a predicate selects. */
  traffic(selects: (from: number, to: number) => boolean = () => true): Traffic {
    let messages = 0;
    let bytes = 0;
    for (const [link, sent] of this.#traffic) {
      const [from, to] = link.split('>').map(Number);
      if (!selects(from!, to!)) continue;
      messages += sent.messages;
      bytes += sent.bytes;
    }
    return { messages, bytes };
  }

  #send(transit: Transit): void {
    this.#check(transit.to);
    const link = `${transit.from}>${transit.to}`;
    const { messages, bytes } = this.#traffic.get(link) ?? { messages: 0, bytes: 0 };
    this.#traffic.set(link, { messages: messages + 1, bytes: bytes + transit.bytes.length });
    for (const delivered of this.#intercept?.(transit) ?? [transit]) {
      const queue = this.#queue(delivered.from, delivered.to);
      queue.frames.push(delivered.bytes);
      queue.waiter?.();
    }
  }

  async #receive(from: number, to: number, signal: AbortSignal): Promise<Uint8Array> {
    this.#check(from);
    const queue = this.#queue(from, to);
    if (queue.waiter !== undefined) {
      throw new TransportError(`endpoint ${to} is already receiving from endpoint ${from}`, { from, to });
    }
    return new Promise((resolve, reject) => {
      const settle = () => {
        const frame = queue.frames[0];
        if (!signal.aborted && frame === undefined) return;
        queue.waiter = undefined;
        signal.removeEventListener('abort', settle);
        if (signal.aborted) reject(signal.reason);
        else {
          queue.frames.shift();
          resolve(frame!);
        }
      };
      queue.waiter = settle;
      signal.addEventListener('abort', settle);
      settle();
    });
  }

  #queue(from: number, to: number): Queue {
    const link = `${from}>${to}`;
    let queue = this.#queues.get(link);
    if (queue === undefined) {
      queue = { frames: [], waiter: undefined };
      this.#queues.set(link, queue);
    }
    return queue;
  }

  #check(endpoint: number): void {
    if (!Number.isInteger(endpoint) || endpoint < 1 || endpoint > this.#count) {
      throw new TransportError(`expected an endpoint from 1 to ${this.#count}, found ${endpoint}`, {
        endpoint,
      });
    }
  }
}

/** A frame that is here, to be read piece by piece. */
function incoming(frame: Uint8Array): Incoming {
  let at = 0;
  return {
    length: frame.length,
    read: async (into) => {
      into.set(frame.subarray(at, at + into.length));
      at += into.length;
    },
  };
}
