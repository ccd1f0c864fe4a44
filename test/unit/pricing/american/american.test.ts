import { describe, expect, it } from 'vitest';
import { leisenReimer } from '../../../../bench/baselines/leisen-reimer.ts';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { americanGreeks, americanPrices } from '../../../../src/pricing/american/american.ts';
import { americanExerciseBoundary } from '../../../../src/pricing/american/exercise-boundary.ts';
import { AMERICAN_REGIMES } from '../../../../src/pricing/american/regime.ts';
import { AMERICAN_SCHEMES } from '../../../../src/pricing/american/scheme.ts';
import { blackScholesPrices } from '../../../../src/pricing/black-scholes.ts';
import { batchOf, type OptionTerms } from '../../../support/options.ts';

const { fast, accurate, reference } = AMERICAN_SCHEMES;

/** R. C. Merton, "Theory of rational option pricing" (1973), section 8, with a yield. */
function perpetualPut(spot: number, strike: number, r: number, q: number, vol: number): number {
  const a = (r - q) / (vol * vol) - 0.5;
  const exponent = -a - Math.sqrt(a * a + (2 * r) / (vol * vol));
  const boundary = (strike * exponent) / (exponent - 1);
  return spot <= boundary ? strike - spot : (strike - boundary) * (spot / boundary) ** exponent;
}

describe('American options', () => {
  it.each([
    [100, 0.1, 0.02, 0.3],
    [80, 0.05, 0, 0.2],
    [130, 0.03, 0.06, 0.4],
    [100, 0.06, -0.03, 0.25],
  ])('of 800 years are perpetual: S = %d, r = %d, q = %d, vol = %d', (spot, r, q, vol) => {
    // What 800 years lack of forever is below 1e-14 of the strike with these terms.
    const inputs = batchOf({ sign: -1, spot, r, q, vol, t: 800 });
    const forever = perpetualPut(spot, 100, r, q, vol);
    expect(Math.abs(americanPrices(inputs)[0]! - forever)).toBeLessThan(1e-8 * 100);
    expect(Math.abs(americanPrices(inputs, reference)[0]! - forever)).toBeLessThan(1e-9 * 100);
  });

  it.each<OptionTerms>([
    { sign: -1, spot: 95, t: 1, r: 0.05, q: 0.01, vol: 0.25 },
    { sign: -1, spot: 110, t: 0.5, r: 0.03, q: 0.07, vol: 0.4 },
    { sign: 1, spot: 105, t: 2, r: 0.02, q: 0.08, vol: 0.3 },
    { sign: 1, spot: 90, t: 1, r: 0.06, q: 0.04, vol: 0.6 },
    { sign: 1, spot: 100, t: 1, r: -0.01, q: 0.02, vol: 0.2 },
    { sign: -1, spot: 100, t: 1, r: 0, q: -0.04, vol: 0.3 },
    { sign: -1, spot: 100, t: 1, r: 0.04, q: -0.03, vol: 0.3 },
  ])('agree with a Leisen-Reimer tree, %o', (terms) => {
    const { sign, spot = 100, t = 1, r = 0, q = 0, vol = 0.2 } = terms;
    const plain = { type: sign === 1 ? 'call' : 'put', spot, strike: 100, t, r, q, vol } as const;
    // Errors of the tree fall as 1 / steps: extrapolated.
    const tree = 2 * leisenReimer(plain, 1001) - leisenReimer(plain, 501);
    expect(Math.abs(americanPrices(batchOf(terms))[0]! - tree)).toBeLessThan(5e-4);
    expect(Math.abs(americanPrices(batchOf(terms), fast)[0]! - tree)).toBeLessThan(5e-4);
  });

  it('schemes agree to their accuracies where problems are stiff', () => {
    const stiff = batchOf(
      { sign: -1, t: 20, vol: 0.05, r: 0.06, q: 0 },
      { sign: -1, t: 40, vol: 0.01, r: 0.05, q: 0.02, spot: 99.9 },
      { sign: 1, t: 30, vol: 0.08, r: 0.01, q: 0.05, spot: 103 },
      { sign: -1, t: 10, vol: 3, r: 0.05, q: 0.03 },
      { sign: -1, t: 0.001, vol: 0.1, r: 0.08, q: 0.079 },
      { sign: 1, t: 40, vol: 0.4, r: -0.2, q: 0.01 },
    );
    const truth = americanPrices(stiff, reference);
    americanPrices(stiff, accurate).forEach((price, i) => {
      expect(Math.abs(price - truth[i]!), `option ${i}`).toBeLessThan(1e-6);
    });
    americanPrices(stiff, fast).forEach((price, i) => {
      expect(Math.abs(price - truth[i]!), `option ${i}`).toBeLessThan(1e-4);
    });
  });

  it.each<OptionTerms>([
    { sign: 1, r: 0.05, q: 0 },
    { sign: 1, r: 0.05, q: -0.02 },
    { sign: -1, r: 0, q: 0.02 },
    { sign: -1, r: -0.02, q: -0.01 },
    { sign: -1, r: -0.02, q: 0 },
  ])('are European where exercise never pays, %o', (terms) => {
    const inputs = batchOf(terms);
    const { price, regime } = americanGreeks(inputs);
    expect(price).toEqual(blackScholesPrices(inputs));
    expect(AMERICAN_REGIMES[regime[0]!]).toBe('european');
  });

  it('do not depend on their neighbours in the batch', () => {
    const ladder = Array.from({ length: 40 }, (_, i) => ({ sign: i % 2 ? -1 : 1, spot: 70 + i, q: 0.04 }));
    const mixed = ladder.flatMap((terms, i) => [terms, { ...terms, vol: 0.2 + (i % 3) * 0.1 }]);
    const together = americanGreeks(batchOf(...mixed), fast);
    mixed.forEach((terms, i) => {
      const alone = americanGreeks(batchOf(terms), fast);
      expect([together.price[i], together.delta[i], together.gamma[i]]).toEqual([
        alone.price[0],
        alone.delta[0],
        alone.gamma[0],
      ]);
    });
  });

  it('write into the array they are given, and refuse another length', () => {
    const out = new Float64Array(2);
    expect(americanPrices(batchOf({}, { sign: -1 }), accurate, out)).toBe(out);
    expect(out[1]).toBeGreaterThan(0);
    expect(() => americanPrices(batchOf({}), accurate, out)).toThrow(ShapeError);
    expect(americanPrices(batchOf())).toHaveLength(0);
  });

  it('refuse bad terms as Black-Scholes does', () => {
    expect(() => americanPrices(batchOf({}, { vol: -1 }))).toThrow(/option 1.*vol/);
    expect(() => americanGreeks(batchOf({ spot: Number.NaN }))).toThrow(RangeError);
  });

  it.each([
    ['nodes', { nodes: 3 }],
    ['nodes', { nodes: 8.5 }],
    ['quadrature', { quadrature: 65 }],
    ['premiumQuadrature', { premiumQuadrature: 0 }],
    ['iterations', { iterations: 0 }],
    ['tolerance', { tolerance: 0 }],
  ] as const)('refuse a scheme whose %s is out of range', (setting, change) => {
    expect(() => americanPrices(batchOf({}), { ...fast, ...change })).toThrow(setting);
  });
});

