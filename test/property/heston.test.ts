import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hestonGreeks, hestonPrices } from '../../src/pricing/models/heston.ts';
import { type HestonTerms, hestonBatch } from '../support/heston.ts';

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const option = fc.record({
  sign: fc.constantFrom(1, -1),
  spot: between(1, 1000),
  moneyness: between(-1.5, 1.5),
  t: between(0.005, 10),
  r: between(-0.05, 0.1),
  q: between(-0.05, 0.1),
  v0: between(0, 2),
  kappa: between(0, 10),
  theta: between(0, 2),
  sigma: between(0, 5),
  rho: between(-1, 1),
});
const check = (property: (terms: Required<HestonTerms>) => void, numRuns = 300): void => {
  fc.assert(
    fc.property(option, ({ moneyness, ...terms }) => {
      property({ ...terms, strike: terms.spot * Math.exp(moneyness) });
    }),
    { numRuns },
  );
};
const scaleOf = ({ spot, strike, r, q, t }: Required<HestonTerms>): number =>
  spot * Math.exp(-q * t) + strike * Math.exp(-r * t);

describe('European options under Heston', () => {
  it('put-call parity', () => {
    check((terms) => {
      const [call, put] = hestonPrices(hestonBatch({ ...terms, sign: 1 }, { ...terms, sign: -1 }));
      const forward = terms.spot * Math.exp(-terms.q * terms.t) - terms.strike * Math.exp(-terms.r * terms.t);
      expect(Math.abs(call! - put! - forward)).toBeLessThan(2e-15 * scaleOf(terms));
    });
  });

  it('lie between the discounted intrinsic value and the discounted spot or strike', () => {
    check((terms) => {
      const [price] = hestonPrices(hestonBatch(terms));
      const spotPv = terms.spot * Math.exp(-terms.q * terms.t);
      const strikePv = terms.strike * Math.exp(-terms.r * terms.t);
      const slack = 1e-13 * scaleOf(terms);
      expect(price).toBeGreaterThanOrEqual(Math.max(terms.sign * (spotPv - strikePv), 0) - slack);
      expect(price).toBeLessThanOrEqual((terms.sign > 0 ? spotPv : strikePv) + slack);
    });
  });

  it('fall with the strike for calls, rise for puts, and are convex in it', () => {
    check((terms) => {
      const at = (factor: number): HestonTerms => ({ ...terms, strike: terms.strike * factor });
      const [low, middle, high] = hestonPrices(hestonBatch(at(0.9), at(1), at(1.1)));
      const slack = 2e-13 * scaleOf(terms);
      expect(terms.sign * (low! - middle!)).toBeGreaterThanOrEqual(-slack);
      expect(terms.sign * (middle! - high!)).toBeGreaterThanOrEqual(-slack);
      expect(low! + high! - 2 * middle!).toBeGreaterThanOrEqual(-2 * slack);
    });
  });

  it('scale with spot and strike together', () => {
    check((terms) => {
      const scaled = { ...terms, spot: 8 * terms.spot, strike: 8 * terms.strike };
      const [one, eight] = hestonPrices(hestonBatch(terms, scaled));
      expect(Math.abs(eight! - 8 * one!)).toBeLessThan(1e-13 * scaleOf(terms));
    });
  });

  it('change with numeraire: a call is a put on the inverse with rho and kappa of the other measure', () => {
    check((terms) => {
      const kappa = terms.kappa - terms.rho * terms.sigma;
      if (kappa < 0) return;
      const call = { ...terms, sign: 1 };
      const put = {
        ...terms,
        sign: -1,
        spot: terms.strike,
        strike: terms.spot,
        r: terms.q,
        q: terms.r,
        kappa,
        theta: kappa === 0 ? 0 : (terms.kappa * terms.theta) / kappa,
        rho: -terms.rho,
      };
      if (put.theta > 1e4 || (kappa === 0 && terms.kappa * terms.theta > 0)) return;
      const [a, b] = hestonPrices(hestonBatch(call, put));
      expect(Math.abs(a! - b!)).toBeLessThan(1e-12 * scaleOf(terms));
    });
  });

  it('are the same alone and among other strikes', () => {
    check((terms) => {
      const strikes = Array.from({ length: 12 }, (_, i) => ({
        ...terms,
        strike: terms.strike * (0.7 + 0.05 * i),
      }));
      const group = hestonPrices(hestonBatch(...strikes));
      strikes.forEach((option, i) => {
        const [alone] = hestonPrices(hestonBatch(option));
        expect(Math.abs(group[i]! - alone!)).toBeLessThan(3e-13 * scaleOf(option));
      });
    }, 100);
  });

  // Central differences, where the price bends slowly enough for them.
  const bumps = [
    ['delta', 'price', 'spot', 1, 1e-5],
    ['gamma', 'delta', 'spot', 1, 2e-4],
    ['theta', 'price', 't', -1, 1e-5],
    ['rho', 'price', 'r', 1, 1e-5],
    ['varianceVega', 'price', 'v0', 1, 1e-5],
  ] as const;
  it.each(bumps)('%s is the derivative of %s by %s', (greek, of, by, sign, tolerance) => {
    check((drawn) => {
      const terms = {
        ...drawn,
        t: 0.3 + drawn.t,
        v0: 0.05 + drawn.v0,
        theta: 0.05 + drawn.theta,
        sigma: Math.min(drawn.sigma, 1),
        rho: 0.8 * drawn.rho,
      };
      const step = by === 'spot' ? terms.spot * 1e-4 : 1e-5;
      const up = { ...terms, [by]: terms[by] + step };
      const down = { ...terms, [by]: terms[by] - step };
      const greeks = hestonGreeks(hestonBatch(terms, up, down));
      const difference = (sign * (greeks[of][1]! - greeks[of][2]!)) / (2 * step);
      const unit = by === 'spot' ? terms.spot : 1;
      const size = of === 'delta' ? 1 : scaleOf(terms);
      expect(Math.abs(difference - greeks[greek][0]!)).toBeLessThan((tolerance * size) / unit);
    });
  });
});
