import { describe, expect, it } from 'vitest';
import { PrecisionError, RangeError } from '../../../../src/base/errors.ts';
import { expansionAt, parityOf } from '../../../../src/numeric/chebyshev/expansion.ts';
import { interpolate } from '../../../../src/numeric/chebyshev/interpolate.ts';
import { minimax } from '../../../../src/numeric/chebyshev/remez.ts';
import { erf, normalPdf } from '../../../../src/numeric/normal.ts';

type Case = [string, (x: number) => number, readonly [number, number], number, 'odd' | 'even' | 'none'];

/** Errors on 4000 points, and how often they change sign between extrema of the full size. */
function extremaOf(error: (x: number) => number, low: number, high: number, level: number): number {
  let sign = 0;
  let extrema = 0;
  for (let i = 0; i <= 20_000; i++) {
    const e = error(low + 0.5 * (high - low) * (1 - Math.cos((Math.PI * i) / 20_000)));
    if (Math.abs(e) < 0.99 * level || Math.sign(e) === sign) continue;
    sign = Math.sign(e);
    extrema++;
  }
  return extrema;
}

describe('minimax', () => {
  it.each<Case>([
    ['exp', Math.exp, [-1, 1], 6, 'none'],
    ['log', Math.log, [0.1, 10], 25, 'none'],
    ['erf', erf, [-4, 4], 23, 'odd'],
    ['density', normalPdf, [-6, 6], 24, 'even'],
    ['abs', Math.abs, [-1, 1], 40, 'even'],
    ['runge', (x) => 1 / (1 + 25 * x * x), [-1, 1], 30, 'even'],
  ])('of %s levels the error out as often as it must', (_, f, [low, high], degree, parity) => {
    const best = minimax(f, [low, high], degree, { parity });
    const from = parity === 'none' ? low : 0;
    const error = (x: number): number => expansionAt(best, x) - f(x);
    // Chebyshev's theorem: unknowns + 1 extrema of alternating sign.
    const unknowns = parity === 'none' ? degree + 1 : parity === 'odd' ? (degree + 1) / 2 : degree / 2 + 1;
    expect(extremaOf(error, from, high, best.least)).toBe(unknowns + 1);
    expect(best.largest).toBeLessThanOrEqual(best.least * 1.001);
    expect(parityOf(best.coefficients)).toBe(parity === 'none' ? 'none' : parity);
    const plain = interpolate(f, [low, high], degree, parity);
    const worst = (p: typeof plain): number =>
      Array.from({ length: 2001 }, (_, i) => low + ((high - low) * i) / 2000).reduce(
        (most, x) => Math.max(most, Math.abs(expansionAt(p, x) - f(x))),
        0,
      );
    expect(worst(best)).toBeLessThan(worst(plain));
    expect(worst(best)).toBeLessThanOrEqual(best.least * 1.0011);
  });

  it("reaches Bernstein's constant for |x|", () => {
    // S. Bernstein, Acta Math. 37 (1914): n E_n(|x|) -> 0.28016949902.
    expect(126 * minimax(Math.abs, [-1, 1], 126, { parity: 'even' }).least).toBeCloseTo(0.2801695, 4);
  });

  it('counts only the intervals that are asked for', () => {
    const sign = minimax(Math.sign, [-1, 1], 15, { parity: 'odd', intervals: [[0.2, 1]] });
    const wide = minimax(Math.sign, [-1, 1], 15, { parity: 'odd', intervals: [[0.1, 1]] });
    expect(sign.least).toBeLessThan(0.3 * wide.least);
    for (let x = 0.2; x <= 1; x += 0.01)
      expect(Math.abs(expansionAt(sign, x) - 1)).toBeLessThan(sign.least * 1.01);
    const two = minimax((x) => (x < 0 ? 0 : 1), [-1, 1], 12, {
      intervals: [
        [-1, -0.3],
        [0.2, 1],
      ],
    });
    for (let x = -1; x <= 1; x += 0.01) {
      if (x > -0.3 && x < 0.2) continue;
      expect(Math.abs(expansionAt(two, x) - (x < 0 ? 0 : 1))).toBeLessThanOrEqual(two.least * 1.01);
    }
  });

  it('says when doubles cannot tell', () => {
    expect(() => minimax(Math.exp, [-1, 1], 40)).toThrow(PrecisionError);
  });

  it('refuses intervals out of order or outside, and poles', () => {
    const intervals = [
      [0.5, 1],
      [0, 0.2],
    ] as const;
    expect(() => minimax(Math.exp, [-1, 1], 4, { intervals })).toThrow(RangeError);
    expect(() => minimax(Math.exp, [-1, 1], 4, { intervals: [[0, 2]] })).toThrow(RangeError);
    expect(() => minimax(Math.exp, [-1, 1], 4, { intervals: [] })).toThrow(RangeError);
    expect(() => minimax(Math.log, [-1, 1], 4)).toThrow(RangeError);
  });
});
