import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { blackScholesPrices } from '../../../../src/pricing/black-scholes.ts';
import { type SabrInputs, sabrVols, skew } from '../../../../src/pricing/models/sabr.ts';
import { type SabrSlice, sabrArbitrage, sabrSmile } from '../../../../src/pricing/models/sabr-arbitrage.ts';

const slice: SabrSlice = { forward: 100, expiryYears: 1, alpha: 2, beta: 0.5, nu: 0.4, rho: -0.3 };

const inputsOf = (slice: SabrSlice, ...strikes: readonly number[]): SabrInputs => {
  const all = (value: number): Float64Array => new Float64Array(strikes.length).fill(value);
  return {
    forward: all(slice.forward),
    strike: Float64Array.from(strikes),
    expiryYears: all(slice.expiryYears),
    alpha: all(slice.alpha),
    beta: all(slice.beta),
    nu: all(slice.nu),
    rho: all(slice.rho),
  };
};
const volOf = (slice: SabrSlice, strike: number): number => sabrVols(inputsOf(slice, strike))[0]!;

describe('SABR', () => {
  it('is the at-the-money formula of the paper (equation 2.18) there', () => {
    const { forward: F, expiryYears: t, alpha, beta, nu, rho } = slice;
    const f = F ** (1 - beta);
    const correction =
      ((1 - beta) ** 2 * alpha ** 2) / (24 * f * f) +
      (rho * beta * nu * alpha) / (4 * f) +
      ((2 - 3 * rho ** 2) * nu ** 2) / 24;
    expect(volOf(slice, F)).toBeCloseTo((alpha / f) * (1 + correction * t), 15);
  });

  it('passes through the money without a step', () => {
    const at = volOf(slice, 100);
    const { slope } = sabrSmile(slice, Float64Array.of(0));
    for (const k of [1e-16, 1e-12, 1e-9, 1e-7, 1e-5, 1e-3]) {
      for (const sign of [1, -1]) {
        const change = volOf(slice, 100 * Math.exp(sign * k)) - at;
        // dvol/dk = (dw/dk) / (2 vol t).
        expect(Math.abs(change - (sign * k * slope[0]!) / (2 * at))).toBeLessThan(0.5 * k * k + 1e-15);
      }
    }
  });

  it('with beta = 1 and nu = 0 is Black with alpha; with nu = 0 the expansion of the CEV model', () => {
    for (const strike of [20, 100, 500]) {
      expect(volOf({ ...slice, alpha: 0.3, beta: 1, nu: 0 }, strike)).toBeCloseTo(0.3, 15);
      expect(volOf({ ...slice, nu: 1e-12 }, strike)).toBeCloseTo(volOf({ ...slice, nu: 0 }, strike), 10);
    }
  });

  it('scales with the forward: alpha in units of forward^(1 - beta)', () => {
    const scaled = { ...slice, forward: 1e6 * slice.forward, alpha: slice.alpha * 1e3 };
    expect(volOf(scaled, 1.3e8) / volOf(slice, 130) - 1).toBeCloseTo(0, 14);
  });

  it('z / x(z) keeps its digits at both ends of rho and z', () => {
    expect(skew(0, 0.5)).toBe(1);
    // rho = 0: x = asinh(z).
    for (const z of [-1e6, -3, -0.2, -1e-9, 1e-9, 0.2, 1, 3, 1e6]) {
      expect(Math.abs((skew(z, 0) * Math.asinh(z)) / z - 1)).toBeLessThan(1e-15);
      // x(-z; rho) = -x(z; -rho).
      expect(skew(-z, 0.7)).toBe(skew(z, -0.7));
    }
    // rho -> 1, 0 < z < 1: x = -ln(1 - z).
    for (const z of [1e-6, 0.3, 0.9])
      expect(Math.abs((skew(z, 1) * -Math.log1p(-z)) / z - 1)).toBeLessThan(1e-14);
    expect(skew(0.999, 1 - 1e-15)).toBeGreaterThan(0);
  });

  it('gives no vol where the expansion is not positive', () => {
    expect(volOf({ ...slice, expiryYears: 200, rho: -0.99, nu: 1 }, 100)).toBeNaN();
    expect(volOf({ ...slice, expiryYears: 0 }, 100)).toBeCloseTo(0.2, 15);
  });

  it.each([
    ['forward', { forward: 0 }],
    ['expiryYears', { expiryYears: -1 }],
    ['alpha', { alpha: 0 }],
    ['beta', { beta: 1.5 }],
    ['nu', { nu: Number.NaN }],
    ['rho', { rho: -1.01 }],
  ])('refuses a bad %s, naming it', (field, change) => {
    expect(() => volOf({ ...slice, ...change }, 90)).toThrow(new RegExp(`strike 0: .* as ${field}, found`));
    expect(() => sabrArbitrage({ ...slice, ...change })).toThrow(RangeError);
  });

  it('refuses other bad arguments', () => {
    expect(() => volOf(slice, -1)).toThrow(/as strike/);
    expect(() => sabrVols(inputsOf(slice, 1, 2), new Float64Array(1))).toThrow(ShapeError);
    expect(() => sabrVols({ ...inputsOf(slice, 1, 2), nu: new Float64Array(3) })).toThrow(ShapeError);
    expect(() => sabrSmile({ ...slice, expiryYears: 0 }, Float64Array.of(0))).toThrow(RangeError);
    expect(() => sabrSmile({ ...slice, rho: 1 }, Float64Array.of(0))).toThrow(RangeError);
    expect(() => sabrSmile(slice, Float64Array.of(0, 300))).toThrow(/strike 1/);
    expect(() => sabrArbitrage(slice, 1, -1)).toThrow(RangeError);
  });
});

