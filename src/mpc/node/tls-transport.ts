import type { Server, TLSSocket } from 'node:tls';
import type { Digest } from '../../base/brand.ts';
import { AbortError, ProtocolError, TransportError } from '../../base/errors.ts';
import { randomBytes } from '../../base/random.ts';
import { SESSION_BYTES } from '../frame.ts';
import type { Traffic } from '../in-process-transport.ts';
import { type Incoming, LinkFault, type Transport } from '../transport.ts';
import { encodeGreeting, nonceOf, parseGreeting, readGreeting, termsOf } from './greeting.ts';
import { Link } from './link.ts';
import { type Address, connectTls, listenTls, peerPin, type TlsCredentials } from './tls.ts';

/** Another endpoint of the session. */
export type TlsPeer = {
  readonly endpoint: number;
  /** A second role of the same process, over the same connection: a client that brings inputs and opens outputs. */
  readonly alias?: number | undefined;
  /** As errors call it. */
  readonly name: string;
  /** SHA-256 of its public key. */
  readonly pin: Digest;
  /** Where it listens; parties do. */
  readonly address?: Address | undefined;
};

export type TlsOptions = {
  /** This endpoint's number. 1 to `parties`: a party. */
  readonly self: number;
  readonly parties: number;
  readonly credentials: TlsCredentials;
  /** Where this endpoint listens, if it is a party. */
  readonly listen?: Address | undefined;
  /** All others of the session; an outside endpoint needs the parties only. */
  readonly peers: readonly TlsPeer[];
  /** Name of the session, the same everywhere, and the plan. */
  readonly session: string;
  readonly plan: Digest;
  /** Longest frame of the plan. */
  readonly frameBytes: number;
  /** How long all peers have to connect. Default 30 s. */
  readonly connectMs?: number | undefined;
  /** How long a peer may say nothing, not even that it lives; more than the longest computation of any. Default 15 s. */
  readonly silenceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of strangers that were turned away. */
  readonly onNotice?: ((text: string) => void) | undefined;
};

/**
 * The transport of one endpoint of one session between processes: TLS 1.3 with a connection to every peer, mutually authenticated by pinned
 * public keys; no authority is asked. Connections are made once: whatever breaks one ends the session.
 *
 * Secrecy: the network sees addresses, sizes and times. Of peers, only the key of a pin is let in; others are closed after the handshake and
 * nothing is read from them. Where both ends run OpenSSL 3.5 (Node 24), keys are agreed on by X25519MLKEM768.
 */
export class TlsTransport implements Transport {
  readonly self: number;
  /** What the parties agreed on for this run: 16 bytes, new if one party is honest. */
  readonly nonce: Uint8Array;
  readonly #links: ReadonlyMap<number, Link>;
  readonly #sent = { messages: 0, bytes: 0 };

  private constructor(self: number, nonce: Uint8Array, links: ReadonlyMap<number, Link>) {
    this.self = self;
    this.nonce = nonce;
    this.#links = links;
  }

  /**
   * Connects to all peers: a party to those before it, and awaits the others; an outside endpoint to all parties.
   * @throws TransportError, ProtocolError, AbortError: they name the first peer that is missing or wrong. Nothing stays open then.
   */
  static async connect(options: TlsOptions): Promise<TlsTransport> {
    const meeting = new Meeting(options);
    try {
      const { nonce, links } = await meeting.hold();
      return new TlsTransport(options.self, nonce, links);
    } catch (error) {
      meeting.breakUp();
      throw error;
    }
  }

