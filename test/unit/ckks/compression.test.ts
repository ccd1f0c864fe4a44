import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntegrityError, RangeError } from '../../../src/base/errors.ts';
import {
  coefficientFormat,
  droppedBitsDeviation,
  packResidues,
  unpackResidues,
} from '../../../src/ckks/compression.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const PRIMES = [1_073_738_753, 8_796_092_858_369, 562_949_953_392_641, 9_007_199_254_614_017];
const setting = fc.tuple(fc.constantFrom(...PRIMES), fc.integer({ min: 1, max: 7 })).chain(([prime, bytes]) =>
  fc.record({
    prime: fc.constant(prime),
    bytes: fc.constant(bytes),
    residues: fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 4 }).map((k) => prime - k),
        fc.maxSafeInteger().map((x) => Math.abs(x) % prime),
      ),
      { minLength: 1, maxLength: 40 },
    ),
  }),
);

describe('packed residues', () => {
  it('come back within half of what was dropped, modulo the prime, and below it', () => {
    fc.assert(
      fc.property(setting, ({ prime, bytes, residues }) => {
        const format = coefficientFormat(prime, bytes);
        const packed = packResidues(Float64Array.from(residues), format);
        expect(packed.length).toBe(bytes * residues.length);
        const back = unpackResidues(packed, prime, residues.length, format);
        const half = BigInt(2 ** Math.max(0, format.droppedBits - 1)) * (format.droppedBits === 0 ? 0n : 1n);
        residues.forEach((residue, i) => {
          expect(back[i]).toBeLessThan(prime);
          const apart = (BigInt(back[i]!) - BigInt(residue) + BigInt(prime)) % BigInt(prime);
          expect(apart <= half || BigInt(prime) - apart <= half).toBe(true);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('are sent at the wanted positions only, the others read as zero', () => {
    const prime = PRIMES[1]!;
    const format = coefficientFormat(prime, 6);
    expect(format.droppedBits).toBe(0);
    const packed = packResidues(Float64Array.of(5, 6, 7, prime - 1), format, [3, 1]);
    expect([...unpackResidues(packed, prime, 4, format, [3, 1])]).toEqual([0, 6, 0, prime - 1]);
  });

  it('of another size, or beyond the modulus, are refused', () => {
    const prime = PRIMES[0]!;
    const format = coefficientFormat(prime, 4);
    const packed = packResidues(Float64Array.of(1, 2), format);
    expect(() => unpackResidues(packed.subarray(1), prime, 2, format)).toThrow(IntegrityError);
    expect(() => unpackResidues(packed, prime, 3, format)).toThrow(/expected 12 bytes of residues, found 8/);
    packed.fill(255);
    expect(() => unpackResidues(packed, prime, 2, format)).toThrow(/exceeds its modulus/);
  });

  it('have formats for 1 to 7 bytes only', () => {
    for (const bytes of [0, 8, 1.5, NaN])
      expect(() => coefficientFormat(PRIMES[0]!, bytes)).toThrow(RangeError);
    expect(() => coefficientFormat(2 ** 53, 4)).toThrow(RangeError);
    expect(coefficientFormat(PRIMES[2]!, 4)).toEqual({ bytes: 4, droppedBits: 17 });
  });
});

describe('the deviation of a result', () => {
  it('covers rounding errors against a ternary secret, and not by much', () => {
    const [degree, prime] = [256, PRIMES[2]!];
    const format = coefficientFormat(prime, 4);
    const random = new SeededRandom(3);
    let squares = 0;
    const trials = 400;
    for (let trial = 0; trial < trials; trial++) {
      const c1 = Float64Array.from({ length: degree }, () => random.integer(0, prime - 1));
      const back = unpackResidues(packResidues(c1, format), prime, degree, format);
      let error = 0;
      for (let i = 0; i < degree; i++) {
        const difference = back[i]! - c1[i]!;
        const centred =
          Math.abs(difference) > prime / 2 ? difference - Math.sign(difference) * prime : difference;
        error += centred * random.integer(-1, 1);
      }
      squares += error * error;
    }
    const measured = Math.sqrt(squares / trials);
    const proxy = droppedBitsDeviation(format, degree);
    expect(measured).toBeLessThan(proxy);
    // A uniform error has a third of its proxy's variance, a ternary secret is zero one time in three.
    expect(measured).toBeGreaterThan(0.3 * proxy);
    expect(droppedBitsDeviation(coefficientFormat(prime, 7), degree)).toBe(0);
  });
});
