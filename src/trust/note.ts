import { base64, bytesOfBase64, concatBytes, utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { IntegrityError, ShapeError } from '../base/errors.ts';
import { type Identity, type PublicIdentity, SIGNATURE_BYTES, verifyNoteSignature } from './identity.ts';

/*
 * Signed notes (C2SP signed-note): a text whose last line ends in a newline, an empty line, and lines of signatures:
 *   U+2014 SPACE name SPACE base64(key id of 4 bytes || signature) NEWLINE
 * The key id of an Ed25519 key is the start of SHA-256(name || 0x0A || 0x01 || public key).
 */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const MAX_NOTE_LENGTH = 65_536;

function keyIdOf({ name, publicKey }: PublicIdentity): Uint8Array {
  return sha256Of(concatBytes([utf8(name), Uint8Array.of(0x0a, ED25519), publicKey])).subarray(
    0,
    KEY_ID_BYTES,
  );
}

/** @throws ShapeError for a text or a name that a note cannot carry. */
export function signNote(text: string, signer: Identity): string {
  if (!text.endsWith('\n') || text.includes('\0')) {
    throw new ShapeError('a note is lines of text, each with its newline');
  }
  if (/[\s+]/.test(signer.name) || signer.name === '') {
    throw new ShapeError('a signer of notes has a name without spaces and plus signs', { name: signer.name });
  }
  const signature = concatBytes([keyIdOf(signer), signer.signNote(text)]);
  return `${text}\n\u2014 ${signer.name} ${base64(signature)}\n`;
}

/** The text of a note, if the signer signed it. Signatures of others are ignored. @throws IntegrityError */
export function openNote(note: string, signer: PublicIdentity): string {
  const refuse = (): never => {
    throw new IntegrityError(`the note is not signed by ${signer.name}, or was changed since`, {
      signer: signer.name,
    });
  };
  const split = note.length <= MAX_NOTE_LENGTH ? note.lastIndexOf('\n\n') : -1;
  if (split < 0) return refuse();
  const text = note.slice(0, split + 1);
  const keyId = keyIdOf(signer);
  for (const line of note.slice(split + 2).split('\n')) {
    const match = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (match?.[1] !== signer.name) continue;
    const bytes = bytesOfBase64(match[2]!);
    if (bytes.length !== KEY_ID_BYTES + SIGNATURE_BYTES) continue;
    if (!keyId.every((byte, i) => byte === bytes[i])) continue;
    if (verifyNoteSignature(signer, text, bytes.subarray(KEY_ID_BYTES))) return text;
  }
  return refuse();
}
