import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { inverseNormalCdf } from '../../../src/numeric/inverse-normal.ts';
import { erf, erfc, erfcx, normalCdf, normalPdf } from '../../../src/numeric/normal.ts';

const INFINITY = Number.POSITIVE_INFINITY;

describe('normal functions', () => {
  it('have their limits', () => {
    expect([normalCdf(0), normalCdf(-INFINITY), normalCdf(INFINITY)]).toEqual([0.5, 0, 1]);
    expect([normalPdf(-INFINITY), normalPdf(INFINITY), normalPdf(40)]).toEqual([0, 0, 0]);
    expect([erf(0), erf(-INFINITY), erf(INFINITY)]).toEqual([0, -1, 1]);
    expect([erfc(0), erfc(-INFINITY), erfc(INFINITY)]).toEqual([1, 2, 0]);
    expect([erfcx(0), erfcx(-30), erfcx(INFINITY)]).toEqual([1, INFINITY, 0]);
  });

  it('pass NaN on', () => {
    for (const f of [normalCdf, normalPdf, erf, erfc, erfcx]) expect(f(Number.NaN)).toBeNaN();
  });

  it('join without a step where the approximations change', () => {
    for (const edge of [0.66291, 4 * Math.SQRT2]) {
      for (const x of [edge, -edge]) {
        const slope = normalPdf(x) * 2e-9;
        expect(Math.abs(normalCdf(x + 1e-9) - normalCdf(x - 1e-9) - slope)).toBeLessThan(3e-16);
      }
    }
  });
});

describe('inverse normal cdf', () => {
  it('has its limits and its symmetry', () => {
    expect([inverseNormalCdf(0), inverseNormalCdf(0.5), inverseNormalCdf(1)]).toEqual([
      -INFINITY,
      0,
      INFINITY,
    ]);
    expect(inverseNormalCdf(0.25)).toBe(-inverseNormalCdf(0.75));
    expect(inverseNormalCdf(Number.MIN_VALUE)).toBeCloseTo(-38.4674, 3);
  });

  it.each([-1e-9, 1 + 1e-9, Number.NaN])('refuses %s', (p) => {
    expect(() => inverseNormalCdf(p)).toThrow(RangeError);
  });
});
