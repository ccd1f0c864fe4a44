import { deviation } from './deviation.ts';
import type { ExchangeRequest, Security } from './protocol.ts';
import { type PublicBits, SharedBits } from './shared-bits.ts';

/** Bytes of a message to or from a peer. */
export type PeerBytes = { readonly peer: number; readonly bytes: Uint8Array<ArrayBuffer> };

/** A product of bits, and what masks this party's part of it: one key stream's words for each part that it holds. */
export type BitProduct = { readonly z: SharedBits; readonly masks: SharedBits };

/**
 * One party's part of a round on shared bits. Product (Araki et al., CCS 2016): party i, with parts i + 1 and i + 2 of x and y, makes part i + 1 of z: x_(i+1) y_(i+1) + x_(i+1) y_(i+2) +
 * x_(i+2) y_(i+1), plus a part of a sharing of zero, and sends it to party i - 1, who also holds that part: one bit sent a product. Revealing: party i sends party i - 1 the part that it lacks;
 * against parties that deviate, party i + 1 as well, and what a party gets from both has to agree.
 */
export class BitRound {
  readonly #requests: readonly BitRequest[];
  readonly #round: number;
  readonly #checked: boolean;
  readonly #masks: SharedBits[] = [];
  readonly #products: Uint32Array<ArrayBuffer>;
  /** The second part of what is revealed, for the previous party, and the first, for the next. */
  readonly #second: Uint32Array<ArrayBuffer>;
  readonly #first: Uint32Array<ArrayBuffer>;
  readonly #fromNext: Uint32Array<ArrayBuffer>;
  readonly #fromPrevious: Uint32Array<ArrayBuffer>;

  /** @param zeros for so many words, what the party's two keys say next. */
  constructor(
    requests: readonly ExchangeRequest[],
    round: number,
    security: Security,
    zeros: (words: number) => SharedBits,
  ) {
    this.#requests = requests.filter(isOnBits);
    this.#round = round;
    this.#checked = security === 'malicious';
    const { products, revealed } = wordsOf(this.#requests);
    this.#products = new Uint32Array(products);
    this.#second = new Uint32Array(revealed);
    this.#first = new Uint32Array(this.#checked ? revealed : 0);
    this.#fromNext = new Uint32Array(products + revealed);
    this.#fromPrevious = new Uint32Array(this.#first.length);
    let at = 0;
    let shown = 0;
    for (const request of this.#requests) {
      if (request.op === 'and') {
        const masks = zeros(request.x.words);
        multiplyInto(this.#products.subarray(at), request.x, request.y, masks);
        this.#masks.push(masks);
        at += masks.words;
      } else {
        const [first, second] = request.bits.parts;
        this.#second.set(second, shown);
        if (this.#checked) this.#first.set(first, shown);
        shown += request.bits.words;
      }
    }
  }

  /** What goes to peers, in the order of its bytes. */
  messages(self: number): readonly PeerBytes[] {
    const previous = ((self + 1) % 3) + 1;
    return [
      { peer: previous, bytes: bytesOf(this.#products) },
      { peer: previous, bytes: bytesOf(this.#second) },
      ...(this.#first.length > 0 ? [{ peer: (self % 3) + 1, bytes: bytesOf(this.#first) }] : []),
    ];
  }

  /** Memory for what comes from them. */
  expected(self: number): readonly PeerBytes[] {
    return [
      { peer: (self % 3) + 1, bytes: bytesOf(this.#fromNext) },
      { peer: ((self + 1) % 3) + 1, bytes: bytesOf(this.#fromPrevious) },
    ];
  }

  /** Answers to the requests on bits, in their order, when all has come. @throws ProtocolError unless both peers revealed the same. */
  answers(): readonly (BitProduct | PublicBits)[] {
    const theirs = this.#fromNext.subarray(0, this.#products.length);
    const missing = this.#fromNext.subarray(this.#products.length);
    if (this.#checked && missing.some((word, i) => word !== this.#fromPrevious[i])) {
      throw deviation(this.#round, 'bits');
    }
    let at = 0;
    let shown = 0;
    let next = 0;
    return this.#requests.map((request) => {
      if (request.op === 'and') {
        const { words, sets } = request.x;
        const parts = [this.#products.subarray(at, at + words), theirs.subarray(at, at + words)] as const;
        at += words;
        return { z: new SharedBits(words, sets, parts), masks: this.#masks[next++]! };
      }
      const { words, parts } = request.bits;
      const bits = new Uint32Array(words);
      for (let i = 0; i < words; i++) bits[i] = parts[0][i]! ^ parts[1][i]! ^ missing[shown + i]!;
      shown += words;
      return { words, bits };
    });
  }
}

type BitRequest = Extract<ExchangeRequest, { op: 'and' | 'reveal' }>;

export function isOnBits(request: ExchangeRequest): request is BitRequest {
  return request.op === 'and' || request.op === 'reveal';
}

/** Words of products, and words that are revealed, in a round. */
export function wordsOf(requests: readonly ExchangeRequest[]): { products: number; revealed: number } {
  const words = { products: 0, revealed: 0 };
  for (const request of requests) {
    if (request.op === 'and') words.products += request.x.words;
    if (request.op === 'reveal') words.revealed += request.bits.words;
  }
  return words;
}

function multiplyInto(out: Uint32Array, x: SharedBits, y: SharedBits, masks: SharedBits): void {
  const [x1, x2] = x.parts;
  const [y1, y2] = y.parts;
  const [m1, m2] = masks.parts;
  for (let i = 0; i < x.words; i++) {
    out[i] = (x1[i]! & (y1[i]! ^ y2[i]!)) ^ (x2[i]! & y1[i]!) ^ m1[i]! ^ m2[i]!;
  }
}

function bytesOf(words: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
