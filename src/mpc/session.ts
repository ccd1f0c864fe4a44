import type { Digest } from '../base/brand.ts';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { AbortError, BlindRiskError, ProtocolError, TransportError } from '../base/errors.ts';
import { throwIfAborted } from '../base/progress.ts';
import { ELEMENT_BYTES, FieldVector, type Width } from '../kernels/field-vector.ts';
import { indexOfNonCanonical } from './field.ts';
import {
  encodeHeader,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  type FrameKind,
  parseHeader,
  SESSION_BYTES,
} from './frame.ts';
import { LinkFault, type Transport } from './transport.ts';

/** What a session needs to know of its plan. */
export type SessionTerms = {
  readonly digest: Digest;
  readonly parties: number;
  /** Elements of 16 bytes that one frame carries at most. */
  readonly frameElements: number;
  readonly owners: readonly { readonly name: string; readonly endpoint: number }[];
  readonly recipients: readonly { readonly name: string; readonly endpoint: number }[];
};

export type SessionOptions = {
  readonly signal?: AbortSignal | undefined;
  /**
   * How long a frame of round 1 may let itself be waited for; one of round r, whose sender waits too, r times
   * that. Default 30 s.
   */
  readonly timeoutMs?: number | undefined;
};

const DEFAULT_TIMEOUT_MS = 30_000;

/** How long telling a peer that the session is over may take. */
const FAREWELL_MS = 1000;

/** What this end keeps of a peer. */
type Peer = {
  /** Frames so far. */
  sent: number;
  taken: number;
  /** Fires when the peer has let itself be waited for too long. */
  readonly late: AbortController;
  /** Fires for whatever ends the session: the peer, the caller, or a failure elsewhere. */
  readonly stop: AbortSignal;
};

/**
 * One endpoint's end of one session: it sends and takes vectors, and checks that every frame belongs to this
 * session and plan and comes from whom, in which round and at which place of the sequence it should. The
 * first failure ends the session: whoever is sent to is told, every later call fails, and a retry needs a new
 * session, because shares are never sent twice.
 */
export class Session {
  readonly self: number;
  readonly #plan: SessionTerms;
  readonly #transport: Transport;
  readonly #wireId: Uint8Array;
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  readonly #peers = new Map<number, Peer>();
  readonly #ended = new AbortController();
  #round = 0;

