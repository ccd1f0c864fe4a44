import { createCipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadChaCha20 } from '../../../src/kernels/chacha20.ts';
import { base64, sha256 } from '../../../src/kernels/chacha20.wasm.ts';
import { chacha20Twin } from '../../../src/kernels/chacha20-twin.ts';

const key: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test.each([
  [0, '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7'],
  [1, '9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed'],
])('RFC 8439, appendix A.1: block %d of the zero key', (counter, expected) => {
  for (const kernel of [loadChaCha20(), chacha20Twin]) {
    expect(hex(kernel.keyStream(new Uint8Array(32), counter, 32).subarray(0, 32))).toBe(expected);
  }
});

test.each([1, 63, 64, 65, 255, 256, 257, 65536, 65537, 200_000])(
  '%d bytes agree with the twin and with OpenSSL',
  (bytes) => {
    for (const counter of [0, 5, 2 ** 31]) {
      const made = loadChaCha20().keyStream(key, counter, bytes);
      expect(made.length).toBe(64 * Math.ceil(bytes / 64));
      expect(Buffer.compare(made, chacha20Twin.keyStream(key, counter, bytes))).toBe(0);
      const iv = Buffer.alloc(16);
      iv.writeUInt32LE(counter, 0);
      const oracle = createCipheriv('chacha20', key, iv).update(Buffer.alloc(made.length));
      expect(Buffer.compare(made, oracle)).toBe(0);
    }
  },
);

test('the counter passes 2^32', () => {
  for (const counter of [2 ** 32 - 3, 2 ** 40]) {
    const made = loadChaCha20().keyStream(key, counter, 640);
    expect(Buffer.compare(made, chacha20Twin.keyStream(key, counter, 640))).toBe(0);
  }
});

test('the embedded module is the committed one', () => {
  const bytes = Buffer.from(base64, 'base64');
  const manifest = JSON.parse(readFileSync('wasm/manifest.json', 'utf8'));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  expect(manifest['chacha20.wasm']).toMatchObject({ sha256, bytes: bytes.length });
});
