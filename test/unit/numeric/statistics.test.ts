import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import { ageWeightedRank, ageWeights } from '../../../src/numeric/age-weighted.ts';
import { binomialCdf, deviance } from '../../../src/numeric/binomial.ts';
import { cornishFisherQuantile } from '../../../src/numeric/cornish-fisher.ts';
import { ewmaCovariance, sampleCovariance, varianceOfSum } from '../../../src/numeric/covariance.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { quadraticFormMoments } from '../../../src/numeric/quadratic-form.ts';
import { expectedShortfall, orderLosses, sortedLosses, valueAtRisk } from '../../../src/numeric/quantile.ts';

describe('quantiles of ten losses', () => {
  const pnl = Float64Array.of(5, -1, 3, -7, 2, -4, 0, 1, -2, 4);
  const losses = sortedLosses(pnl);

  it('are ordered, without a negative zero, ties by scenario', () => {
    expect([...losses]).toEqual([-5, -4, -3, -2, -1, 0, 1, 2, 4, 7]);
    const ordered = orderLosses(pnl);
    expect(ordered.losses).toEqual(losses);
    expect([...ordered.scenarios]).toEqual([0, 9, 2, 4, 7, 6, 1, 8, 5, 3]);
    expect([...orderLosses(Float64Array.of(1, 2, 1)).scenarios]).toEqual([1, 0, 2]);
  });

  // By hand, from the positions n p, (n + 1) p and 1 + (n - 1) p.
  it.each([
    [0.9, 4, 6.7, 4.3, 7],
    [0.95, 7, 7, 5.65, 7],
    [0.5, -1, -0.5, -0.5, 0],
    [0.25, -3, -3.25, -2.75, -3],
    [0.05, -5, -5, -4.55, -5],
  ])('at %f are %f, %f, %f and upper %f', (level, type1, type6, type7, upper) => {
    expect(valueAtRisk(losses, level, 'type1')).toBe(type1);
    expect(valueAtRisk(losses, level, 'type6')).toBeCloseTo(type6, 12);
    expect(valueAtRisk(losses, level, 'type7')).toBeCloseTo(type7, 12);
    expect(valueAtRisk(losses, level, 'upper')).toBe(upper);
  });

  it('expected shortfall counts the last scenario in part', () => {
    expect(expectedShortfall(losses, 0.8)).toBe(5.5);
    expect(expectedShortfall(losses, 0.85)).toBeCloseTo((7 + 0.5 * 4) / 1.5, 14);
    expect(expectedShortfall(losses, 0.85, 'tailMean')).toBe(5.5);
    // All losses equal to the value at risk count, also those at lower ranks.
    const tied = sortedLosses(Float64Array.of(-1, -9, -1, -1));
    expect(expectedShortfall(tied, 0.5, 'tailMean')).toBe(3);
  });

  it('weights fall with age and sum to 1', () => {
    const weights = ageWeights(3, 0.5);
    expect([...weights]).toEqual([1 / 7, 2 / 7, 4 / 7]);
    // The worst loss is the oldest here: it carries a weight of 1/7 only.
    const ordered = orderLosses(Float64Array.of(-9, -5, -1));
    const at = (level: number): number => ordered.losses[ageWeightedRank(ordered, level, 0.5).first]!;
    expect([at(0.5), at(0.85), at(0.87)]).toEqual([1, 5, 9]);
    // Weights that underflow far back leave the newest.
    const long = orderLosses(Float64Array.from({ length: 3000 }, (_, i) => -i));
    expect(long.losses[ageWeightedRank(long, 0.99, 0.5).first]).toBe(2999);
  });

  it('refuse bad levels, decays and P&Ls, and name them', () => {
    expect(() => sortedLosses(Float64Array.of(1, Number.NaN))).toThrow(/scenario 1/);
    expect(() => orderLosses(Float64Array.of(Number.POSITIVE_INFINITY))).toThrow(RangeError);
    for (const level of [0, 1, -1, Number.NaN]) {
      expect(() => valueAtRisk(losses, level)).toThrow(RangeError);
      expect(() => expectedShortfall(losses, level, 'tailMean')).toThrow(RangeError);
      expect(() => ageWeightedRank(orderLosses(pnl), level, 0.98)).toThrow(RangeError);
    }
    for (const decay of [0, 1.01, Number.NaN]) {
      expect(() => ageWeightedRank(orderLosses(pnl), 0.9, decay)).toThrow(RangeError);
    }
    expect(() => valueAtRisk(new Float64Array(0), 0.9)).toThrow(RangeError);
    expect(() => ageWeightedRank(orderLosses(new Float64Array(0)), 0.9, 0.98)).toThrow(RangeError);
  });
});

