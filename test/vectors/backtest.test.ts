import { describe, expect, it } from 'vitest';
import { binomialCdf } from '../../src/numeric/binomial.ts';
import { independenceTest, kupiecTest, trafficLight } from '../../src/pricing/portfolio/backtest.ts';
import { readVectors } from '../support/vectors.ts';

const relative = (found: number, expected: number): number =>
  found === expected ? 0 : Math.abs(found - expected) / Math.abs(expected);

/** What an error of `slack` in the statistic is worth in its p-value erfc(sqrt(s/2)), relative. */
const pValueSlack = (statistic: number, slack: number): number =>
  1e-14 + Math.min(Math.sqrt(slack), slack / Math.sqrt(statistic)) * (1 + Math.sqrt(statistic));

describe('backtest_coverage.csv', () => {
  const file = readVectors('backtest_coverage.csv');
  const [exceptions, days, level] = ['exceptions', 'days', 'level'].map(file.numbers);

  it('Kupiec statistic: 1e-13 relative and what a rounded n (1 - level) is worth; p-value accordingly', () => {
    const statistics = file.numbers('kupiec_statistic');
    const pValues = file.numbers('kupiec_p_value');
    for (let i = 0; i < file.rows; i++) {
      const { statistic, pValue } = kupiecTest(exceptions![i]!, days![i]!, level![i]!);
      const expected = statistics[i]!;
      // An ulp d of m = n (1 - level) moves the statistic by 2 |1 - x/m| d, and by d^2/m where x = m.
      const m = days![i]! * (1 - level![i]!);
      const slack = 1e-13 * expected + 4e-16 * Math.abs(m - exceptions![i]!) + 1e-31 * days![i]!;
      expect(Math.abs(statistic - expected), `row ${i}`).toBeLessThanOrEqual(slack);
      if (pValues[i]! < 1e-300) continue;
      expect(relative(pValue, pValues[i]!), `row ${i}`).toBeLessThanOrEqual(pValueSlack(expected, slack));
    }
  });

  it('binomial probabilities: 1e-12 of the smaller side, on every row', () => {
    const atMost = file.numbers('cumulative_probability');
    const more = file.numbers('exceedance_probability');
    for (let i = 0; i < file.rows; i++) {
      const found = binomialCdf(exceptions![i]!, days![i]!, 1 - level![i]!);
      if (atMost[i]! < 0.5) expect(relative(found, atMost[i]!), `row ${i}`).toBeLessThanOrEqual(1e-12);
      else expect(Math.abs(1 - found - more[i]!), `row ${i}`).toBeLessThanOrEqual(2e-16 + 1e-12 * more[i]!);
      expect(trafficLight(exceptions![i]!, days![i]!, level![i]!).cumulativeProbability).toBe(found);
    }
  });
});

describe('backtest_independence.csv', () => {
  it('likelihood ratio and p-value on every row', () => {
    const file = readVectors('backtest_independence.csv');
    const counts = ['n00', 'n01', 'n10', 'n11'].map(file.numbers);
    const statistics = file.numbers('independence_statistic');
    const pValues = file.numbers('independence_p_value');
    for (let i = 0; i < file.rows; i++) {
      const [n00, n01, n10, n11] = counts.map((column) => column[i]!);
      const { statistic, pValue } = independenceTest({ n00: n00!, n01: n01!, n10: n10!, n11: n11! });
      const slack = 1e-13 * (statistics[i]! + 1e-13);
      expect(Math.abs(statistic - statistics[i]!), `row ${i}`).toBeLessThanOrEqual(slack);
      expect(relative(pValue, pValues[i]!), `row ${i}`).toBeLessThanOrEqual(
        pValueSlack(statistics[i]!, slack),
      );
    }
  });
});
