import { beforeAll, describe, expect, it } from 'vitest';
import { KernelEvaluator } from '../../../src/ckks/kernel/evaluator.ts';
import type { KernelCiphertext } from '../../../src/ckks/kernel/kernel-ciphertext.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { SealOracle } from '../../support/seal-oracle.ts';

const STEPS = [1, 2, 5, -3];

const CHAINS: readonly (readonly [degree: number, bits: readonly number[], scale: number])[] = [
  [1024, [49, 40, 40, 49], 2 ** 38],
  [2048, [45, 30, 20, 31, 46], 2 ** 38],
  [4096, [36, 36, 37], 2 ** 30],
  [8192, [49, 49, 49, 49], 2 ** 38],
];

const differ = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const randomSlots = (count: number, seed: number): Float64Array => {
  const random = new SeededRandom(seed);
  return Float64Array.from({ length: count }, () => random.u32() * 2 ** -31 - 1);
};

describe.each(CHAINS)('kernel evaluator at degree %d, %j', (degree, bits, scale) => {
  let oracle: SealOracle;
  /** With SEAL's digits, and with centred ones. */
  let kernels: KernelEvaluator;
  let centred: KernelEvaluator;
  const x = randomSlots(degree / 2, 1);
  const y = randomSlots(degree / 2, 2);
  const top = bits.length - 2;
  /** Squares at every level fit the modulus. */
  const small = 2 ** 17;

  beforeAll(async () => {
    oracle = await SealOracle.open(degree, bits);
    const parameters = { degree, primes: oracle.primes };
    kernels = new KernelEvaluator(parameters, { digits: 'seal' });
    centred = new KernelEvaluator(parameters);
    for (const evaluator of [kernels, centred]) {
      evaluator.loadRelinearisationKey(oracle.bytes(oracle.relinearisation), 'full');
    }
  });

  /** SEAL's ciphertext and the same one in kernel memory. */
  const pair = (values: Float64Array, at: number = scale) => {
    const theirs = oracle.encrypt(values, at);
    return { theirs, ours: kernels.load(oracle.bytes(theirs), 'full', top, at) };
  };
  type SealCiphertext = ReturnType<SealOracle['encrypt']>;
  const expectSame = (ours: KernelCiphertext, theirs: SealCiphertext) => {
    expect(Buffer.compare(kernels.save(ours, theirs.scale()), oracle.bytes(theirs))).toBe(0);
  };

  it('loads and saves what SEAL wrote, and expands seeds as SEAL does', () => {
    const { theirs, ours } = pair(x);
    expectSame(ours, theirs);
    for (let i = 0; i < 4; i++) {
      const seeded = oracle.encryptSeeded(x, scale);
      expectSame(kernels.load(seeded, 'seeded', top, scale), oracle.load(seeded));
    }
  });

  it('adds, subtracts, negates and multiplies to the bit', () => {
    const a = pair(x);
    const b = pair(y);
    const { evaluator } = oracle;
    expectSame(
      kernels.add(a.ours, b.ours),
      oracle.apply((out) => evaluator.add(a.theirs, b.theirs, out)),
    );
    expectSame(
      kernels.sub(a.ours, b.ours),
      oracle.apply((out) => evaluator.sub(a.theirs, b.theirs, out)),
    );
    expectSame(
      kernels.negate(a.ours),
      oracle.apply((out) => evaluator.negate(a.theirs, out)),
    );
    const product = oracle.apply((out) => evaluator.multiply(a.theirs, b.theirs, out));
    const ours = kernels.multiply(a.ours, b.ours);
    expectSame(ours, product);
    expectSame(
      kernels.square(a.ours),
      oracle.apply((out) => evaluator.square(a.theirs, out)),
    );
    const mixed = oracle.apply((out) => {
      evaluator.add(product, product, out);
      evaluator.add(out, product, out);
    });
    expectSame(kernels.innerProduct([a.ours, b.ours, a.ours], [b.ours, a.ours, b.ours]), mixed);
  });

  it('relinearises and rescales to the bit, at every level', () => {
    const { evaluator } = oracle;
    let a = pair(x, small);
    for (let level = top; level >= 0; level--) {
      const theirs = oracle.apply((out) => evaluator.square(a.theirs, out));
      const relinearised = oracle.apply((out) => evaluator.relinearize(theirs, oracle.relinearisation, out));
      const ours = kernels.square(a.ours);
      expectSame(ours, theirs);
      expectSame(kernels.relinearise(ours), relinearised);
      if (level === 0) break;
      const rescaled = oracle.apply((out) => evaluator.rescaleToNext(theirs, out));
      expectSame(kernels.rescale(ours), rescaled);
      const dropped = oracle.apply((out) => evaluator.cipherModSwitchToNext(a.theirs, out));
      a = { theirs: dropped, ours: kernels.dropLevels(a.ours, level - 1) };
      expectSame(a.ours, dropped);
    }
  });

  it('rotates and conjugates to the bit with its digits', () => {
    const keys = oracle.rotationKeys([0, ...STEPS]);
    kernels.loadRotationKeys(oracle.bytes(keys), 'full');
    const { evaluator } = oracle;
    const a = pair(x);
    const together = kernels.rotate(a.ours, [...STEPS, 0]);
    STEPS.forEach((step, i) => {
      const theirs = oracle.apply((out) => evaluator.rotateVector(a.theirs, step, keys, out));
      expectSame(together[i]!, theirs);
    });
    expectSame(together[STEPS.length]!, a.theirs);
    const conjugated = oracle.apply((out) => evaluator.complexConjugate(a.theirs, keys, out));
    expectSame(kernels.conjugate(a.ours), conjugated);
  });

  it('rotates alike alone and hoisted with centred digits, and with no more noise than SEAL', () => {
    const keys = oracle.rotationKeys(STEPS);
    centred.loadRotationKeys(oracle.bytes(keys), 'full');
    const { evaluator } = oracle;
    const { theirs } = pair(x);
    const ours = centred.load(oracle.bytes(theirs), 'full', top, scale);
    const hoisted = centred.rotate(ours, STEPS);
    const error = (found: SealCiphertext, step: number) => {
      const slots = oracle.decrypt(found);
      return slots.reduce((sum, v, k) => sum + (v - x[(k + step + x.length) % x.length]!) ** 2, 0);
    };
    let [sum, sumOfSeal] = [0, 0];
    STEPS.forEach((step, i) => {
      const bytes = centred.save(hoisted[i]!, scale);
      expect(Buffer.compare(bytes, centred.save(centred.rotate(ours, [step])[0]!, scale))).toBe(0);
      sum += error(oracle.load(bytes), step);
      sumOfSeal += error(
        oracle.apply((out) => evaluator.rotateVector(theirs, step, keys, out)),
        step,
      );
    });
    expect(sum).toBeLessThan(1.5 * sumOfSeal);
    const product = centred.square(ours);
    const relinearised = oracle.load(centred.save(centred.relinearise(product), scale));
    const reference = oracle.apply((out) => evaluator.square(theirs, out));
    relinearised.setScale(reference.scale());
    expect(
      differ(
        oracle.decrypt(relinearised),
        x.map((v) => v * v),
      ),
    ).toBeLessThan(2 ** 22 / scale);
  });

  it('encodes as SEAL decodes, and uses plaintexts as SEAL does', () => {
    const a = pair(x);
    const values = randomSlots(degree / 2, 3);
    for (const level of [top, 0]) {
      const low = kernels.dropLevels(a.ours, level);
      for (const plain of [values, 0.37, -2.5, values.subarray(0, 7)]) {
        const p = kernels.encode({ values: plain, level, scale: scale / 2 ** 12 });
        const sum = kernels.mulPlain(low, p);
        const at = (k: number) => (typeof plain === 'number' ? plain : (plain[k] ?? 0));
        if (level === top) {
          const found = oracle.decrypt(oracle.load(kernels.save(sum, scale * (scale / 2 ** 12))));
          expect(
            differ(
              found,
              x.map((v, k) => v * at(k)),
            ),
          ).toBeLessThan(2 ** 24 / scale);
        }
        const q = kernels.encode({ values: plain, level, scale: scale });
        const shifted = oracle.decrypt(oracle.load(kernels.save(kernels.addPlain(low, q), scale)));
        expect(
          differ(
            shifted,
            x.map((v, k) => v + at(k)),
          ),
        ).toBeLessThan(2 ** 14 / scale);
        const lowered = oracle.decrypt(oracle.load(kernels.save(kernels.subPlain(low, q), scale)));
        expect(
          differ(
            lowered,
            x.map((v, k) => v - at(k)),
          ),
        ).toBeLessThan(2 ** 14 / scale);
      }
    }
  });
});
