import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BachelierGreeks, bachelierGreeks } from '../../src/pricing/bachelier.ts';
import { black76Greeks } from '../../src/pricing/black76.ts';
import { inverseFutures } from '../../src/pricing/crypto/future.ts';
import { type InverseOptionGreeks, inverseOptionGreeks } from '../../src/pricing/crypto/inverse-option.ts';
import { type MargrabeGreeks, margrabeGreeks } from '../../src/pricing/margrabe.ts';

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const one = (x: number): Float64Array => Float64Array.of(x);

type Terms = { sign: number; forward: number; strike: number; t: number; r: number; vol: number };
const drawn = fc
  .record({
    sign: fc.constantFrom(1, -1),
    forward: between(1, 1e5),
    moneyness: between(-4, 4),
    t: between(0.01, 5),
    r: between(-0.05, 0.1),
    vol: between(0.05, 2),
  })
  .map(({ moneyness, ...terms }): Terms => {
    return { ...terms, strike: terms.forward * Math.exp(moneyness * terms.vol * Math.sqrt(terms.t)) };
  });
const check = (property: (terms: Terms) => void): void => {
  fc.assert(fc.property(drawn, property), { numRuns: 300 });
};
const columns = ({ sign, forward, strike, t, r, vol }: Terms) => ({
  sign: one(sign),
  forward: one(forward),
  strike: one(strike),
  expiryYears: one(t),
  rate: one(r),
  vol: one(vol),
});
/** Bachelier with the vol in units of the forward, and levels that straddle zero. */
const bachelier = (terms: Terms): BachelierGreeks => {
  const { vol, ...inputs } = columns(terms);
  return bachelierGreeks({ ...inputs, normalVol: vol });
};
const shifted = ({ forward, strike, vol, ...terms }: Terms): Terms => ({
  ...terms,
  vol: vol * forward,
  forward: 0.1 * forward,
  strike: strike - 0.9 * forward,
});
const central = (f: (x: number) => number, x: number, step: number): number =>
  (f(x + step) - f(x - step)) / (2 * step);

describe('Black-76 and Bachelier', () => {
  it('call - put = discounted (forward - strike)', () => {
    check((terms) => {
      const discount = Math.exp(-terms.r * terms.t);
      for (const [price, { forward, strike }] of [
        [(t: Terms) => black76Greeks(columns(t)).price[0]!, terms],
        [(t: Terms) => bachelier(shifted(t)).price[0]!, shifted(terms)],
      ] as const) {
        const parity = price({ ...terms, sign: 1 }) - price({ ...terms, sign: -1 });
        const scale = Math.abs(forward) + Math.abs(strike) + terms.forward * (1 + terms.vol);
        expect(Math.abs(parity - discount * (forward - strike))).toBeLessThan(2e-15 * scale);
      }
    });
  });

  it.each([
    ['deltaForward', 'price', 'forward', 1],
    ['gammaForward', 'deltaForward', 'forward', 1],
    ['vega', 'price', 'vol', 1],
    ['theta', 'price', 't', -1],
    ['rho', 'price', 'r', 1],
  ] as const)('%s is the derivative of %s by %s', (greek, of, by, sign) => {
    check((drawn) => {
      for (const [greeks, terms] of [
        [(t: Terms) => black76Greeks(columns(t)), { ...drawn, t: 0.3 + drawn.t }],
        [bachelier, shifted({ ...drawn, t: 0.3 + drawn.t })],
      ] as const) {
        const deviation = drawn.vol * Math.sqrt(terms.t);
        const unit = by === 'forward' ? drawn.forward * Math.min(1, deviation) : by === 'r' ? 1 : terms[by];
        const found = sign * central((x) => greeks({ ...terms, [by]: x })[of][0]!, terms[by], 1e-5 * unit);
        const size = of === 'price' ? (drawn.forward + Math.abs(terms.strike)) * (1 + deviation ** 2) : 1;
        const expected = greeks(terms)[greek][0]!;
        expect(Math.abs(found - expected)).toBeLessThan((1e-8 * size) / unit);
      }
    });
  });
});

