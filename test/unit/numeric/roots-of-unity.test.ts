import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { powMod } from '../../../src/numeric/modular.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { primitiveRoot, reverseBits } from '../../../src/numeric/roots-of-unity.ts';

describe('roots of unity', () => {
  it('have exactly the order', () => {
    for (const [degree, bits] of [
      [16, 20],
      [1024, 27],
      [4096, 49],
    ] as const) {
      const [p] = sealPrimes(degree, [bits]) as [number];
      const root = primitiveRoot(2 * degree, p);
      expect(powMod(root, 2 * degree, p)).toBe(1);
      expect(powMod(root, degree, p)).toBe(p - 1);
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
