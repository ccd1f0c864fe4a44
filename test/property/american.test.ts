import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leisenReimer } from '../../bench/baselines/leisen-reimer.ts';
import { PrecisionError, RangeError } from '../../src/base/errors.ts';
import { type AmericanGreeks, americanGreeks, americanPrices } from '../../src/pricing/american/american.ts';
import { americanExerciseBoundary } from '../../src/pricing/american/exercise-boundary.ts';
import { AMERICAN_REGIMES } from '../../src/pricing/american/regime.ts';
import type { AmericanScheme } from '../../src/pricing/american/scheme.ts';
import { blackScholesGreeks, blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import {
  accurate,
  between,
  check,
  fast,
  LARGEST_ERROR,
  power,
  priceOf,
  regionOf,
  scaleOf,
  sign,
  type Terms,
} from '../support/american-terms.ts';
import { batchOf } from '../support/options.ts';

/** Rates of both signs from none over what rounding leaves of none to 30 %. */
const rate = fc
  .tuple(
    sign,
    fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(0, 5e-324) },
      { weight: 3, arbitrary: power(-20, -3) },
      { weight: 4, arbitrary: between(0, 0.3) },
    ),
  )
  .map(([s, size]) => s * size);

const market: fc.Arbitrary<Terms> = fc
  .record({
    sign,
    moneyness: fc.oneof(between(-1, 1), power(-9, -2)),
    strike: power(-2, 5),
    t: power(-4, 1.6),
    r: rate,
    q: rate,
    vol: power(-2.5, 0.6),
  })
  .map(({ moneyness, ...rest }) => ({ ...rest, spot: rest.strike * Math.exp(moneyness) }));

const europeanOf = (terms: Terms): number => blackScholesPrices(batchOf(terms))[0]!;

/** The most that the right to exercise early can be worth: interest on what is received, and the cost of what is not given away. */
function mostPremium({ sign: w, spot, strike, t, r, q }: Terms): number {
  const [received, given] = w < 0 ? [strike, spot] : [spot, strike];
  const [earned, paid] = w < 0 ? [r * t, q * t] : [q * t, r * t];
  return received * Math.max(0, -Math.expm1(-earned)) + given * Math.max(0, Math.expm1(-paid));
}

/** The largest |delta|: 1 where the option is exercised before its price is steeper, else that of e^(-q T) S. */
function steepest(terms: Terms): number {
  return regionOf(terms) === 'one boundary' ? 1 : Math.exp(Math.max(0, -terms.q * terms.t));
}

