import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executePlain } from '../../../../src/algebra/execute.ts';
import { recordOrdered } from '../../../../src/algebra/record.ts';
import { RangeError } from '../../../../src/base/errors.ts';
import { growthMatrix, growthPowers, publicGrowth } from '../../../../src/risk/pricing/public-growth.ts';

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** weight exp(s w), by the program that runs on shares. */
function grown(
  growth: ReturnType<typeof publicGrowth>,
  s: number,
  w: Float64Array,
  weight: number,
): Float64Array {
  const circuit = recordOrdered(
    (alg, x) => ({ y: alg.matVecPlain(growthMatrix(growth, w, weight), growthPowers(alg, growth, x.s)) }),
    { s: { length: 1, bound: growth.most, range: [0, growth.most] } },
  );
  return executePlain(circuit, { s: Float64Array.of(s) }).y;
}

describe('exp(s w) for one secret s', () => {
  it('is within the error promised, for any volatility of the domain and any path', () => {
    fc.assert(
      fc.property(
        real(0.05, 1.5),
        fc.array(real(-4, 4), { minLength: 1, maxLength: 5 }),
        real(0, 1),
        real(0.1, 2),
        (most, path, part, weight) => {
          const w = Float64Array.from(path);
          const growth = publicGrowth(most, 4, 1e-9);
          const s = part * most;
          expect(growth.error).toBeLessThanOrEqual(1e-9);
          grown(growth, s, w, weight).forEach((value, i) => {
            const truth = weight * Math.exp(s * w[i]!);
            // Doubles: the terms add up to at most e^(2 most |w|).
            const rounding = 2 ** -50 * weight * Math.exp(2 * most * 4);
            expect(Math.abs(value - truth)).toBeLessThanOrEqual(weight * growth.error + rounding);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes no more terms than it needs: one less is too coarse somewhere', () => {
    const [most, farthest, wanted] = [0.4, 3.5, 1e-8];
    const growth = publicGrowth(most, farthest, wanted);
    const coarse = { ...growth, degree: growth.degree - 2 };
    const w = Float64Array.of(farthest);
    const off = (of: typeof growth) => Math.abs(grown(of, most, w, 1)[0]! - Math.exp(most * farthest));
    expect(off(growth)).toBeLessThanOrEqual(wanted);
    expect(off(coarse)).toBeGreaterThan(wanted);
  });

  it('refuses a domain in which a path may grow beyond all bounds', () => {
    expect(() => publicGrowth(40, 4, 1e-9)).toThrow(RangeError);
    expect(() => publicGrowth(40, 4, 1e-9)).toThrow(/narrow the domain/);
  });
});
