import { createDecipheriv } from 'node:crypto';
import { scrypt } from '@noble/hashes/scrypt.js';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../../src/base/bytes.ts';
import { CustodyError, RangeError } from '../../../../src/base/errors.ts';
import { randomBytes } from '../../../../src/base/random.ts';
import { SealingKey } from '../../../../src/trust/custody/sealing.ts';
import { WEAK_SCRYPT } from '../../../support/memory-files.ts';

const PASSPHRASE = 'correct horse battery';
const salt = randomBytes(16);
const secret = utf8('the secret');
const key = await SealingKey.fromPassphrase(PASSPHRASE, salt, WEAK_SCRYPT);

describe('sealing', () => {
  it('is AES-256-GCM under scrypt, nonce first: other implementations open it', async () => {
    const sealed = await key.seal(secret, 'context');
    const derived = scrypt(utf8(PASSPHRASE), salt, { N: 1024, r: 8, p: 1, dkLen: 32 });
    const cipher = createDecipheriv('aes-256-gcm', derived, sealed.subarray(0, 12));
    cipher.setAAD(utf8('context'));
    cipher.setAuthTag(sealed.subarray(-16));
    const opened = Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
    expect(opened.toString()).toBe('the secret');
  });

  it('opens what it sealed, never seals twice alike, and takes equal spellings of a passphrase for one', async () => {
    const [a, b] = [await key.seal(secret, 'c'), await key.seal(secret, 'c')];
    expect(a).not.toEqual(b);
    expect(await key.open(a, 'c')).toEqual(secret);
    const composed = await SealingKey.fromPassphrase('caf\u00e9 caf\u00e9 caf\u00e9', salt, WEAK_SCRYPT);
    const decomposed = await SealingKey.fromPassphrase('cafe\u0301 cafe\u0301 cafe\u0301', salt, WEAK_SCRYPT);
    expect(await decomposed.open(await composed.seal(secret, 'c'), 'c')).toEqual(secret);
  });

  it('refuses every changed byte, every truncation, another context, passphrase and salt', async () => {
    const sealed = await key.seal(secret, 'c');
    for (let i = 0; i < sealed.length; i++) {
      await expect(key.open(sealed.with(i, sealed[i]! ^ 1), 'c'), `byte ${i}`).rejects.toThrow(CustodyError);
      await expect(key.open(sealed.slice(0, i), 'c'), `first ${i}`).rejects.toThrow(CustodyError);
    }
    await expect(key.open(sealed, 'd')).rejects.toThrow(CustodyError);
    const others = [
      await SealingKey.fromPassphrase('correct horse batterz', salt, WEAK_SCRYPT),
      await SealingKey.fromPassphrase(PASSPHRASE, randomBytes(16), WEAK_SCRYPT),
      await SealingKey.fromPassphrase(PASSPHRASE, salt, { ...WEAK_SCRYPT, p: 2 }),
    ];
    for (const other of others) await expect(other.open(sealed, 'c')).rejects.toThrow(CustodyError);
  });

  it('refuses short passphrases and costs that a file might claim', async () => {
    const make = (passphrase: string, cost: object) =>
      SealingKey.fromPassphrase(passphrase, salt, { ...WEAK_SCRYPT, ...cost });
    await expect(make('eleven char', {})).rejects.toThrow(/at least 12/);
    for (const cost of [{ log2n: 40 }, { log2n: 9 }, { r: 0 }, { r: 1e9 }, { p: 1.5 }, { p: Number.NaN }]) {
      await expect(make(PASSPHRASE, cost), JSON.stringify(cost)).rejects.toThrow(RangeError);
    }
  });
});