describe('Greeks of American options', () => {
  const cases: OptionTerms[] = [
    { sign: -1, spot: 95, t: 1, r: 0.05, q: 0.01, vol: 0.25 },
    { sign: -1, spot: 120, t: 3, r: 0.03, q: 0.07, vol: 0.4 },
    { sign: 1, spot: 105, t: 2, r: 0.02, q: 0.08, vol: 0.3 },
    { sign: 1, spot: 60, t: 1, r: 0.06, q: 0.04, vol: 0.6 },
  ];

  it.each(cases)('delta, gamma and theta are derivatives of the price, %o', (terms) => {
    const { delta, gamma, theta } = americanGreeks(batchOf(terms));
    const { spot = 100, t = 1 } = terms;
    const h = 0.01 * spot;
    const shifted = (steps: number): OptionTerms => ({ ...terms, spot: spot + steps * h });
    const v = americanPrices(batchOf(...[-2, -1, 0, 1, 2].map(shifted)), reference);
    const first = (v[0]! - 8 * v[1]! + 8 * v[3]! - v[4]!) / (12 * h);
    const second = (-v[0]! + 16 * v[1]! - 30 * v[2]! + 16 * v[3]! - v[4]!) / (12 * h * h);
    // What fourth-order differences leave.
    expect(Math.abs(delta[0]! - first)).toBeLessThan(1e-6);
    expect(Math.abs(gamma[0]! / second - 1)).toBeLessThan(1e-5);
    const dt = 1e-3 * t;
    const later = [-2, -1, 1, 2].map((steps) => ({ ...terms, t: t + steps * dt }));
    const w = americanPrices(batchOf(...later), reference);
    const slope = (w[0]! - 8 * w[1]! + 8 * w[2]! - w[3]!) / (12 * dt);
    expect(Math.abs(theta[0]! / -slope - 1)).toBeLessThan(1e-6);
  });

  it.each([-1, 1])('at the boundary: smooth pasting, and the jump of gamma (sign %d)', (sign) => {
    const terms = { sign, t: 1, r: 0.05, q: 0.04, vol: 0.3 };
    const boundary = americanExerciseBoundary({
      type: sign < 0 ? 'put' : 'call',
      strike: 100,
      expiryYears: 1,
      rate: 0.05,
      dividendYield: 0.04,
      vol: 0.3,
    }).at(1);
    // On the side where the option is held; a call is held below its boundary.
    const spots = [1e-12, 1e-8, 1e-5].map((gap) => boundary * (1 - sign * gap));
    const { price, delta, gamma, regime } = americanGreeks(
      batchOf(...spots.map((spot) => ({ ...terms, spot }))),
    );
    const jump = Math.abs(2 * (0.05 * 100 - 0.04 * boundary)) / (0.3 * boundary) ** 2;
    spots.forEach((spot, i) => {
      expect(AMERICAN_REGIMES[regime[i]!]).toBe('early');
      expect(Math.abs(price[i]! - sign * (spot - 100))).toBeLessThan(1e-7);
      expect(Math.abs(delta[i]! - sign)).toBeLessThan(1e-3);
      expect(Math.abs(gamma[i]! / jump - 1)).toBeLessThan(1e-3);
    });
    const past = americanGreeks(batchOf({ ...terms, spot: boundary * (1 + sign * 1e-9) }));
    expect([past.delta[0], past.gamma[0], past.theta[0]]).toEqual([sign, 0, 0]);
    expect(AMERICAN_REGIMES[past.regime[0]!]).toBe('immediate');
  });
});