  /** @param nonce 16 random bytes, agreed by all participants and never used for another session. */
  constructor(plan: SessionTerms, nonce: Uint8Array, transport: Transport, options: SessionOptions = {}) {
    this.self = transport.self;
    this.#plan = plan;
    this.#transport = transport;
    // The wire name covers the plan, so that participants with different plans do not understand each other.
    const named = [utf8('blindrisk/mpc-session/1'), nonce, utf8(plan.digest)];
    this.#wireId = sha256Of(concatBytes(named)).slice(0, SESSION_BYTES);
    this.#signal = options.signal;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** The last round in which this endpoint sent or took anything. */
  get round(): number {
    return this.#round;
  }

  /** @throws AbortError if the caller's signal has fired. */
  check(during: string): void {
    throwIfAborted(this.#signal, during);
  }

  /** Sends a vector as one message. */
  async send(to: number, round: number, kind: FrameKind, vector: FieldVector): Promise<void> {
    await this.sendBytes(to, round, kind, vector.bytes);
  }

  /**
   * Sends one message: as few frames as the plan's frame length allows. The bytes and a header a frame; they may be used again when this
   * resolves.
   */
  async sendBytes(to: number, round: number, kind: FrameKind, bytes: Uint8Array): Promise<void> {
    const most = this.#plan.frameElements * ELEMENT_BYTES;
    for (let start = 0; start < bytes.length; start += most) {
      this.#enter(round, `sending to ${this.nameOf(to)}`);
      const payload = bytes.subarray(start, start + most);
      const header = this.#header(to, round, kind, payload.length);
      await this.#within(to, round, round + 1, (stop) => this.#transport.send(to, header, payload, stop));
    }
  }

  /**
   * Takes a vector of known length from a peer, which is expected to send nothing else.
   * @throws as {@link receiveBytes}, and ProtocolError for elements that are not canonical or a frame too many.
   */
  async receive(
    from: number,
    round: number,
    kind: FrameKind,
    length: number,
    { width = 2, patience = round }: { readonly width?: Width; readonly patience?: number } = {},
  ): Promise<FieldVector> {
    const vector = new FieldVector(length, width);
    await this.receiveBytes(from, round, kind, vector.bytes, patience);
    this.checkCanonical(from, round, vector);
    this.checkNothingFollows(from);
    return vector;
  }

  /**
   * Takes one message of known length from a peer into `bytes`.
   * @param patience time-outs that the first frame may let itself be waited for.
   * @throws ProtocolError for a frame that is foreign, replayed, out of order or of wrong size; TransportError
   * when nothing comes in time; AbortError. All name the peer and the round.
   */
  async receiveBytes(
    from: number,
    round: number,
    kind: FrameKind,
    bytes: Uint8Array,
    patience: number,
  ): Promise<void> {
    const most = this.#plan.frameElements * ELEMENT_BYTES;
    for (let start = 0; start < bytes.length; start += most) {
      this.#enter(round, `waiting for ${this.nameOf(from)}`);
      const payload = bytes.subarray(start, start + most);
      await this.#within(from, round, patience, (stop) => this.#take(from, round, kind, payload, stop));
    }
  }

  /** @throws ProtocolError unless a vector that came from a peer is canonical. */
  checkCanonical(from: number, round: number, vector: FieldVector): void {
    if (indexOfNonCanonical(vector) >= 0) {
      throw this.violation(from, round, 'canonical', 'expected field elements below p, found a larger one');
    }
  }

  /**
   * @throws ProtocolError if a peer has sent more than its one message: a replay, or a peer that follows
   * another plan.
   */
  checkNothingFollows(from: number): void {
    if (this.#transport.waiting(from) > 0) {
      throw this.violation(from, this.#round, 'count', 'expected one message, found another frame after it');
    }
  }

  /**
   * Ends the session after a failure: stops whatever still waits, and tells the given peers, so that they need not wait for
   * their time-outs: that it is over, and which endpoint is to blame, if the failure names one. Nothing can be sent or taken afterwards.
   */
  async abandon(peers: readonly number[], because?: unknown): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(
      new ProtocolError('this session has failed; nothing can be sent or opened: start a new session', {
        round: this.#round,
      }),
    );
    const blamed = this.#blamedBy(because);
    const payload = blamed === undefined ? new Uint8Array(0) : Uint8Array.of(blamed);
    const told = peers
      .filter((to) => to !== blamed)
      .map((to) => {
        const header = this.#header(to, this.#round, 'abort', payload.length);
        return this.#transport.send(to, header, payload, AbortSignal.timeout(FAREWELL_MS));
      });
    // The failure that led here is what the caller must see, whether or not the peers can still be reached.
    await Promise.allSettled(told);
  }

  /** A peer in words, for messages. */
  nameOf(endpoint: number): string {
    const { parties, owners, recipients } = this.#plan;
    if (endpoint <= parties) return `party ${endpoint}`;
    const role = [...owners, ...recipients].find((outside) => outside.endpoint === endpoint);
    return role?.name ?? `endpoint ${endpoint}`;
  }

  #enter(round: number, during: string): void {
    this.check(during);
    this.#ended.signal.throwIfAborted();
    this.#round = Math.max(this.#round, round);
  }

  #peer(endpoint: number): Peer {
    let peer = this.#peers.get(endpoint);
    if (peer === undefined) {
      const late = new AbortController();
      const ends = [late.signal, this.#ended.signal];
      const stop = AbortSignal.any(this.#signal === undefined ? ends : [...ends, this.#signal]);
      peer = { sent: 0, taken: 0, late, stop };
      this.#peers.set(endpoint, peer);
    }
    return peer;
  }

  /** The endpoint that a failure names. */
  #blamedBy(failure: unknown): number | undefined {
    if (!(failure instanceof BlindRiskError)) return undefined;
    const { peer, culprit = peer } = failure.facts;
    const { parties, owners, recipients } = this.#plan;
    const count = parties + owners.length + recipients.length;
    for (let endpoint = 1; endpoint <= count; endpoint++) {
      if (this.nameOf(endpoint) === culprit) return endpoint;
    }
    return undefined;
  }

  #header(recipient: number, round: number, kind: FrameKind, payloadBytes: number): Uint8Array {
    const sequence = this.#peer(recipient).sent++;
    const { self: sender } = this;
    return encodeHeader({ kind, sender, recipient, session: this.#wireId, round, sequence }, payloadBytes);
  }

  /** Does something with a peer in so many time-outs at most; failures name the peer and the round. */
  async #within<T>(
    endpoint: number,
    round: number,
    patience: number,
    work: (stop: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { late, stop } = this.#peer(endpoint);
    const peer = this.nameOf(endpoint);
    // Whoever waits longest must give up last, so that the first failure names the peer that is silent.
    const timeoutMs = patience * this.#timeoutMs;
    const timer = setTimeout(() => {
      late.abort(
        new TransportError(
          `${peer}, round ${round}: nothing came or was taken within ${timeoutMs} ms; nothing was opened: check the peer and start a new session`,
          { peer, round, timeoutMs },
        ),
      );
    }, timeoutMs);
    try {
      return await work(stop);
    } catch (cause) {
      if (this.#signal?.aborted && cause === this.#signal.reason) {
        throw new AbortError(
          `aborted while waiting for ${peer} in round ${round}: nothing was opened`,
          { peer, round },
          { cause },
        );
      }
      if (cause instanceof LinkFault && cause.check !== undefined) {
        throw this.violation(endpoint, round, cause.check, cause.message, cause.cause);
      }
      if (cause instanceof BlindRiskError && !(cause instanceof LinkFault)) throw cause;
      const what = cause instanceof LinkFault ? cause.message : 'the transport failed';
      throw new TransportError(
        `${peer}, round ${round}: ${what}; nothing was opened: check the peer and start a new session`,
        { peer, round },
        { cause },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes one frame. Its payload is moved only when everything else about it is right. */
  async #take(
    from: number,
    round: number,
    kind: FrameKind,
    payload: Uint8Array,
    stop: AbortSignal,
  ): Promise<void> {
    const frame = await this.#transport.receive(from, stop);
    const most = FRAME_HEADER_BYTES + payload.length;
    if (frame.length > most) {
      throw this.violation(from, round, 'size', `expected at most ${most} bytes, found ${frame.length}`);
    }
    const bytes = new Uint8Array(Math.min(frame.length, FRAME_HEADER_BYTES));
    await frame.read(bytes, stop);
    const header = this.#parse(from, round, bytes, frame.length);
    await this.#checkHeader(header, from, round, kind, async () => {
      const blamed = new Uint8Array(Math.min(1, frame.length - FRAME_HEADER_BYTES));
      await frame.read(blamed, stop);
      return blamed[0];
    });
    const found = frame.length - FRAME_HEADER_BYTES;
    if (found !== payload.length) {
      throw this.violation(
        from,
        round,
        'size',
        `expected ${payload.length} bytes of payload, found ${found}`,
      );
    }
    await frame.read(payload, stop);
  }

  #parse(from: number, round: number, bytes: Uint8Array, length: number): FrameHeader {
    try {
      return parseHeader(bytes, length);
    } catch (cause) {
      throw this.violation(from, round, 'format', 'expected a well-formed frame', cause);
    }
  }

  async #checkHeader(
    header: FrameHeader,
    from: number,
    round: number,
    kind: FrameKind,
    blamed: () => Promise<number | undefined>,
  ): Promise<void> {
    const expect = (holds: boolean, check: string, found: string) => {
      if (!holds) throw this.violation(from, round, check, found);
    };
    const named = this.#wireId.every((byte, i) => byte === header.session[i]);
    expect(named, 'session', 'expected a frame of this session and plan, found one of another');
    expect(header.sender === from, 'sender', `expected sender ${from}, found ${header.sender}`);
    expect(
      header.recipient === this.self,
      'recipient',
      `expected recipient ${this.self}, found ${header.recipient}`,
    );
    if (header.kind === 'abort') {
      const endpoint = await blamed();
      const because = endpoint === undefined ? '' : ` and names ${this.nameOf(endpoint)} as the reason`;
      expect(false, 'abort', `the peer ended the session${because}`);
    }
    const peer = this.#peer(from);
    expect(
      header.sequence === peer.taken,
      'sequence',
      `expected frame ${peer.taken}, found ${header.sequence}: it was ${header.sequence < peer.taken ? 'replayed' : 'reordered, or one is missing'}`,
    );
    peer.taken++;
    expect(header.round === round, 'round', `expected round ${round}, found ${header.round}`);
    expect(header.kind === kind, 'kind', `expected ${kind}, found ${header.kind}`);
  }

  /** The error of a peer that did not follow the protocol. It names peer, round and check, never a value. */
  violation(from: number, round: number, check: string, found: string, cause?: unknown): ProtocolError {
    const peer = this.nameOf(from);
    return new ProtocolError(
      `${peer}, round ${round}: ${found}; nothing was opened: start a new session`,
      { peer, round, check },
      { cause },
    );
  }
}