  /** Frames and bytes sent so far, headers included; without heartbeats, lengths and TLS. */
  get traffic(): Traffic {
    return { ...this.#sent };
  }

  /** The same connections, for another role of this process. */
  as(self: number): Transport {
    return {
      self,
      send: (to, header, payload, signal) => this.send(to, header, payload, signal),
      receive: (from, signal) => this.receive(from, signal),
      waiting: (from) => this.waiting(from),
    };
  }

  async send(to: number, header: Uint8Array, payload: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#sent.messages++;
    this.#sent.bytes += header.length + payload.length;
    await this.#link(to).send(header, payload, signal);
  }

  receive(from: number, signal: AbortSignal): Promise<Incoming> {
    return this.#link(from).receive(signal);
  }

  waiting(from: number): number {
    return this.#link(from).waiting;
  }

  /** Says farewell to all and closes. */
  async close(): Promise<void> {
    await Promise.all([...new Set(this.#links.values())].map((link) => link.close()));
  }

  #link(endpoint: number): Link {
    const link = this.#links.get(endpoint);
    if (link === undefined) throw new LinkFault(`there is no connection to endpoint ${endpoint}`);
    return link;
  }
}

/** How long an endpoint that gives up lets others read what it said. */
const LINGER_MS = 500;

/** A peer that has not connected yet, and one that has. */
type Seat = {
  readonly peer: TlsPeer;
  arrive(socket: TLSSocket): void;
  readonly arrival: Promise<TLSSocket>;
  taken: boolean;
};

/** The time until everybody is connected. */
class Meeting {
  readonly #options: TlsOptions;
  readonly #terms: Uint8Array;
  readonly #seats: readonly Seat[];
  readonly #sockets = new Set<TLSSocket>();
  readonly #links = new Map<number, Link>();
  readonly #over = new AbortController();
  readonly #contribution: Uint8Array = randomBytes(SESSION_BYTES);
  #server: Server | undefined;

  constructor(options: TlsOptions) {
    this.#options = options;
    this.#terms = termsOf(options.session, options.plan);
    this.#seats = options.peers.map((peer) => {
      const { promise, resolve } = Promise.withResolvers<TLSSocket>();
      return { peer, arrive: resolve, arrival: promise, taken: false };
    });
  }

  async hold(): Promise<{ readonly nonce: Uint8Array; readonly links: ReadonlyMap<number, Link> }> {
    const { self, parties, credentials, listen, connectMs = 30_000, signal } = this.#options;
    const stop = () => this.#over.abort(signal?.reason);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    const timer = setTimeout(
      () => this.#over.abort(new LinkFault(`it did not connect within ${connectMs} ms`)),
      connectMs,
    );
    try {
      if (self <= parties) {
        if (listen === undefined) throw new TransportError(`party ${self} needs an address to listen on`);
        this.#server = await listenTls(credentials, listen, 4 * this.#seats.length, (socket) =>
          this.#admit(socket),
        );
      }
      const nonces = new Map([[self, this.#contribution]]);
      const partySeats = this.#seats.filter(({ peer }) => peer.endpoint <= parties);
      const outsideSeats = this.#seats.filter(({ peer }) => peer.endpoint > parties);
      const greeted = Promise.all(
        partySeats.map(async (seat) =>
          nonces.set(seat.peer.endpoint, await this.#greet(seat, this.#contribution)),
        ),
      ).then(() => this.#nonce(nonces));
      const welcomed = outsideSeats.map(async (seat) => this.#greet(seat, await greeted));
      const [nonce] = await Promise.all([greeted, ...welcomed]);
      return { nonce, links: this.#links };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      this.#server?.close();
    }
  }

  /** Closes whatever is open. */
  breakUp(): void {
    this.#over.abort(new LinkFault('another endpoint is missing or wrong'));
    this.#server?.close();
    for (const link of this.#links.values()) link.destroy();
    for (const socket of this.#sockets) {
      // Not at once: the other side may not have read the greeting from which it learns what is wrong.
      socket.resume().end();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    }
  }

  #nonce(nonces: ReadonlyMap<number, Uint8Array>): Uint8Array {
    const { self, parties } = this.#options;
    const all = Array.from({ length: parties }, (_, i) => nonces.get(i + 1)!);
    if (self <= parties) return nonceOf(this.#terms, all);
    const [first] = all;
    const odd = all.findIndex((nonce) => nonce.some((byte, i) => byte !== first![i]));
    if (odd < 0) return first!;
    throw new ProtocolError(
      `party 1 and party ${odd + 1}, round 0: they do not speak of the same run; nothing was sent: start a new session`,
      { peer: `party ${odd + 1}`, round: 0, check: 'session' },
    );
  }

  /** From here on the peer hears that this endpoint lives, however long others take to come. */
  #link({ endpoint, alias }: TlsPeer, socket: TLSSocket): void {
    const { frameBytes, silenceMs = 15_000 } = this.#options;
    const link = new Link(socket, { frameBytes, silenceMs });
    this.#links.set(endpoint, link);
    if (alias !== undefined) this.#links.set(alias, link);
  }

  /** Connects to a peer or awaits it, and exchanges greetings; what it said. */
  async #greet(seat: Seat, nonce: Uint8Array): Promise<Uint8Array> {
    const { self, parties } = this.#options;
    const { endpoint, name } = seat.peer;
    try {
      if (endpoint <= parties && (self > parties || endpoint < self)) await this.#call(seat);
      const socket = await this.#unlessOver(seat.arrival);
      socket.write(encodeGreeting({ endpoint: self, terms: this.#terms, nonce }));
      const greeting = parseGreeting(await readGreeting(socket, this.#over.signal), endpoint, this.#terms);
      this.#link(seat.peer, socket);
      return greeting.nonce;
    } catch (cause) {
      const facts = { peer: name, round: 0 };
      if (!(cause instanceof LinkFault)) {
        if (cause !== this.#options.signal?.reason) throw cause;
        throw new AbortError(`aborted while waiting for ${name} to connect: nothing was opened`, facts, {
          cause,
        });
      }
      const text = `${name}, round 0: ${cause.message}; nothing was opened: check the peer and start a new session`;
      if (cause.check === undefined) throw new TransportError(text, facts, { cause });
      throw new ProtocolError(text, { ...facts, check: cause.check }, { cause });
    }
  }

  async #call(seat: Seat): Promise<void> {
    const { address, pin } = seat.peer;
    if (address === undefined) throw new LinkFault('it has no address to connect to');
    const socket = await connectTls(this.#options.credentials, address, this.#over.signal);
    this.#keep(socket);
    const found = peerPin(socket);
    if (found !== pin) {
      throw new LinkFault(
        `expected the key ${pin} at ${address.host}:${address.port}, found ${found ?? 'none'}`,
      );
    }
    seat.arrive(socket);
  }

  /** Lets a caller in if its key is that of a peer that is awaited and not here yet. */
  #admit(socket: TLSSocket): void {
    this.#keep(socket);
    const { self, parties, onNotice } = this.#options;
    const pin = peerPin(socket);
    const seat = this.#seats.find(({ peer }) => peer.pin === pin);
    const awaited = seat !== undefined && (seat.peer.endpoint > self || self > parties);
    if (seat === undefined || !awaited || seat.taken) {
      const why =
        seat === undefined
          ? `shows the key ${pin ?? '(none)'}, which is nobody's here`
          : `is ${seat.peer.name} once more`;
      onNotice?.(`turned away ${socket.remoteAddress ?? 'somebody'}: it ${why}`);
      this.#sockets.delete(socket);
      socket.destroy();
      return;
    }
    seat.taken = true;
    seat.arrive(socket);
  }

  #keep(socket: TLSSocket): void {
    this.#sockets.add(socket);
    // Whoever reads from it learns of errors by its being closed.
    socket.on('error', () => {});
  }

  #unlessOver<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#over;
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }
}
