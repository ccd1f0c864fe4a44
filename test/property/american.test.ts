import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { americanGreeks, americanPrices } from '../../src/pricing/american/american.ts';
import { batchOf, type OptionTerms } from '../support/options.ts';

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const option = fc.record({
  sign: fc.constantFrom(1, -1),
  spot: between(1, 1000),
  moneyness: between(-1.5, 1.5),
  t: between(0.005, 5),
  r: between(-0.05, 0.1),
  q: between(-0.05, 0.1),
  vol: between(0.03, 2),
});
/** Options with one boundary or none; errors of the accurate scheme are below 1e-8 of the larger of spot and strike. */
const check = (property: (terms: Required<OptionTerms>, slack: number) => void): void => {
  fc.assert(
    fc.property(option, ({ moneyness, ...drawn }) => {
      const strike = drawn.spot * Math.exp(moneyness);
      const [rate, dividends] = drawn.sign < 0 ? [drawn.r, drawn.q] : [drawn.q, drawn.r];
      fc.pre(!(rate < 0 && dividends < rate));
      property({ ...drawn, strike }, 1e-8 * Math.max(drawn.spot, strike));
    }),
    { numRuns: 150 },
  );
};

describe('American options', () => {
  it('put-call symmetry: C(S, K, r, q) = P(K, S, q, r), the same doubles up to the last digits', () => {
    check((terms) => {
      const { sign, spot, strike, r, q } = terms;
      const mirrored = { ...terms, sign: -sign, spot: strike, strike: spot, r: q, q: r };
      const [one, other] = americanPrices(batchOf(terms, mirrored));
      expect(Math.abs(one! - other!)).toBeLessThan(1e-13 * (spot + strike));
    });
  });

  it('are worth the intrinsic value and the European option at least, spot or strike at most', () => {
    check((terms) => {
      const { price, europeanPrice, delta, gamma } = americanGreeks(batchOf(terms));
      const { sign, spot, strike, t, r, q } = terms;
      expect(price[0]).toBeGreaterThanOrEqual(Math.max(sign * (spot - strike), europeanPrice[0]!, 0));
      const most = sign > 0 ? spot * Math.exp(Math.max(-q * t, 0)) : strike * Math.exp(Math.max(-r * t, 0));
      expect(price[0]).toBeLessThanOrEqual(most * (1 + 1e-12));
      expect(sign * delta[0]!).toBeGreaterThanOrEqual(0);
      expect(sign * delta[0]!).toBeLessThanOrEqual(1);
      expect(gamma[0]).toBeGreaterThanOrEqual(0);
    });
  });

  it('rise with time to expiry and with vol', () => {
    check((terms, slack) => {
      const [price, longer, wilder] = americanPrices(
        batchOf(terms, { ...terms, t: 1.1 * terms.t }, { ...terms, vol: 1.1 * terms.vol }),
      );
      expect(longer! - price!).toBeGreaterThan(-slack);
      expect(wilder! - price!).toBeGreaterThan(-slack);
    });
  });

  it('are convex in the spot', () => {
    check((terms, slack) => {
      const at = (factor: number): OptionTerms => ({ ...terms, spot: terms.spot * factor });
      const [low, middle, high] = americanPrices(batchOf(at(0.95), at(1), at(1.05)));
      expect(low! + high! - 2 * middle!).toBeGreaterThan(-4 * slack);
    });
  });

  it('satisfy the put-call inequalities where rate and yield are not negative', () => {
    check((drawn, slack) => {
      const terms = { ...drawn, r: Math.abs(drawn.r), q: Math.abs(drawn.q) };
      const [call, put] = americanPrices(batchOf({ ...terms, sign: 1 }, { ...terms, sign: -1 }));
      const { spot, strike, t, r, q } = terms;
      expect(call! - put!).toBeGreaterThan(spot * Math.exp(-q * t) - strike - slack);
      expect(call! - put!).toBeLessThan(spot - strike * Math.exp(-r * t) + slack);
    });
  });

  it('scale with spot and strike together, and rates with vol^2 and time', () => {
    check((terms) => {
      const { spot, strike, t, r, q, vol } = terms;
      const scaled = { ...terms, spot: 8 * spot, strike: 8 * strike };
      const slower = { ...terms, t: 4 * t, r: r / 4, q: q / 4, vol: vol / 2 };
      const [one, eight, same] = americanPrices(batchOf(terms, scaled, slower));
      expect(Math.abs(eight! - 8 * one!)).toBeLessThan(1e-12 * (spot + strike));
      expect(Math.abs(same! - one!)).toBeLessThan(1e-12 * (spot + strike));
    });
  });
});