describe('American options without variance', () => {
  it('at expiry: intrinsic value, delta +-1 or 0, none at the kink', () => {
    const { price, delta } = americanGreeks(
      batchOf({ t: 0, spot: 120 }, { t: 0, spot: 80 }, { t: 0 }, { t: 0, sign: -1, spot: 90 }),
    );
    expect([...price]).toEqual([20, 0, 0, 10]);
    expect([...delta]).toEqual([1, 0, Number.NaN, -1]);
  });

  it('without vol: the best time along the forward', () => {
    // The put is deepest where q S e^(-q s) = r K e^(-r s): s = ln(r K / (q S)) / (r - q) = 8.1 years.
    const terms = { sign: -1, vol: 0, r: 0.02, q: 0.1, spot: 40, t: 20 };
    const worth = (s: number): number => 100 * Math.exp(-0.02 * s) - 40 * Math.exp(-0.1 * s);
    const best = Math.max(...Array.from({ length: 20001 }, (_, i) => worth(i / 1000)));
    const { price, regime } = americanGreeks(batchOf(terms, { ...terms, t: 5 }, { ...terms, q: -0.1 }));
    expect(price[0]).toBeCloseTo(best, 7);
    expect(price[1]).toBeCloseTo(worth(5), 12);
    expect(price[2]).toBe(60);
    expect([...regime].map((code) => AMERICAN_REGIMES[code])).toEqual(['early', 'european', 'immediate']);
  });

  it('is the limit of little vol', () => {
    const terms = [
      { sign: -1, r: 0.02, q: 0.1, spot: 40, t: 20 },
      { sign: 1, r: 0.01, q: 0.05, spot: 140, t: 3 },
      { sign: -1, r: 0.05, q: 0.01, spot: 70, t: 3 },
    ];
    const without = americanPrices(batchOf(...terms.map((term) => ({ ...term, vol: 0 }))));
    const little = americanPrices(batchOf(...terms.map((term) => ({ ...term, vol: 1e-6 }))));
    little.forEach((price, i) => {
      expect(Math.abs(price - without[i]!), `option ${i}`).toBeLessThan(1e-6);
    });
  });
});
