import { TransportError } from '../base/errors.ts';

/** A frame that arrives: its length is known before its bytes are. */
export type Incoming = {
  /** Bytes of the whole frame. */
  readonly length: number;
  /** Moves the next bytes of the frame into memory of the caller, which is filled when this resolves. */
  read(into: Uint8Array, signal: AbortSignal): Promise<void>;
};

/**
 * Moves the frames of one session between this endpoint and its peers. A transport delivers bytes to the
 * endpoint they are addressed to and says from whom they came; it must be confidential and authenticated (in
 * one process by construction, across a network by mutually authenticated TLS): frames carry shares in the
 * clear. Order, count and content are checked by the session, which trusts no transport for them.
 */
export interface Transport {
  /** This endpoint's number. */
  readonly self: number;
  /**
   * Hands over a frame, in two pieces. Both may be used again when this resolves, which it does not before the
   * peer has room for them. @throws LinkFault
   */
  send(to: number, header: Uint8Array, payload: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * The next frame from a peer, of which the last one was read to its end. At most one call a peer at a time. Rejects with the
   * signal's reason if that fires first. @throws LinkFault
   */
  receive(from: number, signal: AbortSignal): Promise<Incoming>;
  /** How many frames from a peer have arrived, at least in part, and were not taken. */
  waiting(from: number): number;
}

/**
 * Why a transport could not do its work with a peer; the session, which knows the peer's name and the round, says so. `check` names
 * what the peer did wrong, where it did something.
 */
export class LinkFault extends TransportError {
  readonly check: string | undefined;

  constructor(what: string, check?: string, options?: ErrorOptions) {
    super(what, check === undefined ? {} : { check }, options);
    this.check = check;
  }
}
