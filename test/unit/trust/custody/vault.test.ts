import { describe, expect, it } from 'vitest';
import type { Digest, KeyId } from '../../../../src/base/brand.ts';
import { hex, utf8 } from '../../../../src/base/bytes.ts';
import { CustodyError, IntegrityError } from '../../../../src/base/errors.ts';
import { randomBytes } from '../../../../src/base/random.ts';
import { packVault, unpackVault } from '../../../../src/trust/custody/backup.ts';
import { Vault } from '../../../../src/trust/custody/vault.ts';
import { verifySignature } from '../../../../src/trust/identity.ts';
import { memoryFiles, WEAK_SCRYPT } from '../../../support/memory-files.ts';

const PASSPHRASE = 'correct horse battery';
const parameters = 'ab'.repeat(32) as Digest;
const newId = () => hex(randomBytes(16)) as KeyId;

async function vaultWithKey() {
  const files = memoryFiles();
  const vault = await Vault.create(files, 'desk', PASSPHRASE, WEAK_SCRYPT);
  const id = newId();
  await vault.addKey(id, parameters, utf8('the very secret key'));
  return { files, vault, id };
}

describe('a vault', () => {
  it('keeps an identity that signs alike after it is opened again', async () => {
    const { files, vault } = await vaultWithKey();
    const again = await Vault.open(files, PASSPHRASE);
    const message = utf8('message');
    expect(verifySignature(vault.identity, message, again.identity.sign(message))).toBe(true);
    expect(await Vault.publicIdentityOf(files)).toEqual({
      name: 'desk',
      publicKey: vault.identity.publicKey,
    });
  });

  it('gives a key out while it is enabled, and no longer', async () => {
    const { files, vault, id } = await vaultWithKey();
    expect(await vault.secretOf(id)).toEqual(utf8('the very secret key'));
    expect((await vault.keyFor(parameters))?.id).toBe(id);
    await Vault.setStatus(files, id, 'disabled');
    await expect(vault.secretOf(id)).rejects.toThrow(/disabled/);
    expect(await vault.keyFor(parameters)).toBeUndefined();
    await Vault.setStatus(files, id, 'enabled');
    expect(await vault.secretOf(id)).toEqual(utf8('the very secret key'));
    await Vault.destroy(files, id);
    await expect(vault.secretOf(id)).rejects.toThrow(/destroyed/);
    await expect(Vault.setStatus(files, id, 'enabled')).rejects.toThrow(/destroyed/);
    expect([...files.stored.keys()]).not.toContain(`key-${id}.sealed`);
    expect((await Vault.keysOf(files)).map(({ status }) => status)).toEqual(['destroyed']);
  });

  it('opens no secret under another name: two keys cannot be exchanged', async () => {
    const { files, vault, id } = await vaultWithKey();
    const other = newId();
    await vault.addKey(other, parameters, utf8('the other key'));
    const [a, b] = [files.stored.get(`key-${id}.sealed`)!, files.stored.get(`key-${other}.sealed`)!];
    files.stored.set(`key-${id}.sealed`, b).set(`key-${other}.sealed`, a);
    await expect(vault.secretOf(id)).rejects.toThrow(CustodyError);
    await vault.remember('run-1', utf8('remembered'));
    files.stored.set('run-2.sealed', files.stored.get('run-1.sealed')!);
    expect(await vault.recall('run-1')).toEqual(utf8('remembered'));
    await expect(vault.recall('run-2')).rejects.toThrow(CustodyError);
  });

  it('stores nothing in the clear', async () => {
    const { files } = await vaultWithKey();
    for (const [name, bytes] of files.stored) {
      const text = Buffer.from(bytes).toString('latin1');
      expect(text, name).not.toContain('very secret');
      expect(text, name).not.toContain(PASSPHRASE);
    }
  });

  it('refuses a wrong passphrase, a second vault in one place, an unknown key and damage', async () => {
    const { files, vault } = await vaultWithKey();
    await expect(Vault.open(files, 'incorrect horse battery')).rejects.toThrow(CustodyError);
    await expect(Vault.create(files, 'x', PASSPHRASE, WEAK_SCRYPT)).rejects.toThrow(/already/);
    await expect(Vault.open(memoryFiles(), PASSPHRASE)).rejects.toThrow(/no vault/);
    await expect(vault.secretOf(newId())).rejects.toThrow(/no key/);
    await expect(vault.secretOf('../vault' as KeyId)).rejects.toThrow(/no key/);
    for (const damage of ['', '{}', 'null', '[1]', '{"format":"blindrisk-vault","version":2}']) {
      files.stored.set('vault.json', utf8(damage));
      await expect(Vault.open(files, PASSPHRASE), damage).rejects.toThrow(IntegrityError);
    }
  });

  it('names no public key but that of its secret key', async () => {
    const { files } = await vaultWithKey();
    const head = JSON.parse(Buffer.from(files.stored.get('vault.json')!).toString());
    files.stored.set('vault.json', utf8(JSON.stringify({ ...head, publicKey: 'cd'.repeat(32) })));
    await expect(Vault.open(files, PASSPHRASE)).rejects.toThrow(IntegrityError);
  });
});

describe('a backup', () => {
  it('restores everything, and nothing that is not of a vault', async () => {
    const { files, id } = await vaultWithKey();
    files.stored.set('lock', utf8('1'));
    const backup = await packVault(files);
    const restored = memoryFiles();
    await unpackVault(backup, restored);
    expect([...restored.stored.keys()].sort()).toEqual(
      [...files.stored.keys()].filter((name) => name !== 'lock').sort(),
    );
    expect(await (await Vault.open(restored, PASSPHRASE)).secretOf(id)).toEqual(utf8('the very secret key'));
  });

  it('is refused whole when damaged: nothing is written', async () => {
    const { files } = await vaultWithKey();
    const backup = await packVault(files);
    const target = memoryFiles();
    for (let i = 0; i < backup.length - 1; i += 7) {
      await expect(unpackVault(backup.with(i, backup[i]! ^ 1), target), `byte ${i}`).rejects.toThrow(
        IntegrityError,
      );
      await expect(unpackVault(backup.slice(0, i), target), `first ${i}`).rejects.toThrow(IntegrityError);
    }
    expect(target.stored.size).toBe(0);
  });

  it('writes nowhere else, whatever names it holds', async () => {
    const { files } = await vaultWithKey();
    const backup = JSON.parse(Buffer.from(await packVault(files)).toString());
    const { sha256Of } = await import('../../../../src/base/digest.ts');
    for (const name of ['../x', 'key-../../x.json', '/etc/passwd', '__proto__', 'vault.json/../x']) {
      const evil = { ...backup.files, [name]: 'AAAA' };
      const sha256 = hex(sha256Of(utf8(JSON.stringify(evil))));
      const target = memoryFiles();
      const bytes = utf8(JSON.stringify({ ...backup, files: evil, sha256 }));
      await expect(unpackVault(bytes, target), name).rejects.toThrow(IntegrityError);
      expect(target.stored.size).toBe(0);
    }
  });
});
