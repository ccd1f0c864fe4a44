import type { Digest, PartyId } from '../base/brand.ts';
import { base64, bytesOfBase64, utf8 } from '../base/bytes.ts';
import { IntegrityError, ShapeError } from '../base/errors.ts';
import { inclusionPath, merkleRoot, rootOfInclusion } from './merkle.ts';

/** What happened, to what, by whom. Digests and names only: an entry never holds a value. */
export type AuditEntry = {
  readonly sequence: number;
  /** UTC, ISO 8601, from the machine's clock: an order of events, not a legal time stamp. */
  readonly at: string;
  readonly actor: PartyId;
  readonly event:
    | 'planned'
    | 'keyCreated'
    | 'keyStatusChanged'
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
 * tell whether an entry was changed, removed or inserted. In memory; a role that outlives its process keeps the lines ({@link auditLines}).
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

  /** A log that goes on after the given entries. @throws IntegrityError for entries out of sequence. */
  static resume(origin: string, entries: readonly AuditEntry[]): AuditLog {
    const log = new AuditLog(origin);
    entries.forEach((entry, i) => {
      if (entry.sequence !== i)
        throw new IntegrityError(`audit: expected entry ${i}, found ${entry.sequence}: some are missing`);
      log.#entries.push(entry);
    });
    return log;
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

/** What shows that one entry is in the log of a checkpoint, without the others. */
export type InclusionProof = {
  readonly entry: AuditEntry;
  /** Sibling hashes from the leaf to the root (RFC 6962, section 2.1.1), base64. */
  readonly path: readonly string[];
};

/** @throws ShapeError for an entry that is not there. */
export function proveInclusion(entries: readonly AuditEntry[], sequence: number): InclusionProof {
  const entry = entries[sequence];
  if (entry === undefined) {
    throw new ShapeError(`audit: expected an entry from 0 to ${entries.length - 1}, found ${sequence}`, {
      entries: entries.length,
    });
  }
  return { entry, path: inclusionPath(entries.map(leafOf), sequence).map(base64) };
}

/** @throws IntegrityError unless the proof's entry is in the log of this checkpoint. */
export function verifyInclusion(checkpoint: string, { entry, path }: InclusionProof): void {
  const [, size, root] = checkpoint.split('\n');
  const found = rootOfInclusion(leafOf(entry), entry.sequence, Number(size), path.map(bytesOfBase64));
  if (found === undefined || base64(found) !== root) {
    throw new IntegrityError('audit: the proof does not lead from this entry to the root of the checkpoint');
  }
}

/** Entries as JSON lines: each line, without its newline, is a leaf of the tree. */
export function auditLines(entries: readonly AuditEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** @throws IntegrityError naming the first line that is not an entry as this library writes it. */
export function parseAuditLines(text: string): readonly AuditEntry[] {
  if (text !== '' && !text.endsWith('\n')) throw new IntegrityError('audit: the last line is cut short');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const entry = entryOf(line);
      if (entry === undefined || entry.sequence !== i) {
        throw new IntegrityError(`audit: line ${i + 1} is not entry ${i} of a log`, { line: i + 1 });
      }
      return entry;
    });
}

function entryOf(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    // Other spellings of the same object (a key twice, say) read differently elsewhere.
    return JSON.stringify(entry) === line ? entry : undefined;
  } catch {
    return undefined;
  }
}

function leafOf(entry: AuditEntry): Uint8Array {
  return utf8(JSON.stringify(entry));
}

function checkpointOf(origin: string, entries: readonly AuditEntry[]): string {
  return `${origin}\n${entries.length}\n${base64(merkleRoot(entries.map(leafOf)))}\n`;
}
