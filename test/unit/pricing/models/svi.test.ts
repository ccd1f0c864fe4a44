import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import {
  type SviSlice,
  sviMinimumTotalVariance,
  sviPoints,
  sviSmile,
  sviTotalVariance,
} from '../../../../src/pricing/models/svi.ts';
import { sviArbitrage } from '../../../../src/pricing/models/svi-arbitrage.ts';
import { calibrateSvi, type SviQuotes } from '../../../../src/pricing/models/svi-calibration.ts';
import { bestSlice } from '../../../../src/pricing/models/svi-inner.ts';

const smile: SviSlice = { a: 0.02, b: 0.1, rho: -0.4, m: 0.05, sigma: 0.2 };
const PARAMETERS = ['a', 'b', 'rho', 'm', 'sigma'] as const;
const strikes = (count: number, reach: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => reach * ((2 * i) / (count - 1) - 1));
const varianceAt = (slice: SviSlice, k: Float64Array): Float64Array =>
  k.map((at) => sviTotalVariance(slice, at));

describe('SVI', () => {
  it('has its minimum where it says', () => {
    const at = smile.m - (smile.rho * smile.sigma) / Math.sqrt(1 - smile.rho ** 2);
    expect(sviTotalVariance(smile, at)).toBeCloseTo(sviMinimumTotalVariance(smile), 16);
    expect(sviSmile(smile, Float64Array.of(at)).slope[0]).toBeCloseTo(0, 15);
  });

  it('gives no vol where variance is negative, and no g where it is zero', () => {
    const one = (x: number): Float64Array => Float64Array.of(x);
    const points = sviPoints({
      a: one(-1),
      b: one(0),
      rho: one(0),
      m: one(0),
      sigma: one(1),
      k: one(0),
      expiryYears: one(1),
    });
    expect(points.totalVariance[0]).toBe(-1);
    expect(points.impliedVol[0]).toBeNaN();
    expect(sviSmile({ a: 0, b: 0, rho: 0, m: 0, sigma: 1 }, one(0)).durrleman[0]).toBeNaN();
  });

  it.each([
    ['a', Number.NaN],
    ['b', -0.1],
    ['rho', 1.01],
    ['m', Number.POSITIVE_INFINITY],
    ['sigma', 0],
  ] as const)('refuses a bad %s, naming it', (field, value) => {
    expect(() => sviSmile({ ...smile, [field]: value }, strikes(3, 1))).toThrow(RangeError);
    expect(() => sviArbitrage({ ...smile, [field]: value })).toThrow(new RegExp(`as ${field}, found`));
  });

  it('refuses bad points, naming their index', () => {
    expect(() => sviSmile(smile, Float64Array.of(0, Number.NaN))).toThrow(/strike 1: .* as k/);
    const two = (x: number): Float64Array => Float64Array.of(x, x);
    const inputs = {
      a: two(0.1),
      b: two(0.1),
      rho: two(0),
      m: two(0),
      sigma: two(1),
      k: two(0),
      expiryYears: two(1),
    };
    expect(() => sviPoints({ ...inputs, sigma: Float64Array.of(1, -1) })).toThrow(/point 1: .*sigma/);
    expect(() => sviPoints({ ...inputs, expiryYears: Float64Array.of(1, 0) })).toThrow(
      /point 1: .*expiryYears/,
    );
    expect(() => sviPoints({ ...inputs, k: Float64Array.of(1) })).toThrow(ShapeError);
  });
});

