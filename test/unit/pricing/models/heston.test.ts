import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { blackScholesGreeks, blackScholesPrices } from '../../../../src/pricing/black-scholes.ts';
import { hestonGreeks, hestonPrices } from '../../../../src/pricing/models/heston.ts';
import { criticalMoments } from '../../../../src/pricing/models/heston-moments.ts';
import { type HestonTerms, hestonBatch } from '../../../support/heston.ts';
import { batchOf } from '../../../support/options.ts';

const priceOf = (terms: HestonTerms): number => hestonPrices(hestonBatch(terms))[0]!;

describe('Heston without randomness in the variance', () => {
  it('is Black-Scholes with the mean variance, continuously in the vol of vol', () => {
    const meanVariance = 0.05 + (0.04 - 0.05) * (-Math.expm1(-1.5) / 1.5);
    for (const strike of [50, 90, 100, 130, 250]) {
      const [black] = blackScholesPrices(batchOf({ strike, r: 0.03, q: 0.01, vol: Math.sqrt(meanVariance) }));
      expect(Math.abs(priceOf({ strike, sigma: 0 }) - black!)).toBeLessThan(1e-13);
      expect(Math.abs(priceOf({ strike, sigma: 1e-9, rho: 0 }) - black!)).toBeLessThan(1e-13);
      // The first order in sigma is proportional to rho.
      expect(Math.abs(priceOf({ strike, sigma: 1e-9 }) - black!)).toBeLessThan(1e-8);
    }
  });

  it('has theta and variance vega of the mean variance', () => {
    const terms = { sigma: 0, strike: 105, kappa: 0 };
    const greeks = hestonGreeks(hestonBatch(terms));
    const black = blackScholesGreeks(batchOf({ strike: 105, r: 0.03, q: 0.01, vol: 0.2 }));
    expect(greeks.theta[0]).toBeCloseTo(black.theta[0]!, 12);
    // dV/dv0 = dV/dvol / (2 vol) where kappa = 0.
    expect(greeks.varianceVega[0]).toBeCloseTo(black.vega[0]! / 0.4, 11);
    const wandering = hestonGreeks(hestonBatch({ ...terms, kappa: 1.5, sigma: 1e-12 }));
    const certain = hestonGreeks(hestonBatch({ ...terms, kappa: 1.5 }));
    for (const name of ['delta', 'gamma', 'theta', 'rho', 'varianceVega'] as const) {
      expect(Math.abs(wandering[name][0]! / certain[name][0]! - 1), name).toBeLessThan(1e-10);
    }
  });

  it.each([
    ['at expiry', { t: 0 }],
    ['without any variance', { v0: 0, theta: 0 }],
    ['without variance or reversion', { v0: 0, kappa: 0 }],
  ])('is the discounted intrinsic value %s', (_, terms) => {
    const t = 't' in terms ? 0 : 1;
    for (const strike of [80, 120]) {
      for (const sign of [1, -1]) {
        const value = sign * (100 * Math.exp(-0.01 * t) - strike * Math.exp(-0.03 * t));
        const greeks = hestonGreeks(hestonBatch({ ...terms, strike, sign }));
        expect(greeks.price[0]).toBeCloseTo(Math.max(value, 0), 12);
        expect(greeks.delta[0]).toBeCloseTo(value > 0 ? sign * Math.exp(-0.01 * t) : 0, 15);
        expect(greeks.gamma[0]).toBe(0);
      }
    }
  });

  it('has no Greeks at the kink', () => {
    const greeks = hestonGreeks(hestonBatch({ t: 0 }));
    expect(greeks.price[0]).toBe(0);
    expect(greeks.delta[0]).toBeNaN();
    expect(greeks.gamma[0]).toBeNaN();
  });
});

describe('Heston at the edges', () => {
  it('with rho = -1 has no call beyond the highest reachable spot', () => {
    // ln S_T/F <= (v0 + kappa theta T) / sigma - (1/2 + kappa/sigma) V - v_T / sigma <= (v0 + kappa theta T) / sigma.
    const highest = 100 * Math.exp(0.02 + (0.04 + 1.5 * 0.05) / 0.6);
    expect(priceOf({ rho: -1, strike: 1.0001 * highest })).toBe(0);
    expect(priceOf({ rho: -1, strike: 0.95 * highest })).toBeGreaterThan(0);
  });

  it('keeps the digits of options worth 1e-100 and less, and gives zero only where a double ends', () => {
    const values = [200, 300, 400, 500, 1000].map((strike) => priceOf({ strike, t: 0.1, rho: -0.9 }));
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThan(values[i - 1]! / 1e3);
    expect(values.at(-1)).toBeGreaterThan(0);
    expect(priceOf({ strike: 1e30, t: 0.01, rho: -0.9 })).toBe(0);
  });

  it.each([
    ['a second before expiry', { t: 1 / (365 * 86400) }],
    ['Feller badly violated', { v0: 0.01, theta: 0.02, kappa: 0.1, sigma: 3 }],
    ['rho next to -1', { rho: -1 + 1e-12 }],
    ['rho = 1', { rho: 1 }],
    ['40 years', { t: 40, sigma: 1.5 }],
    ['moments that explode at once beyond 1', { t: 40, kappa: 0.01, sigma: 2, rho: 0.95 }],
    ['no reversion', { kappa: 0, sigma: 2 }],
    ['no variance today', { v0: 0, t: 0.01 }],
    ['a variance of 900 %', { v0: 9, theta: 9, t: 30 }],
  ])('lies in its bounds, decreases and is convex in the strike: %s', (_, terms) => {
    const t = 't' in terms ? terms.t : 1;
    const width = Math.sqrt(('v0' in terms ? terms.v0 : 0.04) * t) + 1e-6;
    const strikes = Array.from({ length: 41 }, (_, i) => 100 * Math.exp(Math.min(width, 2) * (i / 10 - 2)));
    const prices = hestonPrices(hestonBatch(...strikes.map((strike) => ({ ...terms, strike }))));
    strikes.forEach((strike, i) => {
      const slack = 1e-13 * (100 + strike);
      expect(prices[i]).toBeLessThanOrEqual(100 * Math.exp(-0.01 * t) + slack);
      expect(prices[i]).toBeGreaterThanOrEqual(
        100 * Math.exp(-0.01 * t) - strike * Math.exp(-0.03 * t) - slack,
      );
      if (i === 0 || i === 40) return;
      const left = (prices[i]! - prices[i - 1]!) / (strike - strikes[i - 1]!);
      const right = (prices[i + 1]! - prices[i]!) / (strikes[i + 1]! - strike);
      const noise = slack / (strike - strikes[i - 1]!);
      expect(left).toBeLessThanOrEqual(noise);
      expect(right - left).toBeGreaterThanOrEqual(-noise);
    });
  });
});

