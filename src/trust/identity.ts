import { ed25519 } from '@noble/curves/ed25519.js';
import type { PartyId } from '../base/brand.ts';
import { utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { randomBytes } from '../base/random.ts';

/** What others know of a participant. Public keys are exchanged and pinned before a run. */
export type PublicIdentity = { readonly name: PartyId; readonly publicKey: Uint8Array };

/** A participant that can sign. The secret half stays in the closure of `sign`. */
export type Identity = PublicIdentity & {
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /**
   * Signs a text as it is, for notes that others' tools verify. A note is lines of text, so it is never the message of
   * {@link Identity.sign}, which holds a zero byte.
   */
  readonly signNote: (text: string) => Uint8Array;
};

export const SIGNATURE_BYTES = 64;
const PUBLIC_KEY_BYTES = 32;

/** Separates these signatures from any other use of the same key. */
const CONTEXT = utf8('blindrisk/signature/1\0');

function message(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(CONTEXT.length + 32);
  out.set(CONTEXT);
  out.set(sha256Of(bytes), CONTEXT.length);
  return out;
}

/** The participant of a secret key (RFC 8032, 32 bytes), which it copies. */
export function identityOf(name: string, secretKey: Uint8Array): Identity {
  const secret = secretKey.slice();
  const publicKey = ed25519.getPublicKey(secret);
  return {
    name: name as PartyId,
    publicKey,
    sign: (bytes) => ed25519.sign(message(bytes), secret),
    signNote: (text) => ed25519.sign(utf8(text), secret),
  };
}

/** A fresh secret key of an identity: for custody, which seals it and wipes it. */
export function newSecretKey(): Uint8Array {
  return ed25519.utils.randomSecretKey(randomBytes(32));
}

/** A fresh Ed25519 identity (RFC 8032) over SHA-256 of what is signed. Not post-quantum by itself. */
export function createIdentity(name: string): Identity {
  const secretKey = newSecretKey();
  const identity = identityOf(name, secretKey);
  secretKey.fill(0);
  return identity;
}

/** True if `signature` is this participant's over these bytes. Strict verification: no malleable encodings. */
export function verifySignature(signer: PublicIdentity, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(signer, message(bytes), signature);
}

/** The same of a text signed as a note (note.ts): Ed25519 over the text itself. */
export function verifyNoteSignature(signer: PublicIdentity, text: string, signature: Uint8Array): boolean {
  return verify(signer, utf8(text), signature);
}

function verify(signer: PublicIdentity, signed: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || signer.publicKey.length !== PUBLIC_KEY_BYTES) return false;
  return ed25519.verify(signature, signed, signer.publicKey, { zip215: false });
}
