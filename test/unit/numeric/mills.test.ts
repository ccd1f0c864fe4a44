import { describe, expect, it } from 'vitest';
import { faddeeva } from '../../../src/numeric/faddeeva.ts';
import { logRatio } from '../../../src/numeric/log-ratio.ts';
import { millsDifference, millsRatio, millsSlope } from '../../../src/numeric/mills.ts';
import { normalCdf, normalPdf } from '../../../src/numeric/normal.ts';

const relative = (found: number, expected: number): number => Math.abs(found / expected - 1);

// References: mpmath, 50 digits.
describe('Mills ratio', () => {
  it.each([
    [-3, 225.33489622034912, 677.0046886610473],
    [0, 1.2533141373155003, 1],
    [0.5, 0.8763644564536923, 0.5618177717731538],
    [4, 0.23665238291356067, 0.053390468345757315],
    [12.5, 0.07949752916111721, 0.006280885486034846],
    [35, 0.02854816184350927, 0.0008143354771755884],
    [1000, 0.0009999990000029999, 9.99997000015e-7],
    [1e9, 1e-9, 1e-18],
  ])('of %f and minus its slope', (x, ratio, slope) => {
    expect(relative(millsRatio(x), ratio)).toBeLessThan(2e-15);
    expect(relative(millsSlope(x), slope)).toBeLessThan(2e-15);
  });

  it('is the complementary distribution function over the density', () => {
    for (let x = -5; x < 30; x += 0.37) {
      expect(relative(millsRatio(x) * normalPdf(x), normalCdf(-x))).toBeLessThan(3e-15);
    }
  });

  it('has a slope of -1/x^2 where x^2 overflows', () => {
    expect(millsSlope(1e200)).toBe(0);
    expect(relative(millsSlope(1e100), 1e-200)).toBeLessThan(1e-15);
  });

  it.each([
    [0, 0.05, 1.000833750148851],
    [0.25, -0.1, 0.7426608130029668],
    [2, 1e-9, 0.15726154142389107],
    [2, 0, 0.15726154142389107],
    [5, 0.7, 0.03652811914990511],
    [5, 4.5, 0.08580343054156601],
    [30, 0.001, 0.001107427826304607],
    [30, 20, 0.0019759146722719586],
  ])('difference quotient at %f with half-width %f', (a, d, expected) => {
    expect(relative(millsDifference(a, d), expected)).toBeLessThan(5e-15);
    expect(millsDifference(a, -d)).toBe(millsDifference(a, d));
  });
});

describe('Faddeeva function', () => {
  it.each([
    [0, 0, 1, 0],
    [0.001, 0.0001, 0.9998861723086839, 0.0011281784376085888],
    [0.5, 0.25, 0.6383373967914265, 0.3258148398263451],
    [0.7, 2, 0.2361520318667528, 0.06974778812812704],
    [0.2, 7, 0.07973805244809871, 0.002233976184925589],
    [3, 0.1, 0.007942680998769991, 0.20074234309867736],
    [12, 0.001, 3.959521844750748e-6, 0.04718077837353508],
    [25, 0.5, 0.0004522573444308792, 0.02257661394076392],
    [40, 6, 0.002070999090385148, 0.013798214025638508],
  ])('of %f + %f i', (x, y, re, im) => {
    const found = faddeeva(x, y);
    expect(Math.hypot(found.re - re, found.im - im)).toBeLessThan(3e-15 * Math.hypot(re, im));
  });

  it('is exp(-x^2) on the real axis and erfcx on the imaginary one', () => {
    for (let x = 0; x < 5; x += 0.17) {
      expect(Math.abs(faddeeva(x, 0).re - Math.exp(-x * x))).toBeLessThan(1e-15);
      const onImaginary = millsRatio(x * Math.SQRT2) / Math.sqrt(Math.PI / 2);
      expect(relative(faddeeva(0, x).re, onImaginary)).toBeLessThan(3e-15);
      expect(Math.abs(faddeeva(0, x).im)).toBeLessThan(1e-15);
    }
  });
});

describe('logarithm of a ratio', () => {
  it('keeps its digits near one', () => {
    // ln(1 + 2^-40) = 2^-40 - 2^-81 + ...
    const tiny = 2 ** -40;
    expect(logRatio(3 * (1 + tiny), 3)).toBe(tiny - tiny ** 2 / 2);
    expect(logRatio(1e-300, 1e-300)).toBe(0);
  });

  it('is the logarithm elsewhere, with its limits', () => {
    expect(logRatio(8, 2)).toBe(Math.log(4));
    expect(logRatio(0, 2)).toBe(Number.NEGATIVE_INFINITY);
    expect(logRatio(Number.POSITIVE_INFINITY, 2)).toBe(Number.POSITIVE_INFINITY);
  });
});
