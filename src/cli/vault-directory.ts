import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustodyError, IntegrityError } from '../base/errors.ts';
import { AuditLog, auditLines, parseAuditLines, verifyCheckpoint } from '../trust/audit.ts';
import { Vault, type VaultFiles } from '../trust/custody/vault.ts';
import type { Identity, PublicIdentity } from '../trust/identity.ts';
import { openNote, signNote } from '../trust/note.ts';
import { UsageError } from './errors.ts';
import { readTextFile, writeFilesAtomically } from './files.ts';

/** Files of a vault that are not secrets. */
const AUDIT_LINES = 'audit.jsonl';
const AUDIT_CHECKPOINT = 'audit.checkpoint';
const LOCK = 'lock';

/** A vault in a folder that only its user can read. */
export function vaultDirectory(folder: string): VaultFiles {
  const path = (name: string) => join(folder, name);
  return {
    async list() {
      try {
        return readdirSync(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw unusable(folder, error);
      }
    },
    async read(name) {
      try {
        return new Uint8Array(readFileSync(path(name)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw unusable(path(name), error);
      }
    },
    async write(name, bytes) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFilesAtomically([[path(name), bytes]]);
    },
    async remove(name) {
      rmSync(path(name), { force: true });
    },
  };
}

function unusable(path: string, cause: unknown): UsageError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new UsageError(`cannot use ${path}: ${code}`, { path }, { cause });
}

/** Where the passphrase of a vault comes from: never from the command line, which other processes see. */
export function readPassphrase(file: string | undefined): string {
  const text =
    file === undefined ? process.env.BLINDRISK_PASSPHRASE : readTextFile(file).replace(/\r?\n$/, '');
  if (text === undefined || text === '') {
    throw new UsageError(
      'a passphrase is needed: name a file that holds it with --passphrase-file, or set BLINDRISK_PASSPHRASE',
    );
  }
  return text;
}

/**
 * Opens a vault for one command, with its audit log. The log's lines must be those of its last signed checkpoint; what the command adds
 * is written when it ends, also where it fails.
 */
export async function withVault<T>(
  folder: string,
  passphrase: string,
  work: (vault: Vault, log: AuditLog) => Promise<T>,
): Promise<T> {
  const files = vaultDirectory(folder);
  const unlock = lock(folder);
  try {
    const vault = await Vault.open(files, passphrase);
    const log = await resumeAudit(files, vault.identity);
    try {
      return await work(vault, log);
    } finally {
      await files.write(AUDIT_LINES, new TextEncoder().encode(auditLines(log.entries)));
      const note = signNote(log.checkpoint(), vault.identity);
      await files.write(AUDIT_CHECKPOINT, new TextEncoder().encode(note));
    }
  } finally {
    unlock();
  }
}

/** Entries of a vault's log and its signed checkpoint. @throws IntegrityError unless they belong together. */
export async function readAudit(
  files: VaultFiles,
  signer: PublicIdentity,
): Promise<{ readonly log: AuditLog; readonly note: string }> {
  const [lines, note] = await Promise.all([textOf(files, AUDIT_LINES), textOf(files, AUDIT_CHECKPOINT)]);
  if (lines === undefined || note === undefined) {
    throw new IntegrityError(
      'audit: there is no log here, or half of one: expected its lines and its checkpoint',
    );
  }
  const checkpoint = openNote(note, signer);
  const entries = parseAuditLines(lines);
  verifyCheckpoint(checkpoint, entries);
  return { log: AuditLog.resume(checkpoint.split('\n')[0]!, entries), note };
}

async function resumeAudit(files: VaultFiles, identity: Identity): Promise<AuditLog> {
  const names = await files.list();
  if (!names.includes(AUDIT_LINES) && !names.includes(AUDIT_CHECKPOINT)) {
    return new AuditLog(`blindrisk/vault/${identity.name}`);
  }
  return (await readAudit(files, identity)).log;
}

async function textOf(files: VaultFiles, name: string): Promise<string | undefined> {
  const bytes = await files.read(name);
  return bytes && new TextDecoder().decode(bytes);
}

/** One command at a time: two would each write a log without the other's entries. */
function lock(folder: string): () => void {
  const path = join(folder, LOCK);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT')
        throw new CustodyError(`there is no vault in ${folder}: make one with "keys create"`);
      if (code !== 'EEXIST') throw unusable(path, error);
      const holder = Number(readFileSync(path, 'utf8'));
      if (isAlive(holder)) {
        throw new CustodyError(
          `the vault in ${folder} is in use by process ${holder}: try again when it has ended`,
          {
            process: holder,
          },
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new CustodyError(`the vault in ${folder} is in use: try again`);
}

function isAlive(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
