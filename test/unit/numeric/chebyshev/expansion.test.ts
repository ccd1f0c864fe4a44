import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../../src/base/errors.ts';
import { compose, derivative, product, restrict } from '../../../../src/numeric/chebyshev/calculus.ts';
import {
  chebyshevSum,
  cosineOf,
  degreeOf,
  expansionAt,
  parityOf,
  toUnit,
} from '../../../../src/numeric/chebyshev/expansion.ts';
import { interpolate } from '../../../../src/numeric/chebyshev/interpolate.ts';
import { normalPdf } from '../../../../src/numeric/normal.ts';
import { degreesAndParities, randomSeries } from '../../../support/random-series.ts';

const unit = Array.from({ length: 101 }, (_, i) => -1 + i / 50);

describe('Chebyshev sums', () => {
  it.each(degreesAndParities(40))('of degree %i, %s parity, are sums of cosines', (degree, parity) => {
    const { coefficients } = randomSeries(degree, parity, degree);
    for (const u of unit) {
      const expected = coefficients.reduce((sum, c, k) => sum + c * Math.cos(k * Math.acos(u)), 0);
      expect(Math.abs(chebyshevSum(coefficients, u) - expected)).toBeLessThan(1e-14);
    }
    expect(parityOf(coefficients)).toBe(parity);
    expect(degreeOf({ coefficients })).toBe(degree);
  });

  it('know parity and degree by exact zeros', () => {
    expect(parityOf(Float64Array.of(0.5, 1, 0, 2))).toBe('none');
    expect(parityOf(Float64Array.of(0.5, 1, 0, 2), 1)).toBe('odd');
    expect(parityOf(new Float64Array(4))).toBe('even');
    expect(degreeOf({ coefficients: Float64Array.of(1, 2, 0, 0) })).toBe(1);
    expect(degreeOf({ coefficients: new Float64Array() })).toBe(0);
  });

  it('have points that are exactly symmetric', () => {
    for (let j = 0; j <= 77; j++) expect(cosineOf(j, 77)).toBe(-cosineOf(77 - j, 77));
    expect([cosineOf(0, 6), cosineOf(3, 6), cosineOf(6, 6)]).toEqual([1, 0, -1]);
    expect(toUnit([-3, 5], 5)).toBe(1);
    expect(toUnit([-3, 5], 1)).toBe(0);
  });
});

describe('interpolation', () => {
  it('reproduces a polynomial', () => {
    const series = randomSeries(31, 'none', 4, [2, 5]);
    const again = interpolate((x) => expansionAt(series, x), [2, 5], 31);
    for (let k = 0; k <= 31; k++)
      expect(Math.abs(again.coefficients[k]! - series.coefficients[k]!)).toBeLessThan(2e-15);
  });

  it.each<['odd' | 'even', number]>([
    ['odd', 21],
    ['even', 20],
  ])('of a function of %s parity has exactly zero coefficients of the other', (parity, degree) => {
    const f = parity === 'odd' ? Math.sin : Math.cos;
    const half = interpolate(f, [-3, 3], degree, parity);
    const full = interpolate(f, [-3, 3], degree);
    expect(parityOf(half.coefficients)).toBe(parity);
    for (let k = 0; k <= degree; k++)
      expect(Math.abs(half.coefficients[k]! - full.coefficients[k]!)).toBeLessThan(1e-15);
    // More points than coefficients: the truncated expansion, whose coefficients are Bessel functions, 2 J_1(3) and J_0(3).
    const long = interpolate(f, [-3, 3], degree, parity, 64 + (degree % 2));
    const expected = parity === 'odd' ? 2 * 0.3390589585259365 : -0.26005195490193345;
    expect(long.coefficients[degree % 2]!).toBeCloseTo(expected, 15);
  });

  it('keeps tiny values: coefficients are good to the last digit of the largest', () => {
    const tiny = interpolate((x) => 1e-200 * Math.exp(x), [-1, 1], 16);
    const plain = interpolate(Math.exp, [-1, 1], 16);
    for (let k = 0; k <= 16; k++)
      expect(Math.abs(tiny.coefficients[k]! * 1e200 - plain.coefficients[k]!)).toBeLessThan(1e-15);
  });

  it.each<[string, () => unknown]>([
    ['an empty domain', () => interpolate(Math.exp, [1, 1], 3)],
    ['a reversed domain', () => interpolate(Math.exp, [1, 0], 3)],
    ['an infinite domain', () => interpolate(Math.exp, [0, Infinity], 3)],
    ['NaN for an end', () => interpolate(Math.exp, [Number.NaN, 1], 3)],
    ['a domain of a few doubles', () => interpolate(Math.exp, [1, 1 + 1e-14], 3)],
    ['a fractional degree', () => interpolate(Math.exp, [0, 1], 2.5)],
    ['an absurd degree', () => interpolate(Math.exp, [0, 1], 1e9)],
    ['too few points', () => interpolate(Math.exp, [0, 1], 5, 'none', 5)],
    ['a pole', () => interpolate((x) => 1 / x, [-1, 1], 4)],
  ])('refuses %s', (_, call) => {
    expect(call).toThrow(RangeError);
  });
});

describe('calculus', () => {
  it('differentiates by x, and keeps parity', () => {
    const p = interpolate((x) => normalPdf(x), [-2, 2], 40, 'even');
    const slope = derivative(p);
    expect(parityOf(slope.coefficients)).toBe('odd');
    for (const u of unit)
      expect(Math.abs(expansionAt(slope, 2 * u) + 2 * u * normalPdf(2 * u))).toBeLessThan(1e-13);
    expect(expansionAt(derivative({ coefficients: Float64Array.of(7), domain: [0, 1] }), 0.3)).toBe(0);
  });

  it('multiplies, restricts and composes as values do', () => {
    const p = randomSeries(7, 'none', 1, [-2, 3]);
    const q = randomSeries(5, 'none', 2, [-2, 3]);
    const both = product(p, q);
    const part = restrict(p, [0, 1]);
    const composed = compose({ ...randomSeries(6, 'odd', 3), domain: [-1, 1] }, p);
    const outer = randomSeries(6, 'odd', 3);
    for (const u of unit) {
      const x = 0.5 + 2.5 * u;
      expect(Math.abs(expansionAt(both, x) - expansionAt(p, x) * expansionAt(q, x))).toBeLessThan(1e-14);
      const y = 0.5 + 0.5 * u;
      expect(Math.abs(expansionAt(part, y) - expansionAt(p, y))).toBeLessThan(1e-14);
      expect(Math.abs(expansionAt(composed, x) - expansionAt(outer, expansionAt(p, x)))).toBeLessThan(1e-13);
    }
    expect(degreeOf(both)).toBe(12);
  });

  it('keeps parity through symmetric restriction and composition', () => {
    const odd = randomSeries(9, 'odd', 1, [-2, 2]);
    const even = randomSeries(8, 'even', 1, [-2, 2]);
    expect(parityOf(restrict(odd, [-1, 1]).coefficients)).toBe('odd');
    expect(parityOf(restrict(odd, [-1, 2]).coefficients)).toBe('none');
    expect(parityOf(compose(randomSeries(3, 'odd', 2), odd).coefficients)).toBe('odd');
    expect(parityOf(compose(randomSeries(3, 'none', 2), even).coefficients)).toBe('even');
  });
});
