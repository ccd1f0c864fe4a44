/**
 * Moves the frames of one session between this endpoint and its peers. A transport delivers bytes to the
 * endpoint they are addressed to and says from whom they came; it must be confidential and authenticated (in
 * one process by construction, across a network by mutually authenticated TLS): frames carry shares in the
 * clear. Order, count and content are checked by the session, which trusts no transport for them.
 */
export interface Transport {
  /** This endpoint's number. */
  readonly self: number;
  /** Hands over a frame, whose memory is the transport's from now on. @throws TransportError */
  send(to: number, frame: Uint8Array): Promise<void>;
  /**
   * The next frame from a peer. At most one call a peer at a time. Rejects with the signal's reason if that
   * fires first.
   */
  receive(from: number, signal: AbortSignal): Promise<Uint8Array>;
  /** How many frames from a peer have arrived and were not taken. */
  waiting(from: number): number;
}
