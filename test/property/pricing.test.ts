import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import { blackScholesAllGreeks } from '../../src/pricing/black-scholes-all-greeks.ts';
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
type Drawn = { sign: number; spot: number; moneyness: number; t: number; r: number; q: number; vol: number };
const termsOf = ({ moneyness, ...terms }: Drawn): Required<OptionTerms> => ({
  ...terms,
  strike: terms.spot * Math.exp(moneyness),
});
const check = (property: (terms: Required<OptionTerms>) => void): void => {
  fc.assert(
    fc.property(option, (drawn) => property(termsOf(drawn))),
    { numRuns: 300 },
  );
};
const scaleOf = ({ spot, strike }: Required<OptionTerms>): number => spot + strike;

describe('European options', () => {
  it('put-call parity: C - P = S e^(-qT) - K e^(-rT)', () => {
    check((terms) => {
      const [call, put] = blackScholesPrices(batchOf({ ...terms, sign: 1 }, { ...terms, sign: -1 }));
      const forward = terms.spot * Math.exp(-terms.q * terms.t) - terms.strike * Math.exp(-terms.r * terms.t);
      expect(Math.abs(call! - put! - forward)).toBeLessThan(2e-15 * scaleOf(terms));
    });
  });

  it('lie between the discounted intrinsic value and the discounted spot or strike', () => {
    check((terms) => {
      const [price] = blackScholesPrices(batchOf(terms));
      const spotPv = terms.spot * Math.exp(-terms.q * terms.t);
      const strikePv = terms.strike * Math.exp(-terms.r * terms.t);
      const slack = 1e-15 * scaleOf(terms);
      expect(price).toBeGreaterThanOrEqual(Math.max(terms.sign * (spotPv - strikePv), 0) - slack);
      expect(price).toBeLessThanOrEqual((terms.sign > 0 ? spotPv : strikePv) + slack);
    });
  });

  it('fall with the strike for calls, rise for puts, and are convex in it', () => {
    check((terms) => {
      const at = (factor: number): OptionTerms => ({ ...terms, strike: terms.strike * factor });
      const [low, middle, high] = blackScholesPrices(batchOf(at(0.9), at(1), at(1.1)));
      const slack = 2e-15 * scaleOf(terms);
      expect(terms.sign * (low! - middle!)).toBeGreaterThanOrEqual(-slack);
      expect(terms.sign * (middle! - high!)).toBeGreaterThanOrEqual(-slack);
      expect(low! + high! - 2 * middle!).toBeGreaterThanOrEqual(-2 * slack);
    });
  });

  it('rise with vol', () => {
    check((terms) => {
      const [low, high] = blackScholesPrices(batchOf(terms, { ...terms, vol: terms.vol * 1.1 }));
      expect(high! - low!).toBeGreaterThanOrEqual(-1e-15 * scaleOf(terms));
    });
  });

  it('scale with spot and strike together', () => {
    check((terms) => {
      const scaled = { ...terms, spot: 7 * terms.spot, strike: 7 * terms.strike };
      const [one, seven] = blackScholesPrices(batchOf(terms, scaled));
      expect(Math.abs(seven! - 7 * one!)).toBeLessThan(1e-14 * scaleOf(terms));
    });
  });

  it('satisfy the Black-Scholes equation: theta + (r - q) S delta + vol^2 S^2 gamma / 2 = r V', () => {
    check((terms) => {
      const g = blackScholesAllGreeks(batchOf(terms));
      const { spot, r, q, vol } = terms;
      const cashGamma = vol * vol * spot * spot * g.gamma[0]!;
      const left = g.theta[0]! + (r - q) * spot * g.delta[0]! + 0.5 * cashGamma;
      expect(Math.abs(left - r * g.price[0]!)).toBeLessThan(1e-13 * (scaleOf(terms) + cashGamma));
    });
  });

  // Central differences of the next lower derivative, away from expiry where one step would cross the whole bend.
  const bumps = [
    ['delta', 'price', 'spot', 1],
    ['gamma', 'delta', 'spot', 1],
    ['speed', 'gamma', 'spot', 1],
    ['vega', 'price', 'vol', 1],
    ['vanna', 'delta', 'vol', 1],
    ['volga', 'vega', 'vol', 1],
    ['zomma', 'gamma', 'vol', 1],
    ['theta', 'price', 't', -1],
    ['charm', 'delta', 't', -1],
    ['rho', 'price', 'r', 1],
    ['phi', 'price', 'q', 1],
    ['dualDelta', 'price', 'strike', 1],
  ] as const;
  it.each(bumps)('%s is the derivative of %s by %s', (greek, of, by, sign) => {
    check((drawn) => {
      const terms = { ...drawn, t: 0.3 + drawn.t, vol: 0.15 + drawn.vol };
      const step = by === 'spot' || by === 'strike' ? terms[by] * 1e-4 : 1e-5;
      const up = { ...terms, [by]: terms[by] + step };
      const down = { ...terms, [by]: terms[by] - step };
      const greeks = blackScholesAllGreeks(batchOf(terms, up, down));
      const difference = (sign * (greeks[of][1]! - greeks[of][2]!)) / (2 * step);
      // The size of the function over the square of the distance in which it bends, in units of `by`.
      const size = of === 'price' || of === 'vega' ? scaleOf(terms) : of === 'delta' ? 1 : 1 / terms.spot;
      const unit = by === 'spot' || by === 'strike' ? terms[by] : 1;
      expect(Math.abs(difference - greeks[greek][0]!)).toBeLessThan((2e-5 * size) / unit);
    });
  });
});
