import type { Digest, PartyId } from '../base/brand.ts';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { IntegrityError, ShapeError } from '../base/errors.ts';

/** What happened, to what, by whom. Digests and names only: an entry never holds a value. */
export type AuditEntry = {
  readonly sequence: number;
  /** UTC, ISO 8601, from the machine's clock: an order of events, not a legal time stamp. */
  readonly at: string;
  readonly actor: PartyId;
  readonly event:
    | 'planned'
    | 'keyCreated'
    | 'protected'
    | 'received'
    | 'evaluated'
    | 'opened'
    | 'released'
    | 'refused';
  readonly subject: Digest;
  readonly detail?: string;
};

/**
 * An append-only log with a Merkle tree over its entries (RFC 6962, section 2.1): whoever keeps a checkpoint can later
 * tell whether an entry was changed, removed or inserted. In memory; the report carries the checkpoint.
 */
export class AuditLog {
  readonly origin: string;
  readonly #entries: AuditEntry[] = [];

  /** @param origin names the log in its checkpoints: one line. @throws ShapeError */
  constructor(origin: string) {
    if (origin === '' || /[\r\n]/.test(origin)) {
      throw new ShapeError('audit: expected an origin of one line, which is the first of every checkpoint');
    }
    this.origin = origin;
  }

  append(actor: PartyId, event: AuditEntry['event'], subject: Digest, detail?: string): void {
    this.#entries.push({
      sequence: this.#entries.length,
      at: new Date().toISOString(),
      actor,
      event,
      subject,
      ...(detail === undefined ? {} : { detail }),
    });
  }

  get entries(): readonly AuditEntry[] {
    return this.#entries;
  }

  /** The body of a checkpoint: origin, size and base64 root, a line each (C2SP tlog-checkpoint). */
  checkpoint(): string {
    return checkpointOf(this.origin, this.#entries);
  }
}

/** @throws IntegrityError if the entries are not those of the checkpoint. */
export function verifyCheckpoint(checkpoint: string, entries: readonly AuditEntry[]): void {
  const [origin] = checkpoint.split('\n');
  if (checkpointOf(origin ?? '', entries) !== checkpoint) {
    throw new IntegrityError('audit: the entries do not have the root of this checkpoint');
  }
}

function checkpointOf(origin: string, entries: readonly AuditEntry[]): string {
  const root = merkleRoot(entries.map((entry) => utf8(JSON.stringify(entry))));
  return `${origin}\n${entries.length}\n${btoa(String.fromCharCode(...root))}\n`;
}

/** MTH of RFC 6962: leaves and nodes are hashed under different prefixes, split at the largest power of two below n. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256Of(new Uint8Array(0));
  if (leaves.length === 1) return sha256Of(concatBytes([Uint8Array.of(0), leaves[0]!]));
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const left = merkleRoot(leaves.slice(0, split));
  const right = merkleRoot(leaves.slice(split));
  return sha256Of(concatBytes([Uint8Array.of(1), left, right]));
}
