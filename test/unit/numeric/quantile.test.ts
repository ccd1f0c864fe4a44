import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { expectedShortfall, sortedLosses, valueAtRisk } from '../../../src/numeric/quantile.ts';
import { readVectors } from '../../support/vectors.ts';

/** Losses 1, 2, ... n. */
const ramp = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i + 1);

describe('sortedLosses', () => {
  it('negates, sorts numerically, and leaves the P&L alone', () => {
    const pnl = Float64Array.of(10, -9, 0, 2, -100);
    expect([...sortedLosses(pnl)]).toEqual([-10, -2, 0, 9, 100]);
    expect([...pnl]).toEqual([10, -9, 0, 2, -100]);
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses %d, which would sort silently to an end', (bad) => {
    expect(() => sortedLosses(Float64Array.of(1, bad, 3))).toThrow(RangeError);
    expect(() => sortedLosses(Float64Array.of(1, bad, 3))).toThrow(/scenario 1/);
  });
});

describe('valueAtRisk', () => {
  it.each([
    // a[ceil(n alpha)]: R's quantile(1:n, alpha, type = 1).
    [10, 0.95, 10],
    [10, 0.9, 9],
    [10, 0.91, 10],
    [10, 0.5, 5],
    [10, 0.05, 1],
    [10, 0.1, 1],
    [10, 0.11, 2],
    [10, 1e-12, 1],
    [10, 1 - 1e-12, 10],
    [500, 0.95, 475],
    [500, 0.975, 488],
    [500, 0.99, 495],
    [250, 0.99, 248],
    [1000, 0.999, 999],
    [1, 0.99, 1],
    [3, 1 / 3, 1],
    [3, 2 / 3, 2],
  ])('of 1..%d at %d is %d', (n, alpha, expected) => {
    expect(valueAtRisk(ramp(n), alpha)).toBe(expected);
  });

  it('does not step over a scenario where n alpha is whole, for any n and percentage', () => {
    for (let n = 1; n <= 2000; n += 7) {
      for (let percent = 1; percent < 100; percent++) {
        const rank = Math.ceil((n * percent) / 100);
        expect(valueAtRisk(ramp(n), percent / 100), `${n} at ${percent} %`).toBe(rank);
      }
    }
  });
});

describe('expectedShortfall', () => {
  it.each([
    [10, 0.8, 9.5],
    [10, 0.9, 10],
    // Worst 2.5 of 10: (10 + 9 + 8 / 2) / 2.5.
    [10, 0.75, 9.2],
    // Less than one outcome: the worst.
    [10, 0.95, 10],
    [10, 1 - 1e-12, 10],
    [10, 1e-15, 5.5],
    // Worst 12.5 of 500: (12 x 494.5 + 488 / 2) / 12.5.
    [500, 0.975, 494.24],
    [1, 0.99, 1],
  ])('of 1..%d at %d is %d', (n, alpha, expected) => {
    expect(expectedShortfall(ramp(n), alpha)).toBeCloseTo(expected, 10);
  });

  it('is never less than VaR, and rises with the level', () => {
    const losses = sortedLosses(
      readVectors('portfolio/expected_scenario_pnl.csv').numbers('full_revaluation'),
    );
    let before = -Infinity;
    for (let percent = 1; percent < 100; percent++) {
      const shortfall = expectedShortfall(losses, percent / 100);
      expect(shortfall).toBeGreaterThanOrEqual(valueAtRisk(losses, percent / 100));
      expect(shortfall).toBeGreaterThan(before);
      before = shortfall;
    }
  });
});

describe('levels', () => {
  it.each([0, 1, -0.5, 1.5, Number.NaN, 95])('%d is refused', (alpha) => {
    expect(() => valueAtRisk(ramp(10), alpha)).toThrow(RangeError);
    expect(() => expectedShortfall(ramp(10), alpha)).toThrow(RangeError);
  });

  it('nothing has no quantile', () => {
    expect(() => valueAtRisk(new Float64Array(0), 0.5)).toThrow(RangeError);
    expect(() => expectedShortfall(new Float64Array(0), 0.5)).toThrow(RangeError);
  });
});

describe('reference portfolio', () => {
  type Historical = Record<string, { var_type1: number; es_acerbi_tasche: number }>;
  const url = new URL('../../vectors/portfolio/expected.json', import.meta.url);
  const { historical } = JSON.parse(readFileSync(url, 'utf8')) as { historical: Record<string, Historical> };
  const losses = sortedLosses(readVectors('portfolio/expected_scenario_pnl.csv').numbers('full_revaluation'));

  it.each(['0.95', '0.975', '0.99'])('VaR and ES at %s, to 1e-9', (level) => {
    const expected = historical['full_revaluation']![level]!;
    const relative = (found: number, want: number): number => Math.abs(found / want - 1);
    expect(relative(valueAtRisk(losses, Number(level)), expected.var_type1)).toBeLessThan(1e-9);
    expect(relative(expectedShortfall(losses, Number(level)), expected.es_acerbi_tasche)).toBeLessThan(1e-9);
  });
});

describe('the claim on which every error bound of VaR and ES rests', () => {
  it('both are 1-Lipschitz in the largest error of the P&L', () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    const pairs = fc.array(fc.tuple(number, fc.double({ min: -1, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 60,
    });
    const levels = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(pairs, levels, (drawn, alpha) => {
        const pnl = Float64Array.from(drawn, ([value]) => value);
        const moved = Float64Array.from(drawn, ([value, error]) => value + error);
        const error = pnl.reduce((most, value, i) => Math.max(most, Math.abs(value - moved[i]!)), 0);
        for (const of of [valueAtRisk, expectedShortfall]) {
          const change = Math.abs(of(sortedLosses(pnl), alpha) - of(sortedLosses(moved), alpha));
          // The mean of the worst is itself rounded; a VaR is not.
          expect(change).toBeLessThanOrEqual(error + (of === valueAtRisk ? 0 : 1e-12 * 1e3));
        }
      }),
      { numRuns: 500 },
    );
  });
});
