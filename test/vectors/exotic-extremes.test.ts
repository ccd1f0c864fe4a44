import { describe, expect, it } from 'vitest';
import { asianModel } from '../../src/pricing/exotic/asian.ts';
import { barrierPrices } from '../../src/pricing/exotic/barrier.ts';
import type { Direction } from '../../src/pricing/exotic/barrier-values.ts';
import { type DigitalKind, digitalGreeks } from '../../src/pricing/exotic/digital.ts';
import { doubleBarrierPrices } from '../../src/pricing/exotic/double-barrier.ts';
import { type LookbackKind, lookbackPrices } from '../../src/pricing/exotic/lookback.ts';
import { oneTouchPrices } from '../../src/pricing/exotic/one-touch.ts';
import { expectClose } from '../support/close.ts';
import { tableOf } from '../support/model.ts';
import { inputsOf } from '../support/options.ts';
import { readVectors, type VectorFile } from '../support/vectors.ts';

/** The largest present value of one unit of cash or asset paid at or before expiry, when rates may be negative. */
const growth = (rate: number, t: number): number => Math.exp(Math.max(0, -rate * t));

/** Scales of a row: the present values that a price is made of, and v sqrt T. */
function scales(file: VectorFile): { price: (i: number) => number; deviation: (i: number) => number } {
  const column = (name: string): Float64Array => file.numbers(name);
  const [spot, t, r, q, vol] = [column('spot'), column('t'), column('r'), column('q'), column('vol')];
  const more = ['strike', 'rebate', 'current_extreme'].flatMap((name) => {
    try {
      return [column(name).map((x) => (Number.isNaN(x) ? 0 : x))];
    } catch {
      return [];
    }
  });
  return {
    price: (i) =>
      spot[i]! * Math.max(growth(q[i]!, t[i]!), growth(r[i]!, t[i]!)) +
      more.reduce((sum, level) => sum + level[i]!, 0) * growth(r[i]!, t[i]!),
    deviation: (i) => vol[i]! * Math.sqrt(t[i]!),
  };
}

describe('extreme/barrier.csv', () => {
  const file = readVectors('extreme/barrier.csv');
  const types = file.text('barrier_type');
  const found = barrierPrices({
    direction: types.map((type) => (type.startsWith('up') ? 'up' : 'down')),
    knock: types.map((type) => (type.endsWith('in') ? 'in' : 'out')),
    option: inputsOf(file),
    barrier: file.numbers('barrier'),
    rebate: file.numbers('rebate'),
  });
  const { price, deviation } = scales(file);
  const spot = file.numbers('spot');

  it('holds all eight options', () => {
    const kinds = new Set(types.map((type, i) => `${type} ${file.text('type')[i]}`));
    expect(kinds.size).toBe(8);
  });

  it('price within 2e-15 of what it is made of', () => {
    expectClose(found.price, file.numbers('price'), (i) => 2e-15 * price(i));
  });

  it('delta within 2e-15 of that over the spot and its deviation', () => {
    expectClose(
      found.delta,
      file.numbers('delta'),
      (i) => (2e-15 * price(i) * (1 + 1 / deviation(i))) / spot[i]!,
    );
  });
});

describe('extreme/one_touch.csv', () => {
  const file = readVectors('extreme/one_touch.csv');
  const column = (name: string): Float64Array => file.numbers(name);
  const [spot, rate, dividendYield, vol, expiryYears] = ['spot', 'r', 'q', 'vol', 't'].map(column) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const found = oneTouchPrices({
    direction: file.text('direction') as readonly Direction[],
    payment: file.text('payment') as readonly ('hit' | 'expiry')[],
    spot,
    barrier: column('barrier'),
    expiryYears,
    rate,
    dividendYield,
    vol,
    cash: column('cash'),
  });
  const deviation = (i: number): number => vol[i]! * Math.sqrt(expiryYears[i]!);

  it('holds rates so negative that the exponents are complex', () => {
    const complex = rate.filter((r, i) => {
      const drift = r - dividendYield[i]! - vol[i]! ** 2 / 2;
      return file.text('payment')[i] === 'hit' && drift * drift + 2 * r * vol[i]! ** 2 < 0;
    });
    expect(complex.length).toBeGreaterThan(10);
  });

  it('price within 1e-15 of the cash, and to 12 digits from 1e-250', () => {
    const expected = column('price');
    expectClose(found.price, expected, (i) => 1e-15 * 100 * growth(rate[i]!, expiryYears[i]!));
    expectClose(found.price, expected, (i) => 1e-12 * expected[i]! + 1e-260);
  });

  it('delta within 2e-15 of the cash over the spot and its deviation', () => {
    expectClose(
      found.delta,
      column('delta'),
      (i) => (2e-13 * growth(rate[i]!, expiryYears[i]!) * (1 + 1 / deviation(i))) / spot[i]!,
    );
  });
});

