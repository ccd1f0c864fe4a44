import { ProtocolError } from '../../base/errors.ts';
import type { FieldKernels } from '../../kernels/field-kernels.ts';
import { bigintsOf, FieldVector, fieldVectorOf, type Width } from '../../kernels/field-vector.ts';
import { loadField61 } from '../../kernels/field61.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { sameVectors } from '../field.ts';
import type { Session } from '../session.ts';
import { lagrangeFactors, type SharingScheme } from '../sharing.ts';
import { Dealing, dealersOf, derivingPeers, sentPeers } from './dealing.ts';
import type { Host } from './drive.ts';
import { agreeOnKeys, KEY_ROUNDS, type PartyKeys } from './key-sets.ts';
import type { KeyStream } from './key-stream.ts';
import { preparedMatrix } from './prepared-matrix.ts';
import { ProductLog } from './product-log.ts';
import type { Context, ExchangeRequest, LocalRequest, Security } from './protocol.ts';
import { elementsFrom, SharedRandomness, widened, zeroFlags } from './randomness.ts';
import { groupOf, openingPeers, type RoundShape, split } from './traffic.ts';
import { countedKernels, countedMatrix, type FieldWork } from './work.ts';

const WIDTHS: readonly Width[] = [1, 2];
const GROUPS: readonly (keyof RoundShape)[] = ['reshared', 'opened', 'openedDouble'];

/** Vectors of a round, one after the other, by what is done with them. */
type Grouped = Record<keyof RoundShape, Record<Width, FieldVector | undefined>>;

/** Received pieces, by peer. */
type Inbox = Record<keyof RoundShape, Record<Width, Map<number, FieldVector>>>;

/**
 * One party of a session: carries out what protocols ask for. It holds its shares, the keys it shares with others, and nothing of
 * anybody else.
 */
export class Party implements Host {
  readonly context: Context;
  readonly #session: Session;
  readonly #scheme: SharingScheme;
  readonly #security: Security;
  readonly #keys: PartyKeys;
  readonly #randomness: SharedRandomness;
  readonly #dealing: Readonly<Record<Width, Dealing>> | undefined;
  readonly #work: FieldWork;
  readonly #firstRound: number;
  #rounds = KEY_ROUNDS;