describe('butterfly arbitrage of an SVI slice', () => {
  it("is absent from a mild smile, a flat one and Lee's limit of the wings", () => {
    expect(sviArbitrage(smile)).toEqual({
      free: true,
      minimumTotalVariance: sviMinimumTotalVariance(smile),
      negativeDensity: [],
    });
    expect(sviArbitrage({ ...smile, b: 0 }).free).toBe(true);
    expect(sviArbitrage({ a: 0.5, b: 1, rho: 0, m: 0, sigma: 3 }).free).toBe(true);
  });

  it('is found in the example of Axel Vogt (Gatheral and Jacquier, example 3.1), with its ends', () => {
    const vogt = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
    const { free, negativeDensity } = sviArbitrage(vogt);
    expect(free).toBe(false);
    expect(negativeDensity).toHaveLength(1);
    const [{ from, to, at, durrleman }] = negativeDensity as unknown as [(typeof negativeDensity)[number]];
    // Figure 1 of the paper: g is negative from about 0.6 to about 1.25.
    expect(from).toBeGreaterThan(0.55);
    expect(to).toBeLessThan(1.35);
    const g = sviSmile(vogt, Float64Array.of(from - 1e-7, from + 1e-7, to - 1e-7, to + 1e-7, at)).durrleman;
    expect([g[0]! > 0, g[1]! < 0, g[2]! < 0, g[3]! > 0]).toEqual([true, true, true, true]);
    expect(g[4]).toBeCloseTo(durrleman, 12);
    const scan = sviSmile(
      vogt,
      Float64Array.from({ length: 2001 }, (_, i) => from + ((to - from) * i) / 2000),
    ).durrleman;
    expect(durrleman).toBeLessThanOrEqual(Math.min(...scan) + 1e-15);
  });

  it('is found where only the last bit of a wing is too steep', () => {
    // b (1 + rho) > 2: g is negative only far to the right.
    const steep = { a: 0.1, b: 1, rho: 1 - 1e-6, m: 0, sigma: 0.1 };
    expect(sviArbitrage({ ...steep, b: 1.01 }).negativeDensity.at(-1)!.to).toBe(Number.POSITIVE_INFINITY);
    expect(sviArbitrage({ a: 0.1, b: 1.01, rho: -1 + 1e-6, m: 0, sigma: 0.1 }).negativeDensity[0]!.from).toBe(
      Number.NEGATIVE_INFINITY,
    );
  });

  it('is found in an interval narrower than any grid would see', () => {
    // Lower a until g just touches zero, then a little less.
    const at = (a: number): SviSlice => ({ a, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 });
    let [free, caught] = [0.05, -0.041];
    for (let i = 0; i < 45; i++) {
      const middle = 0.5 * (free + caught);
      if (sviArbitrage(at(middle)).free) free = middle;
      else caught = middle;
    }
    const [{ from, to }] = sviArbitrage(at(caught)).negativeDensity as unknown as [
      { from: number; to: number },
    ];
    expect(to - from).toBeLessThan(1e-4);
    expect(sviSmile(at(caught), Float64Array.of(0.5 * (from + to))).durrleman[0]).toBeLessThan(0);
    expect(sviSmile(at(free + 1e-9), Float64Array.of(0.5 * (from + to))).durrleman[0]).toBeGreaterThan(0);
  });

  it('reports negative variance as such', () => {
    const report = sviArbitrage({ ...smile, a: -0.1 });
    expect(report.free).toBe(false);
    expect(report.minimumTotalVariance).toBeLessThan(0);
    expect(report.negativeDensity).toEqual([]);
  });
});

