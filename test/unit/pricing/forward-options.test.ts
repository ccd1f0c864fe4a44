import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/base/errors.ts';
import { allocateBachelier, type BachelierInputs, bachelierGreeks } from '../../../src/pricing/bachelier.ts';
import { blackScholesGreeks } from '../../../src/pricing/black-scholes.ts';
import { allocateBlack76, type Black76Inputs, black76Greeks } from '../../../src/pricing/black76.ts';
import { inverseOptionGreeks } from '../../../src/pricing/crypto/inverse-option.ts';
import { type MargrabeInputs, margrabeGreeks } from '../../../src/pricing/margrabe.ts';

const one = (x: number): Float64Array => Float64Array.of(x);
type Terms = { sign?: number; forward?: number; strike?: number; t?: number; r?: number; vol?: number };
const black76 = ({
  sign = 1,
  forward = 100,
  strike = 90,
  t = 1,
  r = 0.05,
  vol = 0.2,
}: Terms): Black76Inputs => ({
  sign: one(sign),
  forward: one(forward),
  strike: one(strike),
  expiryYears: one(t),
  rate: one(r),
  vol: one(vol),
});
const bachelier = (terms: Terms): BachelierInputs => {
  const { vol, ...inputs } = black76(terms);
  return { ...inputs, normalVol: vol };
};
/** The first element of every column. */
const firsts = <Columns extends Readonly<Record<string, Float64Array>>>(
  columns: Columns,
): Record<keyof Columns, number> =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[0]!])) as Record<
    keyof Columns,
    number
  >;

