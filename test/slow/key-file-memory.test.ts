import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parmsIdOf } from '../../src/ckks/kernel/layout.ts';
import { kernelMemory } from '../../src/ckks/kernel/memory.ts';
import { ciphertextBytes, KEY_LISTS_OFFSET, switchingKeyLength } from '../../src/ckks/wire.ts';
import { sealPrimes } from '../../src/numeric/ntt-primes.ts';

const DEGREE = 32768;
const PRIMES = sealPrimes(DEGREE, [49, ...new Array<number>(16).fill(40), 49]);
const MiB = 2 ** 20;
const SCRIPT = fileURLToPath(new URL('../support/load-key-file.ts', import.meta.url));

/** A file in the form of a relinearisation key, of residues that mean nothing: digits are all the same. Returns its SHA-256 and length. */
function writeKeyFile(path: string) {
  const level = { parmsId: parmsIdOf(DEGREE, PRIMES), degree: DEGREE, primes: PRIMES.length };
  const polynomial = BigUint64Array.from({ length: DEGREE * PRIMES.length }, (_, i) => {
    const p = PRIMES[Math.floor(i / DEGREE)]!;
    return BigInt((i * 97_531_357) % p);
  });
  const digit = ciphertextBytes({ ...level, components: 2, scale: 1 }, true, [polynomial, polynomial]);
  const length = switchingKeyLength(level, 1, 1, 'full');
  const head = new Uint8Array(KEY_LISTS_OFFSET + 8);
  const view = new DataView(head.buffer);
  // SEAL's header is that of a ciphertext, but for the length.
  head.set(digit.subarray(0, 16));
  view.setBigUint64(8, BigInt(length), true);
  head.set(level.parmsId, 16);
  view.setBigUint64(48, 1n, true);
  view.setBigUint64(KEY_LISTS_OFFSET, BigInt(PRIMES.length - 1), true);
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  for (const part of [head, ...new Array<Uint8Array>(PRIMES.length - 1).fill(digit)]) {
    writeSync(file, part);
    hash.update(part);
  }
  closeSync(file);
  return { sha256: hash.digest('hex'), length };
}

it('a key of 153 MiB is read from its file without a second copy, in the memory that was predicted', {
  timeout: 120_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-key-file-'));
  try {
    const path = join(folder, 'relinearisation');
    const { sha256, length } = writeKeyFile(path);
    expect(length).toBeGreaterThan(153 * MiB);
    const request = JSON.stringify({ degree: DEGREE, primes: PRIMES, path, sha256 });
    const { grownBytes, memoryBytes } = JSON.parse(
      execFileSync(process.execPath, [SCRIPT, request], { encoding: 'utf8' }),
    );
    const ring = { degree: DEGREE, dataPrimes: PRIMES.length - 1 };
    const program = { instructions: [], plaintexts: [], inputs: [], outputs: [] };
    const predicted = kernelMemory(ring, program, { relinearise: true, rotations: [], conjugate: false });
    expect(predicted.keys).toBeGreaterThan(153 * MiB);
    expect(memoryBytes).toBeLessThanOrEqual(predicted.total + 65_536);
    // Beside the key itself some digits of 9 MiB, until they are collected: far less than the file.
    expect(grownBytes).toBeGreaterThan(predicted.keys - 16 * MiB);
    expect(grownBytes).toBeLessThan(predicted.keys + 64 * MiB);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
