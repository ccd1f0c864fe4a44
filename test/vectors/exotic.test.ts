import { describe, expect, it } from 'vitest';
import { asianModel } from '../../src/pricing/exotic/asian.ts';
import { barrierModel } from '../../src/pricing/exotic/barrier.ts';
import { digitalModel } from '../../src/pricing/exotic/digital.ts';
import { doubleBarrierModel } from '../../src/pricing/exotic/double-barrier.ts';
import { lookbackModel } from '../../src/pricing/exotic/lookback.ts';
import { oneTouchModel } from '../../src/pricing/exotic/one-touch.ts';
import type { PricingModel } from '../../src/pricing/model.ts';
import { expectClose } from '../support/close.ts';
import { priceVectors } from '../support/model.ts';

// The references are QuantLib's, with errors of their own: N(x) there is good to 1e-15, and the lookback formula cancels as r - q goes
// to 0. What these formulas hold against 80 digits is in exotic-extremes.test.ts.
const cases: readonly [string, PricingModel, string, string, number][] = [
  ['one_touch.csv', oneTouchModel, 'price', 'cash', 5e-15],
  ['barrier.csv', barrierModel, 'price', 'spot', 1e-14],
  ['double_barrier.csv', doubleBarrierModel, 'price', 'spot', 1e-14],
  ['lookback.csv', lookbackModel, 'price', 'spot', 3e-13],
  ['asian.csv', asianModel, 'geometric_discrete', 'spot', 1e-14],
  ['asian.csv', asianModel, 'geometric_continuous', 'spot', 1e-14],
  ['asian.csv', asianModel, 'arithmetic_turnbull_wakeman', 'spot', 1e-14],
];

describe.each(cases)('%s', (name, model, column, unit, tolerance) => {
  it(`${column} within ${tolerance} ${unit} on every row`, () => {
    const { file, results } = priceVectors(name, model);
    const scale = file.numbers(unit);
    expectClose(results[column]!, file.numbers(column), (i) => tolerance * scale[i]!);
  });
});

describe('digital.csv', () => {
  const { file, results } = priceVectors('digital.csv', digitalModel);
  const [spot, vol, t] = ['spot', 'vol', 't'].map((name) => file.numbers(name)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const paid = file.numbers('cash').map((cash, i) => (Number.isNaN(cash) ? spot[i]! : cash));
  const deviation = vol.map((v, i) => v * Math.sqrt(t[i]!));

  it.each([
    ['price', (i: number) => 5e-15 * paid[i]!],
    ['delta', (i: number) => (5e-15 * paid[i]!) / (spot[i]! * deviation[i]!)],
    ['gamma', (i: number) => (5e-15 * paid[i]!) / (spot[i]! * deviation[i]!) ** 2],
    ['vega', (i: number) => (2e-14 * paid[i]!) / vol[i]!],
  ] as const)('%s on every row', (column, tolerance) => {
    expectClose(results[column]!, file.numbers(column), tolerance);
  });
});

describe('barrier.csv', () => {
  it('delta within the error of a central difference on every row', () => {
    const { file, results } = priceVectors('barrier.csv', barrierModel);
    const vol = file.numbers('vol');
    const t = file.numbers('t');
    // A bump of 1e-5 of the spot leaves (1e-5)^2 / 6 of the third derivative, at most some 1 / (v^2 T).
    expectClose(
      results['delta']!,
      file.numbers('delta_central_bump_1e-5'),
      (i) => 1e-10 / (vol[i]! ** 2 * t[i]!),
    );
  });
});

describe('asian.csv', () => {
  it('the geometric price is below, the exact one within 3 standard errors of, and Turnbull-Wakeman near, the simulated arithmetic price', () => {
    const { file, results } = priceVectors('asian.csv', asianModel);
    const simulated = file.numbers('arithmetic_mc_cv');
    const standardError = file.numbers('arithmetic_mc_stderr');
    const spot = file.numbers('spot');
    let compared = 0;
    file.text('type').forEach((type, i) => {
      if (Number.isNaN(simulated[i]!)) return;
      compared++;
      const slack = 5 * standardError[i]!;
      const geometric = results['geometric_discrete']![i]!;
      // The geometric average is never above the arithmetic one.
      if (type === 'call') expect(geometric, `row ${i}`).toBeLessThanOrEqual(simulated[i]! + slack);
      else expect(geometric, `row ${i}`).toBeGreaterThanOrEqual(simulated[i]! - slack);
      const exact = Math.abs(results['arithmetic']![i]! - simulated[i]!);
      expect(exact, `row ${i}`).toBeLessThanOrEqual(3 * standardError[i]! + 1e-13 * spot[i]!);
      const error = Math.abs(results['arithmetic_turnbull_wakeman']![i]! - simulated[i]!);
      expect(error, `row ${i}`).toBeLessThanOrEqual(0.01 * spot[i]! + slack);
    });
    expect(compared).toBeGreaterThan(10);
  });
});
