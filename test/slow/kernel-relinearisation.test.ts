import { describe, expect, it } from 'vitest';
import { KernelEvaluator } from '../../src/ckks/kernel/evaluator.ts';
import { parmsIdOf } from '../../src/ckks/kernel/layout.ts';
import { ciphertextBytes } from '../../src/ckks/wire.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { checkedRing } from '../support/ring.ts';
import { SealOracle } from '../support/seal-oracle.ts';

/*
 * Relinearisation, rescaling and products of random and of extreme residues against SEAL, whose arithmetic is exact: at least 10^6
 * coefficients at every degree, primes as large as the kernels allow, with the checked build, which traps where a value could stop
 * being exact. Full chains only where SEAL makes their context in seconds.
 */
const CHAINS: readonly (readonly [degree: number, bits: readonly number[]])[] = [
  [1024, [49, 49, 49, 49]],
  [2048, [49, 49, 49, 49, 49, 49]],
  [4096, [49, 49, 49, 49]],
  [8192, [49, 49, 49, 49]],
  [8192, [30, 49, 20, 45, 49]],
  [16384, [48, 45, 45, 45, 45, 45, 45, 45, 49]],
  [32768, [49, 49, 49, 49]],
];

const SCALE = 2 ** 20;
const COEFFICIENTS = 1_000_000;

type Residue = (index: number, p: number) => number;

describe.each(CHAINS)('at degree %d, %j', (degree, bits) => {
  it("a million relinearised coefficients are SEAL's", { timeout: 600_000 }, async () => {
    const oracle = await SealOracle.open(degree, bits);
    const random = new SeededRandom(degree + bits.length);
    const kernels = new KernelEvaluator({ degree, primes: oracle.primes }, { digits: 'seal' });
    const checked = new KernelEvaluator(
      { degree, primes: oracle.primes },
      { digits: 'seal', kernels: checkedRing('fused') },
    );
    const key = oracle.bytes(oracle.relinearisation);
    for (const evaluator of [kernels, checked]) {
      evaluator.importKeys(
        { relinearise: true, rotations: [], conjugate: false },
        { form: 'full', relinearisation: key },
      );
    }
    const primes = oracle.primes.slice(0, -1);
    const patterns: readonly Residue[] = [
      (_, p) => p - 1,
      (i, p) => (i % 2 === 0 ? p - 1 : 0),
      (i, p) => (i % 2 === 0 ? (p - 1) / 2 : (p + 1) / 2),
      (_, p) => (p - 1) / 2,
    ];
    const uniform: Residue = (_, p) =>
      Math.floor((random.u32() * 2 ** 21 + (random.u32() >>> 11)) * 2 ** -53 * p);
    const serialise = (residue: Residue) => {
      const shape = {
        parmsId: parmsIdOf(degree, primes),
        degree,
        primes: primes.length,
        components: 3 as const,
        scale: SCALE,
      };
      const bytes = ciphertextBytes(shape, true, []);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < 3 * primes.length * degree; i++) {
        const p = primes[Math.floor(i / degree) % primes.length]!;
        view.setBigUint64(113 + 8 * i, BigInt(residue(i, p)), true);
      }
      return bytes;
    };
    const same = (ours: Uint8Array, theirs: Uint8Array) => expect(Buffer.compare(ours, theirs)).toBe(0);
    const level = primes.length - 1;
    let compared = 0;
    for (let round = 0; compared < COEFFICIENTS; round++) {
      const bytes = serialise(patterns[round] ?? uniform);
      using theirs = oracle.load(bytes);
      using relinearised = oracle.apply((out) =>
        oracle.evaluator.relinearize(theirs, oracle.relinearisation, out),
      );
      using rescaled = oracle.apply((out) => oracle.evaluator.rescaleToNext(theirs, out));
      using square = oracle.apply((out) => oracle.evaluator.square(relinearised, out));
      for (const evaluator of round < patterns.length + 2 ? [kernels, checked] : [kernels]) {
        using ours = evaluator.load(bytes, 'full', level, SCALE);
        using r = evaluator.relinearise(ours);
        same(evaluator.save(r, SCALE), oracle.bytes(relinearised));
        using s = evaluator.rescale(ours);
        same(evaluator.save(s, rescaled.scale()), oracle.bytes(rescaled));
        using q = evaluator.square(r);
        same(evaluator.save(q, square.scale()), oracle.bytes(square));
      }
      compared += 2 * primes.length * degree;
    }
    expect(compared).toBeGreaterThanOrEqual(COEFFICIENTS);
  });
});
