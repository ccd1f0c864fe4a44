import type { Digest } from '../../base/brand.ts';
import { concatBytes, hex, utf8 } from '../../base/bytes.ts';
import { digestOf, sha256Of } from '../../base/digest.ts';
import { randomBytes } from '../../base/random.ts';
import { ELEMENT_BYTES, FieldVector } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { KeyStream } from '../engine/key-stream.ts';
import { elementsFrom } from '../engine/randomness.ts';
import { uniformVector } from '../field.ts';
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from '../frame.ts';
import type { Session, SessionTerms } from '../session.ts';
import type { SharingScheme } from '../sharing.ts';

/** What a session about a stored vector is about: its participants' frames name it. */
export function storedTerms(
  purpose: 'accept' | 'refresh' | 'recover',
  { parties, threshold, label, epoch }: SharingScheme & { readonly label: string; readonly epoch: number },
): SessionTerms {
  return {
    digest: digestOf('blindrisk/stored-session/1', { purpose, parties, threshold, label, epoch }) as Digest,
    parties,
    frameElements: Math.floor((MAX_FRAME_BYTES - FRAME_HEADER_BYTES) / ELEMENT_BYTES),
    owners: [],
    recipients: [],
  };
}

/** The parties other than these. */
export function others(parties: number, except: readonly number[]): number[] {
  return Array.from({ length: parties }, (_, i) => i + 1).filter((party) => !except.includes(party));
}

/** One vector to and from each peer; received ones by peer. */
export async function swapVectors(
  session: Session,
  round: number,
  outgoing: ReadonlyMap<number, FieldVector>,
  length: number,
): Promise<Map<number, FieldVector>> {
  await Promise.all([...outgoing].map(([peer, vector]) => session.send(peer, round, 'round', vector)));
  const received = new Map<number, FieldVector>();
  await Promise.all(
    [...outgoing.keys()].map(async (peer) => {
      const vector = new FieldVector(length);
      await session.receiveBytes(peer, round, 'round', vector.bytes, 2);
      session.checkCanonical(peer, round, vector);
      received.set(peer, vector);
    }),
  );
  return received;
}

/** The same bytes to each peer, and as many from each; by party, one's own included. */
export async function swapBytes(
  session: Session,
  round: number,
  peers: readonly number[],
  mine: Uint8Array,
): Promise<Map<number, Uint8Array>> {
  await Promise.all(peers.map((peer) => session.sendBytes(peer, round, 'round', mine)));
  const received = new Map([[session.self, mine]]);
  await Promise.all(
    peers.map(async (peer) => {
      const bytes = new Uint8Array(mine.length);
      await session.receiveBytes(peer, round, 'round', bytes, 2);
      received.set(peer, bytes);
    }),
  );
  return received;
}

/** Digest of bytes of all parties, in their order. */
export function digestOfAll(name: string, bytes: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const ordered = [...bytes].toSorted(([a], [b]) => a - b).map(([, of]) => of);
  return sha256Of(concatBytes([utf8(name), ...ordered]));
}

/**
 * Coefficients that nobody can know before all have received what was sent before the first of these rounds: parties commit to seeds, compare what they saw, and reveal. Three rounds.
 * @throws ProtocolError if a party shows different commitments, or a seed that it had not committed to.
 */
export async function commonCoefficients(
  session: Session,
  firstRound: number,
  peers: readonly number[],
  count: number,
): Promise<FieldVector> {
  const seed = randomBytes(32);
  const name = 'blindrisk/stored-seed/1';
  const commitmentOf = (party: number, of: Uint8Array): Uint8Array =>
    sha256Of(concatBytes([utf8(`${name} ${party} `), of]));
  const commitments = await swapBytes(session, firstRound, peers, commitmentOf(session.self, seed));
  const seen = await swapBytes(session, firstRound + 1, peers, digestOfAll(name, commitments));
  for (const [peer, digest] of seen) {
    if (hex(digest) !== hex(seen.get(session.self)!)) {
      throw session.violation(
        peer,
        firstRound + 1,
        'coin',
        'expected the same commitments to coins, found others',
      );
    }
  }
  const seeds = await swapBytes(session, firstRound + 2, peers, seed);
  for (const [peer, of] of seeds) {
    if (hex(commitmentOf(peer, of)) !== hex(commitments.get(peer)!)) {
      throw session.violation(
        peer,
        firstRound + 2,
        'coin',
        'expected the seed that was committed to, found another',
      );
    }
  }
  const stream = new KeyStream(digestOfAll(`${name} coins`, seeds));
  return elementsFrom(loadField127(), stream.take(ELEMENT_BYTES * count), count);
}

/** Shares for `receivers` of uniform polynomials of degree t that are zero at the point `root`. */
export function dealVanishing(
  root: number,
  length: number,
  threshold: number,
  receivers: readonly number[],
): Map<number, FieldVector> {
  const k = loadField127();
  const coefficients = Array.from({ length: threshold }, () => uniformVector(length));
  const shares = new Map(
    receivers.map((party) => {
      const factor = BigInt(party - root);
      return [party, k.scale(k.evaluate(coefficients, party), factor)] as const;
    }),
  );
  for (const vector of coefficients) vector.wipe();
  return shares;
}