describe('butterfly arbitrage of SABR', () => {
  it('is absent from a short, mild smile', () => {
    const report = sabrArbitrage({ ...slice, expiryYears: 0.25 });
    expect(report.free).toBe(true);
    expect(report.minimumTotalVariance).toBeGreaterThan(0);
  });

  it('is found at low strikes of a long expiry, where the second difference of prices is negative too', () => {
    const long = { forward: 0.03, expiryYears: 20, alpha: 0.006, beta: 0.5, nu: 0.4, rho: -0.3 };
    const report = sabrArbitrage(long, -5, 2);
    expect(report.free).toBe(false);
    const [{ from, to, at, durrleman }] = report.negativeDensity as unknown as [
      (typeof report.negativeDensity)[number],
    ];
    expect(from).toBe(-5);
    expect(durrleman).toBeLessThan(0);
    const butterfly = (k: number): number => {
      const step = 1e-3;
      const strikes = [Math.exp(k - step), Math.exp(k), 2 * Math.exp(k) - Math.exp(k - step)].map(
        (x) => x * 0.03,
      );
      const column = (of: (i: number) => number): Float64Array => Float64Array.from(strikes, (_, i) => of(i));
      const prices = blackScholesPrices({
        sign: column(() => -1),
        spot: column(() => 0.03),
        strike: Float64Array.from(strikes),
        expiryYears: column(() => 20),
        rate: column(() => 0),
        dividendYield: column(() => 0),
        vol: sabrVols(inputsOf(long, ...strikes)),
      });
      return prices[0]! - 2 * prices[1]! + prices[2]!;
    };
    expect(butterfly(at)).toBeLessThan(0);
    expect(butterfly(to - 0.02)).toBeLessThan(0);
    expect(butterfly(to + 0.02)).toBeGreaterThan(0);
    expect(butterfly(0)).toBeGreaterThan(0);
  });

  it('reports a vol that is not positive as such', () => {
    const report = sabrArbitrage({ ...slice, expiryYears: 200, rho: -0.99, nu: 1 }, -1, 1);
    expect(report.free).toBe(false);
    expect(report.minimumTotalVariance).toBeLessThan(0);
    expect(report.negativeDensity).toEqual([]);
  });
});
