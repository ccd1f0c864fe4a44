import { base64, bytesOfBase64, hex, utf8 } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import { IntegrityError } from '../../base/errors.ts';
import type { VaultFiles } from './vault.ts';

/** Names that a vault uses, and no other: a backup is not a way to write elsewhere. */
const VAULT_FILE =
  /^(?:vault\.json|public\.json|identity\.sealed|key-[0-9a-f]{32}\.(?:json|sealed)|run-[0-9a-f]{64}\.sealed|audit\.(?:jsonl|checkpoint))$/;
const FORMAT = 'blindrisk-vault-backup';
const VERSION = 1;

type Backup = {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of the files: finds damage. Whether secrets were changed, their seals tell. */
  readonly sha256: string;
};

const digestOfFiles = (files: Backup['files']): string => hex(sha256Of(utf8(JSON.stringify(files))));

/**
 * All files of a vault as one. Secrets in it stay sealed under the passphrase that the vault has now. It brings back a key that is
 * destroyed later: destroy its backups too.
 */
export async function packVault(files: VaultFiles): Promise<Uint8Array> {
  const names = (await files.list()).filter((name) => VAULT_FILE.test(name)).sort();
  const packed: Record<string, string> = {};
  for (const name of names) {
    const bytes = await files.read(name);
    if (bytes !== undefined) packed[name] = base64(bytes);
  }
  const backup: Backup = { format: FORMAT, version: VERSION, files: packed, sha256: digestOfFiles(packed) };
  return utf8(`${JSON.stringify(backup)}\n`);
}

/** @throws IntegrityError for a damaged backup, before anything is written. */
export async function unpackVault(bytes: Uint8Array, files: VaultFiles): Promise<void> {
  const { files: packed } = backupOf(bytes);
  const decoded = Object.entries(packed).map(([name, text]) => [name, bytesOfBase64(text)] as const);
  for (const [name, content] of decoded) await files.write(name, content);
}

function backupOf(bytes: Uint8Array): Backup {
  let backup: Partial<Backup>;
  try {
    backup = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Backup>;
  } catch (cause) {
    throw new IntegrityError('the backup is damaged: it is not whole', {}, { cause });
  }
  const ok =
    backup?.format === FORMAT &&
    backup.version === VERSION &&
    typeof backup.files === 'object' &&
    backup.files !== null &&
    Object.entries(backup.files).every(([name, text]) => VAULT_FILE.test(name) && typeof text === 'string') &&
    'vault.json' in backup.files &&
    digestOfFiles(backup.files) === backup.sha256;
  if (!ok) throw new IntegrityError('the backup is damaged, or not one of a vault');
  return backup as Backup;
}
