import { ed25519 } from '@noble/curves/ed25519.js';
import type { PartyId } from '../base/brand.ts';
import { utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { randomBytes } from '../base/random.ts';

/** What others know of a participant. Public keys are exchanged and pinned before a run. */
export type PublicIdentity = { readonly name: PartyId; readonly publicKey: Uint8Array };

/** A participant that can sign. The secret half stays in the closure of `sign`. */
export type Identity = PublicIdentity & { readonly sign: (bytes: Uint8Array) => Uint8Array };

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

/** A fresh Ed25519 identity (RFC 8032) over SHA-256 of what is signed. Not post-quantum by itself. */
export function createIdentity(name: string): Identity {
  const secretKey = ed25519.utils.randomSecretKey(randomBytes(32));
  const publicKey = ed25519.getPublicKey(secretKey);
  return { name: name as PartyId, publicKey, sign: (bytes) => ed25519.sign(message(bytes), secretKey) };
}

/** True if `signature` is this participant's over these bytes. Strict verification: no malleable encodings. */
export function verifySignature(signer: PublicIdentity, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || signer.publicKey.length !== PUBLIC_KEY_BYTES) return false;
  return ed25519.verify(signature, message(bytes), signer.publicKey, { zip215: false });
}
