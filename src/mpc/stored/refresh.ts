import { bytesOfHex, hex } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { bigintsOf, type FieldVector } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { guarded } from '../roles.ts';
import type { Session } from '../session.ts';
import { lagrangeFactors } from '../sharing.ts';
import { commonCoefficients, dealVanishing, digestOfAll, others, swapBytes, swapVectors } from './rounds.ts';
import { checkAccepted, commitmentTo, type StoredShare } from './stored-share.ts';

/**
 * One party's part of a refresh (Herzberg, Jarecki, Krawczyk, Yung, "Proactive secret sharing", CRYPTO 1995): every party deals shares of zero, and all are added to the stored ones.
 * What an adversary learned of up to t shares before is worth nothing together with what it learns of others afterwards, provided that the old shares are destroyed:
 * which is the caller's to do, once the new one is safely stored.
 *
 * Checked, for every dealer, by an opened random combination behind a mask of the dealer's: that its shares lie on polynomials of degree t that are zero at zero. A dealer whose
 * combination is not zero is named; if shares disagree in degree, nobody can be.
 * Who learns what: nobody anything. Soundness: a wrong dealing passes with probability 2^-127. Cost: 7 rounds, 16 bytes an element to each peer.
 * @throws ProtocolError, TransportError, AbortError; the stored share is then unchanged, and good.
 */
export async function refreshShare(session: Session, stored: StoredShare): Promise<StoredShare> {
  const { parties, threshold, vector } = stored;
  const peers = others(parties, [session.self]);
  return guarded(session, peers, async () => {
    checkAccepted(stored);
    const k = loadField127();
    const everybody = others(parties, []);
    // One element more than are stored masks what is opened.
    const length = vector.length + 1;
    const dealt = dealVanishing(0, length, threshold, everybody);
    const mine = dealt.get(session.self)!;
    dealt.delete(session.self);
    const received = await swapVectors(session, 1, dealt, length);
    for (const sent of dealt.values()) sent.wipe();
    received.set(session.self, mine);
    const rho = await commonCoefficients(session, 2, peers, vector.length);
    const combinations = k.concat(
      everybody.map((dealer) => {
        const of = received.get(dealer)!;
        return k.add(k.dots(of.part(0, vector.length), rho, 1), of.part(vector.length, length));
      }),
    );
    const opened = await swapVectors(session, 5, new Map(peers.map((peer) => [peer, combinations])), parties);
    opened.set(session.self, combinations);
    everybody.forEach((dealer, i) => {
      checkVanishing(
        dealer,
        everybody.map((party) => opened.get(party)!.part(i, i + 1)),
        threshold,
      );
    });
    const refreshed = k.total([
      vector,
      ...everybody.map((dealer) => received.get(dealer)!.part(0, vector.length)),
    ]);
    for (const of of received.values()) of.wipe();
    const next = { ...stored, epoch: stored.epoch + 1, vector: refreshed };
    const commitments = await swapBytes(session, 6, peers, bytesOfHex(commitmentTo(next)));
    const agreed = await swapBytes(
      session,
      7,
      peers,
      digestOfAll('blindrisk/stored-commitments/1', commitments),
    );
    for (const [peer, digest] of agreed) {
      if (hex(digest) !== hex(agreed.get(session.self)!)) {
        throw session.violation(peer, 7, 'commitment', 'expected the same commitments, found others');
      }
    }
    return { ...next, commitments: everybody.map((party) => hex(commitments.get(party)!)) };
  });
}

/** @throws ProtocolError unless opened shares, in the order of the parties, are of degree t and of zero. */
function checkVanishing(dealer: number, shares: readonly FieldVector[], threshold: number): void {
  const k = loadField127();
  const points = shares.slice(0, threshold + 1).map((_, i) => i + 1);
  const base = shares.slice(0, threshold + 1);
  const valueAt = (at: number): bigint =>
    bigintsOf(k.combine(lagrangeFactors(points, at, k.modulus), base))[0]!;
  const consistent = shares.every((share, i) => bigintsOf(share)[0] === valueAt(i + 1));
  if (consistent && valueAt(0) === 0n) return;
  throw new ProtocolError(
    consistent
      ? `expected party ${dealer} to deal shares of zero, found others; nothing was changed: refresh again without it`
      : `expected what party ${dealer} dealt to lie on polynomials of degree ${threshold}; it or a party that holds shares of it deviated; nothing was changed: refresh again`,
    { check: 'refresh', ...(consistent && { culprit: dealer }) },
  );
}
