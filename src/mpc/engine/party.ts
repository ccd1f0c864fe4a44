import { concatBytes } from '../../base/bytes.ts';
import type { FieldKernels } from '../../kernels/field-kernels.ts';
import { bigintsOf, FieldVector, fieldVectorOf, type Width } from '../../kernels/field-vector.ts';
import { loadField61 } from '../../kernels/field61.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { sameVectors } from '../field.ts';
import type { Session } from '../session.ts';
import { lagrangeFactors, type SharingScheme } from '../sharing.ts';
import { proofOf } from './bit-proof.ts';
import { BitRound, isOnBits, type PeerBytes } from './bit-round.ts';
import { agreeOnStock, type BitStock, STOCK_ROUNDS, type TakeBits } from './bit-stock.ts';
import { Dealing, dealersOf, derivingPeers, sentPeers } from './dealing.ts';
import { deviation } from './deviation.ts';
import type { Host } from './drive.ts';
import { agreeOnKeys, KEY_ROUNDS, type PartyKeys } from './key-sets.ts';
import type { KeyStream } from './key-stream.ts';
import { permutationDealers, placesOfColumns } from './permutation.ts';
import { preparedMatrix } from './prepared-matrix.ts';
import { ProductLog } from './product-log.ts';
import type { Context, ExchangeAnswer, ExchangeRequest, LocalRequest, Security } from './protocol.ts';
import { elementsFrom, SharedRandomness, widened, zeroFlags } from './randomness.ts';
import { type Group, groupOf, isGrouped, isPermute, openingPeers, split } from './traffic.ts';
import { countedKernels, countedMatrix, type FieldWork } from './work.ts';

const WIDTHS: readonly Width[] = [1, 2];

/** Vectors of a round, one after the other, by what is done with them. */
type Grouped = Record<Group, Record<Width, FieldVector | undefined>>;

/** Received pieces, by peer. */
type Inbox = Record<Group, Record<Width, Map<number, FieldVector>>> & {
  readonly permuted: readonly Map<number, FieldVector>[];
};

