import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../../src/base/errors.ts';
import { blackScholesGreeks } from '../../../../src/pricing/black-scholes.ts';
import { geometricAsianPrices } from '../../../../src/pricing/exotic/asian.ts';
import { fixingYearsOf } from '../../../../src/pricing/exotic/asian-inputs.ts';
import { barrierPrices } from '../../../../src/pricing/exotic/barrier.ts';
import type { BarrierValues, Direction, Knock } from '../../../../src/pricing/exotic/barrier-values.ts';
import { type DigitalKind, digitalGreeks } from '../../../../src/pricing/exotic/digital.ts';
import { doubleBarrierPrices } from '../../../../src/pricing/exotic/double-barrier.ts';
import { type LookbackKind, lookbackPrices } from '../../../../src/pricing/exotic/lookback.ts';
import { oneTouchPrices } from '../../../../src/pricing/exotic/one-touch.ts';
import { batchOf, type OptionTerms } from '../../../support/options.ts';

const one = (x: number): Float64Array => Float64Array.of(x);
const first = (values: BarrierValues): [number, number] => [values.price[0]!, values.delta[0]!];

const barrier = (
  direction: Direction,
  knock: Knock,
  level: number,
  terms: OptionTerms = {},
  rebate = 5,
): [number, number] =>
  first(
    barrierPrices({
      direction: [direction],
      knock: [knock],
      option: batchOf(terms),
      barrier: one(level),
      rebate: one(rebate),
    }),
  );
const corridor = (knock: Knock, lower: number, upper: number, terms: OptionTerms = {}): [number, number] =>
  first(
    doubleBarrierPrices({ knock: [knock], option: batchOf(terms), lower: one(lower), upper: one(upper) }),
  );
const touch = (
  direction: Direction,
  payment: 'hit' | 'expiry',
  level: number,
  terms: OptionTerms = {},
): [number, number] =>
  first(
    oneTouchPrices({
      ...batchOf(terms),
      direction: [direction],
      payment: [payment],
      barrier: one(level),
      cash: one(10),
    }),
  );
const lookback = (
  kind: LookbackKind,
  sign: number,
  extreme: number,
  terms: OptionTerms = {},
): [number, number] =>
  first(lookbackPrices({ ...batchOf({ ...terms, sign }), kind: [kind], currentExtreme: one(extreme) }));
const digital = (kind: DigitalKind, terms: OptionTerms): number[] => {
  const { price, delta, gamma, vega } = digitalGreeks({
    kind: [kind],
    cash: one(10),
    option: batchOf(terms),
  });
  return [price[0]!, delta[0]!, gamma[0]!, vega[0]!];
};
const european = (terms: OptionTerms): [number, number] => {
  const { price, delta } = blackScholesGreeks(batchOf(terms));
  return [price[0]!, delta[0]!];
};

describe('a barrier that is touched already', () => {
  it.each([
    ['down', 100],
    ['down', 120],
    ['up', 100],
    ['up', 80],
  ] as const)('%s at %f: in is the European option, out its rebate', (direction, level) => {
    for (const sign of [1, -1]) {
      const [price, delta] = barrier(direction, 'in', level, { sign });
      const [expectedPrice, expectedDelta] = european({ sign });
      expect(price).toBeCloseTo(expectedPrice, 12);
      expect(delta).toBeCloseTo(expectedDelta, 12);
      expect(barrier(direction, 'out', level, { sign })).toEqual([5, 0]);
    }
  });

  it('one-touch: the cash now, or at expiry', () => {
    expect(touch('up', 'hit', 90)).toEqual([10, 0]);
    expect(touch('down', 'expiry', 100)).toEqual([10 * Math.exp(-0.05), 0]);
  });

  it.each([
    [100, 120],
    [80, 100],
    [110, 120],
    [70, 90],
  ])('corridor %f to %f: out is worthless, in the European option', (lower, upper) => {
    expect(corridor('out', lower, upper)).toEqual([0, 0]);
    expect(corridor('in', lower, upper)[0]).toBeCloseTo(european({})[0], 12);
  });

  it('lookback: a spot beyond the extreme so far is the extreme', () => {
    expect(lookback('floating', 1, 130)).toEqual(lookback('floating', 1, 100));
    expect(lookback('floating', -1, 70)).toEqual(lookback('floating', -1, 100));
    expect(lookback('fixed', 1, 70)).toEqual(lookback('fixed', 1, 100));
  });
});

describe('a barrier out of reach', () => {
  it('knock-out is the European option, knock-in its rebate at expiry', () => {
    expect(barrier('down', 'out', 1e-3)[0]).toBeCloseTo(european({})[0], 12);
    expect(barrier('up', 'in', 1e5)[0]).toBeCloseTo(5 * Math.exp(-0.05), 14);
    expect(corridor('out', 1e-3, 1e5)[0]).toBeCloseTo(european({})[0], 12);
    expect(corridor('in', 1e-3, 1e5)[0]).toBeLessThan(1e-100);
  });
});

