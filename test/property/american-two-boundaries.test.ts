import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { americanGreeks } from '../../src/pricing/american/american.ts';
import { americanExerciseBoundary } from '../../src/pricing/american/exercise-boundary.ts';
import { AMERICAN_REGIMES } from '../../src/pricing/american/regime.ts';
import { AMERICAN_SCHEMES } from '../../src/pricing/american/scheme.ts';
import { finiteDifferencePut } from '../support/american-finite-differences.ts';
import {
  accurate,
  between,
  check,
  fast,
  LARGEST_ERROR,
  power,
  priceOf,
  scaleOf,
  sign,
  type Terms,
} from '../support/american-terms.ts';
import { batchOf } from '../support/options.ts';

describe('American options between two boundaries', () => {
  /** Puts with yield < rate < 0 and calls with rate < yield < 0, with vols about the one from which the boundaries meet. */
  const twoBoundaries: fc.Arbitrary<Terms> = fc
    .record({
      sign,
      moneyness: between(-1.5, 0.5),
      strike: power(-2, 3),
      t: power(-2, 1.5),
      given: between(0.002, 0.2),
      share: fc.oneof(between(0.02, 0.98), power(-8, -1)),
      vol: power(-1.5, 0.7),
    })
    .map(({ sign: w, moneyness, strike, t, given, share, vol: relative }) => {
      const [r, q] = w < 0 ? [-given * share, -given] : [-given, -given * share];
      const vol = relative * Math.abs(Math.sqrt(-2 * r) - Math.sqrt(-2 * q));
      return { sign: w, spot: strike * Math.exp(-w * moneyness), strike, t, r, q, vol };
    });
  const boundariesOf = ({ sign: w, strike, t, r, q, vol }: Terms) =>
    americanExerciseBoundary({
      type: w < 0 ? 'put' : 'call',
      strike,
      expiryYears: t,
      rate: r,
      dividendYield: q,
      vol,
    });
  /** Near and far boundary as of the unit put, at the valuation time; undefined where they have met. */
  const unitBand = (terms: Terms): readonly [number, number] | undefined => {
    const { at, far } = boundariesOf(terms);
    const [near, other] = [at(terms.t), far!.at(terms.t)].map((spot) => (spot / terms.strike) ** -terms.sign);
    return near === 0 ? undefined : [other!, near!];
  };

  it('agree with finite differences, which know of no boundary', () => {
    check(
      twoBoundaries.filter(({ t, q, r, vol }) => Math.max(-q, -r) * t < 1 && vol > 0.01),
      (terms) => {
        const { sign: w, spot, strike, t, r, q, vol } = terms;
        // A call is a put on the strike (McDonald and Schroder).
        const put =
          w < 0
            ? { spot, strike, rate: r, dividendYield: q }
            : { spot: strike, strike: spot, rate: q, dividendYield: r };
        const found = finiteDifferencePut({ ...put, expiryYears: t, vol }, 500);
        for (const scheme of [fast, accurate]) {
          const slack = LARGEST_ERROR.get(scheme)! * scaleOf(terms) + found.spread;
          expect(Math.abs(priceOf(terms, scheme) - found.price)).toBeLessThan(slack);
        }
      },
      25,
    );
  });

  it('are the same with the reference scheme, to the stated error', () => {
    check(twoBoundaries, (terms) => {
      const own = americanGreeks(batchOf(terms));
      const other = americanGreeks(batchOf(terms), AMERICAN_SCHEMES.reference);
      expect(Math.abs(own.price[0]! - other.price[0]!)).toBeLessThanOrEqual(1e-8 * scaleOf(terms));
      if (own.regime[0] !== other.regime[0]) return;
      expect(Math.abs(own.delta[0]! - other.delta[0]!)).toBeLessThanOrEqual(1e-6);
      const width = terms.spot * terms.vol * Math.sqrt(terms.t);
      expect(Math.abs(own.gamma[0]! - other.gamma[0]!) * width).toBeLessThanOrEqual(1e-4);
    });
  });

  it('are exercised between them, held outside, and paste smoothly at both', () => {
    check(twoBoundaries, (terms) => {
      const band = unitBand(terms);
      fc.pre(band !== undefined && band[1] > 1.001 * band[0]);
      const [low, high] = band!;
      const at = (level: number) => {
        const spot = terms.strike * level ** -terms.sign;
        return { spot, greeks: americanGreeks(batchOf({ ...terms, spot })) };
      };
      for (const level of [low * 1.0001, Math.sqrt(low * high), high * 0.9999]) {
        const { spot, greeks } = at(level);
        expect(AMERICAN_REGIMES[greeks.regime[0]!]).toBe('immediate');
        expect(greeks.price[0]).toBe(terms.sign * (spot - terms.strike));
      }
      for (const level of [low * (1 - 1e-7), high * (1 + 1e-7)]) {
        const { spot, greeks } = at(level);
        const intrinsic = terms.sign * (spot - terms.strike);
        expect(greeks.price[0]! - intrinsic).toBeLessThanOrEqual(1e-8 * Math.max(spot, terms.strike));
        expect(Math.abs(terms.sign * greeks.delta[0]! - 1)).toBeLessThanOrEqual(
          1e-5 + 2e-7 * greeks.gamma[0]! * spot,
        );
      }
    });
  });

  it('narrow with the time left, from the strike and rate/yield of it, until they meet if vol is large enough', () => {
    check(twoBoundaries, (terms) => {
      const { at, far, years } = boundariesOf(terms);
      const unit = (spot: number): number => (spot / terms.strike) ** -terms.sign;
      const [rate, paid] = terms.sign < 0 ? [terms.r, terms.q] : [terms.q, terms.r];
      expect(unit(at(0))).toBe(1);
      expect(unit(far!.at(0)) / (rate / paid)).toBeCloseTo(1, 10);
      const last = years[years.length - 1]!;
      if (terms.vol < Math.sqrt(-2 * paid) - Math.sqrt(-2 * rate)) expect(last).toBe(terms.t);
      let [near, other] = [1, rate / paid];
      for (let k = 1; k <= 20; k++) {
        const time = Math.min(last, (last * k) / 20);
        expect(unit(at(time))).toBeLessThanOrEqual(near + 1e-6);
        expect(unit(far!.at(time))).toBeGreaterThanOrEqual(other - 1e-2);
        [near, other] = [unit(at(time)), unit(far!.at(time))];
        expect(near).toBeGreaterThanOrEqual(other - 1e-5);
      }
      if (last === terms.t) return;
      expect(Math.abs(Math.log(near / other))).toBeLessThan(1.01e-6 * Math.log(paid / rate));
      expect(unit(at(Math.min(terms.t, last * 1.001)))).toBe(0);
      expect(unit(far!.at(Math.min(terms.t, last * 1.001)))).toBe(Number.POSITIVE_INFINITY);
    });
  });

  it('tend to options with one boundary as the rate goes to zero, and to European ones as it goes to the yield', () => {
    check(fc.tuple(twoBoundaries, power(-12, -3)), ([terms, step]) => {
      const name = terms.sign < 0 ? 'r' : 'q';
      const paid = terms.sign < 0 ? terms.q : terms.r;
      const lipschitz = 2 * step * terms.t * scaleOf(terms) * Math.exp(-paid * terms.t + step * terms.t);
      const gap = (from: number, to: number): number =>
        Math.abs(priceOf({ ...terms, [name]: from }) - priceOf({ ...terms, [name]: to }));
      expect(gap(-step, 0)).toBeLessThanOrEqual(lipschitz + 2e-8 * scaleOf(terms));
      expect(gap(paid + step, paid)).toBeLessThanOrEqual(lipschitz + 2e-8 * scaleOf(terms));
    });
  });
});
