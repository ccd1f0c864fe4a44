import type { Digest } from '../base/brand.ts';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { AbortError, BlindRiskError, ProtocolError, TransportError } from '../base/errors.ts';
import { throwIfAborted } from '../base/progress.ts';
import { ELEMENT_BYTES, FieldVector, type Width } from '../kernels/field-vector.ts';
import { indexOfNonCanonical } from './field.ts';
import {
  encodeFrame,
  FRAME_HEADER_BYTES,
  type Frame,
  type FrameKind,
  parseFrame,
  SESSION_BYTES,
} from './frame.ts';
import type { Transport } from './transport.ts';

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
  readonly #sent = new Map<number, number>();
  readonly #taken = new Map<number, number>();
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

  /** Sends one message: as few frames as the plan's frame length allows. The bytes and a header a frame. */
  async sendBytes(to: number, round: number, kind: FrameKind, bytes: Uint8Array): Promise<void> {
    const most = this.#plan.frameElements * ELEMENT_BYTES;
    for (let start = 0; start < bytes.length; start += most) {
      this.#enter(round, `sending to ${this.nameOf(to)}`);
      const payload = bytes.subarray(start, start + most);
      await this.#transport.send(to, this.#frame(to, round, kind, payload));
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
      const expected = Math.min(most, bytes.length - start);
      const frame = this.#parse(from, round, await this.#take(from, round, patience), expected);
      this.#checkFrame(frame, from, round, kind, expected);
      bytes.set(frame.payload, start);
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
   * Ends the session after a failure: stops whatever still waits, and tells the given peers, without a
   * reason, so that they need not wait for their time-outs. Nothing can be sent or taken afterwards.
   */
  async abandon(peers: readonly number[]): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(
      new ProtocolError('this session has failed; nothing can be sent or opened: start a new session', {
        round: this.#round,
      }),
    );
    const told = peers.map((to) =>
      this.#transport.send(to, this.#frame(to, this.#round, 'abort', new Uint8Array(0))),
    );
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

  #frame(recipient: number, round: number, kind: FrameKind, payload: Uint8Array): Uint8Array {
    const sequence = this.#sent.get(recipient) ?? 0;
    this.#sent.set(recipient, sequence + 1);
    return encodeFrame({
      kind,
      sender: this.self,
      recipient,
      session: this.#wireId,
      round,
      sequence,
      payload,
    });
  }

  async #take(from: number, round: number, patience: number): Promise<Uint8Array> {
    const controller = new AbortController();
    const peer = this.nameOf(from);
    // Whoever waits longest must give up last, so that the first failure names the peer that is silent.
    const timeoutMs = patience * this.#timeoutMs;
    const timer = setTimeout(() => {
      controller.abort(
        new TransportError(
          `${peer}, round ${round}: nothing came within ${timeoutMs} ms; nothing was opened: check the peer and start a new session`,
          { peer, round, timeoutMs },
        ),
      );
    }, timeoutMs);
    const stop = () => {
      const facts = { peer, round };
      controller.abort(
        new AbortError(`aborted while waiting for ${peer} in round ${round}: nothing was opened`, facts, {
          cause: this.#signal?.reason,
        }),
      );
    };
    const end = () => controller.abort(this.#ended.signal.reason);
    this.#signal?.addEventListener('abort', stop);
    this.#ended.signal.addEventListener('abort', end);
    try {
      return await this.#transport.receive(from, controller.signal);
    } catch (cause) {
      if (cause instanceof BlindRiskError) throw cause;
      throw new TransportError(`${peer}, round ${round}: the transport failed`, { peer, round }, { cause });
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener('abort', stop);
      this.#ended.signal.removeEventListener('abort', end);
    }
  }

  #parse(from: number, round: number, bytes: Uint8Array, maxPayload: number): Frame {
    if (bytes.length > FRAME_HEADER_BYTES + maxPayload) {
      const found = `expected at most ${FRAME_HEADER_BYTES + maxPayload} bytes, found ${bytes.length}`;
      throw this.violation(from, round, 'size', found);
    }
    try {
      return parseFrame(bytes, maxPayload);
    } catch (cause) {
      throw this.violation(from, round, 'format', 'expected a well-formed frame', cause);
    }
  }

  #checkFrame(frame: Frame, from: number, round: number, kind: FrameKind, payloadBytes: number): void {
    const expect = (holds: boolean, check: string, found: string) => {
      if (!holds) throw this.violation(from, round, check, found);
    };
    const named = frame.session.every((byte, i) => byte === this.#wireId[i]);
    expect(named, 'session', 'expected a frame of this session and plan, found one of another');
    expect(frame.sender === from, 'sender', `expected sender ${from}, found ${frame.sender}`);
    expect(
      frame.recipient === this.self,
      'recipient',
      `expected recipient ${this.self}, found ${frame.recipient}`,
    );
    expect(frame.kind !== 'abort', 'abort', 'the peer ended the session');
    const sequence = this.#taken.get(from) ?? 0;
    expect(
      frame.sequence === sequence,
      'sequence',
      `expected frame ${sequence}, found ${frame.sequence}: it was ${frame.sequence < sequence ? 'replayed' : 'reordered, or one is missing'}`,
    );
    this.#taken.set(from, sequence + 1);
    expect(frame.round === round, 'round', `expected round ${round}, found ${frame.round}`);
    expect(frame.kind === kind, 'kind', `expected ${kind}, found ${frame.kind}`);
    const found = `expected ${payloadBytes} bytes of payload, found ${frame.payload.length}`;
    expect(frame.payload.length === payloadBytes, 'size', found);
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
