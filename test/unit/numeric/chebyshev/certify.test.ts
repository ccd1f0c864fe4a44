import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../../src/base/errors.ts';
import { certify, clenshawRounding, type KnownFunction } from '../../../../src/numeric/chebyshev/certify.ts';
import { chebyshevSum, expansionAt } from '../../../../src/numeric/chebyshev/expansion.ts';
import { interpolate } from '../../../../src/numeric/chebyshev/interpolate.ts';
import { rangeOf } from '../../../../src/numeric/chebyshev/range.ts';
import { bigExpansionAt } from '../../../support/big-functions.ts';
import { randomSeries } from '../../../support/random-series.ts';

/** A polynomial of degree 9, known exactly. */
const ninth: KnownFunction = {
  at: (x) => Math.cos(9 * Math.acos(Math.max(-1, Math.min(1, x)))),
  errorAt: () => 1e-14,
  remainder: (degree) => (degree >= 9 ? 0 : Infinity),
};

describe('certify', () => {
  it('proves a bound that is reached, between any points', () => {
    // 0.999 T_9 against T_9: the difference is 0.001 T_9, whose maxima no grid need meet.
    const coefficients = new Float64Array(10);
    coefficients[9] = 0.999;
    const { bound, seen } = certify({ coefficients, domain: [-1, 1] }, ninth);
    expect(bound).toBeGreaterThan(0.001);
    expect(bound).toBeLessThan(0.00103);
    expect(seen).toBeLessThanOrEqual(0.001 + 1e-14);
  });

  it('sees what a polynomial of low degree does not have', () => {
    const { bound } = certify({ coefficients: Float64Array.of(0, 0.5), domain: [-1, 1] }, ninth);
    expect(bound).toBeGreaterThan(1.49);
    expect(bound).toBeLessThan(1.6);
  });

  it('adds what is not known of the function', () => {
    const p = interpolate(Math.exp, [-1, 1], 20);
    const known = (error: number, rest: number): KnownFunction => ({
      at: Math.exp,
      errorAt: () => error,
      remainder: () => rest,
    });
    const exact = certify(p, known(0, 0)).bound;
    expect(certify(p, known(1e-9, 0)).bound).toBeGreaterThan(1e-9);
    expect(certify(p, known(0, 1e-9)).bound).toBeGreaterThan(2e-9);
    expect(exact).toBeLessThan(2e-15);
  });

  it('refuses functions of which nothing is known, or that are not finite', () => {
    const p = interpolate(Math.exp, [-1, 1], 5);
    expect(() => certify(p, { ...ninth, remainder: () => Infinity })).toThrow(RangeError);
    expect(() => certify(p, { ...ninth, at: () => Number.NaN })).toThrow(RangeError);
  });
});

describe('clenshawRounding', () => {
  it('bounds what doubles lose', () => {
    for (const degree of [1, 7, 30, 127, 255]) {
      const p = randomSeries(degree, 'none', degree);
      const bound = clenshawRounding(p.coefficients);
      for (let i = 0; i <= 40; i++) {
        const u = i === 0 ? 1 : Math.cos(i / 13);
        const error = bigExpansionAt(p, u).minus(chebyshevSum(p.coefficients, u)).abs().toNumber();
        expect(error).toBeLessThanOrEqual(bound);
      }
      expect(bound).toBeLessThan(1e-15 * (degree + 2) ** 2);
    }
  });
});

describe('rangeOf', () => {
  it('contains every value and is reached, on the domain and within it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('odd', 'even', 'none'),
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (degree, parity, seed, s, t) => {
          const p = randomSeries(degree, parity, seed, [-3, 2]);
          const [a, b] = [-3 + 5 * Math.min(s, t), -3 + 5 * Math.max(s, t)];
          const [low, high] = rangeOf(p, a, b);
          let least = Infinity;
          let most = -Infinity;
          const points = 200 * degree;
          for (let i = 0; i <= points; i++) {
            const x = Math.max(
              a,
              Math.min(b, 0.5 * (a + b) - 0.5 * (b - a) * Math.cos((Math.PI * i) / points)),
            );
            const value = expansionAt(p, x);
            least = Math.min(least, value);
            most = Math.max(most, value);
          }
          expect(low).toBeLessThanOrEqual(least);
          expect(high).toBeGreaterThanOrEqual(most);
          // The points themselves miss the extrema by (pi / 400)^2 / 2 of the width, in the middle of two.
          const slack = 5e-5 * (most - least) + 1e-11;
          expect(low).toBeGreaterThan(least - slack);
          expect(high).toBeLessThan(most + slack);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is tight where an extremum is known', () => {
    const [low, high] = rangeOf({ coefficients: Float64Array.of(0, 0, 0, 0, 1), domain: [0, 1] }, 0.3, 0.7);
    // u within 0.4: T_4(u) = 8 u^4 - 8 u^2 + 1 falls from T_4(0) = 1 on both sides.
    expect(low).toBeCloseTo(-0.0752, 8);
    expect(high).toBeCloseTo(1, 8);
    expect(low).toBeLessThanOrEqual(-0.0752);
    expect(high).toBeGreaterThanOrEqual(1);
  });

  it('does not let a positive function go below zero by much', () => {
    const [low, high] = rangeOf(interpolate(Math.exp, [-5, 5], 40));
    expect(low).toBeGreaterThan(0.0067);
    expect(high).toBeCloseTo(Math.exp(5), 5);
  });

  it('of a constant or a point is its value; outside the domain it is refused', () => {
    const constant = { coefficients: Float64Array.of(2.5), domain: [0, 1] as const };
    expect(rangeOf(constant)[0]).toBeCloseTo(2.5, 14);
    expect(rangeOf(constant)[1]).toBeCloseTo(2.5, 14);
    const [low, high] = rangeOf(randomSeries(9, 'none', 1), 0.5, 0.5);
    expect(high - low).toBeLessThan(1e-12);
    expect(() => rangeOf(constant, -1, 1)).toThrow(RangeError);
    expect(() => rangeOf(constant, 1, 0)).toThrow(RangeError);
    expect(() => rangeOf(constant, Number.NaN, 1)).toThrow(RangeError);
  });
});
