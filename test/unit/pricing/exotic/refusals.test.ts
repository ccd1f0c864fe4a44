import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { bachelierModel } from '../../../../src/pricing/bachelier.ts';
import { black76Model } from '../../../../src/pricing/black76.ts';
import { inverseModel } from '../../../../src/pricing/crypto/inverse-option.ts';
import { asianModel } from '../../../../src/pricing/exotic/asian.ts';
import { barrierModel, barrierPrices } from '../../../../src/pricing/exotic/barrier.ts';
import { digitalModel } from '../../../../src/pricing/exotic/digital.ts';
import { doubleBarrierModel } from '../../../../src/pricing/exotic/double-barrier.ts';
import { lookbackModel } from '../../../../src/pricing/exotic/lookback.ts';
import { oneTouchModel } from '../../../../src/pricing/exotic/one-touch.ts';
import { margrabeModel } from '../../../../src/pricing/margrabe.ts';
import type { PricingModel } from '../../../../src/pricing/model.ts';
import { tableFrom } from '../../../support/model.ts';
import { batchOf } from '../../../support/options.ts';

type Row = Readonly<Record<string, number | string>>;

/** A valid row of each model. */
const market = { spot: 100, t: 1, r: 0.05, q: 0.01, vol: 0.2 };
const models: readonly [PricingModel, Row][] = [
  [black76Model, { type: 'call', forward: 100, strike: 90, t: 1, r: 0.05, vol: 0.2 }],
  [bachelierModel, { type: 'put', forward: -1, strike: 2, t: 1, r: 0.05, normal_vol: 0.2 }],
  [inverseModel, { type: 'call', forward: 5e4, strike: 6e4, t: 1, vol: 0.8 }],
  [
    margrabeModel,
    { spot1: 22, spot2: 20, quantity1: 1, quantity2: 2, t: 1, q1: 0, q2: 0, vol1: 0.2, vol2: 0.3, rho: 0.5 },
  ],
  [digitalModel, { ...market, kind: 'cash', type: 'call', strike: 90, cash: 10 }],
  [oneTouchModel, { ...market, direction: 'up', payment: 'hit', barrier: 110, cash: 10 }],
  [barrierModel, { ...market, barrier_type: 'up_out', type: 'call', strike: 90, barrier: 110, rebate: 2 }],
  [doubleBarrierModel, { ...market, kind: 'knock_out', type: 'call', strike: 90, lower: 80, upper: 120 }],
  [lookbackModel, { ...market, kind: 'fixed', type: 'call', strike: 90, current_extreme: 105 }],
  [asianModel, { type: 'call', spot: 100, strike: 90, fixing_days: '30 60', r: 0.05, q: 0.01, vol: 0.2 }],
];

describe.each(models.map(([model, row]) => ({ name: model.name, model, row })))('$name', ({ model, row }) => {
  it('names every column it reads, and answers with the columns it names', () => {
    expect(Object.keys(row).sort()).toEqual(model.inputs.map(({ name }) => name).sort());
    const results = model.price(tableFrom([row, row]));
    expect(Object.keys(results).sort()).toEqual([...model.results].sort());
    for (const column of Object.values(results)) {
      expect(column).toHaveLength(2);
      expect([...column].every(Number.isFinite)).toBe(true);
    }
  });

  const numbers = model.inputs.filter((column) => column.kind === 'number');
  it.each(numbers.map(({ name }) => name))('refuses NaN and infinity as %s, by row', (name) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const column = numbers.find((input) => input.name === name)!;
      if (column.optional && Number.isNaN(bad) && name !== 'cash' && name !== 'strike') continue;
      try {
        model.price(tableFrom([row, { ...row, [name]: bad }]));
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as RangeError).facts).toMatchObject({ index: 1 });
      }
    }
  });

  it.each(
    numbers.filter((column) => column.rule !== 'finite').map(({ name, rule }) => [name, rule] as const),
  )('refuses a negative %s (%s)', (name) => {
    expect(() => model.price(tableFrom([{ ...row, [name]: -1 }]))).toThrow(RangeError);
  });

  it('prices no rows', () => {
    for (const column of Object.values(model.price(tableFrom([])))) expect(column).toHaveLength(0);
  });
});

describe('optional columns', () => {
  const priceOf = (model: PricingModel, row: Row): number => model.price(tableFrom([row]))['price']![0]!;

  it('a rebate that is not given is none', () => {
    const terms = { ...market, barrier_type: 'up_out', type: 'call', strike: 90, barrier: 110 };
    expect(priceOf(barrierModel, terms)).toBe(priceOf(barrierModel, { ...terms, rebate: 0 }));
  });

  it('a lookback without an extreme begins now', () => {
    const terms = { ...market, kind: 'floating', type: 'put' };
    expect(priceOf(lookbackModel, terms)).toBe(priceOf(lookbackModel, { ...terms, current_extreme: 100 }));
  });

  it('an asset digital needs no cash', () => {
    expect(priceOf(digitalModel, { ...market, kind: 'asset', type: 'call', strike: 90 })).toBeGreaterThan(0);
  });
});

describe('what goes together', () => {
  it('barriers in the wrong order are refused', () => {
    const terms = { ...market, kind: 'knock_out', type: 'call', strike: 90 };
    expect(() => doubleBarrierModel.price(tableFrom([{ ...terms, lower: 120, upper: 80 }]))).toThrow(
      'expected a barrier above the lower one, 120, as upper',
    );
  });

  it('discounts and deviations that leave the doubles are refused', () => {
    const terms = { ...market, direction: 'up', payment: 'hit', barrier: 110, cash: 10 };
    expect(() => oneTouchModel.price(tableFrom([{ ...terms, r: 400 }]))).toThrow('as r');
    expect(() => oneTouchModel.price(tableFrom([{ ...terms, vol: 2e4 }]))).toThrow('as vol');
  });

  it('columns of different lengths are refused', () => {
    const inputs = {
      direction: ['up', 'down'] as const,
      knock: ['in', 'in'] as const,
      option: batchOf({}, {}),
      barrier: Float64Array.of(110, 90),
      rebate: Float64Array.of(0, 0),
    };
    expect(barrierPrices(inputs).price).toHaveLength(2);
    expect(() => barrierPrices({ ...inputs, rebate: Float64Array.of(0) })).toThrow(ShapeError);
    expect(() => barrierPrices({ ...inputs, knock: ['in'] })).toThrow(ShapeError);
    expect(() => barrierPrices({ ...inputs, option: batchOf({}) })).toThrow(ShapeError);
  });
});