type PermuteRequest = Extract<ExchangeRequest, { op: 'permute' }>;

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
  #rounds: number;

  private constructor(
    session: Session,
    scheme: SharingScheme,
    security: Security,
    keys: PartyKeys,
    rounds: number,
    takeBits: TakeBits | undefined,
  ) {
    this.#session = session;
    this.#scheme = scheme;
    this.#security = security;
    this.#keys = keys;
    this.#rounds = rounds;
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
      require: (holds, check, culprit) => {
        if (!holds()) throw deviation(this.#rounds, check, culprit);
      },
      takeBits: takeBits ?? (() => undefined),
      constant: (values, width) => fieldVectorOf(values, width),
      widen: widened,
      matrix: (m, fracBits) => countedMatrix(preparedMatrix(m, fracBits), this.#work),
      zeroFlags,
    };
  }

  /** Agrees with all peers on keys and, where there is one, on what is left of a stock of random bits. */
  static async join(
    session: Session,
    scheme: SharingScheme,
    security: Security,
    stock?: BitStock,
  ): Promise<Party> {
    const keys = await agreeOnKeys(session, scheme);
    if (stock === undefined) return new Party(session, scheme, security, keys, KEY_ROUNDS, undefined);
    const takeBits = await agreeOnStock(session, scheme, stock, KEY_ROUNDS + 1);
    return new Party(session, scheme, security, keys, KEY_ROUNDS + STOCK_ROUNDS, takeBits);
  }

  /** Rounds so far, those of the keys included. */
  get rounds(): number {
    return this.#rounds;
  }

  /** Field products that protocols made, outside of dealing and interpolation. */
  get products(): number {
    return this.#work.products;
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
      case 'mask':
        return randomness.mask(request.bits, request.shift, request.planes, request.length);
      case 'randomBits':
        return randomness.randomBits(request.length);
      case 'bitProof':
        return proofOf(request.claims, this.#self, randomness.partFactors());
      case 'dual':
        return randomness.dual(request.bits, request.length);
    }
  }

  async exchange(requests: readonly ExchangeRequest[]): Promise<readonly ExchangeAnswer[]> {
    this.#session.check('computing');
    this.#rounds++;
    const mine = this.#group(requests);
    const outbox = new Map<number, Uint8Array[]>();
    const transient: FieldVector[] = [];
    const put = (peer: number, { bytes }: { readonly bytes: Uint8Array }): void => {
      const parts = outbox.get(peer);
      if (parts === undefined) outbox.set(peer, [bytes]);
      else parts.push(bytes);
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
    const permutations = requests.filter(isPermute);
    const permuted = permutations.map((request) => {
      const dealt = this.#dealPermuted(request);
      if (dealt === undefined) return undefined;
      sentPeers(this.#scheme, this.#self).forEach((peer, i) => {
        put(peer, dealt.sent[i]!);
      });
      transient.push(...dealt.sent);
      return dealt.own;
    });
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
    const onBits = requests.some(isOnBits)
      ? new BitRound(requests, this.#rounds, this.#security, (words) => this.#randomness.words(words))
      : undefined;
    for (const { peer, bytes } of onBits?.messages(this.#self) ?? []) put(peer, { bytes });
    const inbox = await this.#swap(mine, permutations, outbox, onBits?.expected(this.#self) ?? []);
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
    const places = permutations.map(({ vector: { length }, set }, i) => {
      const dealers = permutationDealers(this.#scheme, set);
      return this.#total(2, length, dealers, permuted[i], inbox.permuted[i]!);
    });
    return split(requests, answers, places, onBits?.answers() ?? []);
  }

  /** This party's part of a permutation: what it keeps and sends, if it deals. Holders of the key that do not deal draw the permutation all the same. */
  #dealPermuted({
    vector,
    columns,
    set,
  }: PermuteRequest): { own: FieldVector; sent: FieldVector[] } | undefined {
    const permutation = this.#randomness.permutation(set, vector.length / columns);
    const dealers = permutationDealers(this.#scheme, set);
    if (permutation === undefined || !dealers.includes(this.#self)) return undefined;
    const k = loadField127();
    const moved = k.gather(vector, placesOfColumns(permutation, columns));
    const derived = derivingPeers(this.#scheme, this.#self).map((peer) =>
      this.#derive(k, this.#keys.toPeer.get(peer)!, vector.length),
    );
    const dealt = new Dealing(k, this.#scheme, this.#self, dealers).deal(moved, derived);
    recycle([moved, ...derived]);
    return dealt;
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
    } as Record<Group, Record<Width, FieldVector[]>>;
    for (const request of requests) {
      if (isGrouped(request)) lists[groupOf(request)][request.vector.width].push(request.vector);
    }
    const joined = (group: Group): Record<Width, FieldVector | undefined> => {
      const of = (width: Width): FieldVector | undefined => {
        const list = lists[group][width];
        return list.length === 0 ? undefined : this.#kernels(width).concat(list);
      };
      return { 1: of(1), 2: of(2) };
    };
    return { reshared: joined('reshared'), opened: joined('opened'), openedDouble: joined('openedDouble') };
  }

  /** Sends this round's messages and takes those of the peers. */
  async #swap(
    mine: Grouped,
    permutations: readonly PermuteRequest[],
    outbox: ReadonlyMap<number, readonly Uint8Array[]>,
    onBits: readonly PeerBytes[],
  ): Promise<Inbox> {
    const round = this.#rounds;
    const inbox: Inbox = {
      permuted: permutations.map(() => new Map()),
      reshared: { 1: new Map(), 2: new Map() },
      opened: { 1: new Map(), 2: new Map() },
      openedDouble: { 1: new Map(), 2: new Map() },
    };
    const sending = [...outbox].map(([peer, parts]) =>
      this.#session.sendBytes(peer, round, 'round', parts.length === 1 ? parts[0]! : concatBytes(parts)),
    );
    const receiving = Array.from({ length: this.#scheme.parties }, (_, i) => i + 1)
      .filter((peer) => peer !== this.#self)
      .map(async (peer) => {
        const expected = this.#expected(mine, permutations, inbox, peer);
        const places = [
          ...expected.map(({ vector }) => vector.bytes),
          ...onBits.filter((message) => message.peer === peer).map(({ bytes }) => bytes),
        ];
        const length = places.reduce((total, place) => total + place.length, 0);
        if (length === 0) return;
        const single = places.length === 1;
        const bytes = single ? places[0]! : new Uint8Array(length);
        await this.#session.receiveBytes(peer, round, 'round', bytes, 2);
        let at = 0;
        for (const place of single ? [] : places) {
          place.set(bytes.subarray(at, at + place.length));
          at += place.length;
        }
        for (const { vector, into } of expected) {
          this.#session.checkCanonical(peer, round, vector);
          into.set(peer, vector);
        }
      });
    // Both at once: two parties that wait until the other has taken what they send would wait for ever.
    await Promise.all([...sending, ...receiving]);
    return inbox;
  }

  /** Empty vectors for what a peer sends in a round like this, in its order, and where they go. */
  #expected(
    mine: Grouped,
    permutations: readonly PermuteRequest[],
    inbox: Inbox,
    peer: number,
  ): { readonly vector: FieldVector; readonly into: Map<number, FieldVector> }[] {
    const sentTo = sentPeers(this.#scheme, peer).includes(this.#self);
    const sends: Record<Group, boolean> = {
      reshared: sentTo && dealersOf(this.#scheme).includes(peer),
      opened: openingPeers(this.#scheme, this.#security, 1, peer).includes(this.#self),
      openedDouble: openingPeers(this.#scheme, this.#security, 2, peer).includes(this.#self),
    };
    const of = (group: Group) =>
      WIDTHS.flatMap((width) => {
        const vector = mine[group][width];
        if (!sends[group] || vector === undefined) return [];
        return [{ vector: new FieldVector(vector.length, width), into: inbox[group][width] }];
      });
    const permuted = permutations.flatMap(({ vector: { length }, set }, i) =>
      sentTo && permutationDealers(this.#scheme, set).includes(peer)
        ? [{ vector: new FieldVector(length), into: inbox.permuted[i]! }]
        : [],
    );
    return [...of('reshared'), ...permuted, ...of('opened'), ...of('openedDouble')];
  }

  #sum(
    width: Width,
    own: FieldVector | undefined,
    vector: FieldVector | undefined,
    inbox: Inbox,
  ): FieldVector | undefined {
    if (vector === undefined) return undefined;
    return this.#total(width, vector.length, dealersOf(this.#scheme), own, inbox.reshared[width]);
  }

  /** The new share: what this party dealt to itself, what peers dealt to it by message, and by key. */
  #total(
    width: Width,
    length: number,
    dealers: readonly number[],
    own: FieldVector | undefined,
    received: ReadonlyMap<number, FieldVector>,
  ): FieldVector {
    const k = this.#kernels(width);
    const parts = own === undefined ? [] : [own];
    for (const dealer of dealers) {
      if (dealer === this.#self) continue;
      const stream = this.#keys.fromDealer.get(dealer);
      parts.push(stream === undefined ? received.get(dealer)! : this.#derive(k, stream, length));
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
      if (!sameVectors(predicted, vector)) throw deviation(this.#rounds, 'degree');
    }
    const value = k.combine(lagrangeFactors(points, 0, k.modulus), vectors);
    recycle(received.values());
    return value;
  }
}

/** What was made for this round alone. */
function recycle(vectors: Iterable<FieldVector>): void {
  for (const vector of vectors) vector.recycle();
}
