import { describe, expect, it } from 'vitest';
import { asianMonteCarloModel } from '../../src/pricing/montecarlo/asian-model.ts';
import { simulateAmerican } from '../../src/pricing/montecarlo/longstaff-schwartz.ts';
import type { BarrierSpec, LookbackSpec, OptionType } from '../../src/pricing/montecarlo/payoff.ts';
import type { Estimate } from '../../src/pricing/montecarlo/result.ts';
import { simulate } from '../../src/pricing/montecarlo/simulate.ts';
import { equalTimes } from '../support/simulations.ts';
import { readVectors, type VectorFile } from '../support/vectors.ts';

/** The rows of a file, its cells by name: text, and numbers that are NaN where empty. */
function rowsOf(file: VectorFile, texts: readonly string[], numbers: readonly string[]) {
  const textColumns = texts.map((name) => [name, file.text(name)] as const);
  const numberColumns = numbers.map((name) => [name, file.numbers(name)] as const);
  return Array.from({ length: file.rows }, (_, i) => ({
    text: Object.fromEntries(textColumns.map(([name, column]) => [name, column[i]!])) as Record<string, string>,
    number: Object.fromEntries(numberColumns.map(([name, column]) => [name, column[i]!])) as Record<string, number>,
  }));
}

const marketOfRow = ({ spot, vol, q, r }: Record<string, number>) => ({
  spots: [spot!],
  vols: [vol!],
  dividendYields: [q!],
  rate: r!,
});

/** Deviation in standard errors; the closed forms of the reference are good to 1e-13 of the spot. */
function deviationOf({ value, standardError }: Estimate, expected: number, spot: number): number {
  return Math.abs(value - expected) / Math.hypot(standardError, 1e-13 * spot);
}

describe('asian.csv', () => {
  it('arithmetic averages: every row within 4 combined standard errors', () => {
    const file = readVectors('asian.csv');
    const texts = ['type', 'fixing_days', 'arithmetic_mc_cv'];
    const numbers = ['spot', 'strike', 'r', 'q', 'vol', 'arithmetic_mc_cv', 'arithmetic_mc_stderr'];
    const rows = rowsOf(file, texts, numbers).filter(({ text }) => text['arithmetic_mc_cv'] !== '');
    expect(rows.length).toBeGreaterThan(0);
    const { arithmetic_mc_cv: price, arithmetic_mc_stderr: stderr } = asianMonteCarloModel.price({
      length: rows.length,
      number: (name) => Float64Array.from(rows, (row) => row.number[name]!),
      text: (name) => rows.map((row) => row.text[name]!),
    });
    let squares = 0;
    rows.forEach(({ number }, i) => {
      const combined = Math.hypot(stderr![i]!, number['arithmetic_mc_stderr']!);
      const deviations = Math.abs(price![i]! - number['arithmetic_mc_cv']!) / combined;
      squares += deviations ** 2;
      expect(deviations, `row ${i}`).toBeLessThan(4);
      expect(stderr![i]!, `row ${i}`).toBeLessThan(5e-5 * number['spot']!);
    });
    // Were the standard errors too large, the deviations would be too small.
    expect(Math.sqrt(squares / rows.length)).toBeGreaterThan(0.5);
  });
});