describe('Heston in batches', () => {
  it('gives every option what it gives it alone, wherever its expiry stands in the batch', () => {
    const options = Array.from({ length: 120 }, (_, i) => ({
      strike: 60 + 0.7 * i,
      sign: i % 3 === 0 ? -1 : 1,
      t: [0.1, 1, 2][i % 3]!,
      rho: i % 2 === 0 ? -0.7 : -0.2,
    }));
    const together = hestonGreeks(hestonBatch(...options));
    options.forEach((option, i) => {
      const alone = hestonGreeks(hestonBatch(option));
      expect(Math.abs(together.price[i]! - alone.price[0]!)).toBeLessThan(2e-14);
      expect(Math.abs(together.price[i]! / alone.price[0]! - 1)).toBeLessThan(1e-9);
      expect(Math.abs(together.delta[i]! - alone.delta[0]!)).toBeLessThan(1e-14);
      expect(Math.abs(together.gamma[i]! - alone.gamma[0]!)).toBeLessThan(1e-14);
      expect(Math.abs(together.theta[i]! - alone.theta[0]!)).toBeLessThan(1e-12);
      expect(Math.abs(together.rho[i]! - alone.rho[0]!)).toBeLessThan(1e-12);
      expect(Math.abs(together.varianceVega[i]! - alone.varianceVega[0]!)).toBeLessThan(1e-11);
    });
    expect(hestonPrices(hestonBatch())).toHaveLength(0);
  });

  it.each([
    ['sign', { sign: 0 }],
    ['spot', { spot: -1 }],
    ['strike', { strike: 0 }],
    ['expiryYears', { t: -1 }],
    ['rate', { r: Number.NaN }],
    ['rate', { r: 50, t: 10 }],
    ['dividendYield', { q: Number.POSITIVE_INFINITY }],
    ['initialVariance', { v0: -0.01 }],
    ['meanReversion', { kappa: -1 }],
    ['longVariance', { theta: Number.NaN }],
    ['volOfVol', { sigma: -0.1 }],
    ['correlation', { rho: 1.1 }],
  ])('refuses a bad %s, naming it and its index', (field, terms) => {
    const inputs = hestonBatch({}, terms);
    expect(() => hestonPrices(inputs)).toThrow(RangeError);
    expect(() => hestonGreeks(inputs)).toThrow(new RegExp(`option 1: .*${field}, found`));
  });

  it('refuses columns of different lengths', () => {
    expect(() => hestonPrices({ ...hestonBatch({}), strike: new Float64Array(2) })).toThrow(ShapeError);
    expect(() => hestonPrices(hestonBatch({}), new Float64Array(2))).toThrow(ShapeError);
  });
});

describe('critical moments', () => {
  it('are those of the closed form for rho = 0 and kappa = 0', () => {
    // d^2 = -sigma^2 (p^2 - p), explosion at pi / |d|: p^2 - p = (pi / (sigma T))^2.
    const model = {
      t: 2,
      initialVariance: 0.04,
      meanReversion: 0,
      longVariance: 0,
      volOfVol: 0.5,
      correlation: 0,
    };
    const { lower, upper } = criticalMoments(model);
    const root = Math.sqrt(0.25 + Math.PI ** 2);
    expect(Math.abs(upper / (0.5 + root) - 1)).toBeLessThan(1e-4);
    expect(upper).toBeLessThan(0.5 + root);
    expect(Math.abs(lower / (0.5 - root) - 1)).toBeLessThan(1e-4);
    expect(lower).toBeGreaterThan(0.5 - root);
  });

  it('do not exist upwards for rho = -1', () => {
    const model = {
      t: 2,
      initialVariance: 0.04,
      meanReversion: 1,
      longVariance: 0.04,
      volOfVol: 0.5,
      correlation: -1,
    };
    expect(criticalMoments(model).upper).toBeGreaterThan(1e30);
  });
});
