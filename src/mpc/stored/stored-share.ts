import { concatBytes, hex, utf8 } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import { ProtocolError, ShapeError } from '../../base/errors.ts';
import { concatVectors, type FieldVector } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { uniformVector } from '../field.ts';
import { checkScheme, dealShares, reconstructRobust, type SharingScheme } from '../sharing.ts';

/**
 * One party's share of a vector that is kept: until it is opened, refreshed (`refreshShare`) or recovered for a party that lost it (`recoverShare`). With it come commitments to the
 * shares of all, by which a wrong one is told, and uniform elements without which a commitment could be
 * tried out.
 */
export type StoredShare = SharingScheme & {
  readonly party: number;
  /** What is stored, in the owner's words. Public. */
  readonly label: string;
  /** How often the shares were refreshed. Shares of different epochs do not fit together. */
  readonly epoch: number;
  /** The share: the vector's elements and {@link BLINDING} more. Secret. */
  readonly vector: FieldVector;
  /** SHA-256 of every party's share, in their order. Public. */
  readonly commitments: readonly string[];
  /** Whether the holders have checked together that it was dealt rightly. */
  readonly accepted: boolean;
};

/** Uniform elements behind a stored vector: 254 bits that nobody knows, and what masks the one opening of {@link acceptShare}. */
export const BLINDING = 3;

/** Deals a vector modulo 2^127 - 1 to be stored: one share a party, for {@link acceptShare}. Any t of them are independent of the vector; with commitments, given SHA-256 as a random oracle. */
export function dealStored(label: string, secret: FieldVector, scheme: SharingScheme): StoredShare[] {
  checkScheme(scheme);
  const blinding = uniformVector(BLINDING);
  const whole = concatVectors([secret, blinding]);
  const shares = dealShares(loadField127(), whole, scheme);
  blinding.wipe();
  whole.wipe();
  const named = shares.map((vector, i) => ({
    ...scheme,
    party: i + 1,
    label,
    epoch: 0,
    vector,
    accepted: false,
  }));
  const commitments = named.map(commitmentTo);
  return named.map((share) => ({ ...share, commitments }));
}

/** SHA-256 of a share and whose, of what and of when it is. */
export function commitmentTo({
  party,
  label,
  epoch,
  vector,
}: Pick<StoredShare, 'party' | 'label' | 'epoch' | 'vector'>): string {
  const name = utf8(`blindrisk/stored-share/1 ${party} ${epoch} ${label.length} ${label}`);
  return hex(sha256Of(concatBytes([name, vector.bytes])));
}

/** @throws ProtocolError unless a share is the one that its commitment names. */
export function checkStored(share: StoredShare): void {
  if (commitmentTo(share) !== share.commitments[share.party - 1]) {
    throw new ProtocolError(
      `expected the share of party ${share.party} of "${share.label}" to be the one that was committed to, found another: recover it from the other parties`,
      { check: 'commitment', party: share.party },
    );
  }
}

/** @throws ProtocolError unless a share is the one that was committed to, and was accepted: an unchecked one may determine nothing. */
export function checkAccepted(share: StoredShare): void {
  if (!share.accepted) {
    throw new ProtocolError(`expected an accepted share of "${share.label}": call acceptShare first`, {
      check: 'accepted',
    });
  }
  checkStored(share);
}

/** A vector that was opened, and the parties whose shares were wrong or missing. */
export type Opened = { readonly secret: FieldVector; readonly wrong: readonly number[] };

/**
 * Opens a stored vector from the shares of at least t + 1 parties. Shares that do not fit the commitments on which most agree are left out, which corrects up to t wrong or missing ones
 * while all holders follow their commitments: from dealing to the first refresh they are the dealer's. After it each holder commits to its own share,
 * and what its commitment does not tell is told, and corrected, by degree as far as {@link reconstructRobust} can.
 * @throws ProtocolError where the shares do not determine the vector.
 */
export function openStored(shares: readonly StoredShare[]): Opened {
  const groups = new Map<string, StoredShare[]>();
  for (const share of shares) {
    const { parties, threshold, label, epoch, vector, commitments } = share;
    const key = JSON.stringify([parties, threshold, label, epoch, vector.length, commitments]);
    groups.set(key, [...(groups.get(key) ?? []), share]);
  }
  const [agreeing] = [...groups.values()].toSorted((a, b) => b.length - a.length);
  if (agreeing === undefined) throw new ShapeError('expected shares, found none');
  const { parties, threshold, label, epoch, vector, commitments } = agreeing[0]!;
  // At least one honest holder: t at most deviate.
  if (agreeing.length <= threshold) {
    throw new ProtocolError(
      `expected more than ${threshold} holders of "${label}" to agree on commitments, found ${agreeing.length}`,
      { check: 'commitment', threshold, holders: agreeing.length },
    );
  }
  const right = shares.filter(
    (share) =>
      share.label === label &&
      share.epoch === epoch &&
      share.vector.length === vector.length &&
      commitmentTo(share) === commitments[share.party - 1],
  );
  const { secret, wrong } = reconstructRobust(loadField127(), right, { parties, threshold });
  const length = secret.length - BLINDING;
  const opened = secret.slice(0, length);
  secret.wipe();
  return { secret: opened, wrong };
}
