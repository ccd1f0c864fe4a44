import { describe, expect, it } from 'vitest';
import { seriesFor } from '../../../../src/algebra/series/library.ts';
import { clearScheduleAlgebra, runSchedule } from '../../../../src/algebra/series/run-schedule.ts';
import type { PolynomialSchedule } from '../../../../src/algebra/series/schedule.ts';
import {
  depthOfDegree,
  scheduleOf,
  schedulePolynomials,
} from '../../../../src/algebra/series/schedule-of.ts';
import { divideByChebyshev } from '../../../../src/algebra/series/split.ts';
import { PlanError, ShapeError } from '../../../../src/base/errors.ts';
import { chebyshevSum } from '../../../../src/numeric/chebyshev/expansion.ts';
import { degreesAndParities, randomSeries } from '../../../support/random-series.ts';

const u = Float64Array.from({ length: 41 }, (_, i) => Math.cos((Math.PI * i) / 40));
const w = u.map((x) => Math.cos(3 * x) - 0.2);

/** Inputs at no level; every step reads what was there a level before, and parts are read once. */
function checkOrder({ inputs, steps, outputs }: PolynomialSchedule): void {
  const depths = inputs.map(() => 0);
  const reads = new Map<number, number>();
  for (const { products, terms, depth } of steps) {
    for (const register of [...products.flat(), ...terms.map((term) => term.register)]) {
      expect(depths[register]).toBeLessThan(depth);
      reads.set(register, (reads.get(register) ?? 0) + 1);
    }
    depths.push(depth);
  }
  steps.forEach(({ role }, index) => {
    const register = index + inputs.length;
    const read = (reads.get(register) ?? 0) + (outputs.includes(register) ? 1 : 0);
    if (role === 'part') expect(read).toBe(1);
    else expect(read).toBeGreaterThan(0);
  });
}