describe('American prices', () => {
  it.each([
    ['fast', fast],
    ['accurate', accurate],
  ] as const)(
    '%s: at least European and intrinsic value, at most what exercise can earn more',
    (_, scheme) => {
      check(market, (terms) => {
        const { price, europeanPrice, delta, gamma, theta, regime } = americanGreeks(batchOf(terms), scheme);
        const [value, european] = [price[0]!, europeanPrice[0]!];
        expect(value).toBeGreaterThanOrEqual(european);
        expect(value).toBeGreaterThanOrEqual(terms.sign * (terms.spot - terms.strike));
        const slack = LARGEST_ERROR.get(scheme)! * Math.min(mostPremium(terms), scaleOf(terms));
        expect(value - european).toBeLessThanOrEqual(
          mostPremium(terms) + slack + 4e-15 * Math.max(scaleOf(terms), european),
        );
        expect(terms.sign * delta[0]!).toBeGreaterThanOrEqual(0);
        expect(terms.sign * delta[0]!).toBeLessThanOrEqual(steepest(terms) * (1 + 1e-14));
        expect(gamma[0]!).toBeGreaterThanOrEqual(0);
        expect(theta[0]).not.toBeNaN();
        if (regionOf(terms) === 'never') {
          expect(AMERICAN_REGIMES[regime[0]!]).toBe('european');
          const own = blackScholesGreeks(batchOf(terms));
          expect([delta, gamma, theta]).toEqual([own.delta, own.gamma, own.theta]);
        }
        expect(americanPrices(batchOf(terms), scheme)).toEqual(price);
      });
    },
  );

  it('rise or fall with the spot, by no more than it where they may be exercised, and are convex', () => {
    check(
      market,
      (terms) => {
        const width = Math.min(0.5, 4 * terms.vol * Math.sqrt(terms.t));
        const spots = Array.from({ length: 41 }, (_, i) => terms.spot * (1 + width * (i / 20 - 1)));
        const v = americanPrices(batchOf(...spots.map((spot) => ({ ...terms, spot }))));
        const slack = 1e-9 * scaleOf(terms);
        for (let i = 1; i < v.length; i++) {
          const change = terms.sign * (v[i]! - v[i - 1]!);
          expect(change).toBeGreaterThanOrEqual(-slack);
          expect(change).toBeLessThanOrEqual(steepest(terms) * (spots[i]! - spots[i - 1]!) + slack);
          if (i > 1) expect(v[i]! - 2 * v[i - 1]! + v[i - 2]!).toBeGreaterThanOrEqual(-slack);
        }
      },
      150,
    );
  });

  it('do not fall with the term or the vol', () => {
    check(fc.tuple(market, between(1, 3), between(1, 3)), ([terms, longer, wilder]) => {
      const slack = 2 * LARGEST_ERROR.get(accurate)! * scaleOf(terms);
      const price = priceOf(terms);
      expect(priceOf({ ...terms, t: longer * terms.t })).toBeGreaterThanOrEqual(price - slack);
      expect(priceOf({ ...terms, vol: wilder * terms.vol })).toBeGreaterThanOrEqual(price - slack);
    });
  });

  it('obey put-call symmetry, and the units of money and time', () => {
    check(fc.tuple(market, power(-3, 3)), ([terms, unit]) => {
      const { sign: w, spot, strike, t, r, q, vol } = terms;
      const price = priceOf(terms);
      const slack = 1e-13 * Math.max(scaleOf(terms), price);
      // McDonald and Schroder (1998).
      const mirrored = priceOf({ ...terms, sign: -w, spot: strike, strike: spot, r: q, q: r });
      expect(Math.abs(mirrored - price)).toBeLessThanOrEqual(slack);
      const money = priceOf({ ...terms, spot: unit * spot, strike: unit * strike });
      // Rounding ln(S/K) may move a spot across the boundary, or a price that the iteration left a step from convergence.
      expect(Math.abs(money / unit - price)).toBeLessThanOrEqual(1e-9 * scaleOf(terms));
      const time = priceOf({ ...terms, t: unit * t, r: r / unit, q: q / unit, vol: vol / Math.sqrt(unit) });
      expect(Math.abs(time - price)).toBeLessThanOrEqual(1e-9 * scaleOf(terms));
    });
  });

  it('are continuous in rate and yield, through zero and from one regime into another', () => {
    const step = fc.tuple(sign, power(-20, -6)).map(([s, size]) => s * size);
    check(
      fc.tuple(market, step, step, fc.boolean(), fc.boolean()),
      ([drawn, dr, dq, noRate, noYield]) => {
        // Around zero, where 'never' and 'one boundary' meet, as often as elsewhere.
        const terms = { ...drawn, r: noRate ? -dr / 2 : drawn.r, q: noYield ? -dq / 2 : drawn.q };
        const moved = { ...terms, r: terms.r + dr, q: terms.q + dq };
        const { spot, strike, t, r, q } = terms;
        const growth = Math.exp(t * (Math.max(0, -r, -moved.r) + Math.max(0, -q, -moved.q)));
        const lipschitz = t * growth * (Math.abs(dr) * strike + Math.abs(dq) * spot);
        const slack =
          2 *
          LARGEST_ERROR.get(accurate)! *
          Math.min(scaleOf(terms), mostPremium(terms) + mostPremium(moved));
        const rounding = 4e-15 * growth * scaleOf(terms);
        expect(Math.abs(priceOf(moved) - priceOf(terms))).toBeLessThanOrEqual(
          2 * lipschitz + slack + rounding,
        );
      },
      600,
    );
  });

  it('with rates that are rounding errors are European, or worth exercising at once', () => {
    const noise = fc.tuple(sign, power(-300, -15)).map(([s, size]) => s * size);
    check(fc.tuple(market, noise, noise), ([terms, r, q]) => {
      const found = priceOf({ ...terms, r, q, t: Math.min(terms.t, 1) });
      const none = { ...terms, r: 0, q: 0, t: Math.min(terms.t, 1) };
      expect(Math.abs(found - europeanOf(none))).toBeLessThanOrEqual(1e-14 * scaleOf(terms));
    });
  });

  it('tend to those without variance', () => {
    // Both were off by what no price of so little variance can be.
    const boundariesNotFound: [Terms, number][] = [
      [
        {
          sign: 1,
          strike: 1,
          t: 39.81071705534943,
          r: 0.29999999999999943,
          q: 0.0004113427111481618,
          vol: 1,
          spot: 1,
        },
        4.903249401117532e-7,
      ],
      [
        {
          sign: -1,
          strike: 0.12650847055633993,
          t: 39.81071705534934,
          r: 0.00004438156647613793,
          q: 0.2999999999999993,
          vol: 1,
          spot: 0.12654779878528682,
        },
        0.000005838100149469552,
      ],
    ];
    const nearCertain = ([terms, deviation]: [Terms, number]): void => {
      const vol = deviation / Math.sqrt(terms.t);
      const certain = priceOf({ ...terms, vol: 0 });
      const found = priceOf({ ...terms, vol });
      // An option is worth at most the certain one and a call and a put on the deviation.
      const growth = Math.exp(terms.t * Math.max(0, -terms.q));
      expect(Math.abs(found - certain)).toBeLessThanOrEqual(
        deviation * terms.spot * growth + 1e-8 * deviation ** 0.25 * scaleOf(terms),
      );
    };
    boundariesNotFound.forEach(nearCertain);
    check(fc.tuple(market, power(-13, -3)), nearCertain);
  });

  it('agree with a tree on any terms of a market', () => {
    const plain = fc.record({
      sign,
      spot: between(60, 160),
      strike: fc.constant(100),
      t: between(0.05, 3),
      r: between(-0.05, 0.15),
      q: between(-0.05, 0.15),
      vol: between(0.1, 0.9),
    });
    check(
      plain,
      (terms) => {
        const { sign: w, ...rest } = terms;
        const type = w < 0 ? 'put' : 'call';
        const tree = 2 * leisenReimer({ ...rest, type }, 401) - leisenReimer({ ...rest, type }, 201);
        // Next to the boundary a tree this coarse is off by 8e-3, and exercises too early.
        for (const scheme of [fast, accurate]) {
          expect(Math.abs(priceOf(terms, scheme) - tree)).toBeLessThan(2e-2);
        }
      },
      60,
    );
  });
});