describe('extreme/double_barrier.csv', () => {
  const file = readVectors('extreme/double_barrier.csv');
  const found = doubleBarrierPrices({
    knock: file.text('kind').map((kind) => (kind === 'knock_in' ? 'in' : 'out')),
    option: inputsOf(file),
    lower: file.numbers('lower'),
    upper: file.numbers('upper'),
  });
  const { price, deviation } = scales(file);
  const spot = file.numbers('spot');

  it('price within 2e-15 of what it is made of', () => {
    expectClose(found.price, file.numbers('price'), (i) => 2e-15 * price(i));
  });

  it('delta within 2e-15 of that over the spot and its deviation', () => {
    expectClose(
      found.delta,
      file.numbers('delta'),
      (i) => (2e-15 * price(i) * (1 + 1 / deviation(i))) / spot[i]!,
    );
  });
});

describe('extreme/lookback.csv', () => {
  const file = readVectors('extreme/lookback.csv');
  const option = inputsOf(file);
  const found = lookbackPrices({
    ...option,
    kind: file.text('kind') as readonly LookbackKind[],
    currentExtreme: file.numbers('current_extreme'),
  });
  const { price, deviation } = scales(file);

  it('holds rows at and next to r = q', () => {
    const gaps = option.rate.map((r, i) => Math.abs(r - option.dividendYield[i]!));
    expect(gaps.filter((gap) => gap === 0).length).toBeGreaterThan(3);
    expect(gaps.filter((gap) => gap > 0 && gap < 1e-8).length).toBeGreaterThan(3);
  });

  it('price within 2e-15 of what it is made of', () => {
    expectClose(found.price, file.numbers('price'), (i) => 2e-15 * price(i) * (1 + deviation(i) ** 2));
  });

  it('delta within 2e-15 of that over the spot and its deviation', () => {
    expectClose(
      found.delta,
      file.numbers('delta'),
      (i) => (2e-15 * price(i) * (1 + deviation(i) ** 2 + 1 / deviation(i))) / option.spot[i]!,
    );
  });
});

describe('extreme/digital.csv', () => {
  const file = readVectors('extreme/digital.csv');
  const option = inputsOf(file);
  const cash = file.numbers('cash');
  const found = digitalGreeks({ kind: file.text('kind') as readonly DigitalKind[], cash, option });
  const { spot, expiryYears, rate, dividendYield, vol } = option;
  const unit = (i: number): number =>
    Number.isNaN(cash[i]!)
      ? spot[i]! * Math.exp(-dividendYield[i]! * expiryYears[i]!)
      : cash[i]! * Math.exp(-rate[i]! * expiryYears[i]!);
  const deviation = (i: number): number => vol[i]! * Math.sqrt(expiryYears[i]!);

  it.each([
    ['price', (i: number) => 2e-15 * unit(i)],
    ['delta', (i: number) => (2e-15 * unit(i) * (1 + 1 / deviation(i))) / spot[i]!],
    ['gamma', (i: number) => (2e-15 * unit(i) * (1 + 1 / deviation(i)) ** 2) / spot[i]! ** 2],
    ['vega', (i: number) => (2e-15 * unit(i)) / vol[i]!],
  ] as const)('%s on every row', (column, tolerance) => {
    expectClose(found[column], file.numbers(column), tolerance);
  });

  it('prices keep 12 digits however small', () => {
    const expected = file.numbers('price');
    expectClose(found.price, expected, (i) => 1e-12 * expected[i]! + 1e-290);
  });
});

describe('extreme/asian.csv', () => {
  const file = readVectors('extreme/asian.csv');
  const found = asianModel.price(tableOf(file, asianModel));
  const [spot, strike, r, q] = ['spot', 'strike', 'r', 'q'].map((name) => file.numbers(name)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const last = file.text('fixing_days').map((days) => Number(days.split(' ').at(-1)) / 365);

  // The exact arithmetic price has no closed form: asian_arithmetic.csv is its reference.
  const closedForms = asianModel.results.filter((column) => column !== 'arithmetic');
  it.each(closedForms)('%s within 2e-15 of what it is made of', (column) => {
    expectClose(
      found[column]!,
      file.numbers(column),
      (i) =>
        2e-15 *
        (spot[i]! * Math.max(growth(r[i]!, last[i]!), growth(q[i]!, last[i]!)) +
          strike[i]! * growth(r[i]!, last[i]!)),
    );
  });
});
