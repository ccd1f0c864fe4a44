import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import {
  allocateGreeks,
  blackScholesGreeks,
  blackScholesPrices,
} from '../../../src/pricing/black-scholes.ts';
import { blackScholesAllGreeks } from '../../../src/pricing/black-scholes-all-greeks.ts';
import { BLOCK } from '../../../src/pricing/black-scholes-block.ts';
import { batchOf } from '../../support/options.ts';

describe('Black-Scholes-Merton', () => {
  it('prices the textbook call', () => {
    // mpmath, 60 digits: 10.4505835721855667...
    expect(blackScholesPrices(batchOf({ q: 0 }))[0]).toBeCloseTo(10.450583572185566, 13);
  });

  it('prices an empty batch and every length around a block', () => {
    expect(blackScholesPrices(batchOf())).toHaveLength(0);
    for (const length of [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3]) {
      const prices = blackScholesPrices(batchOf(...Array.from({ length }, () => ({}))));
      expect(new Set(prices).size).toBe(1);
      expect(prices).toHaveLength(length);
    }
  });

  it('writes into the arrays it is given', () => {
    const out = allocateGreeks(2);
    expect(blackScholesGreeks(batchOf({}, { sign: -1 }), out)).toBe(out);
    expect(out.price[0]).toBeGreaterThan(out.price[1]!);
    expect(() => blackScholesPrices(batchOf({}), new Float64Array(2))).toThrow(ShapeError);
    expect(() => blackScholesGreeks(batchOf({}), out)).toThrow(ShapeError);
  });

  it('refuses columns of different lengths', () => {
    expect(() => blackScholesPrices({ ...batchOf({}), vol: new Float64Array(2) })).toThrow(ShapeError);
  });

  it.each([
    ['sign', { sign: 0 }],
    ['sign', { sign: Number.NaN }],
    ['spot', { spot: 0 }],
    ['spot', { spot: Number.POSITIVE_INFINITY }],
    ['strike', { strike: -1 }],
    ['strike', { strike: Number.NaN }],
    ['spot', { spot: 1e101 }],
    ['strike', { strike: 1e-101 }],
    ['expiryYears', { t: -1e-9 }],
    ['expiryYears', { t: Number.POSITIVE_INFINITY }],
    ['rate', { r: Number.NaN }],
    ['rate', { r: 2000 }],
    ['rate', { r: Number.POSITIVE_INFINITY, t: 0 }],
    ['dividendYield', { q: -2000 }],
    ['vol', { vol: -0.1 }],
    ['vol', { vol: 1e101 }],
    ['vol', { vol: Number.POSITIVE_INFINITY }],
  ] as const)('refuses %s in %o and names field and index', (field, terms) => {
    const inputs = batchOf({}, terms, {});
    try {
      blackScholesGreeks(inputs);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).facts).toMatchObject({ index: 1, field });
    }
  });

  it('never returns NaN for extreme but valid inputs', () => {
    const inputs = batchOf(
      { vol: 20, t: 30 },
      { vol: 1e-8 },
      { t: 1e-290 },
      { vol: 1e-300, t: 1e-300, strike: 101 },
      { spot: 1e-100, strike: 1e100, sign: -1 },
      { spot: 1e100, strike: 1e-100, vol: 5 },
      { spot: 1e100, strike: 1e100, r: -300, q: -300 },
      { r: 1e50, q: -1e50, t: 1e-49 },
      { r: -0.3, q: -0.2, t: 30 },
      { r: 300, t: 1 },
      { vol: 1e100 },
      { vol: 1e-140, r: 0, q: 0 },
    );
    const greeks = blackScholesGreeks(inputs);
    for (const column of [greeks.price, greeks.delta, greeks.vega, greeks.theta, greeks.rho]) {
      expect([...column].every(Number.isFinite), String(column)).toBe(true);
    }
    expect([...greeks.gamma].some(Number.isNaN)).toBe(false);
  });
});

describe('an instant before expiry', () => {
  // mpmath, 50 digits, on these doubles: a minute to go, vol 0.01 %, the strike 2.4e-8 and 1.3e-7 of the spot away.
  it.each([
    {
      terms: {
        sign: -1,
        spot: 1e7,
        strike: 9999999.760955645,
        t: 1.902587519025875e-6,
        r: -0.01,
        q: -0.02,
        vol: 1e-4,
      },
      delta: -0.37781008250837284,
    },
    {
      terms: {
        spot: 251.5770603305077,
        strike: 251.57702819845093,
        t: 1.902587519025875e-6,
        r: 0.039682093341555535,
        q: 0.03364190496877144,
        vol: 1e-4,
      },
      gamma: 6908.279586502571,
      vega: 0.08318722273892093,
    },
  ])('the rounding of S/K costs no digits of the Greeks, row $#', ({ terms, ...expected }) => {
    const greeks = blackScholesGreeks(batchOf(terms));
    for (const [name, value] of Object.entries(expected)) {
      const off = greeks[name as keyof typeof greeks][0]! / value! - 1;
      expect(Math.abs(off), name).toBeLessThan(3e-15);
    }
  });
});

describe('without variance', () => {
  it('is the discounted intrinsic value with its derivatives', () => {
    const greeks = blackScholesAllGreeks(
      batchOf({ vol: 0, strike: 90, t: 2 }, { t: 0, sign: -1, strike: 110 }, { t: 0, sign: -1, strike: 90 }),
    );
    const dq = Math.exp(-0.02);
    const dr = Math.exp(-0.1);
    expect(greeks.price[0]).toBe(100 * dq - 90 * dr);
    expect(greeks.delta[0]).toBe(dq);
    expect(greeks.theta[0]).toBeCloseTo(0.01 * 100 * dq - 0.05 * 90 * dr, 14);
    expect(greeks.rho[0]).toBeCloseTo(2 * 90 * dr, 12);
    expect(greeks.phi[0]).toBeCloseTo(-2 * 100 * dq, 12);
    expect(greeks.charm[0]).toBeCloseTo(0.01 * dq, 14);
    expect(greeks.dualDelta[0]).toBe(-dr);
    expect([greeks.price[1], greeks.delta[1], greeks.vega[1]]).toEqual([10, -1, 0]);
    expect([greeks.price[2], greeks.delta[2], greeks.gamma[2]]).toEqual([0, 0, 0]);
  });

  it('has no delta at the kink, but a vega from the right', () => {
    const greeks = blackScholesAllGreeks(batchOf({ vol: 0, r: 0.03, q: 0.03, t: 4 }));
    expect(greeks.price[0]).toBe(0);
    expect(greeks.delta[0]).toBeNaN();
    expect(greeks.gamma[0]).toBeNaN();
    expect(greeks.vega[0]).toBeCloseTo((100 * Math.exp(-0.12) * 2) / Math.sqrt(2 * Math.PI), 12);
  });
});