describe('American options out of all proportion', () => {
  /** Everything that `checkBlackScholesInputs` lets pass. */
  const wild: fc.Arbitrary<Terms> = fc
    .record({
      sign,
      spot: power(-100, 100),
      ratio: fc.oneof(power(-2, 2), power(-100, 100)),
      t: power(-200, 200),
      vol: fc.oneof(power(-100, 100), power(-14, 3)),
      relative: fc.boolean(),
      r: fc.tuple(sign, fc.oneof(fc.constantFrom(0, 5e-324), power(-20, 0))),
      q: fc.tuple(sign, fc.oneof(fc.constantFrom(0, 5e-324), power(-20, 0))),
    })
    .map(({ spot, ratio, t, vol, relative, r, q, ...rest }) => {
      const most = Math.min(1e50, 299 / t);
      return {
        ...rest,
        spot,
        strike: Math.min(1e100, Math.max(1e-100, spot * ratio)),
        t,
        vol: Math.min(1e100, relative ? vol / Math.sqrt(t) : vol),
        r: r[0] * r[1] * most,
        q: q[0] * q[1] * most,
      };
    });

  /** Undefined where two boundaries are refused, as may be for interest beyond all markets. */
  function greeksOf(terms: Terms, scheme: AmericanScheme): AmericanGreeks | undefined {
    try {
      return americanGreeks(batchOf(terms), scheme);
    } catch (error) {
      if (!(error instanceof PrecisionError)) throw error;
      expect(regionOf(terms)).toBe('two boundaries');
      expect(Math.max(-terms.r, -terms.q) * terms.t).toBeGreaterThan(30);
      return undefined;
    }
  }

  it.each([
    ['fast', fast],
    ['accurate', accurate],
  ] as const)('%s: a price within its bounds', (_, scheme) => {
    check(
      wild,
      (terms) => {
        const found = greeksOf(terms, scheme);
        if (found === undefined) return;
        const { price, europeanPrice, delta, gamma, theta } = found;
        const [value, european] = [price[0]!, europeanPrice[0]!];
        expect(value).toBeGreaterThanOrEqual(Math.max(european, terms.sign * (terms.spot - terms.strike)));
        expect(value - european).toBeLessThanOrEqual(
          mostPremium(terms) * (1 + 1e-6) + 1e-12 * Math.max(scaleOf(terms), european),
        );
        const isKink = value === 0 && terms.vol * Math.sqrt(terms.t) < 1e-12;
        if (!isKink) for (const greek of [delta, gamma, theta]) expect(greek[0]).not.toBeNaN();
      },
      2000,
    );
  });
});