describe('scheduleOf', () => {
  it.each(degreesAndParities(127))(
    'evaluates degree %i, %s parity, as Clenshaw does and at the least depth',
    (degree, parity) => {
      const series = randomSeries(degree, parity, 1000 + degree);
      for (const [weighted, lead] of [
        [false, false],
        [true, false],
        [true, true],
      ] as const) {
        const schedule = scheduleOf(series, { weighted, lead });
        checkOrder(schedule);
        const full = lead && Math.log2(degree + 1) % 1 === 0;
        expect(schedule.cost.depth).toBe(
          Math.max(1, Math.ceil(Math.log2(degree + (weighted && !full ? 2 : 1)))),
        );
        // A lead only where nothing else saves the level.
        expect(schedule.inputs.some(({ kind }) => kind === 'lead')).toBe(full && degree > 0);
        const [found] = runSchedule(schedule, clearScheduleAlgebra, u, [w]);
        for (let i = 0; i < u.length; i++) {
          const expected = chebyshevSum(series.coefficients, u[i]!) * (weighted ? w[i]! : 1);
          expect(Math.abs(found![i]! - expected)).toBeLessThan(1e-13);
        }
      }
    },
  );

  // encrypted pricing on node-seal: products, relinearisations, rescales and plaintext products of a weighted odd series.
  it.each([
    [47, 14, 12, 15, 27],
    [55, 15, 12, 16, 31],
    [59, 16, 13, 17, 33],
    [61, 17, 14, 18, 34],
  ])(
    'an odd weighted series of degree %i takes %i products, %i relinearisations, %i rescales, %i constants',
    (degree, products, relinearisations, rescales, plainProducts) => {
      const { cost } = scheduleOf(randomSeries(degree, 'odd', 1), { weighted: true });
      expect(cost).toMatchObject({ depth: 6, products, relinearisations, rescales, plainProducts });
    },
  );

  it('a price needs at most 25 relinearisations: two odd series of degree 55 of different arguments', () => {
    const { coefficients } = seriesFor('normalCdf', [-10, 10], 5e-9);
    expect(coefficients.length - 1).toBe(55);
    const { cost } = scheduleOf({ coefficients }, { weighted: true });
    expect(2 * cost.relinearisations).toBeLessThanOrEqual(25);
  });

  it('full degrees are dear: 47 to 61 are cheaper than 63, 31 with a lead is no cheaper than 29 without', () => {
    const weighted = (degree: number, lead = false) =>
      scheduleOf(randomSeries(degree, 'odd', 2), { weighted: true, lead }).cost.weighted;
    for (const degree of [47, 51, 55, 59, 61]) expect(weighted(degree)).toBeLessThan(weighted(63, true));
    expect(weighted(29)).toBeLessThan(weighted(31, true));
  });

  it('makes T_k once for several series of one argument', () => {
    const cdf = randomSeries(55, 'odd', 3);
    const pdf = randomSeries(58, 'even', 4);
    const shared = scheduleOf(cdf, { weighted: true, sharedWith: [{ series: pdf, weighted: true }] });
    const apart =
      scheduleOf(cdf, { weighted: true }).cost.relinearisations +
      scheduleOf(pdf, { weighted: true }).cost.relinearisations;
    expect(shared.cost.relinearisations).toBeLessThanOrEqual(apart - 4);
    checkOrder(shared);
    const [first, second] = runSchedule(shared, clearScheduleAlgebra, u, [w, u]);
    for (let i = 0; i < u.length; i++) {
      expect(Math.abs(first![i]! - w[i]! * chebyshevSum(cdf.coefficients, u[i]!))).toBeLessThan(1e-13);
      expect(Math.abs(second![i]! - u[i]! * chebyshevSum(pdf.coefficients, u[i]!))).toBeLessThan(1e-13);
    }
  });

  it('uses parity but for a constant or a slope, and what zero coefficients save', () => {
    const half = scheduleOf(randomSeries(62, 'even', 5)).cost;
    const all = scheduleOf(randomSeries(62, 'none', 5)).cost;
    expect(half.plainProducts).toBeLessThan(0.6 * all.plainProducts);
    expect(half.weighted).toBeLessThan(0.75 * all.weighted);
    const tilted = randomSeries(62, 'even', 5);
    tilted.coefficients[1] = 0.5;
    expect(scheduleOf(tilted).cost.relinearisations).toBe(half.relinearisations);
    const chebyshev = new Float64Array(65);
    chebyshev[64] = 1;
    expect(scheduleOf({ coefficients: chebyshev }).cost).toMatchObject({ depth: 7, products: 6 });
  });

  it('counts rounds on shares without public products', () => {
    const { cost } = scheduleOf(randomSeries(1, 'none', 1));
    expect(cost).toMatchObject({
      depth: 1,
      secretDepth: 0,
      products: 0,
      relinearisations: 0,
      plainProducts: 1,
    });
    expect(scheduleOf(randomSeries(55, 'odd', 1)).cost.secretDepth).toBeLessThanOrEqual(6);
  });

  it('follows the weights it is given', () => {
    const series = randomSeries(100, 'none', 7);
    const free = { product: () => 0, relinearisation: () => 0, rescale: () => 0, plainProduct: () => 1 };
    const onlyPlain = scheduleOf(series, { weights: free }).cost;
    const onlyProducts = scheduleOf(series, {
      weights: { ...free, product: () => 1, plainProduct: () => 0 },
    }).cost;
    expect(onlyPlain.plainProducts).toBeLessThan(onlyProducts.plainProducts);
    expect(onlyProducts.products).toBeLessThan(onlyPlain.products);
    expect(onlyPlain.weighted).toBe(onlyPlain.plainProducts);
  });

  it('refuses constants and nothing at all; a missing weight is named', () => {
    expect(() => scheduleOf({ coefficients: Float64Array.of(3) })).toThrow(PlanError);
    expect(() => scheduleOf({ coefficients: Float64Array.of(3, 0, 0) }, { weighted: true })).toThrow(
      /constant/,
    );
    expect(() => scheduleOf({ coefficients: new Float64Array() })).toThrow(PlanError);
    expect(() => schedulePolynomials([])).toThrow(PlanError);
    const schedule = scheduleOf(randomSeries(5, 'odd', 1), { weighted: true });
    expect(() => runSchedule(schedule, clearScheduleAlgebra, u)).toThrow(ShapeError);
  });

  it('knows depths without planning', () => {
    expect([1, 2, 3, 4, 7, 8, 31, 55, 63].map((degree) => depthOfDegree(degree))).toEqual([
      1, 2, 2, 3, 3, 4, 5, 6, 6,
    ]);
    expect([1, 2, 3, 30, 31, 61, 62, 63].map((degree) => depthOfDegree(degree, true))).toEqual([
      2, 2, 3, 5, 6, 6, 6, 7,
    ]);
    expect([31, 63].map((degree) => depthOfDegree(degree, true, true))).toEqual([5, 6]);
  });
});

describe('divideByChebyshev', () => {
  it('gives back q = T_m a + b, whatever the degrees', () => {
    for (const [degree, m] of [
      [7, 4],
      [31, 16],
      [13, 3],
      [20, 20],
      [5, 8],
      [40, 6],
    ] as const) {
      const { coefficients } = randomSeries(degree, 'none', degree);
      const { quotient, remainder } = divideByChebyshev(coefficients, m);
      expect(remainder.length).toBeLessThanOrEqual(m);
      for (const x of u) {
        const again = Math.cos(m * Math.acos(x)) * chebyshevSum(quotient, x) + chebyshevSum(remainder, x);
        expect(Math.abs(again - chebyshevSum(coefficients, x))).toBeLessThan(1e-12);
      }
    }
  });
});
