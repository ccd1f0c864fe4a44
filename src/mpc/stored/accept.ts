import { concatBytes, utf8 } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import { ProtocolError } from '../../base/errors.ts';
import { FieldVector } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { guarded } from '../roles.ts';
import type { Session } from '../session.ts';
import { reconstruct } from '../sharing.ts';
import { commonCoefficients, others, swapBytes } from './rounds.ts';
import { checkStored, type StoredShare } from './stored-share.ts';

/**
 * One party's part of accepting shares that an owner dealt: that all hold the same commitments and shares that fit them, and that the shares lie on polynomials of degree t, by an opened random
 * combination behind a mask of the owner's. With it, what is stored is one vector, whoever deviates (verifiable secret sharing; the check by random combinations is that of Ben-Or, Goldwasser,
 * Wigderson's setting with public coins).
 *
 * Who learns what: nobody anything. The mask serves once: an accepted share is refused. Soundness: a wrong dealing passes with probability 2^-127, given SHA-256 is collision-resistant.
 * Cost: 4 rounds, some hundred bytes. @throws ProtocolError, TransportError, AbortError: the share is then to be thrown away.
 */
export async function acceptShare(session: Session, stored: StoredShare): Promise<StoredShare> {
  const { parties, threshold, vector, commitments, label } = stored;
  const peers = others(parties, [session.self]);
  return guarded(session, peers, async () => {
    if (stored.accepted) {
      throw new ProtocolError(`the share of "${label}" was accepted before: its mask is used up`, {
        check: 'accepted',
      });
    }
    checkStored(stored);
    const k = loadField127();
    const { length } = vector;
    const rho = await commonCoefficients(session, 1, peers, length - 1);
    const mine = k.add(k.dots(vector.part(0, length - 1), rho, 1), vector.part(length - 1, length));
    const list = sha256Of(utf8(commitments.join()));
    const opened = await swapBytes(session, 4, peers, concatBytes([mine.bytes, list]));
    const shares = [...opened].map(([party, bytes]) => {
      const share = new FieldVector(1);
      share.bytes.set(bytes.subarray(0, share.bytes.length));
      session.checkCanonical(party, 4, share);
      if (bytes.subarray(share.bytes.length).some((byte, i) => byte !== list[i])) {
        throw session.violation(party, 4, 'commitment', 'expected the same commitments, found others');
      }
      return { party, vector: share };
    });
    reconstruct(k, shares, { parties, threshold });
    return { ...stored, accepted: true };
  });
}
