import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../../src/base/bytes.ts';
import { sha256Of } from '../../../src/base/digest.ts';
import { createIdentity, SIGNATURE_BYTES, verifySignature } from '../../../src/trust/identity.ts';

const alice = createIdentity('alice');
const mallory = createIdentity('mallory');
const message = utf8('the message');
const signature = alice.sign(message);

describe('identity', () => {
  it('verifies its own signature over the same bytes', () => {
    expect(signature.length).toBe(SIGNATURE_BYTES);
    expect(verifySignature(alice, message, signature)).toBe(true);
    expect(verifySignature(alice, new Uint8Array(0), alice.sign(new Uint8Array(0)))).toBe(true);
  });

  it('is Ed25519 over a context and SHA-256 of the bytes, as another implementation would check it', () => {
    const signed = concatBytes([utf8('blindrisk/signature/1\0'), sha256Of(message)]);
    expect(ed25519.verify(signature, signed, alice.publicKey)).toBe(true);
    expect(ed25519.verify(signature, message, alice.publicKey)).toBe(false);
  });

  it('does not verify under another key, even with the same name', () => {
    expect(verifySignature(mallory, message, signature)).toBe(false);
    expect(verifySignature({ ...mallory, name: alice.name }, message, signature)).toBe(false);
  });

  it('does not verify over other bytes', () => {
    for (const other of ['the messagf', 'the messag', 'the message ', '']) {
      expect(verifySignature(alice, utf8(other), signature), other).toBe(false);
    }
  });

  it('does not verify with any byte changed', () => {
    for (let i = 0; i < SIGNATURE_BYTES; i++) {
      const changed = signature.slice();
      changed[i]! ^= 0x10;
      expect(verifySignature(alice, message, changed), `byte ${i}`).toBe(false);
    }
  });

  it.each([0, 32, 63, 65, 128])('a signature of %d bytes is refused, not thrown at', (length) => {
    const other = new Uint8Array(length);
    other.set(signature.subarray(0, Math.min(length, SIGNATURE_BYTES)));
    expect(verifySignature(alice, message, other)).toBe(false);
  });

  it.each([0, 31, 33])('a public key of %d bytes verifies nothing', (length) => {
    expect(verifySignature({ ...alice, publicKey: new Uint8Array(length) }, message, signature)).toBe(false);
  });

  it('refuses the malleable twin s + L of a signature', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = signature.slice(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const twin = signature.slice();
    for (let i = 0, rest = s + order; i < 32; i++, rest >>= 8n) twin[32 + i] = Number(rest & 255n);
    expect(verifySignature(alice, message, twin)).toBe(false);
  });

  it('refuses keys of small order, under which anything could be a signature', () => {
    const neutral = new Uint8Array(32);
    neutral[0] = 1;
    const zero = new Uint8Array(64);
    zero.set(neutral);
    expect(verifySignature({ ...alice, publicKey: neutral }, message, zero)).toBe(false);
  });

  it('is fresh each time, and does not show its secret half', () => {
    expect(createIdentity('alice').publicKey).not.toEqual(alice.publicKey);
    expect(Object.keys(alice).sort()).toEqual(['name', 'publicKey', 'sign', 'signNote']);
    expect(alice.publicKey.length).toBe(32);
  });
});
