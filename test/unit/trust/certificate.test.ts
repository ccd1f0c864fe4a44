import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTlsIdentity, pinOf } from '../../../src/trust/certificate.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('a TLS identity', () => {
  const { certificate, privateKey, pin } = createTlsIdentity('party 1');
  const parsed = new X509Certificate(certificate);

  it('is a certificate that another library reads as meant', () => {
    expect(parsed.subject).toBe('CN=party 1');
    expect(parsed.issuer).toBe('CN=party 1');
    expect(parsed.ca).toBe(false);
    expect(parsed.publicKey.asymmetricKeyType).toBe('ed25519');
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(parsed.validTo).toBe('Dec 31 23:59:59 9999 GMT');
    expect(parsed.serialNumber).toMatch(/^[4-7]/);
  });

  it('is signed by its own key, which is the one handed out', () => {
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    const other = createTlsIdentity('party 1');
    expect(
      parsed.verify(
        createPublicKey(
          new X509Certificate(other.certificate).publicKey.export({ type: 'spki', format: 'pem' }),
        ),
      ),
    ).toBe(false);
    expect(other.pin).not.toBe(pin);
  });

  it('has the hash of its public key as its pin', () => {
    const spki = parsed.publicKey.export({ type: 'spki', format: 'der' });
    expect(pin).toBe(createHash('sha256').update(spki).digest('hex'));
    expect(pinOf(spki)).toBe(pin);
  });

  it.runIf(hasOpenssl)('verifies with the openssl command', () => {
    const folder = mkdtempSync(join(tmpdir(), 'blindrisk-certificate-'));
    try {
      const file = join(folder, 'certificate.pem');
      writeFileSync(file, certificate);
      const said = execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-partial_chain', '-check_ss_sig', '-CAfile', file, file],
        {
          encoding: 'utf8',
        },
      );
      expect(said).toContain('OK');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses names that do not fit', () => {
    for (const name of ['', 'x'.repeat(65)]) {
      expect(() => createTlsIdentity(name)).toThrowError(expect.objectContaining({ code: 'range' }));
    }
  });
});
