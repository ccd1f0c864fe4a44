import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { blackScholesGreeks, blackScholesPrices } from '../../../../src/pricing/black-scholes.ts';
import { arithmeticAsianPrices } from '../../../../src/pricing/exotic/arithmetic-asian.ts';
import { geometricAsianPrices } from '../../../../src/pricing/exotic/asian.ts';
import type { AsianInputs } from '../../../../src/pricing/exotic/asian-inputs.ts';
import { simulate } from '../../../../src/pricing/montecarlo/simulate.ts';
import { batchOf } from '../../../support/options.ts';
import { readVectors } from '../../../support/vectors.ts';

type Terms = {
  sign?: number;
  strike: number;
  fixings: readonly number[];
  r?: number;
  q?: number;
  vol: number;
  spot?: number;
};

const one = (x: number): Float64Array => Float64Array.of(x);
const inputsOf = ({
  sign = 1,
  strike,
  fixings,
  r = 0.03,
  q = 0.01,
  vol,
  spot = 100,
}: Terms): AsianInputs => ({
  sign: one(sign),
  spot: one(spot),
  strike: one(strike),
  fixingYears: [Float64Array.from(fixings)],
  rate: one(r),
  dividendYield: one(q),
  vol: one(vol),
});
const price = (terms: Terms): number => arithmeticAsianPrices(inputsOf(terms)).price[0]!;
const delta = (terms: Terms): number => arithmeticAsianPrices(inputsOf(terms)).delta[0]!;
const even = (n: number, years = 1): number[] => Array.from({ length: n }, (_, i) => (years * (i + 1)) / n);

