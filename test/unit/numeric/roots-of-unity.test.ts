import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { mulMod, powMod } from '../../../src/numeric/modular.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { minimalPrimitiveRoot, primitiveRoot, reverseBits } from '../../../src/numeric/roots-of-unity.ts';

describe('roots of unity', () => {
  it('have exactly the order, and the least is below all its odd powers', () => {
    for (const [degree, bits] of [
      [16, 20],
      [1024, 27],
      [4096, 49],
    ] as const) {
      const [p] = sealPrimes(degree, [bits]) as [number];
      const order = 2 * degree;
      for (const root of [primitiveRoot(order, p), minimalPrimitiveRoot(order, p)]) {
        expect(powMod(root, order, p)).toBe(1);
        expect(powMod(root, degree, p)).toBe(p - 1);
      }
      const least = minimalPrimitiveRoot(order, p);
      const powers = [primitiveRoot(order, p)];
      const square = mulMod(powers[0]!, powers[0]!, p);
      while (powers.length < degree) powers.push(mulMod(powers.at(-1)!, square, p));
      expect(least).toBe(Math.min(...powers));
      expect(new Set(powers).size).toBe(degree);
    }
  });

  it('refuses a prime that has none', () => {
    expect(() => primitiveRoot(32, 19)).toThrow(RangeError);
  });

  it('reverses bits', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((x) => reverseBits(x, 3))).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
    expect(reverseBits(1, 15)).toBe(16384);
  });
});
