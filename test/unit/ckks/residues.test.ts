import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { residuesOfIntegers, residuesOfScaled, scaledOfResidues } from '../../../src/ckks/worker/residues.ts';

const PRIMES = [9007199254614017n, 562949953290241n, 8796092833793n];
const mod = (a: bigint, q: bigint) => ((a % q) + q) % q;

describe('residues', () => {
  it('of integers agree with BigInt, for every magnitude a double holds exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 20 }), (values) => {
        const words = residuesOfIntegers(Float64Array.from(values), PRIMES);
        const expected = PRIMES.flatMap((q) => values.map((value) => mod(BigInt(value), q)));
        expect(Array.from(words)).toEqual(expected);
      }),
    );
  });

  it('go there and back through the Chinese remainder theorem', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 3 }),
        (values, count) => {
          const primes = PRIMES.slice(0, count);
          const scaleBits = [51, 98, 140][count - 1]!;
          const words = residuesOfScaled(Float64Array.from(values), scaleBits, 16, primes);
          const back = scaledOfResidues(
            words,
            16,
            primes,
            values.map((_, i) => i),
            scaleBits,
          );
          back.forEach((value, i) => {
            expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(2 ** -(scaleBits + 1) + 2 ** -53);
          });
        },
      ),
    );
  });
});