describe('covariance', () => {
  it('of three observations of two variables', () => {
    const x = matrixOf(3, 2, Float64Array.of(1, 2, 3, 6, 5, 7));
    expect([...sampleCovariance(x).data]).toEqual([4, 5, 5, 7]);
    expect(sampleCovariance(x, 0).data[0]).toBeCloseTo(8 / 3, 15);
    expect(ewmaCovariance(x, 0.5).data[0]).toBeCloseTo((1 + 2 * 9 + 4 * 25) / 7, 13);
  });

  it('refuses too few observations, holes, and a matrix that gives a negative variance', () => {
    expect(() => sampleCovariance(matrixOf(1, 2))).toThrow(RangeError);
    expect(() => sampleCovariance(matrixOf(2, 1, Float64Array.of(1, Number.NaN)))).toThrow(/observation 1/);
    expect(() => ewmaCovariance(matrixOf(0, 2))).toThrow(RangeError);
    expect(() => ewmaCovariance(matrixOf(2, 1), 0)).toThrow(RangeError);
    const x = Float64Array.of(1, -1);
    expect(() => varianceOfSum(x, matrixOf(2, 2, Float64Array.of(1, 2, 2, 1)))).toThrow(RangeError);
    expect(() => varianceOfSum(x, matrixOf(2, 2, Float64Array.of(1, Number.NaN, 0, 1)))).toThrow(RangeError);
    expect(() => varianceOfSum(x, matrixOf(2, 1))).toThrow(ShapeError);
    expect(varianceOfSum(x, matrixOf(2, 2, Float64Array.of(1, 1, 1, 1))).variance).toBe(0);
  });
});

describe('quadratic forms and expansions', () => {
  it('of one standard normal variable: f^2 is chi-square with one degree of freedom', () => {
    const one = matrixOf(1, 1, Float64Array.of(1));
    const two = matrixOf(1, 1, Float64Array.of(2));
    const moments = quadraticFormMoments(Float64Array.of(0), two, one);
    expect(moments).toEqual({ mean: 1, variance: 2, skewness: 8 / 2 ** 1.5, excessKurtosis: 12 });
    const none = quadraticFormMoments(Float64Array.of(0), matrixOf(1, 1), one);
    expect([none.variance, none.skewness, none.excessKurtosis]).toEqual([0, Number.NaN, Number.NaN]);
  });

  it('refuses forms that are not symmetric or do not fit', () => {
    const x = Float64Array.of(1, 1);
    const unit = matrixOf(2, 2, Float64Array.of(1, 0, 0, 1));
    expect(() => quadraticFormMoments(x, matrixOf(2, 2, Float64Array.of(1, 2, 3, 4)), unit)).toThrow(
      RangeError,
    );
    expect(() => quadraticFormMoments(x, matrixOf(1, 1), unit)).toThrow(ShapeError);
  });

  it('Cornish-Fisher of chi-square with 50 degrees of freedom is near its quantile', () => {
    // Skewness sqrt(8/50), excess kurtosis 12/50; the 95 % quantile of that chi-square is 67.504807.
    const quantile = cornishFisherQuantile(1.6448536269514722, Math.sqrt(8 / 50), 12 / 50);
    expect(50 + Math.sqrt(100) * quantile).toBeCloseTo(67.504807, 2);
    expect(cornishFisherQuantile(-1.5, 0, 0)).toBe(-1.5);
  });
});

describe('binomial', () => {
  it('has the probabilities of coins', () => {
    expect(binomialCdf(0, 1, 0.5)).toBe(0.5);
    expect(binomialCdf(1, 3, 0.5)).toBeCloseTo(0.5, 15);
    expect(binomialCdf(2, 10, 0.5)).toBeCloseTo(56 / 1024, 16);
    expect(binomialCdf(10, 10, 0.5)).toBe(1);
    for (const [k, n, p] of [
      [-1, 10, 0.5],
      [11, 10, 0.5],
      [1.5, 10, 0.5],
      [1, 0, 0.5],
      [1, 10, 0],
      [1, 10, 1],
    ] as const) {
      expect(() => binomialCdf(k, n, p)).toThrow(RangeError);
    }
  });

  it('deviance loses nothing near x = m', () => {
    expect(deviance(7, 7)).toBe(0);
    expect(deviance(0, 3)).toBe(3);
    // To second order (x - m)^2/(2m).
    expect(deviance(1e6 + 1e-3, 1e6) / 5e-13).toBeCloseTo(1, 6);
    expect(deviance(2, 1)).toBeCloseTo(2 * Math.log(2) - 1, 15);
  });
});