describe('exercise boundaries', () => {
  const typeOf = ({ sign: w }: Terms) => (w < 0 ? 'put' : 'call') as 'put' | 'call';
  const boundaryOf = (terms: Terms) =>
    americanExerciseBoundary({
      type: typeOf(terms),
      strike: terms.strike,
      expiryYears: terms.t,
      rate: terms.r,
      dividendYield: terms.q,
      vol: terms.vol,
    });
  const exercised = market.filter((terms) => regionOf(terms) === 'one boundary');

  it('move away from the strike as time to expiry grows, between the limit at expiry and that of the perpetual option', () => {
    check(
      exercised,
      (terms) => {
        const { at } = boundaryOf(terms);
        const [earned, paid] = terms.sign < 0 ? [terms.r, terms.q] : [terms.q, terms.r];
        fc.pre(mostPremium(terms) > 1e-100 * scaleOf(terms));
        // In units of the strike, as of a put.
        const level = (time: number): number => (at(time) / terms.strike) ** -terms.sign;
        expect(level(0)).toBeCloseTo(paid > earned ? earned / paid : 1, 10);
        // Where what is paid exceeds what is earned the boundary bends sharply near expiry: what docs promise of the interpolant, by F62.
        const slack = paid <= earned ? 1e-6 : mostPremium(terms) > 1e-3 * scaleOf(terms) ? 1e-3 : 1e-2;
        let before = level(0);
        for (let k = 1; k <= 20; k++) {
          const here = level(Math.min(terms.t, (terms.t * k) / 20));
          expect(here).toBeLessThanOrEqual(before + slack);
          before = here;
        }
      },
      200,
    );
  });

  it('are where the price meets the intrinsic value', () => {
    check(
      exercised,
      (terms) => {
        const level = boundaryOf(terms).at(terms.t);
        fc.pre(level > 1e-90 * terms.strike && level < 1e90 * terms.strike);
        const past = { ...terms, spot: level * (1 + terms.sign * 1e-9) };
        const held = { ...terms, spot: level * (1 - terms.sign * 1e-7) };
        const intrinsic = (of: Terms): number => of.sign * (of.spot - of.strike);
        expect(Math.abs(priceOf(past) - intrinsic(past))).toBeLessThanOrEqual(1e-15 * scaleOf(past));
        expect(priceOf(held) - intrinsic(held)).toBeLessThanOrEqual(3e-8 * scaleOf(held));
      },
      200,
    );
  });

  it('are found for rates of any size', () => {
    const tiny = fc.tuple(sign, power(-300, -1)).map(([s, size]) => s * size);
    check(fc.tuple(market, tiny, tiny), ([drawn, r, q]) => {
      const terms = { ...drawn, r, q };
      const { at, far } = boundaryOf(terms);
      for (const share of [0, 1e-6, 0.3, 1]) expect(at(share * terms.t)).toBeGreaterThanOrEqual(0);
      for (const time of [-1, Number.NaN, 2 * terms.t]) expect(() => at(time)).toThrow(RangeError);
      expect(far !== undefined).toBe(regionOf(terms) === 'two boundaries');
    });
  });
});