describe('calibration of SVI', () => {
  const truths: readonly SviSlice[] = [
    smile,
    { a: 0.0004, b: 0.005, rho: -0.7, m: 0.01, sigma: 0.05 },
    { a: -0.03, b: 0.2, rho: 0.3, m: -0.1, sigma: 0.3 },
    { a: 0.1, b: 0.6, rho: -0.85, m: 0.2, sigma: 0.15 },
    { a: 0.02, b: 0.3, rho: 0, m: 0, sigma: 0.6 },
  ];
  it.each(truths)('recovers %o to 1e-10 from eleven quotes', (truth) => {
    const k = strikes(11, 3 * truth.sigma).map((at) => at + truth.m / 2);
    const { slice, residuals, rootMeanSquare, butterfly } = calibrateSvi({
      k,
      totalVariance: varianceAt(truth, k),
    });
    for (const name of PARAMETERS) expect(Math.abs(slice[name] - truth[name]), name).toBeLessThan(1e-10);
    expect(rootMeanSquare).toBeLessThan(1e-15);
    expect(Math.max(...residuals.map(Math.abs))).toBeLessThan(1e-14);
    expect(butterfly.free).toBe(sviArbitrage(truth).free);
  });

  it('takes vols with a time, and weights', () => {
    const k = strikes(15, 0.8);
    const variance = varianceAt(smile, k);
    const vol = variance.map((w) => Math.sqrt(w / 0.25));
    // Two quotes are wrong and have no weight.
    vol[3]! += 0.3;
    vol[9]! = 0;
    const weights = Float64Array.from(k, (_, i) => (i === 3 || i === 9 ? 0 : 1 + i));
    const { slice, residuals, rootMeanSquare } = calibrateSvi({ k, vol, expiryYears: 0.25, weights });
    for (const name of PARAMETERS) expect(Math.abs(slice[name] - smile[name]), name).toBeLessThan(1e-10);
    expect(rootMeanSquare).toBeLessThan(1e-15);
    expect(residuals[9]).toBeCloseTo(variance[9]!, 10);
  });

  it('fits noisy quotes at least as well as the truth does, and stays near it', () => {
    const random = new SeededRandom(11);
    for (let trial = 0; trial < 30; trial++) {
      const truth = {
        a: random.between(0.005, 0.05),
        b: random.between(0.05, 0.4),
        rho: random.between(-0.8, 0.5),
        m: random.between(-0.2, 0.2),
        sigma: random.between(0.1, 0.4),
      };
      const k = strikes(21, 1);
      const exact = varianceAt(truth, k);
      const noise = k.map(() => 1e-4 * random.normal());
      const { slice, rootMeanSquare } = calibrateSvi({
        k,
        totalVariance: exact.map((w, i) => w + noise[i]!),
      });
      const own = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / 21);
      expect(rootMeanSquare, `trial ${trial}`).toBeLessThanOrEqual(own);
      varianceAt(slice, k).forEach((w, i) => {
        expect(Math.abs(w - exact[i]!), `trial ${trial}`).toBeLessThan(4e-4);
      });
    }
  });

  it('keeps its bounds on quotes that would break them', () => {
    const k = strikes(9, 1);
    const quotes = {
      'a smile upside down': k.map((at) => 0.2 - 0.1 * at * at),
      'wings steeper than two': k.map((at) => 0.05 + 3 * Math.abs(at)),
      'a parabola through zero': k.map((at) => 0.3 * at * at),
      nothing: k.map(() => 0),
      flat: k.map(() => 0.04),
      'a line': k.map((at) => 0.3 - 0.2 * at),
      'a needle': k.map((at) => (at === 0 ? 1 : 0)),
    };
    for (const [name, totalVariance] of Object.entries(quotes)) {
      const { slice, rootMeanSquare, butterfly, residuals } = calibrateSvi({ k, totalVariance });
      expect(butterfly.minimumTotalVariance, name).toBeGreaterThanOrEqual(0);
      expect(slice.b * (1 + Math.abs(slice.rho)), name).toBeLessThanOrEqual(2 * (1 + 1e-12));
      const mean = Math.sqrt(residuals.reduce((sum, x) => sum + x * x, 0) / 9);
      expect(rootMeanSquare, name).toBeCloseTo(mean, 12);
      // Never worse than the best constant.
      const level = totalVariance.reduce((sum, w) => sum + w, 0) / 9;
      const constant = Math.sqrt(totalVariance.reduce((sum, w) => sum + (w - level) ** 2, 0) / 9);
      expect(rootMeanSquare, name).toBeLessThanOrEqual(constant + 1e-12);
    }
    expect(calibrateSvi({ k, totalVariance: quotes.flat }).rootMeanSquare).toBeLessThan(1e-15);
    expect(calibrateSvi({ k, totalVariance: quotes['a line'] }).rootMeanSquare).toBeLessThan(1e-5);
  });

  it('says when the best fit is arbitrageable', () => {
    const vogt = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
    const k = strikes(25, 1.5);
    const fit = calibrateSvi({ k, totalVariance: varianceAt(vogt, k) });
    expect(fit.rootMeanSquare).toBeLessThan(1e-14);
    expect(fit.butterfly.free).toBe(false);
    expect(fit.butterfly.negativeDensity).toHaveLength(1);
  });

  it('solves the inner problem: no feasible slice with the same m and sigma fits better', () => {
    const random = new SeededRandom(3);
    for (let trial = 0; trial < 60; trial++) {
      const k = strikes(8, 1);
      const totalVariance = k.map(() => random.between(0, 0.4));
      const rootWeight = k.map(() => Math.sqrt(1 / 8));
      const [m, sigma] = [random.between(-0.5, 0.5), random.between(0.05, 1)];
      const best = bestSlice({ k, totalVariance, rootWeight }, m, sigma);
      const scoreOf = (slice: SviSlice): number =>
        varianceAt(slice, k).reduce((sum, w, i) => sum + (w - totalVariance[i]!) ** 2 / 8, 0);
      expect(scoreOf(best.slice)).toBeCloseTo(best.score, 12);
      expect(sviMinimumTotalVariance(best.slice)).toBeGreaterThanOrEqual(0);
      const highest = Math.max(...totalVariance);
      for (let i = 0; i < 300; i++) {
        // Near the solution as well as anywhere.
        const near = i % 2 === 0;
        const spread = near ? 10 ** -random.between(1, 5) : 1;
        const [u0, v0] = [
          best.slice.b * sigma * (1 + best.slice.rho),
          best.slice.b * sigma * (1 - best.slice.rho),
        ];
        const pick = (centre: number): number =>
          Math.min(
            Math.max(near ? centre + sigma * spread * random.normal() : random.between(0, 2 * sigma), 0),
            2 * sigma,
          );
        const [u, v] = [pick(u0), pick(v0)];
        const lowest = -Math.sqrt(u * v);
        const a = Math.min(
          Math.max(near ? best.slice.a + spread * random.normal() : random.between(lowest, highest), lowest),
          highest,
        );
        const other = { a, b: (u + v) / (2 * sigma), rho: u + v > 0 ? (u - v) / (u + v) : 0, m, sigma };
        expect(scoreOf(other), `trial ${trial}`).toBeGreaterThanOrEqual(best.score - 1e-13);
      }
    }
  });

  it('refuses bad quotes', () => {
    const k = strikes(6, 1);
    const totalVariance = k.map(() => 0.04);
    const refused = (change: object): void => {
      expect(() => calibrateSvi({ k, totalVariance, ...change } as SviQuotes)).toThrow(RangeError);
    };
    refused({ totalVariance: totalVariance.with(2, -0.01) });
    refused({ totalVariance: totalVariance.with(2, Number.NaN) });
    refused({ k: k.with(1, Number.POSITIVE_INFINITY) });
    refused({ weights: totalVariance.with(1, -1) });
    refused({ weights: totalVariance.map(() => 0) });
    refused({ k: k.map((at) => Math.sign(at)) });
    refused({ vol: totalVariance, expiryYears: 0 });
    refused({ k: k.slice(0, 4), totalVariance: totalVariance.slice(0, 4) });
    expect(() => calibrateSvi({ k, totalVariance: totalVariance.slice(1) })).toThrow(ShapeError);
    expect(() => calibrateSvi({ k, totalVariance, weights: totalVariance.slice(1) })).toThrow(ShapeError);
  });
});
