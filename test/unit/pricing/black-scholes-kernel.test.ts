import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import {
  allocateGreeks,
  type BlackScholesGreeks,
  type BlackScholesInputs,
  blackScholesGreeks,
  blackScholesPrices,
} from '../../../src/pricing/black-scholes.ts';
import { BlackScholesBatch } from '../../../src/pricing/black-scholes-batch.ts';
import { KERNEL_BLOCK, sharedKernel } from '../../../src/pricing/black-scholes-kernel.ts';
import { finishLimitGreeks } from '../../../src/pricing/black-scholes-limit.ts';
import { greeksTwin } from '../../../src/pricing/black-scholes-twin.ts';
import { batchOf, type OptionTerms } from '../../support/options.ts';
import { expectSameBits } from '../../support/same-bits.ts';

/** Price and Greeks in JavaScript alone. */
function inJavaScript(inputs: BlackScholesInputs): BlackScholesGreeks {
  const out = allocateGreeks(inputs.sign.length);
  greeksTwin(inputs, out);
  finishLimitGreeks(inputs, out, 0, inputs.sign.length);
  return out;
}

function expectSame(found: BlackScholesGreeks, expected: BlackScholesGreeks): void {
  for (const name of Object.keys(expected) as (keyof BlackScholesGreeks)[]) {
    expectSameBits(found[name], expected[name], name);
  }
}

const columns = Object.keys(batchOf({})) as (keyof BlackScholesInputs)[];
const fill = (batch: BlackScholesBatch, inputs: BlackScholesInputs): void => {
  for (const name of columns) batch.inputs[name].set(inputs[name]);
};

const random = new SeededRandom(20);
const logUniform = (low: number, high: number): number =>
  Math.exp(random.between(Math.log(low), Math.log(high)));
const signed = (low: number, high: number): number => random.pick([1, -1]) * logUniform(low, high);

const listed = (): OptionTerms => {
  const spot = random.between(20, 500);
  const [t, vol] = [random.between(1 / 365, 5), random.between(0.05, 2)];
  const strike = spot * Math.exp(vol * Math.sqrt(t) * random.between(-6, 6));
  const [r, q] = [random.between(-0.01, 0.08), random.between(0, 0.06)];
  return { sign: random.pick([1, -1]), spot, strike, t, r, q, vol };
};
/** Anywhere in the range of valid inputs. */
const wild = (): OptionTerms => {
  const t = logUniform(1e-60, 1e60);
  const rate = (): number => random.pick([0, signed(1e-6, 299) / Math.max(t, 1e-46)]);
  const spot = logUniform(1e-99, 1e99);
  const strike = random.pick([spot, logUniform(1e-99, 1e99), spot * (1 + signed(1e-16, 0.3))]);
  return { sign: random.pick([1, -1]), spot, strike, t, r: rate(), q: rate(), vol: logUniform(1e-60, 1e60) };
};
/** d1 and d2 at and around the edges of the tables: multiples of 1/16, zero, +-37 and +-39. */
const edges = (): OptionTerms => {
  const d1 = random.pick([random.integer(-640, 640) / 16, 37.148 + random.between(-1e-3, 1e-3), 39, 0]);
  const vol = random.pick([1, 0.5, 2, 0.25]);
  const logForward = vol * (d1 - vol / 2);
  const strike = 100 * Math.exp(-logForward);
  return { sign: random.pick([1, -1]), spot: 100, strike, t: 1, r: 0, q: 0, vol };
};
const EXTREMES: readonly OptionTerms[] = [
  { vol: 20, t: 30 },
  { vol: 1e-8 },
  { t: 1e-290 },
  { t: 0, strike: 90 },
  { t: 0, strike: 100 },
  { vol: 0, r: 0.03, q: 0.03, t: 4 },
  { vol: 0, sign: -1, strike: 130 },
  { vol: 1e-300, t: 1e-300, strike: 101 },
  { vol: 1e-301, t: 1e300, r: 0, q: 0 },
  { spot: 1e-100, strike: 1e100, sign: -1 },
  { spot: 1e100, strike: 1e-100, vol: 5 },
  { spot: 1e100, strike: 1e100, r: -300, q: -300 },
  { r: 1e50, q: -1e50, t: 1e-49 },
  { r: 300, t: 1 },
  { r: -300, q: 300, t: 1 },
  { vol: 1e100 },
  { vol: 1e100, t: 1e308, r: 0, q: 0 },
  { vol: 1e-140, r: 0, q: 0 },
  { strike: 100 * (1 + 2 ** -52), r: 0, q: 0, vol: 1e-10 },
];

