import { beforeAll, describe, expect, it } from 'vitest';
import { KernelEvaluator } from '../../../src/ckks/kernel/evaluator.ts';
import type { KernelCiphertext } from '../../../src/ckks/kernel/kernel-ciphertext.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { checkedRing } from '../../support/ring.ts';
import { SealOracle } from '../../support/seal-oracle.ts';

const STEPS = [1, 2, 5, -3];
const NO_ROTATIONS = { relinearise: true, rotations: [], conjugate: false };

/** A chain, the scale of its ciphertexts, and the build that evaluates it. */
const CHAINS: readonly (readonly [number, readonly number[], number, 'fused' | 'unfused' | 'checked'])[] = [
  [1024, [49, 40, 40, 49], 2 ** 38, 'fused'],
  [1024, [49, 40, 49, 49], 2 ** 38, 'unfused'],
  [2048, [45, 30, 20, 31, 46], 2 ** 38, 'checked'],
  [4096, [36, 36, 37], 2 ** 30, 'fused'],
  [8192, [49, 49, 49, 49], 2 ** 38, 'checked'],
];
const kernelsOf = (build: 'fused' | 'unfused' | 'checked') =>
  build === 'checked' ? checkedRing('fused') : build;

const differ = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const randomSlots = (count: number, seed: number): Float64Array => {
  const random = new SeededRandom(seed);
  return Float64Array.from({ length: count }, () => random.u32() * 2 ** -31 - 1);
};

describe.each(CHAINS)(
  'kernel evaluator at degree %d, %j, scale %d, %s kernels',
  (degree, bits, scale, build) => {
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
      kernels = new KernelEvaluator(parameters, { digits: 'seal', kernels: kernelsOf(build) });
      centred = new KernelEvaluator(parameters, { kernels: kernelsOf(build) });
      for (const evaluator of [kernels, centred]) {
        evaluator.importKeys(NO_ROTATIONS, {
          form: 'full',
          relinearisation: oracle.bytes(oracle.relinearisation),
        });
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
        const relinearised = oracle.apply((out) =>
          evaluator.relinearize(theirs, oracle.relinearisation, out),
        );
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
      kernels.importKeys(
        { relinearise: false, rotations: STEPS, conjugate: true },
        { form: 'full', galois: oracle.bytes(keys) },
      );
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
      centred.importKeys(
        { relinearise: true, rotations: STEPS, conjugate: false },
        {
          form: 'full',
          relinearisation: oracle.bytes(oracle.relinearisation),
          galois: oracle.bytes(keys),
        },
      );
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

    it('sums products with many plaintexts as SEAL would one after the other', () => {
      const terms = Array.from({ length: 19 }, (_, i) => pair(randomSlots(degree / 2, i + 10)));
      const plains = terms.map((_, i) => (i % 3 === 2 ? i / 7 - 1 : randomSlots(degree / 2, i + 90)));
      const encoded = plains.map((values) => kernels.encode({ values, level: top, scale: 2 ** 20 }));
      for (const pick of [
        () => true,
        (i: number) => i % 3 === 2,
        (i: number) => i % 3 !== 2,
        (i: number) => i === 4,
      ]) {
        const some = terms.map((_, i) => i).filter(pick);
        const sum = kernels.innerProductPlain(
          some.map((i) => terms[i]!.ours),
          some.map((i) => encoded[i]!),
        );
        let expected: KernelCiphertext | undefined;
        for (const i of some) {
          const product = kernels.mulPlain(terms[i]!.ours, encoded[i]!);
          expected = expected === undefined ? product : kernels.add(expected, product);
        }
        expect(Buffer.compare(kernels.save(sum, 1), kernels.save(expected!, 1))).toBe(0);
      }
      const wide = kernels.multiply(terms[0]!.ours, terms[1]!.ours);
      const three = kernels.innerProductPlain([wide, wide], [encoded[0]!, encoded[2]!]);
      const twice = kernels.add(kernels.mulPlain(wide, encoded[0]!), kernels.mulPlain(wide, encoded[2]!));
      expect(Buffer.compare(kernels.save(three, 1), kernels.save(twice, 1))).toBe(0);
    });

    it('adds and subtracts ciphertexts of different lengths', () => {
      const [a, b] = [pair(x), pair(y)];
      const product = kernels.square(a.ours);
      const theirs = oracle.apply((out) => oracle.evaluator.square(a.theirs, out));
      b.theirs.setScale(theirs.scale());
      const both = [
        [kernels.add(product, b.ours), oracle.apply((out) => oracle.evaluator.add(theirs, b.theirs, out))],
        [kernels.add(b.ours, product), oracle.apply((out) => oracle.evaluator.add(b.theirs, theirs, out))],
        [kernels.sub(product, b.ours), oracle.apply((out) => oracle.evaluator.sub(theirs, b.theirs, out))],
        [kernels.sub(b.ours, product), oracle.apply((out) => oracle.evaluator.sub(b.theirs, theirs, out))],
      ] as const;
      for (const [ours, reference] of both) expectSame(ours, reference);
    });

    it('encodes complex slots', () => {
      const a = pair(new Float64Array(degree / 2).fill(1));
      const values = { re: randomSlots(degree / 2, 5), im: randomSlots(degree / 2, 6) };
      const once = kernels.encodeComplex(values, top, scale / 2 ** 8);
      const twice = kernels.mulPlain(
        kernels.mulPlain(a.ours, once),
        kernels.encodeComplex(values, top, 2 ** 16),
      );
      const found = oracle.decrypt(oracle.load(kernels.save(twice, scale * scale * 2 ** 8)));
      // Decoding keeps the real part: of the product and, multiplied by it once more, of the square.
      const real = oracle.decrypt(
        oracle.load(kernels.save(kernels.mulPlain(a.ours, once), (scale * scale) / 2 ** 8)),
      );
      expect(differ(real, values.re)).toBeLessThan(2 ** 24 / scale);
      expect(
        differ(
          found,
          values.re.map((v, k) => v * v - values.im[k]! ** 2),
        ),
      ).toBeLessThan(2 ** 24 / scale + 2 ** -6);
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
  },
);