  private constructor(
    session: Session,
    scheme: SharingScheme,
    security: Security,
    keys: PartyKeys,
    firstRound: number,
  ) {
    this.#session = session;
    this.#scheme = scheme;
    this.#security = security;
    this.#keys = keys;
    this.#firstRound = firstRound;
    this.#work = { products: 0 };
    const k61 = loadField61();
    const k127 = loadField127();
    this.#randomness = new SharedRandomness({ k61, k127 }, scheme, session.self, keys.sets);
    this.#dealing = dealersOf(scheme).includes(session.self)
      ? { 1: new Dealing(k61, scheme, session.self), 2: new Dealing(k127, scheme, session.self) }
      : undefined;
    this.context = {
      scheme,
      security,
      ...countedKernels(k61, k127, this.#work),
      products: new ProductLog(security === 'malicious'),
      read: bigintsOf,
      require: (holds, check) => {
        if (!holds()) throw this.#failure(check);
      },
      constant: (values, width) => fieldVectorOf(values, width),
      widen: widened,
      matrix: (m, fracBits) => countedMatrix(preparedMatrix(m, fracBits), this.#work),
      zeroFlags,
    };
  }

  /** Agrees on keys with all peers. @param firstRound the number of the round after it. */
  static async join(session: Session, scheme: SharingScheme, security: Security): Promise<Party> {
    const keys = await agreeOnKeys(session, scheme);
    return new Party(session, scheme, security, keys, KEY_ROUNDS + 1);
  }

  /** Rounds so far, those of the keys included. */
  get rounds(): number {
    return this.#rounds;
  }

  /** Field products that protocols made, outside of dealing and interpolation. */
  get products(): number {
    return this.#work.products;
  }

  /** The last round's number, for what follows. */
  get round(): number {
    return this.#firstRound - 1 + this.#rounds - KEY_ROUNDS;
  }

  local(request: LocalRequest): unknown {
    const randomness = this.#randomness;
    switch (request.op) {
      case 'uniform':
        return randomness.uniform(request.width, request.length);
      case 'zero':
        return randomness.zero(request.width, request.length);
      case 'bounded':
        return randomness.bounded(request.bits, request.shift, request.length);
      case 'signs':
        return randomness.signs(request.length);
      case 'dual':
        return randomness.dual(request.bits, request.length);
    }
  }

  async exchange(requests: readonly ExchangeRequest[]): Promise<readonly FieldVector[]> {
    this.#session.check('computing');
    this.#rounds++;
    const mine = this.#group(requests);
    const outbox = new Map<number, FieldVector[]>();
    const transient: FieldVector[] = [];
    const put = (peer: number, vector: FieldVector): void => {
      const parts = outbox.get(peer);
      if (parts === undefined) outbox.set(peer, [vector]);
      else parts.push(vector);
    };
    const own: Record<Width, FieldVector | undefined> = { 1: undefined, 2: undefined };
    for (const width of WIDTHS) {
      const vector = mine.reshared[width];
      if (vector === undefined || this.#dealing === undefined) continue;
      const k = this.#kernels(width);
      const derived = derivingPeers(this.#scheme, this.#self).map((peer) =>
        this.#derive(k, this.#keys.toPeer.get(peer)!, vector.length),
      );
      const dealt = this.#dealing[width].deal(vector, derived);
      recycle(derived);
      own[width] = dealt.own;
      sentPeers(this.#scheme, this.#self).forEach((peer, i) => {
        put(peer, dealt.sent[i]!);
      });
      transient.push(...dealt.sent);
    }
    for (const group of ['opened', 'openedDouble'] as const) {
      for (const width of WIDTHS) {
        const vector = mine[group][width];
        if (vector === undefined) continue;
        for (const peer of openingPeers(
          this.#scheme,
          this.#security,
          group === 'opened' ? 1 : 2,
          this.#self,
        )) {
          put(peer, vector);
        }
      }
    }
    const inbox = await this.#swap(mine, outbox);
    recycle(transient);
    const none = { 1: undefined, 2: undefined };
    const answers: Grouped = { reshared: { ...none }, opened: { ...none }, openedDouble: { ...none } };
    for (const width of WIDTHS) {
      answers.reshared[width] = this.#sum(width, own[width], mine.reshared[width], inbox);
      answers.opened[width] = this.#interpolate(width, 1, mine.opened[width], inbox.opened[width]);
      answers.openedDouble[width] = this.#interpolate(
        width,
        2,
        mine.openedDouble[width],
        inbox.openedDouble[width],
      );
    }
    return split(requests, answers);
  }

  get #self(): number {
    return this.#session.self;
  }