describe('barrier.csv', () => {
  it('continuous monitoring from twelve dates: rows without rebate worth 0.1 % of the spot, within 4.5 standard errors', () => {
    const file = readVectors('barrier.csv');
    const numbers = ['spot', 'strike', 'barrier', 'rebate', 't', 'r', 'q', 'vol', 'price'];
    // A rebate of the reference is paid when the barrier is hit, ours at expiry.
    const some = rowsOf(file, ['type', 'barrier_type'], numbers)
      .filter(({ number }) => number['rebate'] === 0 && number['price']! > 1e-3 * number['spot']!)
      .slice(0, 30);
    expect(some).toHaveLength(30);
    expect(new Set(some.map(({ text }) => text['barrier_type'])).size).toBeGreaterThan(1);
    some.forEach(({ text, number }, i) => {
      const { price } = simulate({
        market: marketOfRow(number),
        times: equalTimes(12, number['t']),
        payoff: {
          kind: 'barrier',
          barrierType: text['barrier_type'] as BarrierSpec['barrierType'],
          type: text['type'] as OptionType,
          strike: number['strike']!,
          barrier: number['barrier']!,
          monitoring: 'continuous',
        },
        sampling: { kind: 'sobol', seed: 3 + i, pathsPerScrambling: 256, scramblings: 32 },
        controls: ['european'],
      });
      expect(deviationOf(price, number['price']!, number['spot']!), `row ${i}`).toBeLessThan(4.5);
      expect(price.standardError, `row ${i}`).toBeLessThan(3e-3 * number['spot']!);
    });
  });
});

describe('lookback.csv', () => {
  it('continuous monitoring from four dates: 30 rows within 4.5 standard errors', () => {
    const file = readVectors('lookback.csv');
    const numbers = ['spot', 'strike', 'current_extreme', 't', 'r', 'q', 'vol', 'price'];
    const rows = rowsOf(file, ['kind', 'type'], numbers).filter((_, i) => i % 2 === 0).slice(0, 30);
    expect(rows).toHaveLength(30);
    expect(new Set(rows.map(({ text }) => text['type'])).size).toBe(2);
    rows.forEach(({ text, number }, i) => {
      const { price } = simulate({
        market: marketOfRow(number),
        times: equalTimes(4, number['t']),
        payoff: {
          kind: 'lookback',
          strikeKind: text['kind'] as LookbackSpec['strikeKind'],
          type: text['type'] as OptionType,
          ...(text['kind'] === 'fixed' && { strike: number['strike']! }),
          currentExtreme: number['current_extreme']!,
          monitoring: 'continuous',
        },
        sampling: { kind: 'sobol', seed: 3 + i, pathsPerScrambling: 256, scramblings: 32 },
      });
      expect(deviationOf(price, number['price']!, number['spot']!), `row ${i}`).toBeLessThan(4.5);
      expect(price.standardError, `row ${i}`).toBeLessThan(2e-2 * number['price']!);
    });
  });
});

describe('american_options.csv', () => {
  const file = readVectors('american_options.csv');
  const numbers = ['spot', 'strike', 't', 'r', 'q', 'vol', 'price', 'european_price', 'suggested_abs_tolerance'];
  const rows = rowsOf(file, ['type', 'regime'], numbers);

  // The estimate is a lower bound. What n exercise dates and an imperfect rule lose of the premium over the
  // European option, on all rows where that is above 1e-4 of the spot: 0.8 / n at the median, 2.3 / n in the worst
  // tenth, 3.9 / n at most (n = 12, 24, 48).
  const DATES = 24;
  it.each(['early', 'european', 'immediate'])('%s exercise: below by the stated bias at most, never above', (regime) => {
    const some = rows.filter(({ text }) => text['regime'] === regime).slice(0, 5);
    expect(some).toHaveLength(5);
    some.forEach(({ text, number }, i) => {
      const { price, exerciseNow } = simulateAmerican({
        market: marketOfRow(number),
        type: text['type'] as OptionType,
        strike: number['strike']!,
        expiryYears: number['t']!,
        dates: DATES,
        trainingPaths: 16_384,
        sampling: { kind: 'sobol', seed: 5, pathsPerScrambling: 512 },
      });
      const premium = number['price']! - number['european_price']!;
      const noise = 4 * price.standardError + number['suggested_abs_tolerance']!;
      const error = price.value - number['price']!;
      expect(error, `row ${i}`).toBeLessThanOrEqual(noise);
      expect(error, `row ${i}`).toBeGreaterThanOrEqual(-noise - (4 / DATES) * premium - 1e-6 * number['spot']!);
      if (regime === 'immediate') expect(exerciseNow).toBe(true);
    });
  });
});