describe('options on the arithmetic average', () => {
  const file = readVectors('asian_arithmetic.csv');
  const columns = ['strike', 'r', 'q', 'vol', 'put', 'call'].map((name) => file.numbers(name));
  const rows = file.text('fixing_years').map((years, i) => {
    const [strike, r, q, vol, put, call] = columns.map((column) => column[i]!) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { terms: { strike, fixings: years.split(' ').map(Number), r, q, vol }, put, call };
  });
  it('equal a backward recursion of the value: asian_arithmetic.csv, within 1e-13 of spot and strike', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const { terms, put, call } of rows) {
      expect(Math.abs(price({ ...terms, sign: -1 }) - put) / (100 + terms.strike)).toBeLessThan(1e-13);
      expect(Math.abs(price(terms) - call) / (100 + terms.strike)).toBeLessThan(1e-13);
    }
  });

  it('on one fixing are European options, with their delta', () => {
    for (const sign of [1, -1]) {
      for (const vol of [0.01, 0.2, 3]) {
        const european = blackScholesGreeks(batchOf({ sign, strike: 104, t: 0.7, r: 0.03, q: 0.01, vol }));
        const terms = { sign, strike: 104, fixings: [0.7, 0.7], vol };
        expect(price(terms)).toBeCloseTo(european.price[0]!, 11);
        expect(delta(terms)).toBeCloseTo(european.delta[0]!, 12);
      }
    }
  });

  it('on two fixings are European options, averaged over the first one', () => {
    const random = new SeededRandom(8);
    for (let round = 0; round < 60; round++) {
      const vol = Math.exp(random.between(Math.log(0.03), 0));
      const years = Math.exp(random.between(Math.log(0.01), Math.log(5)));
      const t1 = years * Math.exp(random.between(-8, -0.01));
      const [r, q] = [random.between(-0.02, 0.08), random.between(0, 0.05)];
      const strike = 100 * Math.exp(vol * Math.sqrt(years) * random.between(-1.5, 1.5));
      // Trapezoidal rule over the first fixing; the European option smooths the corner of the second payoff.
      const nodes = 4000;
      const deviation = vol * Math.sqrt(t1);
      const drift = (r - q - 0.5 * vol * vol) * t1;
      const z = Float64Array.from({ length: 2 * nodes + 1 }, (_, j) => (8.5 * (j - nodes)) / nodes);
      const spots = [...z].map((x) => 100 * Math.exp(drift + deviation * x));
      const inner = blackScholesPrices(
        batchOf(
          ...spots.map((spot) => ({
            sign: -1,
            spot,
            strike: Math.max(2 * strike - spot, 1e-90),
            t: years - t1,
            r,
            q,
            vol,
          })),
        ),
      );
      const density = (x: number) => (Math.exp(-0.5 * x * x) * 8.5) / nodes / Math.sqrt(2 * Math.PI);
      const expected = z.reduce((sum, x, j) => sum + density(x) * inner[j]!, 0) * 0.5 * Math.exp(-r * t1);
      const found = price({ sign: -1, strike, fixings: [t1, years], r, q, vol });
      // The corner where the first fixing alone reaches the strike costs the reference some digits.
      expect(Math.abs(found - expected), JSON.stringify({ vol, years, t1, strike })).toBeLessThan(
        1e-9 * strike,
      );
    }
  });

  it('meet the simulation with its control variate within three standard errors', () => {
    const random = new SeededRandom(40);
    for (let round = 0; round < 8; round++) {
      const fixings = Array.from({ length: random.integer(3, 30) }, () => random.between(0.01, 2)).sort(
        (a, b) => a - b,
      );
      const [vol, strike] = [random.between(0.1, 0.6), random.between(70, 140)];
      const sign = random.pick([1, -1]);
      const simulated = simulate({
        market: { spots: [100], vols: [vol], dividendYields: [0.01], rate: 0.03 },
        times: fixings,
        payoff: { kind: 'asian', average: 'arithmetic', type: sign > 0 ? 'call' : 'put', strike },
        sampling: { kind: 'sobol', seed: round, pathsPerScrambling: 1024, scramblings: 16 },
        controls: ['geometric'],
      }).price;
      const found = price({ sign, strike, fixings, vol });
      expect(simulated.standardError).toBeLessThan(0.05);
      expect(Math.abs(found - simulated.value)).toBeLessThan(3 * simulated.standardError + 1e-12);
    }
  });

  it('are dearer as calls and cheaper as puts than those on the geometric average', () => {
    for (const vol of [0.05, 0.4, 2]) {
      for (const strike of [60, 100, 180]) {
        for (const sign of [1, -1]) {
          const terms = { sign, strike, fixings: even(9, 2), vol };
          const geometric = geometricAsianPrices(inputsOf(terms))[0]!;
          expect(sign * (price(terms) - geometric)).toBeGreaterThan(-1e-12);
        }
      }
    }
  });

  it('differ as call and put by the forward average, with and without a fixing today', () => {
    for (const fixings of [even(5), [0, ...even(5)], [1e-12, 0.5, 0.5, 1], [1e-6, 1e-3, 1]]) {
      for (const vol of [0, 1e-13, 1e-6, 0.3, 5, 300]) {
        const terms = { strike: 90, fixings, vol };
        const mean = fixings.reduce((sum, t) => sum + Math.exp(0.02 * t), 0) / fixings.length;
        const last = Math.exp(-0.03 * fixings.at(-1)!);
        expect(price(terms) - price({ ...terms, sign: -1 })).toBeCloseTo(last * (100 * mean - 90), 10);
        expect(delta(terms) - delta({ ...terms, sign: -1 })).toBeCloseTo(last * mean, 12);
      }
    }
  });

  it('have deltas that are derivatives, and prices that move smoothly through every switch of method', () => {
    for (const [fixings, vol] of [
      [even(12), 0.3],
      [[0, 0.3, 0.31, 2], 0.8],
      [[1e-5, 0.5, 1], 0.4],
      [[1e-5, 0.5, 1], 1.5],
    ] as const) {
      const at = (spot: number) => price({ strike: 103, fixings, vol, spot });
      const h = 0.05;
      const slope = (at(100 - 2 * h) - 8 * at(100 - h) + 8 * at(100 + h) - at(100 + 2 * h)) / (12 * h);
      expect(delta({ strike: 103, fixings, vol })).toBeCloseTo(slope, 8);
    }
    // The first fixing passes: by its own rule, by Black's formula, and as known.
    for (const vol of [0.4, 1.5]) {
      const at = (t: number) => price({ strike: 103, fixings: [t, 0.4, 1], vol });
      for (const t of [2e-2, 1e-3, 1e-5, 1e-7, 1.01e-8]) {
        const [before, here, after] = [at(t * 0.9), at(t), at(t * 1.1)];
        expect(Math.abs(after - 2 * here + before)).toBeLessThan(0.1 * t + 5e-7);
      }
    }
  });

  it('share the law of the average between neighbours without a trace', () => {
    const terms: Terms[] = [90, 100, 110].flatMap((strike) =>
      [0.2, 0.2, 0.3].map((vol, i) => ({
        strike,
        vol,
        fixings: even(4, i === 1 ? 2 : 1),
        sign: i === 0 ? 1 : -1,
      })),
    );
    const inputs = terms.map(inputsOf);
    const column = (name: 'sign' | 'spot' | 'strike' | 'rate' | 'dividendYield' | 'vol') =>
      Float64Array.from(inputs, (input) => input[name][0]!);
    const together = arithmeticAsianPrices({
      sign: column('sign'),
      spot: column('spot'),
      strike: column('strike'),
      fixingYears: inputs.map(({ fixingYears }) => fixingYears[0]!),
      rate: column('rate'),
      dividendYield: column('dividendYield'),
      vol: column('vol'),
    });
    expect([...together.price]).toEqual(terms.map(price));
  });
});