describe('without variance', () => {
  // The forward of a year is 100 e^0.04 = 104.08.
  const still = { vol: 0, strike: 90 };
  const forwardPv = 100 * Math.exp(-0.01);
  const strikePv = 90 * Math.exp(-0.05);

  it('knocks if the forward path crosses, when it does', () => {
    expect(barrier('up', 'out', 105, still)).toEqual([forwardPv - strikePv, forwardPv / 100]);
    expect(barrier('up', 'in', 105, still)).toEqual([5 * Math.exp(-0.05), 0]);
    expect(barrier('up', 'in', 103, still)).toEqual([forwardPv - strikePv, forwardPv / 100]);
    const [price, delta] = barrier('up', 'out', 103, still);
    const hit = Math.log(1.03) / 0.04;
    expect(price).toBeCloseTo(5 * Math.exp(-0.05 * hit), 14);
    // Later by 1 / (0.04 S) for a spot lower by one.
    expect(delta).toBeCloseTo((price * 0.05) / (0.04 * 100), 14);
    expect(barrier('down', 'out', 99, still)[0]).toBe(forwardPv - strikePv);
  });

  it('has no delta where the forward ends on the barrier', () => {
    const flat = { vol: 0, r: 1, q: 0, strike: 90 };
    // ln(100 e / 100) is 1 exactly.
    expect(barrier('up', 'out', 100 * Math.E, flat)[1]).toBeNaN();
  });

  it('corridor, touch and lookback follow the forward', () => {
    expect(corridor('out', 90, 105, still)[0]).toBe(forwardPv - strikePv);
    expect(corridor('out', 90, 103, still)[0]).toBe(0);
    expect(corridor('in', 90, 103, still)[0]).toBe(forwardPv - strikePv);
    expect(touch('up', 'hit', 105, still)[0]).toBe(0);
    expect(touch('up', 'expiry', 103, still)).toEqual([10 * Math.exp(-0.05), 0]);
    expect(touch('up', 'hit', 103, still)[0]).toBeCloseTo((10 / 5) * barrier('up', 'out', 103, still)[0], 14);
    const discount = Math.exp(-0.05);
    expect(lookback('floating', 1, 95, still)[0]).toBeCloseTo(forwardPv - 95 * discount, 12);
    expect(lookback('floating', -1, 102, still)).toEqual([0, 0]);
    expect(lookback('floating', -1, 110, still)[0]).toBeCloseTo(110 * discount - forwardPv, 12);
    expect(lookback('fixed', 1, 102, still)[0]).toBeCloseTo(forwardPv - strikePv, 12);
    expect(lookback('fixed', -1, 95, { ...still, strike: 97 })[0]).toBeCloseTo(2 * discount, 12);
  });

  it('at expiry everything pays what it owes', () => {
    const now = { t: 0, strike: 90 };
    expect(barrier('up', 'out', 120, now)).toEqual([10, 1]);
    expect(barrier('up', 'in', 120, now)).toEqual([5, 0]);
    expect(corridor('out', 80, 120, now)).toEqual([10, 1]);
    expect(touch('up', 'hit', 120, now)).toEqual([0, 0]);
    expect(lookback('floating', 1, 80, now)).toEqual([20, 1]);
    expect(lookback('fixed', 1, 120, now)).toEqual([30, 0]);
    expect(digital('cash', now)).toEqual([10, 0, 0, 0]);
    expect(digital('asset', now)).toEqual([100, 1, 0, 0]);
    expect(digital('cash', { ...now, sign: -1 })).toEqual([0, 0, 0, 0]);
  });

  it('a digital at its jump is worth half of it and has no Greeks', () => {
    expect(digital('cash', { vol: 0, r: 0.03, q: 0.03, t: 2 })).toEqual([
      5 * Math.exp(-0.06),
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(digital('cash', { vol: 1e-13, r: 0.03, q: 0.03, t: 2 })[0]).toBeCloseTo(5 * Math.exp(-0.06), 12);
  });

  it('lookbacks have no delta where the payoff has a corner', () => {
    const now = { t: 0 };
    expect(lookback('floating', 1, 100, now)[1]).toBeNaN();
    expect(lookback('fixed', 1, 100, { ...now, strike: 100 })[1]).toBeNaN();
  });
});

describe('small variance meets the limit', () => {
  it.each(['in', 'out'] as const)('knock-%s', (knock) => {
    for (const level of [103, 105]) {
      const [price] = barrier('up', knock, level, { vol: 1e-9, strike: 90 });
      expect(price).toBeCloseTo(barrier('up', knock, level, { vol: 0, strike: 90 })[0], 7);
    }
  });

  it('lookbacks', () => {
    for (const kind of ['floating', 'fixed'] as const) {
      for (const sign of [1, -1]) {
        const [price] = lookback(kind, sign, 100, { vol: 1e-9, strike: 90 });
        expect(price).toBeCloseTo(lookback(kind, sign, 100, { vol: 0, strike: 90 })[0], 6);
      }
    }
  });
});

describe('fixings', () => {
  it('are read as years', () => {
    expect([...fixingYearsOf('73 146', 0)]).toEqual([0.2, 0.4]);
    expect([...fixingYearsOf(' 0 36.5\t365 ', 0)]).toEqual([0, 0.1, 1]);
  });

  it.each(['', ' ', '-1', '1,2', '1 x', '0x10', '1e3', 'NaN'])('%j is refused', (text) => {
    expect(() => fixingYearsOf(text, 3)).toThrow('row 3: expected days');
  });

  it('one fixing makes a European option, one today its payoff', () => {
    const option = batchOf({ t: 0.4 });
    const single = { ...option, fixingYears: [one(0.4)] };
    expect(geometricAsianPrices(single)[0]).toBeCloseTo(european({ t: 0.4 })[0], 13);
    const today = { ...batchOf({ strike: 90 }), fixingYears: [one(0)] };
    expect(geometricAsianPrices(today)[0]).toBe(10);
  });

  it('missing, decreasing or negative ones are refused', () => {
    const option = batchOf({});
    expect(() => geometricAsianPrices({ ...option, fixingYears: [new Float64Array(0)] })).toThrow(ShapeError);
    for (const fixings of [[0.2, 0.1], [-0.1], [Number.NaN], [Number.POSITIVE_INFINITY]]) {
      expect(() => geometricAsianPrices({ ...option, fixingYears: [Float64Array.from(fixings)] })).toThrow(
        'row 0: expected fixings of at least',
      );
    }
  });
});
