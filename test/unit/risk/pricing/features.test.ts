import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executePlain } from '../../../../src/algebra/execute.ts';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import {
  encryptedBlackScholes,
  encryptedBookValue,
  encryptedContractsOnly,
} from '../../../../src/risk/pricing/encrypted-black-scholes.ts';
import { bookFeatures, contractFeatures, marketFeatures } from '../../../../src/risk/pricing/features.ts';
import { DEFAULT_PRICING_DOMAIN as domain } from '../../../../src/risk/pricing/reference.ts';
import { randomOptions } from '../../../support/pricing-batches.ts';

const batch = randomOptions(new SeededRandom(4), 50);
const { terms, market, reference } = batch;
const changed = (column: Float64Array, index: number, value: number): Float64Array => {
  const out = column.slice();
  out[index] = value;
  return out;
};

describe("the market owner's features", () => {
  it.each([
    ['a vol above its band', { vol: changed(market.vol, 3, market.vol[3]! * 1.5) }],
    ['a forward below its band', { forward: changed(market.forward, 3, 0.5) }],
    ['a negative vol', { vol: changed(market.vol, 3, -0.2) }],
  ])('are refused for %s, by number and without the value', (_, change) => {
    expect(() => marketFeatures({ ...market, ...change }, reference, domain)).toThrow(/^1 of 50 options/);
  });

  it('are refused for columns of other lengths, or numbers that are none', () => {
    expect(() => marketFeatures({ ...market, vol: market.vol.slice(1) }, reference, domain)).toThrow(
      ShapeError,
    );
    expect(() =>
      marketFeatures({ ...market, vol: changed(market.vol, 0, Number.NaN) }, reference, domain),
    ).toThrow(RangeError);
    expect(() => marketFeatures(market, { ...reference, vol: changed(reference.vol, 0, 0) }, domain)).toThrow(
      RangeError,
    );
    expect(() => marketFeatures(market, { ...reference, volBand: 0.9 }, domain)).toThrow(/vol band/);
  });
});

describe("the contract owner's features", () => {
  it('are within what the circuit declares, and clamp far strikes only', () => {
    const circuit = encryptedBlackScholes({ length: 50, outputs: ['price', 'cashGamma'] });
    const { features, clamped } = contractFeatures(terms, reference, domain);
    for (const [name, values] of Object.entries({
      ...features,
      ...marketFeatures(market, reference, domain),
    })) {
      const { bound } = circuit.inputs[name as keyof typeof circuit.inputs]!;
      expect(
        values.every((value) => Math.abs(value) <= bound),
        name,
      ).toBe(true);
    }
    expect(clamped).toBeLessThan(10);
    const far = {
      ...terms,
      strike: changed(terms.strike, 7, 3),
      expiryYears: changed(terms.expiryYears, 7, 1 / 600),
    };
    const moved = contractFeatures(
      far,
      { ...reference, forwardBand: reference.forwardBand.map(() => 0.001) },
      domain,
    );
    expect(moved.clamped).toBeGreaterThan(clamped);
    expect(moved.clampError).toBeLessThan(1e-9);
  });

  it.each<[string, Partial<Record<keyof typeof terms, Float64Array>>]>([
    ['an expiry too short', { expiryYears: changed(terms.expiryYears, 5, 1e-9) }],
    ['an expiry of zero', { expiryYears: changed(terms.expiryYears, 5, 0) }],
    ['a strike far beyond the agreed ones', { strike: changed(terms.strike, 5, 1000) }],
    ['a strike of zero', { strike: changed(terms.strike, 5, 0) }],
    ['a type that is neither call nor put', { sign: changed(terms.sign, 5, 0) }],
  ])('are refused for %s, naming the option and not its terms', (_, change) => {
    try {
      contractFeatures({ ...terms, ...change }, reference, domain);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).facts).toEqual({ index: 5 });
    }
  });

  it('are refused where clamping could change the price: the bands are too wide', () => {
    // A year at 20 %: a strike 20 deviations out, while the vol may be twice what is thought.
    const one = (x: number): Float64Array => Float64Array.of(x);
    const wide = { forward: one(1), vol: one(0.02), forwardBand: one(0), volBand: 0.9, discount: one(1) };
    const far = { sign: one(1), strike: one(1.35), expiryYears: one(1) };
    expect(() => contractFeatures(far, wide, { ...domain, volBand: 1 })).toThrow(/bands are too wide/);
    expect(contractFeatures(far, { ...wide, volBand: 0.2 }, domain).clamped).toBe(1);
  });
});

describe('the circuits in the clear', () => {
  it('agree with each other, whatever the batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = new SeededRandom(seed);
        const of = randomOptions(random, 6);
        const ownMarket = marketFeatures(of.market, of.reference, domain);
        const { features, clampError } = contractFeatures(of.terms, of.reference, domain);
        const { price } = executePlain(encryptedBlackScholes({ length: 6 }), { ...ownMarket, ...features });
        const open = executePlain(encryptedContractsOnly({ length: 6 }, ownMarket), features).price;
        const quantity = Float64Array.from({ length: 6 }, () => random.between(-5, 5));
        const book = bookFeatures({ ...of.terms, quantity }, of.reference, domain);
        const { value } = executePlain(encryptedBookValue({ length: 6 }), { ...ownMarket, ...book.features });
        price.forEach((found, i) => {
          const expected = of.expected.price[i]! / of.reference.forward[i]!;
          expect(Math.abs(found - expected)).toBeLessThan(2e-8 + clampError);
          expect(Math.abs(found - open[i]!)).toBeLessThan(1e-14);
        });
        const total = price.reduce((sum, p, i) => sum + p * quantity[i]! * of.reference.forward[i]!, 0);
        expect(Math.abs(value[0]! * book.largest - total)).toBeLessThan(1e-12 * book.largest);
      }),
      { numRuns: 25 },
    );
  });

  it('declare only what their outputs read', () => {
    expect(Object.keys(encryptedBlackScholes({ length: 4, outputs: ['vega'] }).inputs)).not.toContain(
      'strikeValue',
    );
    expect(Object.keys(encryptedBlackScholes({ length: 4 }).inputs)).not.toContain('forwardValueOverVol');
  });

  it('a book that holds nothing is worth nothing', () => {
    const book = bookFeatures({ ...terms, quantity: new Float64Array(50) }, reference, domain);
    const inputs = { ...marketFeatures(market, reference, domain), ...book.features };
    expect(executePlain(encryptedBookValue({ length: 50 }), inputs).value[0]! * book.largest).toBe(0);
  });
});