describe('inverse options', () => {
  const greeksOf = (terms: Terms): InverseOptionGreeks => inverseOptionGreeks(columns(terms));

  it('call - put = 1 - K/F coins; a call is worth at most one coin', () => {
    check((terms) => {
      const call = greeksOf({ ...terms, sign: 1 }).priceCoin[0]!;
      const put = greeksOf({ ...terms, sign: -1 }).priceCoin[0]!;
      const ratio = terms.strike / terms.forward;
      expect(Math.abs(call - put - (1 - ratio))).toBeLessThan(2e-15 * (1 + ratio));
      expect(call).toBeLessThanOrEqual(1);
    });
  });

  it('a call less a put is an inverse future, in value and delta', () => {
    check((terms) => {
      const at = (forward: number, sign: number): InverseOptionGreeks =>
        greeksOf({ ...terms, forward, sign });
      const moved = terms.forward * 1.07;
      const synthetic = (forward: number): number =>
        at(forward, 1).priceCoin[0]! - at(forward, -1).priceCoin[0]!;
      // 1 - K/F moves like K (1/F0 - 1/F).
      const future = inverseFutures({
        quantity: one(1),
        contractSize: one(terms.strike),
        entryPrice: one(terms.forward),
        price: one(moved),
      });
      const ratio = terms.strike / terms.forward;
      const pnl = synthetic(moved) - synthetic(terms.forward);
      expect(Math.abs(pnl - future.valueCoin[0]!)).toBeLessThan(8e-15 * (1 + ratio));
      const delta = at(moved, 1).coinDelta[0]! - at(moved, -1).coinDelta[0]!;
      expect(Math.abs(delta - future.coinDelta[0]!)).toBeLessThan((8e-15 * (1 + ratio)) / moved);
    });
  });

  it.each([
    ['deltaUsd', 'priceUsd', 'forward', 1, 1],
    ['coinDelta', 'priceCoin', 'forward', 1, 0],
    ['coinGamma', 'coinDelta', 'forward', 1, -1],
    ['vegaCoin', 'priceCoin', 'vol', 1, 0],
    ['thetaCoin', 'priceCoin', 't', -1, 0],
  ] as const)('%s is the derivative of %s by %s', (greek, of, by, sign, power) => {
    check((drawn) => {
      const terms = { ...drawn, t: 0.3 + drawn.t };
      const deviation = drawn.vol * Math.sqrt(terms.t);
      const unit = by === 'forward' ? terms.forward * Math.min(1, deviation) : terms[by];
      const found = sign * central((x) => greeksOf({ ...terms, [by]: x })[of][0]!, terms[by], 1e-5 * unit);
      const size = terms.forward ** power * (1 + terms.strike / terms.forward) * (1 + deviation ** 2);
      expect(Math.abs(found - greeksOf(terms)[greek][0]!)).toBeLessThan((2e-8 * size) / unit);
    });
  });
});

describe('exchange options', () => {
  const exchange = fc.record({
    spot1: between(1, 100),
    spot2: between(1, 100),
    quantity1: between(0.1, 10),
    quantity2: between(0.1, 10),
    expiryYears: between(0.1, 3),
    dividendYield1: between(-0.05, 0.1),
    dividendYield2: between(-0.05, 0.1),
    vol1: between(0.05, 1),
    vol2: between(0.05, 1),
    correlation: between(-0.95, 0.95),
  });
  type Exchange = typeof exchange extends fc.Arbitrary<infer T> ? T : never;
  const greeksOf = (terms: Exchange): MargrabeGreeks =>
    margrabeGreeks({
      spot1: one(terms.spot1),
      spot2: one(terms.spot2),
      quantity1: one(terms.quantity1),
      quantity2: one(terms.quantity2),
      expiryYears: one(terms.expiryYears),
      dividendYield1: one(terms.dividendYield1),
      dividendYield2: one(terms.dividendYield2),
      vol1: one(terms.vol1),
      vol2: one(terms.vol2),
      correlation: one(terms.correlation),
    });
  const scaleOf = (terms: Exchange): number =>
    2 * (terms.quantity1 * terms.spot1 + terms.quantity2 * terms.spot2);

  it('the exchange less its reverse is the two prepaid forwards; the price is homogeneous', () => {
    fc.assert(
      fc.property(exchange, (terms) => {
        const reverse = {
          ...terms,
          spot1: terms.spot2,
          spot2: terms.spot1,
          quantity1: terms.quantity2,
          quantity2: terms.quantity1,
          dividendYield1: terms.dividendYield2,
          dividendYield2: terms.dividendYield1,
          vol1: terms.vol2,
          vol2: terms.vol1,
        };
        const t = terms.expiryYears;
        const first = terms.quantity1 * terms.spot1 * Math.exp(-terms.dividendYield1 * t);
        const second = terms.quantity2 * terms.spot2 * Math.exp(-terms.dividendYield2 * t);
        const { price, delta1, delta2 } = greeksOf(terms);
        const difference = price[0]! - greeksOf(reverse).price[0]!;
        expect(Math.abs(difference - (first - second))).toBeLessThan(2e-15 * scaleOf(terms));
        // Euler: V = S1 dV/dS1 + S2 dV/dS2.
        const euler = terms.spot1 * delta1[0]! + terms.spot2 * delta2[0]!;
        expect(Math.abs(euler - price[0]!)).toBeLessThan(1e-14 * scaleOf(terms));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['delta1', 'spot1'],
    ['delta2', 'spot2'],
    ['vega1', 'vol1'],
    ['vega2', 'vol2'],
    ['correlationSensitivity', 'correlation'],
  ] as const)('%s is the derivative by %s', (greek, by) => {
    fc.assert(
      fc.property(exchange, (terms) => {
        const unit = by === 'spot1' || by === 'spot2' ? terms[by] : 1;
        const found = central((x) => greeksOf({ ...terms, [by]: x }).price[0]!, terms[by], 1e-6 * unit);
        // A ratio that hardly varies bends sharply.
        const { vol1, vol2, correlation } = terms;
        const variance = (vol1 - vol2) ** 2 + 2 * (1 - correlation) * vol1 * vol2;
        const tolerance = (1e-9 * scaleOf(terms) * (1 + 1e-3 / variance ** 2)) / unit;
        expect(Math.abs(found - greeksOf(terms)[greek][0]!)).toBeLessThan(tolerance);
      }),
      { numRuns: 300 },
    );
  });
});
