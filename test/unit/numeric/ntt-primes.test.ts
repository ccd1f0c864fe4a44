import fc from 'fast-check';
import initialize, { type MainModule } from 'node-seal/allows';
import { beforeAll, describe, expect, it } from 'vitest';
import { ParametersError } from '../../../src/base/errors.ts';
import { inverseMod, MAX_MODULUS, mulMod, powMod } from '../../../src/numeric/modular.ts';
import { isPrime, sealPrimes } from '../../../src/numeric/ntt-primes.ts';

const SETS: readonly (readonly [degree: number, bits: readonly number[]])[] = [
  [1024, [27]],
  [2048, [53]],
  [2048, [49]],
  [4096, [36, 36, 37]],
  [4096, [43, 43, 20]],
  [8192, [49, 49, 49, 49]],
  [8192, [49, 40, 40, 49]],
  [8192, [43, 43, 44, 44, 44]],
  [8192, [53, 50, 50, 53]],
  [16384, [48, 45, 45, 45, 45, 45, 45, 45, 49]],
  [16384, [49, 40, 40, 40, 40, 40, 40, 49]],
  [16384, [30, 30, 25, 25, 25, 25, 25]],
  [32768, [49, ...new Array<number>(16).fill(40), 49]],
  [32768, [17, 18, 19, 20, 21, 22, 23, 24]],
];

const outcome = (action: () => number[]): number[] | 'refused' => {
  try {
    return action();
  } catch (error) {
    if (error instanceof ParametersError || !(error instanceof Error)) return 'refused';
    throw error;
  }
};

describe('primes of a chain', () => {
  let seal: MainModule;
  const ofSeal = (degree: number, bits: readonly number[]): number[] => {
    using moduli = seal.CoeffModulus.Create(degree, Int32Array.from(bits));
    return Array.from(seal.jsArrayFromVecModulus(moduli) as BigUint64Array, Number);
  };

  beforeAll(async () => {
    seal = await initialize();
  });

  it.each(SETS)('are those of SEAL at degree %d, %j', (degree, bits) => {
    expect(outcome(() => sealPrimes(degree, bits))).toEqual(outcome(() => ofSeal(degree, bits)));
  });

  it('are those of SEAL for any sizes in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 15 }),
        fc.array(fc.integer({ min: 17, max: 53 }), { minLength: 1, maxLength: 8 }),
        (log, bits) => {
          expect(outcome(() => sealPrimes(2 ** log, bits))).toEqual(outcome(() => ofSeal(2 ** log, bits)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses degrees that are no power of two, and sizes it has no primes of', () => {
    for (const degree of [0, 1, 3, 1000, Number.NaN, 2 ** 18]) {
      expect(() => sealPrimes(degree, [40])).toThrow(ParametersError);
    }
    for (const bits of [0, 1, 12, 54, 40.5, Number.NaN]) {
      expect(() => sealPrimes(8192, [bits])).toThrow(ParametersError);
    }
    expect(() => sealPrimes(8192, [15, 15, 15])).toThrow(/use more bits/);
  });
});

describe('modular arithmetic in doubles', () => {
  const modulus = fc.integer({ min: 2, max: MAX_MODULUS - 1 });

  it('multiplies as BigInt does, up to 50 bits and at the extremes', () => {
    fc.assert(
      fc.property(modulus, fc.maxSafeNat(), fc.maxSafeNat(), (p, x, y) => {
        for (const [a, b] of [
          [x % p, y % p],
          [p - 1, p - 1],
          [p - 1, y % p],
          [Math.floor(p / 2), 2 % p],
        ] as const) {
          expect(BigInt(mulMod(a, b, p))).toBe((BigInt(a) * BigInt(b)) % BigInt(p));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('powers and inverts', () => {
    const [p] = sealPrimes(8192, [49]) as [number];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: p - 1 }), (a) => {
        expect(powMod(a, p - 1, p)).toBe(1);
        expect(mulMod(a, inverseMod(a, p), p)).toBe(1);
      }),
    );
    expect(() => inverseMod(0, p)).toThrow(/no inverse/);
  });

  it('knows primes', () => {
    const sieve = Array.from({ length: 20_000 }, (_, n) => n > 1);
    for (let n = 2; n * n < sieve.length; n++) {
      if (sieve[n]) for (let m = n * n; m < sieve.length; m += n) sieve[m] = false;
    }
    expect(sieve.map((_, n) => isPrime(n))).toEqual(sieve);
    // Carmichael numbers, a strong pseudoprime to bases 2 to 17, the largest primes below 2^49, 2^50 and 2^53.
    for (const n of [561, 41041, 825265, 341550071728321, 3215031751]) expect(isPrime(n)).toBe(false);
    for (const n of [2 ** 49 - 81, 2 ** 50 - 27, 2 ** 53 - 111]) expect(isPrime(n)).toBe(true);
    for (const n of [2 ** 49 - 79, 2 ** 50 - 25, 2 ** 53 - 109]) expect(isPrime(n)).toBe(false);
    for (const n of [-7, 2.5, Number.NaN, 2 ** 53]) expect(isPrime(n)).toBe(false);
  });
});
