import { describe, expect, it } from 'vitest';
import { LIBRARY_FUNCTIONS, type LibraryName } from '../../../../src/algebra/series/functions.ts';
import { seriesFor, seriesLibrary, seriesNames } from '../../../../src/algebra/series/library.ts';
import { remainderOf } from '../../../../src/algebra/series/remainder.ts';
import { scheduleOf } from '../../../../src/algebra/series/schedule-of.ts';
import { PlanError, RangeError, UnsupportedError } from '../../../../src/base/errors.ts';
import { expansionAt, parityOf } from '../../../../src/numeric/chebyshev/expansion.ts';
import { interpolate } from '../../../../src/numeric/chebyshev/interpolate.ts';
import { bigError } from '../../../support/big-functions.ts';
import { SERIES_CASES, tellingPoints } from '../../../support/series-cases.ts';

describe('seriesFor', () => {
  it.each(SERIES_CASES)(
    '%s on [%s] within %f has degree %i; its proved error holds and is tight',
    (name, domain, error, degree) => {
      const series = seriesFor(name, domain, error);
      expect(series.coefficients.length - 1).toBe(degree);
      expect(series.error).toBeLessThanOrEqual(error);
      expect(series.domain[0]).toBeLessThanOrEqual(domain[0]);
      expect(series.domain[1]).toBeGreaterThanOrEqual(domain[1]);
      const worst = tellingPoints(name, series, 10, 25).reduce(
        (most, x) => Math.max(most, bigError(series, name, x)),
        0,
      );
      expect(worst).toBeLessThanOrEqual(series.error);
      expect(series.error).toBeLessThan(1.1 * worst);
    },
  );

  it.each<[LibraryName, readonly [number, number], number]>([
    ['normalCdf', [-8, 8], 2e-13],
    ['exp', [-1, 1], 4e-15],
    ['exp', [20, 21], 1e-5],
    ['tanh', [-1, 1], 1e-13],
    ['log', [0.9, 1.1], 1e-15],
    ['reciprocal', [1e-6, 2e-6], 1e-3],
    ['normalPdf', [25, 26], 1e-140],
    ['sqrt', [1e10, 4e10], 1e-2],
  ])('%s on [%s] within %f: holds where doubles end', (name, domain, error) => {
    const series = seriesFor(name, domain, error);
    for (const x of tellingPoints(name, series, 8, 16))
      expect(bigError(series, name, x)).toBeLessThanOrEqual(series.error);
  });

  it('has half the coefficients on a symmetric domain, exactly', () => {
    expect(parityOf(seriesFor('normalCdf', [-5, 5], 1e-6).coefficients, 1)).toBe('odd');
    expect(seriesFor('normalCdf', [-5, 5], 1e-6).coefficients[0]).toBe(0.5);
    expect(parityOf(seriesFor('tanh', [-2, 2], 1e-6).coefficients)).toBe('odd');
    expect(parityOf(seriesFor('normalPdf', [-5, 5], 1e-6).coefficients)).toBe('even');
    expect(parityOf(seriesFor('softplus', [-5, 5], 1e-6).coefficients, 2)).toBe('even');
    expect(seriesFor('softplus', [-5, 5], 1e-6).coefficients[1]).toBe(2.5);
    expect(parityOf(seriesFor('positivePart', [-4, 4], 0.1).coefficients, 2)).toBe('even');
  });

  it('widens a domain to a symmetric one where that is cheaper, and always around a kink', () => {
    expect(seriesFor('tanh', [-3.9, 4], 1e-6).domain).toEqual([-4, 4]);
    expect(seriesFor('normalCdf', [-0.1, 10], 1e-6).domain).toEqual([-0.1, 10]);
    expect(seriesFor('abs', [-1, 3], 0.1).domain).toEqual([-3, 3]);
    const [value, slope, ...rest] = seriesFor('abs', [1, 3], 1e-9).coefficients;
    expect([value, slope]).toEqual([expect.closeTo(2, 14), expect.closeTo(1, 14)]);
    expect(rest).toEqual([]);
  });

  it('returns the same object for the same request', () => {
    expect(seriesFor('exp', [0, 1], 1e-7)).toBe(seriesLibrary.seriesFor('exp', [0, 1], 1e-7));
    expect(seriesFor('exp', [0, 1], 1e-7)).not.toBe(seriesFor('exp', [0, 1], 1e-8));
    expect(seriesLibrary.names).toEqual(seriesNames);
  });

  it('takes no dearer degree than the least one', () => {
    const series = seriesFor('exp', [-3, 3], 1e-8);
    const degree = series.coefficients.length - 1;
    const shorter = interpolate(Math.exp, [-3, 3], degree - 2);
    const worst = Array.from({ length: 601 }, (_, i) => -3 + i / 100).reduce(
      (most, x) => Math.max(most, Math.abs(expansionAt(shorter, x) - Math.exp(x))),
      0,
    );
    expect(worst).toBeGreaterThan(1e-8);
    expect(scheduleOf(series).cost.depth).toBe(Math.ceil(Math.log2(degree + 1)));
  });

  it('avoids a full degree where a weight would make it a level deeper', () => {
    // Degree 63 alone takes 6 levels, weighted 7.
    const weighted = seriesFor('normalCdf', [-10, 10], 1e-10, { weighted: true });
    expect(scheduleOf(weighted, { weighted: true }).cost.depth).toBe(7);
    const looser = seriesFor('normalCdf', [-10, 10], 3e-10, { weighted: true });
    expect(looser.coefficients.length - 1).toBeLessThanOrEqual(61);
    expect(scheduleOf(looser, { weighted: true }).cost.depth).toBe(6);
  });

  it('refuses names, domains and errors that mean nothing, and says what would do', () => {
    expect(() => seriesFor('cosh', [-1, 1], 0.1)).toThrow(UnsupportedError);
    expect(() => seriesFor('toString', [-1, 1], 0.1)).toThrow(/normalCdf, normalPdf/);
    expect(() => seriesFor('log', [0, 1], 0.1)).toThrow(/lower bound above 0/);
    expect(() => seriesFor('reciprocal', [-1, 1], 0.1)).toThrow(RangeError);
    expect(() => seriesFor('exp', [1, -1], 0.1)).toThrow(RangeError);
    expect(() => seriesFor('exp', [0, Number.NaN], 0.1)).toThrow(RangeError);
    expect(() => seriesFor('exp', [0, 1e4], 0.1)).toThrow(RangeError);
    for (const error of [0, -1, Number.NaN, Infinity])
      expect(() => seriesFor('exp', [0, 1], error)).toThrow(/positive error/);
  });

  it('names an error and a domain that are within reach, truthfully', () => {
    const refusal = (): unknown => seriesFor('normalCdf', [-60, 60], 1e-9);
    expect(refusal).toThrow(PlanError);
    let message = '';
    try {
      refusal();
    } catch (error) {
      message = (error as PlanError).message;
    }
    const [, allowed] = /allow that error/.test(message) ? (/is within ([\d.e-]+);/.exec(message) ?? []) : [];
    const [, low, high] = /about \[([-\d.]+),([-\d.]+)\]/.exec(message) ?? [];
    expect(seriesFor('normalCdf', [-60, 60], Number(allowed)).error).toBeLessThanOrEqual(Number(allowed));
    expect(seriesFor('normalCdf', [Number(low), Number(high)], 1e-9).error).toBeLessThanOrEqual(1e-9);
  });
});

