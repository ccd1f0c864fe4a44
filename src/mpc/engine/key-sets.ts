import { concatBytes, utf8 } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import { randomBytes } from '../../base/random.ts';
import type { Session } from '../session.ts';
import { type SharingScheme, subsets } from '../sharing.ts';
import { dealersOf, derivingPeers } from './dealing.ts';
import { KEY_BYTES, KeyStream } from './key-stream.ts';

/** Rounds of the agreement, and bytes of what is compared in the second. */
export const KEY_ROUNDS = 2;
export const KEY_CHECK_BYTES = 32;

/** The keys of a session that one party holds. */
export type PartyKeys = {
  /** A key for every set of t parties in their order, held by all others; undefined where this party is in the set. */
  readonly sets: readonly (KeyStream | undefined)[];
  /** By the dealing party: a key that it shares with this one. */
  readonly fromDealer: ReadonlyMap<number, KeyStream>;
  /** By the peer: a key with which this party derives what it deals to it. */
  readonly toPeer: ReadonlyMap<number, KeyStream>;
};

/** Sets of t parties, in the order of their keys. */
export function keySets({ parties, threshold }: SharingScheme): number[][] {
  return subsets(parties, threshold);
}

export function holdersOf(set: readonly number[], parties: number): number[] {
  return Array.from({ length: parties }, (_, i) => i + 1).filter((party) => !set.includes(party));
}

/** Bytes of the first message of the agreement from one party to another; may be 0. */
export function keyMessageBytes(scheme: SharingScheme, from: number, to: number): number {
  const sets = keySets(scheme).filter((set) => {
    const holders = holdersOf(set, scheme.parties);
    return holders[0] === from && holders.includes(to);
  });
  const derives = dealersOf(scheme).includes(from) && derivingPeers(scheme, from).includes(to);
  return KEY_BYTES * (sets.length + (derives ? 1 : 0));
}

/**
 * Agrees on keys, two rounds. The first holder of a set draws its key and sends it to the others; every dealer draws
 * one for each peer that derives its share. Then all pairs compare a digest of the set keys that both hold, so that a first holder
 * that sent different keys is found. Keys travel in clear frames: the transport must be confidential.
 * @throws ProtocolError 'keys' if a peer holds other keys.
 */
export async function agreeOnKeys(session: Session, scheme: SharingScheme): Promise<PartyKeys> {
  const { self } = session;
  const { parties } = scheme;
  const peers = Array.from({ length: parties }, (_, i) => i + 1).filter((party) => party !== self);
  const sets = keySets(scheme);
  const dealers = dealersOf(scheme);
  const keys = sets.map((set) => (holdersOf(set, parties)[0] === self ? randomBytes(KEY_BYTES) : undefined));
  const mine = new Map(
    (dealers.includes(self) ? derivingPeers(scheme, self) : []).map(
      (peer) => [peer, randomBytes(KEY_BYTES)] as const,
    ),
  );
  const theirs = new Map<number, Uint8Array>();

  const sending = peers.map((to) => {
    const given = keys.filter((key, i) => key !== undefined && !sets[i]!.includes(to)) as Uint8Array[];
    const pair = mine.get(to);
    return session.sendBytes(to, 1, 'keys', concatBytes(pair === undefined ? given : [...given, pair]));
  });
  await Promise.all(sending);
  await Promise.all(
    peers.map(async (from) => {
      const bytes = new Uint8Array(keyMessageBytes(scheme, from, self));
      await session.receiveBytes(from, 1, 'keys', bytes, 2);
      let at = 0;
      const next = (): Uint8Array => {
        at += KEY_BYTES;
        return bytes.slice(at - KEY_BYTES, at);
      };
      sets.forEach((set, i) => {
        if (holdersOf(set, parties)[0] === from && !set.includes(self)) keys[i] = next();
      });
      if (dealers.includes(from) && derivingPeers(scheme, from).includes(self)) theirs.set(from, next());
      bytes.fill(0);
    }),
  );

  const digestWith = (peer: number): Uint8Array =>
    sha256Of(
      concatBytes([
        utf8('blindrisk/mpc-keys/1'),
        ...(keys.filter((key, i) => key !== undefined && !sets[i]!.includes(peer)) as Uint8Array[]),
      ]),
    );
  await Promise.all(peers.map((to) => session.sendBytes(to, 2, 'keys', digestWith(to))));
  await Promise.all(
    peers.map(async (from) => {
      const theirDigest = new Uint8Array(KEY_CHECK_BYTES);
      await session.receiveBytes(from, 2, 'keys', theirDigest, 2);
      if (digestWith(from).some((byte, i) => byte !== theirDigest[i])) {
        throw session.violation(from, 2, 'keys', 'expected the same keys, found others');
      }
    }),
  );

  const streams = (entries: Iterable<readonly [number, Uint8Array]>): Map<number, KeyStream> =>
    new Map(
      [...entries].map(([peer, key]) => {
        const stream = new KeyStream(key);
        key.fill(0);
        return [peer, stream] as const;
      }),
    );
  return {
    sets: keys.map((key) => {
      if (key === undefined) return undefined;
      const stream = new KeyStream(key);
      key.fill(0);
      return stream;
    }),
    fromDealer: streams(theirs),
    toPeer: streams(mine),
  };
}