describe('kernel and JavaScript', () => {
  it('both exist here', () => {
    expect(sharedKernel()).toBeDefined();
  });

  it.each([
    ['listed options', listed],
    ['options anywhere in range', wild],
    ['the edges of the tables', edges],
    ['extreme options', () => random.pick(EXTREMES)],
    ['a mixture', () => random.pick([listed, wild, edges, () => random.pick(EXTREMES)])()],
  ])('give the same bits for %s', (_, terms) => {
    const inputs = batchOf(...Array.from({ length: 2 * KERNEL_BLOCK + 301 }, terms));
    const expected = inJavaScript(inputs);
    expectSame(blackScholesGreeks(inputs), expected);
    expectSameBits(blackScholesPrices(inputs), expected.price, 'price alone');
    const batch = new BlackScholesBatch(inputs.sign.length);
    fill(batch, inputs);
    expectSame(batch.computeGreeks(), expected);
    batch.greeks.price.fill(Number.NaN);
    expectSameBits(batch.computePrices(), expected.price, 'price of the batch');
  });

  it('give every option the same bits in a batch of any size', () => {
    const terms = Array.from({ length: KERNEL_BLOCK + 3 }, () => random.pick([listed, wild, edges])());
    const all = blackScholesGreeks(batchOf(...terms));
    for (const size of [1, 2, 63, 64, 65, 255, 256, 257, KERNEL_BLOCK - 1, KERNEL_BLOCK, KERNEL_BLOCK + 1]) {
      const some = blackScholesGreeks(batchOf(...terms.slice(0, size)));
      for (const name of Object.keys(all) as (keyof BlackScholesGreeks)[]) {
        expectSameBits(some[name], all[name].subarray(0, size), `${name} of ${size}`);
      }
    }
  });

  it('refuse the same inputs in the same words, wherever they stand', () => {
    const invalid: readonly OptionTerms[] = [
      { sign: 0 },
      { spot: Number.NaN },
      { strike: 1e101 },
      { t: -1e-9 },
      { r: 301, t: 1 },
      { q: Number.NEGATIVE_INFINITY, t: 0 },
      { vol: Number.NaN },
    ];
    const messageOf = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        return (error as Error).message;
      }
      return expect.fail('expected a refusal');
    };
    for (const terms of invalid) {
      const alone = messageOf(() => blackScholesPrices(batchOf(terms)));
      for (const index of [0, 1, 77, KERNEL_BLOCK - 1, KERNEL_BLOCK, KERNEL_BLOCK + 100]) {
        const inputs = batchOf(
          ...Array.from({ length: KERNEL_BLOCK + 101 }, (_, i) => (i === index ? terms : {})),
        );
        const expected = alone.replace('option 0:', `option ${index}:`);
        expect(messageOf(() => blackScholesPrices(inputs))).toBe(expected);
        expect(messageOf(() => blackScholesGreeks(inputs))).toBe(expected);
        const batch = new BlackScholesBatch(inputs.sign.length);
        fill(batch, inputs);
        expect(messageOf(() => batch.computePrices())).toBe(expected);
        expect(messageOf(() => batch.computeGreeks())).toBe(expected);
      }
    }
  });
});

describe('BlackScholesBatch', () => {
  it('prices the options written so far, again after a change', () => {
    const batch = new BlackScholesBatch(5);
    fill(batch, batchOf({}, { sign: -1 }, { strike: 90 }));
    expectSameBits(
      batch.computeGreeks(3).delta.subarray(0, 3),
      blackScholesGreeks(batchOf({}, { sign: -1 }, { strike: 90 })).delta,
      'delta',
    );
    batch.inputs.spot[1] = 80;
    expect(batch.computePrices(2)[1]).toBe(blackScholesPrices(batchOf({ spot: 80, sign: -1 }))[0]);
    expect(() => batch.computePrices()).toThrow('option 3');
  });

  it('may be empty', () => {
    expect(new BlackScholesBatch(0).computeGreeks().price).toHaveLength(0);
  });

  it.each([-1, 0.5, Number.NaN, 1e9])('refuses a capacity of %s', (capacity) => {
    expect(() => new BlackScholesBatch(capacity)).toThrow(RangeError);
  });

  it.each([-1, 0.5, Number.NaN, 6])('refuses a count of %s', (count) => {
    const batch = new BlackScholesBatch(5);
    expect(() => batch.computeGreeks(count)).toThrow(RangeError);
    expect(() => batch.computePrices(count)).toThrow(RangeError);
  });
});