describe('Black-76', () => {
  it('is Black-Scholes-Merton on the forward', () => {
    const [S, r, q, t] = [95, 0.04, 0.01, 0.7];
    const spot = blackScholesGreeks({
      ...black76({ t, r }),
      spot: one(S),
      dividendYield: one(q),
    });
    const growth = Math.exp((r - q) * t);
    const found = firsts(black76Greeks(black76({ forward: S * growth, t, r })));
    expect(found.price).toBeCloseTo(spot.price[0]!, 13);
    expect(found.deltaForward * growth).toBeCloseTo(spot.delta[0]!, 14);
    expect(found.gammaForward * growth ** 2).toBeCloseTo(spot.gamma[0]!, 15);
    expect(found.vega).toBeCloseTo(spot.vega[0]!, 12);
  });

  it('without variance is discounted intrinsic value', () => {
    const discount = Math.exp(-0.05);
    const call = firsts(black76Greeks(black76({ vol: 0 })));
    expect(call).toEqual({
      price: 100 * discount - 90 * discount,
      deltaForward: discount,
      gammaForward: 0,
      vega: 0,
      theta: 0.05 * (100 * discount) - 0.05 * (90 * discount),
      rho: -(100 * discount - 90 * discount),
    });
    expect(firsts(black76Greeks(black76({ t: 0, sign: -1, strike: 110 })))).toMatchObject({
      price: 10,
      deltaForward: -1,
    });
    const kink = firsts(black76Greeks(black76({ vol: 0, strike: 100, t: 4 })));
    expect([kink.price, kink.deltaForward, kink.gammaForward, kink.theta]).toEqual([
      0,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(kink.vega).toBeCloseTo((100 * Math.exp(-0.2) * 2) / Math.sqrt(2 * Math.PI), 13);
  });

  it('writes into the arrays it is given, of the right length', () => {
    const out = allocateBlack76(1);
    expect(black76Greeks(black76({}), out)).toBe(out);
    expect(() => black76Greeks(black76({}), allocateBlack76(2))).toThrow(ShapeError);
    expect(() => bachelierGreeks(bachelier({}), allocateBachelier(2))).toThrow(ShapeError);
  });
});

describe('Bachelier', () => {
  it('at the money is v sqrt(T / 2 pi), for any sign of the forward', () => {
    for (const forward of [-3, 0, 7]) {
      const found = firsts(bachelierGreeks(bachelier({ forward, strike: forward, vol: 2, t: 4, r: 0 })));
      expect(found.price).toBeCloseTo((2 * 2) / Math.sqrt(2 * Math.PI), 14);
      expect(found.deltaForward).toBe(0.5);
    }
  });

  it('keeps its digits 38 standard deviations out', () => {
    // n(38) (1 - 38 R(38)), mpmath, 60 digits.
    const found = firsts(bachelierGreeks(bachelier({ forward: 0, strike: 38, vol: 1, t: 1, r: 0 })));
    expect(Math.abs(found.price / 7.58275e-318 - 1)).toBeLessThan(1e-5);
    const nearer = firsts(bachelierGreeks(bachelier({ forward: 0, strike: 30, vol: 1, t: 1, r: 0 })));
    expect(Math.abs(nearer.price / 1.631956734091401e-199 - 1)).toBeLessThan(1e-13);
  });

  it('without variance is discounted intrinsic value', () => {
    const found = firsts(bachelierGreeks(bachelier({ forward: -1, strike: 2, sign: -1, vol: 0 })));
    const discount = Math.exp(-0.05);
    expect(found).toMatchObject({ price: 3 * discount, deltaForward: -discount, gammaForward: 0, vega: 0 });
    const kink = firsts(bachelierGreeks(bachelier({ forward: 1, strike: 1, vol: 0, t: 4 })));
    expect(kink.deltaForward).toBeNaN();
    expect(kink.vega).toBeCloseTo((Math.exp(-0.2) * 2) / Math.sqrt(2 * Math.PI), 14);
  });
});

describe('inverse options', () => {
  it('without variance are intrinsic value in coins', () => {
    const terms = { ...black76({ forward: 5e4, strike: 4e4, vol: 0 }) };
    const found = firsts(inverseOptionGreeks(terms));
    expect(found).toMatchObject({
      priceUsd: 1e4,
      priceCoin: 0.2,
      deltaUsd: 1,
      deltaPremiumAdjusted: 0.8,
      vegaCoin: 0,
    });
    expect(found.coinDelta).toBeCloseTo(0.8 / 5e4, 20);
    expect(found.coinGamma).toBeCloseTo(-1.6 / 5e4 ** 2, 24);
    expect(firsts(inverseOptionGreeks(black76({ strike: 100, vol: 0 }))).deltaUsd).toBeNaN();
  });

  it('a short call with its premium in coins is hedged by the premium-adjusted delta', () => {
    // P&L in quote currency of: premium kept in coins, short call, delta in forwards: nothing in the first order.
    const [F, dF] = [5e4, 0.005];
    const inputs = (forward: number): Black76Inputs => black76({ forward, strike: 6e4, vol: 0.8, t: 0.2 });
    const before = firsts(inverseOptionGreeks(inputs(F)));
    const after = firsts(inverseOptionGreeks(inputs(F + dF)));
    const premium = before.priceCoin * (F + dF) - before.priceCoin * F;
    const hedge = before.deltaPremiumAdjusted * dF;
    const option = after.priceUsd - before.priceUsd;
    expect(Math.abs(premium + hedge - option)).toBeLessThan(1e-6 * Math.abs(option));
  });
});

describe('exchange options', () => {
  const terms: MargrabeInputs = {
    spot1: one(22),
    spot2: one(20),
    quantity1: one(1),
    quantity2: one(1),
    expiryYears: one(1),
    dividendYield1: one(0.06),
    dividendYield2: one(0.04),
    vol1: one(0.3),
    vol2: one(0.3),
    correlation: one(1),
  };

  it('of assets that move as one are intrinsic value', () => {
    const found = firsts(margrabeGreeks(terms));
    expect(found.price).toBeCloseTo(22 * Math.exp(-0.06) - 20 * Math.exp(-0.04), 14);
    expect(found.delta1).toBeCloseTo(Math.exp(-0.06), 15);
    expect(found.delta2).toBeCloseTo(-Math.exp(-0.04), 15);
    expect([found.vega1, found.vega2, found.correlationSensitivity]).toEqual([0, 0, 0]);
  });

  it('at the corner of that have no vegas, unless both vols are zero', () => {
    const corner = { ...terms, spot1: one(20), dividendYield1: one(0.04) };
    const found = firsts(margrabeGreeks(corner));
    expect(found.price).toBe(0);
    for (const value of [found.delta1, found.vega1, found.vega2, found.correlationSensitivity]) {
      expect(value).toBeNaN();
    }
    const still = firsts(margrabeGreeks({ ...corner, vol1: one(0), vol2: one(0) }));
    const vega = (20 * Math.exp(-0.04)) / Math.sqrt(2 * Math.PI);
    expect(still.vega1).toBeCloseTo(vega, 14);
    expect(still.vega2).toBeCloseTo(vega, 14);
    expect(still.correlationSensitivity).toBe(0);
  });

  it('keep the vol of a ratio that nearly vanishes', () => {
    // v1 - v2 = 3e-9 with rho = 1: the naive square root of v1^2 + v2^2 - 2 v1 v2 would be all rounding.
    const near = { ...terms, spot1: one(20), dividendYield1: one(0.04), vol2: one(0.3 * (1 + 1e-8)) };
    const vol = 0.3 * (1 + 1e-8) - 0.3;
    const found = firsts(margrabeGreeks(near));
    const expected = (20 * Math.exp(-0.04) * vol) / Math.sqrt(2 * Math.PI);
    expect(found.price / expected).toBeCloseTo(1, 6);
  });
});