  #kernels(width: Width): FieldKernels {
    return width === 1 ? loadField61() : loadField127();
  }

  #derive(k: FieldKernels, stream: KeyStream, length: number): FieldVector {
    return elementsFrom(k, stream.take(8 * k.width * length), length);
  }

  #group(requests: readonly ExchangeRequest[]): Grouped {
    const lists = {
      reshared: { 1: [], 2: [] },
      opened: { 1: [], 2: [] },
      openedDouble: { 1: [], 2: [] },
    } as Record<keyof RoundShape, Record<Width, FieldVector[]>>;
    for (const request of requests) lists[groupOf(request)][request.vector.width].push(request.vector);
    const joined = (group: keyof RoundShape): Record<Width, FieldVector | undefined> => {
      const of = (width: Width): FieldVector | undefined => {
        const list = lists[group][width];
        return list.length === 0 ? undefined : this.#kernels(width).concat(list);
      };
      return { 1: of(1), 2: of(2) };
    };
    return { reshared: joined('reshared'), opened: joined('opened'), openedDouble: joined('openedDouble') };
  }

  /** Sends this round's messages and takes those of the peers. */
  async #swap(mine: Grouped, outbox: ReadonlyMap<number, readonly FieldVector[]>): Promise<Inbox> {
    const { round } = this;
    const inbox: Inbox = {
      reshared: { 1: new Map(), 2: new Map() },
      opened: { 1: new Map(), 2: new Map() },
      openedDouble: { 1: new Map(), 2: new Map() },
    };
    const sending = [...outbox].map(([peer, parts]) =>
      this.#session.sendBytes(peer, round, 'round', joinBytes(parts)),
    );
    const receiving = Array.from({ length: this.#scheme.parties }, (_, i) => i + 1)
      .filter((peer) => peer !== this.#self)
      .map(async (peer) => {
        const expected = this.#expected(mine, peer);
        const length = expected.reduce((total, [, vector]) => total + vector.bytes.length, 0);
        if (length === 0) return;
        const single = expected.length === 1;
        const bytes = single ? expected[0]![1].bytes : new Uint8Array(length);
        await this.#session.receiveBytes(peer, round, 'round', bytes, 2);
        let at = 0;
        for (const [group, vector] of expected) {
          if (!single) vector.bytes.set(bytes.subarray(at, at + vector.bytes.length));
          at += vector.bytes.length;
          this.#session.checkCanonical(peer, round, vector);
          inbox[group][vector.width].set(peer, vector);
        }
      });
    // Both at once: two parties that wait until the other has taken what they send would wait for ever.
    await Promise.all([...sending, ...receiving]);
    return inbox;
  }

  /** Empty vectors for what a peer sends in a round like this. */
  #expected(mine: Grouped, peer: number): [group: keyof RoundShape, vector: FieldVector][] {
    const sends: Record<keyof RoundShape, boolean> = {
      reshared: dealersOf(this.#scheme).includes(peer) && sentPeers(this.#scheme, peer).includes(this.#self),
      opened: openingPeers(this.#scheme, this.#security, 1, peer).includes(this.#self),
      openedDouble: openingPeers(this.#scheme, this.#security, 2, peer).includes(this.#self),
    };
    return GROUPS.filter((group) => sends[group]).flatMap((group) =>
      WIDTHS.flatMap((width): [keyof RoundShape, FieldVector][] => {
        const vector = mine[group][width];
        return vector === undefined ? [] : [[group, new FieldVector(vector.length, width)]];
      }),
    );
  }

  /** The new share: what this party dealt to itself, what peers dealt to it by message, and by key. */
  #sum(
    width: Width,
    own: FieldVector | undefined,
    vector: FieldVector | undefined,
    inbox: Inbox,
  ): FieldVector | undefined {
    if (vector === undefined) return undefined;
    const k = this.#kernels(width);
    const parts = own === undefined ? [] : [own];
    for (const dealer of dealersOf(this.#scheme)) {
      if (dealer === this.#self) continue;
      const stream = this.#keys.fromDealer.get(dealer);
      parts.push(
        stream === undefined ? inbox.reshared[width].get(dealer)! : this.#derive(k, stream, vector.length),
      );
    }
    const sum = k.total(parts);
    recycle(parts);
    return sum;
  }

  /** The value behind the shares at hand; with more of them than needed, after a check that all agree. */
  #interpolate(
    width: Width,
    degree: 1 | 2,
    mine: FieldVector | undefined,
    received: ReadonlyMap<number, FieldVector>,
  ): FieldVector | undefined {
    if (mine === undefined) return undefined;
    const k = this.#kernels(width);
    const shares = [[this.#self, mine] as const, ...received];
    const needed = degree * this.#scheme.threshold + 1;
    const base = shares.slice(0, needed);
    const points = base.map(([party]) => party);
    const vectors = base.map(([, vector]) => vector);
    for (const [party, vector] of shares.slice(needed)) {
      const predicted = k.combine(lagrangeFactors(points, party, k.modulus), vectors);
      if (!sameVectors(predicted, vector)) throw this.#failure('degree');
    }
    const value = k.combine(lagrangeFactors(points, 0, k.modulus), vectors);
    recycle(received.values());
    return value;
  }

  #failure(check: string): ProtocolError {
    const what =
      check === 'degree'
        ? 'expected opened shares to lie on polynomials of the right degree'
        : 'expected the products of all parties to be right';
    return new ProtocolError(
      `round ${this.round}: ${what}; a party deviated, and which one cannot be told; nothing was opened: start a new session`,
      { round: this.round, check },
    );
  }
}

function joinBytes(parts: readonly FieldVector[]): Uint8Array {
  if (parts.length === 1) return parts[0]!.bytes;
  const out = new Uint8Array(parts.reduce((length, { bytes }) => length + bytes.length, 0));
  let at = 0;
  for (const { bytes } of parts) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/** What was made for this round alone. */
function recycle(vectors: Iterable<FieldVector>): void {
  for (const vector of vectors) vector.recycle();
}
