import { describe, expect, it } from 'vitest';
import { asianModel } from '../../../../src/pricing/exotic/asian.ts';
import { barrierModel } from '../../../../src/pricing/exotic/barrier.ts';
import { digitalModel } from '../../../../src/pricing/exotic/digital.ts';
import { doubleBarrierModel } from '../../../../src/pricing/exotic/double-barrier.ts';
import { lookbackModel } from '../../../../src/pricing/exotic/lookback.ts';
import { oneTouchModel } from '../../../../src/pricing/exotic/one-touch.ts';
import { margrabeModel } from '../../../../src/pricing/margrabe.ts';
import type { PricingModel } from '../../../../src/pricing/model.ts';
import { tableFrom } from '../../../support/model.ts';

type Row = Readonly<Record<string, number | string>>;
const priceOf = (model: PricingModel, row: Row, column = 'price'): number =>
  model.price(tableFrom([row]))[column]![0]!;

/** The examples and tables of Haug (2007), printed with four decimals. */
describe('Haug, "The Complete Guide to Option Pricing Formulas"', () => {
  it.each([
    ['down_out', 'call', 95, [9.0246, 6.7924, 4.8759], [8.8334, 7.0285, 5.4137]],
    ['up_out', 'call', 105, [2.6789, 2.358, 2.3453], [2.6341, 2.4389, 2.4315]],
    ['down_in', 'call', 95, [7.7627, 4.0109, 2.0576], [9.0093, 5.137, 2.8517]],
    ['up_in', 'call', 105, [14.1112, 8.4482, 4.591], [15.2098, 9.7278, 5.835]],
    ['down_out', 'put', 95, [2.2798, 2.2947, 2.6252], [2.417, 2.4258, 2.6246]],
    ['up_out', 'put', 105, [3.776, 5.4932, 7.5187], [4.2293, 5.8032, 7.5649]],
    ['down_in', 'put', 95, [2.9586, 6.5677, 11.9752], [3.8769, 7.7989, 13.3078]],
    ['up_in', 'put', 105, [1.4653, 3.3721, 7.0846], [2.0658, 4.4226, 8.3686]],
  ])('table 4-13: %s %s', (barrier_type, type, barrier, ...columns) => {
    const market = { spot: 100, rebate: 3, t: 0.5, r: 0.08, q: 0.04 };
    for (const [c, vol] of [0.25, 0.3].entries()) {
      for (const [k, strike] of [90, 100, 110].entries()) {
        const found = priceOf(barrierModel, { ...market, barrier_type, type, strike, barrier, vol });
        expect(Math.abs(found - columns[c]![k]!), `vol ${vol}, strike ${strike}`).toBeLessThan(1.1e-4);
      }
    }
  });

  it.each([
    [0.25, [4.3515, 6.1644, 7.0373]],
    [0.5, [6.9853, 7.9336, 6.5088]],
  ])('table 4-14: double knock-out calls over %f years', (t, expected) => {
    const terms = { kind: 'knock_out', type: 'call', spot: 100, strike: 100, lower: 50, upper: 150 };
    for (const [i, vol] of [0.15, 0.25, 0.35].entries()) {
      const found = priceOf(doubleBarrierModel, { ...terms, t, r: 0.1, q: 0, vol });
      expect(Math.abs(found - expected[i]!)).toBeLessThan(1.1e-4);
    }
  });

  it.each<[string, PricingModel, string, Row, number]>([
    [
      'floating lookback call',
      lookbackModel,
      'price',
      { kind: 'floating', type: 'call', spot: 120, current_extreme: 100, t: 0.5, r: 0.1, q: 0.06, vol: 0.3 },
      25.3533,
    ],
    [
      'fixed lookback call',
      lookbackModel,
      'price',
      { kind: 'fixed', type: 'call', spot: 100, strike: 95, t: 0.5, r: 0.1, q: 0, vol: 0.1 },
      13.2687,
    ],
    [
      'cash-or-nothing put',
      digitalModel,
      'price',
      { kind: 'cash', type: 'put', spot: 100, strike: 80, t: 0.75, r: 0.06, q: 0.06, vol: 0.35, cash: 10 },
      2.671,
    ],
    [
      'asset-or-nothing put',
      digitalModel,
      'price',
      { kind: 'asset', type: 'put', spot: 70, strike: 65, t: 0.5, r: 0.07, q: 0.05, vol: 0.27 },
      20.2069,
    ],
    [
      'geometric average put',
      asianModel,
      'geometric_continuous',
      { type: 'put', spot: 80, strike: 85, fixing_days: '91.25', r: 0.05, q: -0.03, vol: 0.2 },
      4.6922,
    ],
    [
      'exchange option',
      margrabeModel,
      'price',
      {
        spot1: 22,
        spot2: 20,
        quantity1: 1,
        quantity2: 1,
        t: 0.1,
        q1: 0.06,
        q2: 0.04,
        vol1: 0.2,
        vol2: 0.15,
        rho: -0.5,
      },
      2.1251,
    ],
  ])('%s', (_, model, column, row, expected) => {
    expect(Math.abs(priceOf(model, row, column) - expected)).toBeLessThan(1.1e-4);
  });

  it.each([
    ['down', 'hit', 105, 9.7264],
    ['up', 'hit', 95, 11.6553],
    ['down', 'expiry', 105, 9.3604],
    ['up', 'expiry', 95, 11.2223],
  ])('table 4-22: cash %s to the barrier, paid at %s', (direction, payment, spot, expected) => {
    const terms = { barrier: 100, t: 0.5, r: 0.1, q: 0, vol: 0.2, cash: 15 };
    const found = priceOf(oneTouchModel, { ...terms, direction, payment, spot });
    expect(Math.abs(found - expected)).toBeLessThan(1.1e-4);
  });
});
