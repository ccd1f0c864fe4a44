import { bytesOfHex, concatBytes, hex } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { FieldVector } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { sameVectors } from '../field.ts';
import { guarded } from '../roles.ts';
import type { Session } from '../session.ts';
import { lagrangeFactors, type SharingScheme } from '../sharing.ts';
import { dealVanishing, others, swapVectors } from './rounds.ts';
import { BLINDING, checkAccepted, checkStored, type StoredShare } from './stored-share.ts';

const COMMITMENT_BYTES = 32;

/**
 * The part of a party that helps another to recover the share that it lost (Herzberg et al., CRYPTO 1995, section 4): helpers deal among themselves polynomials that are zero at the lost party's
 * point, add them to their shares, and send it the sums and the commitments.
 *
 * Who learns what: the lost party its share, and nothing of the helpers' (their sums are uniform but for that); helpers nothing. Cost: two rounds, 16 bytes
 * an element to each helper and to the lost party.
 */
export async function helpRecover(session: Session, stored: StoredShare, lost: number): Promise<void> {
  const { parties, threshold, vector, commitments } = stored;
  const peers = others(parties, [lost, session.self]);
  await guarded(session, [...peers, lost], async () => {
    checkAccepted(stored);
    const k = loadField127();
    const dealt = dealVanishing(lost, vector.length, threshold, [...peers, session.self]);
    const mine = dealt.get(session.self)!;
    dealt.delete(session.self);
    const received = await swapVectors(session, 1, dealt, vector.length);
    const sum = k.total([vector, mine, ...received.values()]);
    for (const of of [mine, ...dealt.values(), ...received.values()]) of.wipe();
    const message = concatBytes([sum.bytes, ...commitments.map(bytesOfHex)]);
    sum.wipe();
    await session.sendBytes(lost, 2, 'round', message);
    message.fill(0);
  });
}

/** What a party that lost its share still knows: whose it is, of what, and how long it was. */
export type LostShare = SharingScheme &
  Pick<StoredShare, 'party' | 'label' | 'epoch'> & { readonly length: number };

/**
 * The part of the party that lost its share: interpolates what the helpers send at its own point, and accepts it if it is what was committed to.
 *
 * Integrity: helpers have to agree on the commitments, of which one comes from an honest helper, so that up to t of them cannot pass off a wrong share: they
 * can only make the recovery fail. @throws ProtocolError ('commitment' or 'degree'), TransportError, AbortError.
 */
export async function recoverShare(session: Session, lost: LostShare): Promise<StoredShare> {
  const { parties, threshold, party, label, epoch, length } = lost;
  const helpers = others(parties, [party]);
  return guarded(session, helpers, async () => {
    const k = loadField127();
    const sums = new Map<number, FieldVector>();
    const lists = new Set<string>();
    let list: string[] = [];
    await Promise.all(
      helpers.map(async (helper) => {
        const vector = new FieldVector(length + BLINDING);
        const message = new Uint8Array(vector.bytes.length + COMMITMENT_BYTES * parties);
        await session.receiveBytes(helper, 2, 'round', message, 2);
        vector.bytes.set(message.subarray(0, vector.bytes.length));
        session.checkCanonical(helper, 2, vector);
        sums.set(helper, vector);
        list = Array.from({ length: parties }, (_, i) => {
          const start = vector.bytes.length + COMMITMENT_BYTES * i;
          return hex(message.subarray(start, start + COMMITMENT_BYTES));
        });
        lists.add(list.join());
      }),
    );
    if (lists.size !== 1) {
      throw new ProtocolError(
        'expected all helpers to name the same commitments, found different ones; nothing was recovered: which helper deviated cannot be told',
        { check: 'commitment' },
      );
    }
    const base = helpers.slice(0, threshold + 1);
    const vectors = base.map((helper) => sums.get(helper)!);
    const at = (point: number): FieldVector => k.combine(lagrangeFactors(base, point, k.modulus), vectors);
    if (!helpers.every((helper) => sameVectors(at(helper), sums.get(helper)!))) {
      throw new ProtocolError(
        `expected what helpers send to lie on polynomials of degree ${threshold}; a helper deviated, and which one cannot be told; nothing was recovered`,
        { check: 'degree' },
      );
    }
    const recovered: StoredShare = {
      ...{ parties, threshold, party, label, epoch },
      vector: at(party),
      commitments: list,
      accepted: true,
    };
    for (const vector of sums.values()) vector.wipe();
    checkStored(recovered);
    return recovered;
  });
}
