import { beforeAll, describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../src/base/errors.ts';
import { PARAMETER_SETS } from '../../../src/ckks/parameters.ts';
import { Seal, SealContext } from '../../../src/ckks/seal.ts';
import { checkCiphertextBytes, ciphertextLength } from '../../../src/ckks/wire.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

describe.each(PARAMETER_SETS.map((set) => [`${set.degree} ${set.dataPrimeBits}`, set] as const))(
  'SEAL wire format at %s',
  (_, set) => {
    let context: SealContext;
    let seeded: Uint8Array;

    beforeAll(async () => {
      const seal = await Seal.load();
      context = new SealContext(seal, set);
      const key = context.newSecretKey();
      const words = new BigUint64Array(context.words).fill(1n);
      const plaintexts = context.plaintexts([words]);
      seeded = context.encryptSeeded(plaintexts, key)[0]!;
      return () => {
        key.delete();
        for (const plaintext of plaintexts) plaintext.delete();
        expect(context.liveObjects()).toBe(2);
        context[Symbol.dispose]();
        expect(seal.liveObjects()).toBe(0);
      };
    });

    it('has primes of the planned size that fit a double', () => {
      expect(context.primes.map((q) => q.toString(2).length)).toEqual([...set.dataPrimeBits]);
      for (const q of context.primes) expect(q % BigInt(2 * set.degree)).toBe(1n);
    });

    it('accepts what SEAL wrote, in both forms', () => {
      expect(seeded.length).toBe(ciphertextLength(context.shape, 'seeded'));
      checkCiphertextBytes(seeded, context.shape, 'seeded');
      using full = context.loadCiphertext(seeded, 'seeded');
      const bytes = context.saveCiphertext(full);
      expect(bytes.length).toBe(ciphertextLength(context.shape, 'full'));
      checkCiphertextBytes(bytes, context.shape, 'full');
    });

    it('refuses every single-bit change of a header field', () => {
      const seedInfo = seeded.length - 81;
      for (let offset = 0; offset < 113; offset++) {
        for (let bit = 0; bit < 8; bit++) {
          const changed = seeded.slice();
          changed[offset]! ^= 1 << bit;
          expect(() => checkCiphertextBytes(changed, context.shape, 'seeded'), `${offset}.${bit}`).toThrow(
            IntegrityError,
          );
        }
      }
      for (let offset = seedInfo; offset < seedInfo + 17; offset++) {
        const changed = seeded.slice();
        changed[offset]! ^= 1;
        expect(() => checkCiphertextBytes(changed, context.shape, 'seeded'), `${offset}`).toThrow(
          IntegrityError,
        );
      }
    });

    it('refuses other lengths, forms, parameters and scales', () => {
      const refuse = (bytes: Uint8Array, form: 'seeded' | 'full') =>
        expect(() => checkCiphertextBytes(bytes, context.shape, form)).toThrow(IntegrityError);
      refuse(seeded.subarray(0, seeded.length - 1), 'seeded');
      refuse(new Uint8Array(0), 'seeded');
      refuse(seeded, 'full');
      const other = { ...context.shape, parmsId: context.shape.parmsId.map((b) => b ^ 1) };
      expect(() => checkCiphertextBytes(seeded, other, 'seeded')).toThrow(/expected parameters/);
    });

    it('carries coefficients to NTT form and back unchanged', () => {
      const random = new SeededRandom(set.degree);
      const polynomials = [0, 1, 2].map(() =>
        BigUint64Array.from({ length: context.words }, (_, i) => {
          const q = context.primes[Math.floor(i / set.degree)]!;
          return (BigInt(random.u32()) * 2n ** 32n + BigInt(random.u32())) % q;
        }),
      );
      const plaintexts = context.plaintexts(polynomials);
      expect(context.polynomials(plaintexts)).toEqual(polynomials);
      for (const plaintext of plaintexts) plaintext.delete();
    });
  },
);
