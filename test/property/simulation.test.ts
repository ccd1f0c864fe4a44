import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockSums, emptyMoments, mergeMoments } from '../../src/pricing/montecarlo/moments.ts';
import type { PayoffSpec } from '../../src/pricing/montecarlo/payoff.ts';
import { simulate } from '../../src/pricing/montecarlo/simulate.ts';
import type { Sampling } from '../../src/pricing/montecarlo/specification.ts';
import { marketOf, simulationOf } from '../support/simulations.ts';

const terms = fc.record({
  spot: fc.double({ min: 1, max: 1e5, noNaN: true }),
  moneyness: fc.double({ min: 0.5, max: 2, noNaN: true }),
  vol: fc.double({ min: 0.02, max: 1.5, noNaN: true }),
  r: fc.double({ min: -0.02, max: 0.1, noNaN: true }),
  q: fc.double({ min: -0.02, max: 0.1, noNaN: true }),
  times: fc
    .uniqueArray(fc.double({ min: 0.01, max: 3, noNaN: true }), { minLength: 1, maxLength: 6 })
    .map((list) => list.sort((a, b) => a - b)),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});
type Terms = typeof terms extends fc.Arbitrary<infer T> ? T : never;

const SAMPLINGS: readonly ((seed: number) => Sampling)[] = [
  (seed) => ({ kind: 'pseudo', seed, paths: 64 }),
  (seed) => ({ kind: 'pseudo', seed, paths: 64, antithetic: true, construction: 'bridge' }),
  (seed) => ({ kind: 'sobol', seed, pathsPerScrambling: 16, scramblings: 4 }),
];

function priceOf({ spot, vol, r, q, times, seed }: Terms, payoff: PayoffSpec, sampling: number): number {
  const market = marketOf({ spot, vol, r, q });
  return simulate(simulationOf({ market, times, payoff, sampling: SAMPLINGS[sampling % 3]!(seed) })).price
    .value;
}

describe('on any paths', () => {
  const options = { numRuns: 60 };

  it('a call less a put is the forward on the same average', () => {
    fc.assert(
      fc.property(
        terms,
        fc.nat(2),
        fc.constantFrom('arithmetic', 'geometric'),
        (given, sampling, average) => {
          const strike = given.spot * given.moneyness;
          const asian = (type: 'call' | 'put', k: number): number =>
            priceOf(given, { kind: 'asian', average, type, strike: k }, sampling);
          const forward = asian('call', 0) - strike * Math.exp(-given.r * given.times.at(-1)!);
          expect(Math.abs(asian('call', strike) - asian('put', strike) - forward)).toBeLessThan(
            1e-12 * (given.spot + strike) * 10,
          );
        },
      ),
      options,
    );
  });

  it('prices are homogeneous in spot and strike', () => {
    fc.assert(
      fc.property(terms, fc.nat(2), (given, sampling) => {
        const price = (scale: number): number =>
          priceOf(
            { ...given, spot: given.spot * scale },
            { kind: 'european', type: 'call', strike: given.spot * given.moneyness * scale },
            sampling,
          );
        expect(Math.abs(price(4) / 4 - price(1))).toBeLessThan(1e-12 * given.spot * 10);
      }),
      options,
    );
  });

  it('the geometric average is below the arithmetic one, the average between extremes', () => {
    fc.assert(
      fc.property(terms, fc.nat(2), (given, sampling) => {
        const strike = given.spot * given.moneyness;
        const call = (average: 'arithmetic' | 'geometric'): number =>
          priceOf(given, { kind: 'asian', average, type: 'call', strike }, sampling);
        const maximum = priceOf(
          given,
          { kind: 'lookback', strikeKind: 'fixed', type: 'call', strike, monitoring: 'discrete' },
          sampling,
        );
        const slack = 1e-12 * given.spot;
        expect(call('geometric')).toBeLessThanOrEqual(call('arithmetic') + slack);
        expect(call('arithmetic')).toBeLessThanOrEqual(maximum + slack);
      }),
      options,
    );
  });

  it('knocking out costs: survivors are worth at most the European option, and less as the barrier comes nearer', () => {
    fc.assert(
      fc.property(
        terms,
        fc.nat(2),
        fc.double({ min: 0.3, max: 0.99, noNaN: true }),
        (given, sampling, distance) => {
          const strike = given.spot * given.moneyness;
          const out = (barrier: number): number =>
            priceOf(
              given,
              {
                kind: 'barrier',
                barrierType: 'down_out',
                type: 'put',
                strike,
                barrier,
                monitoring: 'continuous',
              },
              sampling,
            );
          const near = out(given.spot * Math.sqrt(distance));
          const far = out(given.spot * distance);
          const european = priceOf(given, { kind: 'european', type: 'put', strike }, sampling);
          expect(near).toBeLessThanOrEqual(far + 1e-12 * strike);
          expect(far).toBeLessThanOrEqual(european + 1e-12 * strike);
          expect(near).toBeGreaterThanOrEqual(0);
        },
      ),
      options,
    );
  });

  it('results are finite, errors not negative, and the same seed gives the same bits', () => {
    fc.assert(
      fc.property(terms, fc.nat(2), (given, sampling) => {
        const { spot, vol, r, q, times, seed } = given;
        const spec = simulationOf({
          market: marketOf({ spot, vol, r, q }),
          times,
          payoff: { kind: 'asian', average: 'arithmetic', type: 'put', strike: spot * given.moneyness },
          sampling: SAMPLINGS[sampling]!(seed),
          controls: ['geometric', 'spot', 'european'],
          greeks: 'likelihoodRatio',
        });
        const result = simulate(spec);
        for (const { value, standardError } of [
          result.price,
          ...result.delta!,
          ...result.vega!,
          ...result.gamma!,
        ]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(standardError).toBeGreaterThanOrEqual(0);
        }
        expect(simulate(structuredClone(spec))).toEqual(result);
      }),
      options,
    );
  });
});

describe('moments', () => {
  it('merged from any parts are those of the whole', () => {
    const sample = fc.tuple(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(sample, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 6 }),
        (parts) => {
          const sums = (rows: readonly (readonly [number, number, number])[]) => {
            const column = (k: 0 | 1 | 2): Float64Array => Float64Array.from(rows, (row) => row[k]);
            return blockSums(0, [column(0)], [column(1), column(2)], rows.length);
          };
          const merged = emptyMoments(1, 2);
          for (const part of parts) mergeMoments(merged, sums(part), 1);
          const whole = sums(parts.flat());
          expect(merged.count).toBe(whole.count);
          merged.means.forEach((mean, i) => {
            expect(Math.abs(mean - whole.means[i]!)).toBeLessThan(1e-9);
          });
          merged.products.forEach((product, i) => {
            expect(Math.abs(product - whole.products[i]!)).toBeLessThan(1e-6);
          });
        },
      ),
      { numRuns: 100 },
    );
  });
});
