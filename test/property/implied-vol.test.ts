import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../src/base/errors.ts';
import { bachelierGreeks } from '../../src/pricing/bachelier.ts';
import { black76Greeks } from '../../src/pricing/black76.ts';
import {
  bachelierImpliedVols,
  tryBachelierImpliedVols,
} from '../../src/pricing/implied-vol/bachelier-implied-vol.ts';
import { blackImpliedVols, tryBlackImpliedVols } from '../../src/pricing/implied-vol/black-implied-vol.ts';
import type { OptionQuotes } from '../../src/pricing/implied-vol/quotes.ts';
import { QUOTE_DEFECTS } from '../../src/pricing/implied-vol/quotes.ts';
import { quotesOf } from '../support/quotes.ts';

const power = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: low, max: high, noNaN: true }).map((x) => 10 ** x);
const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const sign = fc.constantFrom(-1, 1);
const one = (x: number): Float64Array => Float64Array.of(x);

/** Half a unit in the last place, a few times: what rounding of the price and of the pricer leave. */
const ULPS = 8 * 2 ** -53;

type Terms = {
  sign: number;
  forward: number;
  strike: number;
  expiryYears: number;
  rate: number;
  vol: number;
};
type Model = {
  readonly terms: fc.Arbitrary<Terms>;
  readonly price: (terms: Terms) => { readonly price: number; readonly vega: number };
  readonly invert: (quotes: OptionQuotes) => Float64Array;
  readonly attempt: typeof tryBlackImpliedVols;
};

const shared = { sign, expiryYears: power(-4, 1.5), rate: between(-0.1, 0.3) };
const MODELS: Readonly<Record<string, Model>> = {
  Black: {
    terms: fc
      .record({ ...shared, forward: power(-4, 6), moneyness: between(-1, 1), deviation: power(-3, 0.6) })
      .map(({ moneyness, deviation, ...rest }) => ({
        ...rest,
        // Up to six deviations from the money.
        strike: rest.forward * Math.exp(6 * moneyness * deviation),
        vol: deviation / Math.sqrt(rest.expiryYears),
      })),
    price: (terms) => {
      const { price, vega } = black76Greeks(columns(terms));
      return { price: price[0]!, vega: vega[0]! };
    },
    invert: blackImpliedVols,
    attempt: tryBlackImpliedVols,
  },
  normal: {
    terms: fc
      .record({ ...shared, forward: between(-100, 100), moneyness: between(-6, 6), deviation: power(-4, 3) })
      .map(({ moneyness, deviation, ...rest }) => ({
        ...rest,
        strike: rest.forward + moneyness * deviation,
        vol: deviation / Math.sqrt(rest.expiryYears),
      })),
    price: ({ vol, ...terms }) => {
      const { vol: _, ...plain } = columns({ ...terms, vol });
      const { price, vega } = bachelierGreeks({ ...plain, normalVol: one(vol) });
      return { price: price[0]!, vega: vega[0]! };
    },
    invert: bachelierImpliedVols,
    attempt: tryBachelierImpliedVols,
  },
};

function columns(terms: Terms) {
  const { sign: w, forward, strike, expiryYears, rate, vol } = terms;
  return {
    sign: one(w),
    forward: one(forward),
    strike: one(strike),
    expiryYears: one(expiryYears),
    rate: one(rate),
    vol: one(vol),
  };
}

function quoteOf({ sign: w, forward, strike, expiryYears, rate }: Terms, price: number): OptionQuotes {
  return quotesOf({ sign: w, forward, strike, t: expiryYears, r: rate, price });
}

describe.each(Object.entries(MODELS))('%s implied vols', (name, { terms, price, invert, attempt }) => {
  it('give the vol back, to what the last bits of the price are worth', () => {
    fc.assert(
      fc.property(terms, (drawn) => {
        const { price: value, vega } = price(drawn);
        fc.pre(value > 1e-290);
        const scale =
          Math.max(Math.abs(drawn.forward), Math.abs(drawn.strike)) *
          Math.exp(-drawn.rate * drawn.expiryYears);
        // A pricer's price is good to the last bits of forward and strike only, and out of the money to those of its own logarithm.
        const isInTheMoney = drawn.sign * (drawn.forward - drawn.strike) > 0;
        const bits = ULPS * (isInTheMoney ? scale + value : Math.min(scale, 1e3 * value));
        const { vol, defect } = attempt(quoteOf(drawn, value));
        if (defect[0] !== 0) {
          // The time value is lost in those bits.
          expect(vega * drawn.vol).toBeLessThan(40 * bits);
          return;
        }
        const allowed = 1e-13 + (4 * bits) / (vega * drawn.vol);
        // Past a tenth of the vol the error is no longer linear in the price.
        fc.pre(allowed < 0.1);
        expect(Math.abs(vol[0]! / drawn.vol - 1)).toBeLessThan(allowed);
      }),
      { numRuns: 3000 },
    );
  });

  it('rise with the price, up to the largest that a vol explains', () => {
    fc.assert(
      fc.property(terms, between(1e-3, 0.5), (drawn, share) => {
        const { price: value } = price(drawn);
        fc.pre(value > 1e-200);
        const discount = Math.exp(-drawn.rate * drawn.expiryYears);
        const room =
          name === 'Black' ? (drawn.sign > 0 ? drawn.forward : drawn.strike) * discount - value : value;
        fc.pre(room > 1e-9 * value);
        const { vol, defect } = attempt(quoteOf(drawn, value));
        const above = attempt(quoteOf(drawn, value + share * room));
        expect(QUOTE_DEFECTS[above.defect[0]!]).toBe('none');
        if (defect[0] === 0) expect(above.vol[0]!).toBeGreaterThan(vol[0]!);
      }),
      { numRuns: 500 },
    );
  });

  it('never invent one: NaN comes with a reason, a number with none, whatever the quote', () => {
    const any = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1e308),
      power(-120, 120),
      power(-3, 3),
    );
    fc.assert(
      fc.property(fc.oneof(sign, any), any, any, any, any, any, (w, forward, strike, t, r, quote) => {
        const quotes = quotesOf({}, { sign: w, forward, strike, t, r, price: quote });
        const { vol, defect } = attempt(quotes);
        expect(defect[0]).toBe(0);
        expect(Number.isFinite(vol[1]!) && vol[1]! >= 0).toBe(defect[1] === 0);
        expect(Number.isNaN(vol[1]!)).toBe(defect[1] !== 0);
        if (defect[1] === 0) expect(invert(quotes)).toEqual(vol);
        else {
          expect(() => invert(quotes)).toThrow(RangeError);
          expect(() => invert(quotes)).toThrow(/^quote 1: expected/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('refuse columns of different lengths', () => {
    expect(() => invert({ ...quotesOf({}, {}), price: one(1) })).toThrow(ShapeError);
  });
});
