import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { chiSquareSurvival } from '../../../../src/numeric/chi-square.ts';
import {
  backtest,
  exceptionsOf,
  kupiecTest,
  trafficLight,
  transitionsOf,
} from '../../../../src/pricing/portfolio/backtest.ts';

describe('traffic light', () => {
  it('has the zones and probabilities of the Basel table for 250 days at 99 %', () => {
    // Basel Committee (1996), table 2: cumulative probabilities in percent, rounded to two digits.
    const table = [8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.6, 99.89, 99.97, 99.99];
    table.forEach((percent, exceptions) => {
      const light = trafficLight(exceptions, 250);
      expect(100 * light.cumulativeProbability).toBeCloseTo(percent, 1);
      expect(light.zone).toBe(exceptions < 5 ? 'green' : exceptions < 10 ? 'yellow' : 'red');
      expect([light.yellowFrom, light.redFrom]).toEqual([5, 10]);
    });
  });

  it('moves with its thresholds, and calls no exception green however few the days', () => {
    expect(trafficLight(4, 250, 0.99, { yellow: 0.85, red: 0.89 }).zone).toBe('red');
    expect(trafficLight(0, 1).zone).toBe('green');
    expect(trafficLight(1, 1)).toMatchObject({ zone: 'red', cumulativeProbability: 1 });
    expect(() => trafficLight(1, 250, 0.99, { yellow: 0.99, red: 0.9 })).toThrow(RangeError);
  });
});

describe('likelihood ratios', () => {
  it('of Kupiec: no exceptions in n days is -2 n ln(level), as many as expected is 0', () => {
    expect(kupiecTest(0, 250, 0.99).statistic).toBeCloseTo(-500 * Math.log(0.99), 12);
    expect(kupiecTest(5, 500, 0.99).statistic).toBeLessThan(1e-25);
    expect(kupiecTest(5, 500, 0.99).pValue).toBeGreaterThan(1 - 1e-12);
  });

  it.each([
    [0.99, 255, 0, 7],
    [0.99, 510, 1, 11],
    [0.99, 1000, 4, 17],
    [0.975, 255, 2, 12],
    [0.975, 510, 6, 21],
    [0.975, 1000, 15, 36],
    [0.95, 255, 6, 21],
    [0.95, 510, 16, 36],
    [0.95, 1000, 37, 65],
  ])('of Kupiec: at %f and %i days accepts between %i and %i exceptions', (level, days, above, below) => {
    // P. Jorion, "Value at Risk", 3rd ed. (2007), table 6-2, after Kupiec (1995): 95 % test confidence regions. The table
    // has no lower end for 255 days at 99 %, where the ratio of no exception at all is 5.13 and rejects.
    const accepted = Array.from({ length: 80 }, (_, x) => kupiecTest(x, days, level).statistic < 3.841);
    expect(accepted.map((value, x) => (value ? x : -1)).filter((x) => x >= 0)).toEqual(
      Array.from({ length: below - above - 1 }, (_, i) => above + 1 + i),
    );
  });

  it('chi-square survival has the usual critical values', () => {
    expect(chiSquareSurvival(3.841458820694124, 1)).toBeCloseTo(0.05, 15);
    expect(chiSquareSurvival(5.991464547107979, 2)).toBeCloseTo(0.05, 15);
    expect(chiSquareSurvival(0, 1)).toBe(1);
    expect(() => chiSquareSurvival(-1, 1)).toThrow(RangeError);
    expect(() => chiSquareSurvival(Number.NaN, 2)).toThrow(RangeError);
  });
});

describe('backtest', () => {
  it('counts losses beyond the forecast, strictly, and their transitions', () => {
    const pnl = Float64Array.of(-1, -3, -2.5, 4, -2, -2.1);
    expect([...exceptionsOf(pnl, 2)]).toEqual([0, 1, 1, 0, 0, 1]);
    expect([...exceptionsOf(pnl, Float64Array.of(0.5, 3, 2, 1, 2, 3))]).toEqual([1, 0, 1, 0, 0, 0]);
    expect(transitionsOf(Uint8Array.of(0, 1, 1, 0, 0, 1))).toEqual({ n00: 1, n01: 2, n10: 1, n11: 1 });
  });

  it('sees clusters: same count, other order', () => {
    const days = 500;
    const series = (isException: (day: number) => boolean): Float64Array =>
      Float64Array.from({ length: days }, (_, day) => (isException(day) ? -2 : 1));
    const spread = backtest(
      series((day) => day % 100 === 50),
      1,
      0.99,
    );
    const clustered = backtest(
      series((day) => day >= 200 && day < 205),
      1,
      0.99,
    );
    expect(spread.exceptions).toBe(5);
    expect(clustered.kupiec).toEqual(spread.kupiec);
    expect(spread.independence.pValue).toBeGreaterThan(0.5);
    expect(clustered.independence.pValue).toBeLessThan(1e-6);
    expect(clustered.conditionalCoverage.statistic).toBe(
      clustered.kupiec.statistic + clustered.independence.statistic,
    );
    expect(clustered.conditionalCoverage.pValue).toBe(Math.exp(-clustered.conditionalCoverage.statistic / 2));
    expect(spread.trafficLight.zone).toBe('green');
  });

  it('of a single day has no pairs and independence says nothing', () => {
    expect(backtest(Float64Array.of(1), 1, 0.99).independence).toEqual({ statistic: 0, pValue: 1 });
  });

  it('refuses what it cannot count', () => {
    const pnl = Float64Array.of(1, Number.NaN);
    expect(() => exceptionsOf(pnl, 1)).toThrow(/day 1/);
    expect(() => exceptionsOf(pnl, Float64Array.of(1))).toThrow(ShapeError);
    expect(() => backtest(new Float64Array(0), 1, 0.99)).toThrow(RangeError);
    expect(() => kupiecTest(1.5, 10, 0.99)).toThrow(RangeError);
    expect(() => kupiecTest(11, 10, 0.99)).toThrow(RangeError);
    expect(() => kupiecTest(1, 10, 1)).toThrow(RangeError);
  });
});
