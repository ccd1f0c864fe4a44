import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageWeightedRank } from '../../src/numeric/age-weighted.ts';
import { matrixOf, rowOf } from '../../src/numeric/matrix.ts';
import {
  expectedShortfall,
  orderLosses,
  type QuantileConvention,
  sortedLosses,
  valueAtRisk,
} from '../../src/numeric/quantile.ts';
import { applyRankWeights } from '../../src/numeric/rank-weights.ts';
import { historicalRisk } from '../../src/pricing/portfolio/historical.ts';
import {
  type HistoricalMeasure,
  historicalContributions,
} from '../../src/pricing/portfolio/historical-contributions.ts';
import { totalPnl } from '../../src/pricing/portfolio/pnl.ts';

// Whole numbers make ties, which continuous draws never do.
const gain = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: -3, max: 3 }));
const pnlOf = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(gain, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
const pnl = fc.integer({ min: 1, max: 40 }).chain(pnlOf);
const twoPnls = fc.integer({ min: 1, max: 40 }).chain((n) => fc.tuple(pnlOf(n), pnlOf(n)));
const level = fc.oneof(
  fc.double({ min: 0.001, max: 0.999, noNaN: true }),
  fc.constantFrom(0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 1 / 3),
);
const CONVENTIONS: readonly QuantileConvention[] = ['type1', 'type6', 'type7', 'upper'];
const convention = fc.constantFrom(...CONVENTIONS);
const sizeOf = (...vectors: readonly Float64Array[]): number =>
  vectors.reduce((most, vector) => vector.reduce((m, x) => Math.max(m, Math.abs(x)), most), 1e-300);

describe('value at risk', () => {
  it('type 1 is the smallest loss that a share alpha of the scenarios does not exceed', () => {
    fc.assert(
      fc.property(pnl, level, (values, alpha) => {
        const losses = sortedLosses(values);
        const found = valueAtRisk(losses, alpha);
        const n = losses.length;
        const atMost = (x: number): number => losses.filter((loss) => loss <= x).length;
        expect(losses).toContain(found);
        expect(atMost(found)).toBeGreaterThanOrEqual(n * alpha - 1e-9);
        const below = losses.filter((loss) => loss < found).length;
        if (below > 0) expect(below).toBeLessThan(n * alpha + 1e-9);
      }),
    );
  });

  it('types 6 and 7 interpolate linearly at (n + 1) alpha and 1 + (n - 1) alpha, and never leave the losses', () => {
    fc.assert(
      fc.property(pnl, level, (values, alpha) => {
        const losses = sortedLosses(values);
        const n = losses.length;
        const at = (position: number): number => {
          const p = Math.min(Math.max(position, 1), n);
          const lower = losses[Math.floor(p) - 1]!;
          return lower + (p - Math.floor(p)) * ((losses[Math.floor(p)] ?? lower) - lower);
        };
        const slack = 1e-14 * sizeOf(values);
        expect(Math.abs(valueAtRisk(losses, alpha, 'type6') - at((n + 1) * alpha))).toBeLessThanOrEqual(
          slack,
        );
        expect(Math.abs(valueAtRisk(losses, alpha, 'type7') - at(1 + (n - 1) * alpha))).toBeLessThanOrEqual(
          slack,
        );
      }),
    );
  });

  it('upper is the largest loss with less than a share alpha of the scenarios strictly below, plus ties', () => {
    fc.assert(
      fc.property(pnl, level, (values, alpha) => {
        const losses = sortedLosses(values);
        const upper = valueAtRisk(losses, alpha, 'upper');
        expect(upper).toBe(losses[Math.min(Math.floor(losses.length * alpha + 1e-9), losses.length - 1)]);
        expect(upper).toBeGreaterThanOrEqual(valueAtRisk(losses, alpha));
      }),
    );
  });

  it.each(CONVENTIONS)('%s rises with the level', (of) => {
    fc.assert(
      fc.property(pnl, level, level, (values, one, other) => {
        const losses = sortedLosses(values);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(valueAtRisk(losses, high, of)).toBeGreaterThanOrEqual(
          valueAtRisk(losses, low, of) - 1e-14 * sizeOf(values),
        );
      }),
    );
  });

  it('is homogeneous, follows a shift, and moves by no more than the largest change of a loss', () => {
    fc.assert(
      fc.property(twoPnls, level, convention, ([values, noise], alpha, of) => {
        const size = sizeOf(values, noise);
        const risk = (x: Float64Array): number => valueAtRisk(sortedLosses(x), alpha, of);
        const found = risk(values);
        expect(Math.abs(risk(values.map((x) => 3 * x)) - 3 * found)).toBeLessThanOrEqual(1e-13 * size);
        expect(Math.abs(risk(values.map((x) => x + 100)) - (found - 100))).toBeLessThanOrEqual(
          1e-13 * (size + 100),
        );
        const moved = risk(values.map((x, s) => x + 1e-3 * noise[s]!));
        expect(Math.abs(moved - found)).toBeLessThanOrEqual(1e-3 * sizeOf(noise) + 1e-13 * size);
      }),
    );
  });

  it('weighted by age with decay 1 is type 1; with a fast decay it is the newest loss', () => {
    fc.assert(
      fc.property(pnl, level, (values, alpha) => {
        const ordered = orderLosses(values);
        const { losses } = ordered;
        const aged = (decay: number): number =>
          applyRankWeights(losses, ageWeightedRank(ordered, alpha, decay));
        expect(aged(1)).toBe(valueAtRisk(losses, alpha));
        expect(aged(1e-9)).toBe(0 - values[values.length - 1]!);
      }),
    );
  });
});

describe('expected shortfall', () => {
  it('is at least the value at risk of type 1, and the tail mean is no more than it', () => {
    fc.assert(
      fc.property(pnl, level, (values, alpha) => {
        const losses = sortedLosses(values);
        const slack = 1e-13 * sizeOf(values);
        const shortfall = expectedShortfall(losses, alpha);
        const tailMean = expectedShortfall(losses, alpha, 'tailMean');
        expect(shortfall).toBeGreaterThanOrEqual(valueAtRisk(losses, alpha) - slack);
        expect(tailMean).toBeGreaterThanOrEqual(valueAtRisk(losses, alpha) - slack);
        expect(tailMean).toBeLessThanOrEqual(shortfall + slack);
      }),
    );
  });

  it('is the average of the value at risk over all higher levels', () => {
    fc.assert(
      fc.property(pnl, level, (values, alpha) => {
        const losses = sortedLosses(values);
        const n = losses.length;
        let integral = 0;
        losses.forEach((loss, i) => {
          integral += loss * Math.max(0, (i + 1) / n - Math.max(i / n, alpha));
        });
        expect(Math.abs(expectedShortfall(losses, alpha) - integral / (1 - alpha))).toBeLessThanOrEqual(
          1e-10 * sizeOf(values),
        );
      }),
    );
  });

  it('rises with the level, is homogeneous, follows a shift', () => {
    fc.assert(
      fc.property(pnl, level, level, (values, one, other) => {
        const slack = 1e-12 * (sizeOf(values) + 100);
        const risk = (x: Float64Array, alpha: number): number => expectedShortfall(sortedLosses(x), alpha);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const found = risk(values, low);
        expect(risk(values, high)).toBeGreaterThanOrEqual(found - slack);
        expect(
          Math.abs(
            risk(
              values.map((x) => 3 * x),
              low,
            ) -
              3 * found,
          ),
        ).toBeLessThanOrEqual(3 * slack);
        expect(
          Math.abs(
            risk(
              values.map((x) => x + 100),
              low,
            ) -
              (found - 100),
          ),
        ).toBeLessThanOrEqual(slack);
      }),
    );
  });

  it('of a sum is at most the sum of the shortfalls (subadditivity), which value at risk does not keep', () => {
    const shortfall = (x: Float64Array, alpha: number): number => expectedShortfall(sortedLosses(x), alpha);
    fc.assert(
      fc.property(twoPnls, level, ([a, b], alpha) => {
        const sum = a.map((value, s) => value + b[s]!);
        expect(shortfall(sum, alpha)).toBeLessThanOrEqual(
          shortfall(a, alpha) + shortfall(b, alpha) + 1e-12 * sizeOf(a, b),
        );
      }),
    );
    const a = new Float64Array(20).fill(1);
    const b = a.slice();
    a[0] = -10;
    b[1] = -10;
    const risk = (x: Float64Array): number => valueAtRisk(sortedLosses(x), 0.95);
    const sum = a.map((value, s) => value + b[s]!);
    expect(risk(sum)).toBeGreaterThan(risk(a) + risk(b));
    expect(shortfall(sum, 0.95)).toBeLessThanOrEqual(shortfall(a, 0.95) + shortfall(b, 0.95));
  });

  it('at a level so near 1 that less than one scenario is left is the worst loss', () => {
    for (const n of [1, 10, 1_000_000]) {
      const losses = Float64Array.from({ length: n }, (_, i) => i);
      for (const left of [1e-10, 1e-15]) {
        expect(expectedShortfall(losses, 1 - left)).toBe(n - 1);
        expect(valueAtRisk(losses, 1 - left)).toBe(n - 1);
      }
    }
  });
});

describe('contributions', () => {
  const measure: fc.Arbitrary<HistoricalMeasure> = fc.oneof(
    fc.record({ kind: fc.constant('valueAtRisk' as const), convention, level }),
    fc.record({
      kind: fc.constant('valueAtRisk' as const),
      convention: fc.constant('ageWeighted' as const),
      level,
      ageDecay: fc.double({ min: 0.5, max: 1, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant('expectedShortfall' as const),
      convention: fc.constantFrom('acerbiTasche' as const, 'tailMean' as const),
      level,
    }),
  );
  const parts = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 25 }))
    .chain(([rows, cols]) => pnlOf(rows * cols).map((data) => matrixOf(rows, cols, data)));

  it('components sum to the measure, whatever the convention and the ties', () => {
    fc.assert(
      fc.property(parts, measure, (matrix, of) => {
        const { total, component } = historicalContributions(matrix, of);
        const sum = component.reduce((all, value) => all + value, 0);
        expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-12 * matrix.rows * sizeOf(matrix.data));
      }),
      { numRuns: 400 },
    );
  });

  it('total and incremental are the measures of the whole and of the whole without the part', () => {
    fc.assert(
      fc.property(parts, level, (matrix, alpha) => {
        const { total, incremental } = historicalContributions(matrix, {
          kind: 'expectedShortfall',
          convention: 'acerbiTasche',
          level: alpha,
        });
        const all = totalPnl(matrix);
        const [whole] = historicalRisk(all, [alpha]);
        expect(total).toBe(whole!.esAcerbiTasche);
        incremental.forEach((value, part) => {
          const without = all.map((gain, s) => gain - rowOf(matrix, part)[s]!);
          expect(value).toBe(total - historicalRisk(without, [alpha])[0]!.esAcerbiTasche);
        });
      }),
    );
  });

  it('marginal is the derivative by the exposure: a finite difference agrees where no order changes', () => {
    const data = Float64Array.from({ length: 60 }, (_, i) => Math.sin(7 * i) * 100);
    const matrix = matrixOf(3, 20, data);
    const exposures = Float64Array.of(50, -20, 0);
    for (const of of [
      { kind: 'valueAtRisk', convention: 'type1', level: 0.9 },
      { kind: 'valueAtRisk', convention: 'type7', level: 0.87 },
      { kind: 'valueAtRisk', convention: 'ageWeighted', level: 0.9, ageDecay: 0.9 },
      { kind: 'expectedShortfall', convention: 'acerbiTasche', level: 0.87 },
    ] as const) {
      const { total, marginal, component } = historicalContributions(matrix, of, exposures);
      expect(marginal[2]).toBeNaN();
      [0, 1].forEach((part) => {
        const step = 1e-4;
        const scaled = data.map((x, i) => (Math.floor(i / 20) === part ? x * (1 + step) : x));
        const moved = historicalContributions(matrixOf(3, 20, scaled), of).total;
        expect((moved - total) / step).toBeCloseTo(component[part]!, 5);
        expect(marginal[part]! * exposures[part]!).toBeCloseTo(component[part]!, 10);
      });
    }
  });
});
