import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../../src/base/errors.ts';
import { americanPrices } from '../../../../src/pricing/american/american.ts';
import {
  americanExerciseBoundary,
  type BoundaryTerms,
} from '../../../../src/pricing/american/exercise-boundary.ts';
import { AMERICAN_SCHEMES } from '../../../../src/pricing/american/scheme.ts';
import { batchOf } from '../../../support/options.ts';

const put: BoundaryTerms = {
  type: 'put',
  strike: 100,
  expiryYears: 2,
  rate: 0.05,
  dividendYield: 0.02,
  vol: 0.3,
};

describe('americanExerciseBoundary', () => {
  it('passes through its nodes, falls with the time left, and starts at the limit', () => {
    for (const terms of [put, { ...put, dividendYield: 0.08 }, { ...put, dividendYield: 0 }]) {
      const { years, spots, at } = americanExerciseBoundary(terms);
      expect(years[years.length - 1]).toBe(2);
      years.forEach((time, i) => {
        expect(at(time) / spots[i]! - 1).toBeCloseTo(0, 12);
        expect(spots[i]).toBeLessThan(i === 0 ? 100 : spots[i - 1]!);
      });
      expect(at(0)).toBeCloseTo(terms.dividendYield > 0.05 ? 62.5 : 100, 12);
      let before = at(0);
      for (let k = 1; k <= 400; k++) {
        const here = at((2 * k) / 400);
        expect(here).toBeLessThan(before);
        before = here;
      }
    }
  });

  it('is where holding is worth as much as exercise, at every time to expiry', () => {
    const { at } = americanExerciseBoundary(put, AMERICAN_SCHEMES.reference);
    for (const time of [0.01, 0.1, 0.5, 1, 1.7, 2]) {
      // A shorter option has the same boundary, found here from nodes of its own.
      const own = americanExerciseBoundary({ ...put, expiryYears: time }, AMERICAN_SCHEMES.reference);
      expect(Math.abs(own.at(time) - at(time))).toBeLessThan(1e-6);
      const terms = { sign: -1, t: time, r: 0.05, q: 0.02, vol: 0.3 };
      const above = at(time) + 1e-3;
      const [held, exercised] = americanPrices(
        batchOf({ ...terms, spot: above }, { ...terms, spot: at(time) - 1e-3 }),
        AMERICAN_SCHEMES.reference,
      );
      expect(held! - (100 - above)).toBeGreaterThan(0);
      expect(held! - (100 - above)).toBeLessThan(1e-5);
      expect(exercised).toBe(100 - (at(time) - 1e-3));
    }
  });

  it('of a call mirrors that of the put with rate and yield exchanged', () => {
    const call = americanExerciseBoundary({ ...put, type: 'call', rate: 0.02, dividendYield: 0.05 });
    const mirrored = americanExerciseBoundary(put);
    for (const time of [0, 0.3, 2]) {
      expect((call.at(time) * mirrored.at(time)) / 1e4).toBeCloseTo(1, 14);
    }
    expect(call.at(0)).toBe(100);
  });

  it('is constant beyond the horizon and ends at the whole term', () => {
    const long = americanExerciseBoundary({ ...put, expiryYears: 1000 });
    // The perpetual put's.
    const a = 0.03 / 0.09 - 0.5;
    const exponent = -a - Math.sqrt(a * a + 0.1 / 0.09);
    expect(long.at(1000)).toBeCloseTo((100 * exponent) / (exponent - 1), 6);
    expect(long.at(900)).toBe(long.at(1000));
    expect(long.years[long.years.length - 1]).toBe(1000);
  });

  it('is nowhere where exercise never pays', () => {
    const never = americanExerciseBoundary({ ...put, rate: 0 });
    expect([never.years.length, never.spots.length, never.at(1)]).toEqual([0, 0, 0]);
    expect(americanExerciseBoundary({ ...put, type: 'call', dividendYield: 0 }).at(1)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(() => never.at(3)).toThrow(RangeError);
  });

  it('refuses times outside the term, terms without variance, and types that are none', () => {
    const { at } = americanExerciseBoundary(put);
    for (const time of [-1e-9, 2.0001, Number.NaN]) expect(() => at(time)).toThrow(RangeError);
    expect(() => americanExerciseBoundary({ ...put, vol: 0 })).toThrow(RangeError);
    expect(() => americanExerciseBoundary({ ...put, strike: -1 })).toThrow(RangeError);
    expect(() => americanExerciseBoundary({ ...put, type: 'straddle' as 'put' })).toThrow(/'call' or 'put'/);
  });
});