describe('remainderOf', () => {
  it.each<[LibraryName, readonly [number, number]]>([
    ['normalCdf', [-6, 6]],
    ['normalCdf', [1, 4]],
    ['normalPdf', [-6, 6]],
    ['exp', [-3, 5]],
    ['log', [0.2, 3]],
    ['sqrt', [0.2, 3]],
    ['reciprocal', [0.2, 3]],
    ['reciprocalSqrt', [0.2, 3]],
    ['tanh', [-2, 5]],
    ['softplus', [-6, 9]],
  ])('of %s on [%s] bounds the tail of its expansion', (name, domain) => {
    const f = LIBRARY_FUNCTIONS[name];
    const remainder = remainderOf(f, domain);
    const { coefficients } = interpolate(f.at, domain, 300);
    const noise = 1e-15 * Math.max(...coefficients.map(Math.abs));
    for (const degree of [4, 8, 16, 32, 64]) {
      const tail = coefficients
        .slice(degree + 1)
        .reduce((sum, c) => sum + Math.max(0, Math.abs(c) - noise), 0);
      // Not only the bound: it must not be so loose that grids become long.
      expect(remainder(degree)).toBeGreaterThanOrEqual(tail);
      expect(remainder(3 * degree + 20)).toBeLessThan(Math.max(tail, 1e-12));
    }
  });

  it('knows nothing of a function that is not analytic', () => {
    expect(remainderOf(LIBRARY_FUNCTIONS.abs, [-1, 1])(100)).toBe(Infinity);
  });
});
