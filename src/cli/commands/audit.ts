import { basename } from 'node:path';
import { IntegrityError } from '../../base/errors.ts';
import { type InclusionProof, proveInclusion, verifyInclusion } from '../../trust/audit.ts';
import { Vault } from '../../trust/custody/vault.ts';
import type { PublicIdentity } from '../../trust/identity.ts';
import { openNote } from '../../trust/note.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readPeer } from '../exchange-folder.ts';
import { readTextFile, writeFilesAtomically } from '../files.ts';
import { COMMON_OPTIONS, numberOption, readOptions, required } from '../options.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import { readAudit, vaultDirectory } from '../vault-directory.ts';

/** A proof on its own: the entry, its path and the signed checkpoint that it leads to. */
type ProofFile = InclusionProof & { readonly checkpoint: string };

/** Verifies audit logs and proofs from them, offline and without a passphrase. */
export const auditCommand: Command = async ([action, ...args]) => {
  const folder = args[0]?.startsWith('-') === false ? args.shift() : undefined;
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    signer: { type: 'string' },
    entry: { type: 'string' },
    proof: { type: 'string' },
    out: { type: 'string' },
  });
  const terminal = createTerminal(values);
  if (action === 'verify' && values.proof !== undefined) {
    const signer = readPeer(required(values.signer, 'signer'));
    show(terminal, values, verifyProof(values.proof, signer));
    return;
  }
  if (folder === undefined || (action !== 'verify' && action !== 'prove')) {
    throw new UsageError(
      'audit: expected "verify DIR", "prove DIR --entry N" or "verify --proof FILE --signer PUBLIC.json"',
    );
  }
  const files = vaultDirectory(folder);
  const signer = values.signer === undefined ? await Vault.publicIdentityOf(files) : readPeer(values.signer);
  const { log, note } = await readAudit(files, signer);
  if (action === 'verify') {
    const text = `${folder}: ${log.entries.length} entries, all of them those that ${signer.name} signed\n`;
    show(terminal, values, { result: { entries: log.entries.length, signer: signer.name }, text });
    return;
  }
  const sequence = numberOption(required(values.entry, 'entry'), 'entry');
  const proof: ProofFile = { ...proveInclusion(log.entries, sequence), checkpoint: note };
  const text = `${JSON.stringify(proof, null, 1)}\n`;
  if (values.out === undefined) terminal.print(text);
  else writeFilesAtomically([[values.out, text]]);
};

type Shown = { readonly result: object; readonly text: string };

function show(terminal: Terminal, values: { json: boolean; quiet: boolean }, { result, text }: Shown): void {
  if (values.json) terminal.print(`${JSON.stringify(result)}\n`);
  else if (!values.quiet) terminal.print(text);
}

function verifyProof(path: string, signer: PublicIdentity): Shown {
  const proof = proofOf(readTextFile(path), basename(path));
  verifyInclusion(openNote(proof.checkpoint, signer), proof);
  const { sequence, at, event } = proof.entry;
  return {
    result: { entry: proof.entry, signer: signer.name },
    text: `entry ${sequence} (${event}, ${at}) is in the log that ${signer.name} signed\n`,
  };
}

function proofOf(text: string, file: string): ProofFile {
  try {
    const proof = JSON.parse(text) as ProofFile;
    const whole =
      typeof proof.checkpoint === 'string' &&
      typeof proof.entry === 'object' &&
      Array.isArray(proof.path) &&
      proof.path.every((hash) => typeof hash === 'string');
    if (whole) return proof;
  } catch {
    // Said below.
  }
  throw new IntegrityError(`${file} is not a proof of an entry`);
}
