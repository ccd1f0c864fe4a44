import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError, UnsupportedError } from '../../../../src/base/errors.ts';
import { blackScholesAllGreeks } from '../../../../src/pricing/black-scholes-all-greeks.ts';
import type { BlockSums } from '../../../../src/pricing/montecarlo/moments.ts';
import { planSimulation } from '../../../../src/pricing/montecarlo/plan.ts';
import { type Estimate, mergeBlocks } from '../../../../src/pricing/montecarlo/result.ts';
import { simulate, simulateBlock } from '../../../../src/pricing/montecarlo/simulate.ts';
import type { SimulationSpec } from '../../../../src/pricing/montecarlo/specification.ts';
import { batchOf } from '../../../support/options.ts';
import {
  ANTITHETIC,
  equalTimes,
  marketOf,
  PSEUDO,
  SOBOL,
  simulationOf,
  THREE,
} from '../../../support/simulations.ts';

const exact = blackScholesAllGreeks(batchOf({}));

function expectWithin(estimate: Estimate, expected: number, errors = 4): void {
  expect(estimate.standardError).toBeGreaterThan(0);
  expect(Math.abs(estimate.value - expected)).toBeLessThan(errors * estimate.standardError);
}

describe('a European call', () => {
  it.each([
    ['pseudo', PSEUDO, 0.12],
    ['antithetic', ANTITHETIC, 0.09],
    ['sobol', SOBOL, 0.01],
  ] as const)('%s: price within 4 standard errors of Black-Scholes', (_, sampling, largest) => {
    for (const construction of ['increments', 'bridge'] as const) {
      const { price } = simulate(
        simulationOf({ sampling: { ...sampling, construction }, times: equalTimes(4) }),
      );
      expectWithin(price, exact.price[0]!);
      expect(price.standardError).toBeLessThan(largest);
    }
  });

  it.each([
    ['pathwise', PSEUDO],
    ['pathwise', SOBOL],
    ['likelihoodRatio', PSEUDO],
    ['likelihoodRatio', SOBOL],
    ['likelihoodRatio', ANTITHETIC],
  ] as const)('%s Greeks, sampled %o', (greeks, sampling) => {
    for (const times of [[1], equalTimes(3)]) {
      const result = simulate(simulationOf({ sampling, greeks, times, controls: ['spot'] }));
      expectWithin(result.price, exact.price[0]!);
      expectWithin(result.delta![0]!, exact.delta[0]!);
      expectWithin(result.vega![0]!, exact.vega[0]!);
      if (greeks === 'likelihoodRatio') expectWithin(result.gamma![0]!, exact.gamma[0]!);
      else expect(result.gamma).toBeUndefined();
    }
  });

  it('standard errors are right: over 200 seeds the deviations have unit variance', () => {
    for (const sampling of [
      { kind: 'pseudo', paths: 512 },
      { kind: 'pseudo', paths: 512, antithetic: true },
      { kind: 'sobol', pathsPerScrambling: 32, scramblings: 32 },
    ] as const) {
      let squares = 0;
      const seeds = 200;
      for (let seed = 0; seed < seeds; seed++) {
        const { price } = simulate(simulationOf({ sampling: { ...sampling, seed }, controls: ['spot'] }));
        squares += ((price.value - exact.price[0]!) / price.standardError) ** 2;
      }
      // 200 squares of a normal number: 1 +- 0.1; of Student's t with 31 degrees of freedom 1.07.
      expect(squares / seeds).toBeGreaterThan(0.7);
      expect(squares / seeds).toBeLessThan(1.45);
    }
  });

  it('without volatility it is worth its discounted intrinsic value, exactly', () => {
    const { price } = simulate(simulationOf({ market: marketOf({ vol: 0 }), sampling: PSEUDO }));
    expect(price.value).toBeCloseTo(100 * Math.exp(-0.01) - 100 * Math.exp(-0.05), 11);
    expect(price.standardError).toBeLessThan(1e-12);
  });

  it('far out of the money the control stands in, and its value is the standard error', () => {
    const { price, uncontrolled } = simulate(
      simulationOf({
        times: equalTimes(4),
        payoff: { kind: 'asian', average: 'arithmetic', type: 'call', strike: 400 },
        controls: ['geometric'],
      }),
    );
    expect(uncontrolled).toEqual({ value: 0, standardError: 0 });
    expect(price.value).toBeGreaterThan(0);
    expect(price.value).toBeLessThan(1e-15);
    expect(price.standardError / price.value).toBeCloseTo(1, 12);
  });
});

describe('control variates', () => {
  it('leave the expectation and reduce the error', () => {
    const cases: [SimulationSpec, number][] = [
      [simulationOf({ sampling: PSEUDO, controls: ['spot'] }), 2],
      [
        simulationOf({
          sampling: PSEUDO,
          times: equalTimes(12),
          payoff: { kind: 'asian', average: 'arithmetic', type: 'put', strike: 105 },
          controls: ['geometric'],
        }),
        20,
      ],
      [
        simulationOf({
          sampling: PSEUDO,
          market: THREE,
          payoff: { kind: 'basket', type: 'call', strike: 100, weights: [0.3, 0.3, 0.4] },
          controls: ['geometric', 'spot'],
        }),
        8,
      ],
      [
        simulationOf({
          sampling: PSEUDO,
          times: equalTimes(12),
          payoff: {
            kind: 'barrier',
            barrierType: 'down_out',
            type: 'call',
            strike: 100,
            barrier: 80,
            monitoring: 'continuous',
          },
          controls: ['european'],
        }),
        5,
      ],
    ];
    for (const [spec, factor] of cases) {
      const { price, uncontrolled } = simulate(spec);
      const difference = Math.abs(price.value - uncontrolled.value);
      expect(difference).toBeLessThan(4 * uncontrolled.standardError);
      expect(uncontrolled.standardError / price.standardError).toBeGreaterThan(factor);
    }
  });

  it('that repeat each other do no harm', () => {
    const once = simulate(simulationOf({ sampling: PSEUDO, controls: ['spot'] }));
    const twice = simulate(simulationOf({ sampling: PSEUDO, controls: ['spot', 'spot'] }));
    expect(twice.price).toEqual(once.price);
    expect(twice.controlCoefficients).toEqual([...once.controlCoefficients, 0]);
  });

  it('are refused where the payoff has none, naming those it has', () => {
    expect(() => simulate(simulationOf({ controls: ['exercise'] }))).toThrow(UnsupportedError);
    expect(() => simulate(simulationOf({ controls: ['geometric'] }))).toThrow(
      /european has no control named geometric; it has spot/,
    );
  });
});

describe('blocks', () => {
  const spec = simulationOf({
    market: THREE,
    times: equalTimes(20),
    payoff: { kind: 'basket', type: 'call', strike: 100, weights: [1, -0.5, 0.5] },
    sampling: { kind: 'pseudo', seed: 3, paths: 3000, antithetic: true },
    greeks: 'pathwise',
    controls: ['spot'],
  });

  it('give the same result whoever runs them, in whatever order', () => {
    const { blocks } = planSimulation(spec);
    expect(blocks).toBeGreaterThan(2);
    const sums = Array.from({ length: blocks }, (_, block) => simulateBlock(spec, block));
    const whole = simulate(spec);
    expect(mergeBlocks(spec, [...sums].reverse())).toEqual(whole);
    expect(mergeBlocks(spec, structuredClone(sums) as BlockSums[])).toEqual(whole);
    expect(whole.paths).toBe(3000);
    expect(whole.independentValues).toBe(1500);
    expect(sums.reduce((count, block) => count + block.count, 0)).toBe(1500);
  });

  it('survive JSON as a specification', () => {
    expect(simulate(JSON.parse(JSON.stringify(spec)) as SimulationSpec)).toEqual(simulate(spec));
  });

  it('are checked for completeness', () => {
    const sums = Array.from({ length: planSimulation(spec).blocks }, (_, block) =>
      simulateBlock(spec, block),
    );
    expect(() => mergeBlocks(spec, sums.slice(1))).toThrow(ShapeError);
    expect(() => mergeBlocks(spec, [...sums.slice(1), sums[1]!])).toThrow(ShapeError);
    expect(() => simulateBlock(spec, sums.length)).toThrow(/block from 0 to/);
  });

  it('merge moments as if all samples were one block', () => {
    // 2 x 2048 samples in one block of a single step against many blocks of many steps: the terminal spot has the
    // same law; here the same numbers are compared by taking the bridge, whose first dimensions do not depend on
    // the later ones.
    const one = simulationOf({
      sampling: { kind: 'sobol', seed: 1, pathsPerScrambling: 512, scramblings: 2 },
    });
    const many = { ...one, times: equalTimes(512) };
    expect(planSimulation(one).blocks).toBe(2);
    expect(planSimulation(many).blocks).toBe(16);
    expect(simulate(many).price.value).toBeCloseTo(simulate(one).price.value, 0);
  });

  it('take dimensions beyond the Sobol sequence from pseudo-random numbers', () => {
    const { price } = simulate(
      simulationOf({
        market: { ...THREE, rate: 0.05 },
        times: equalTimes(400),
        payoff: { kind: 'basket', type: 'call', strike: 0, weights: [1, 1, 1] },
        sampling: { kind: 'sobol', seed: 2, pathsPerScrambling: 64, scramblings: 8 },
      }),
    );
    const forward = 100 + 90 * Math.exp(-0.01) + 110 * Math.exp(-0.02);
    expectWithin(price, forward, 5);
  });
});

describe('what is refused', () => {
  const bad =
    (parts: Partial<SimulationSpec>): (() => unknown) =>
    () =>
      simulate(simulationOf(parts));

  it.each([
    [{ times: [] }, /at least one time/],
    [{ times: [1, 1] }, /index 1, found 1/],
    [{ times: [-1] }, /at least 0 at index 0, found -1/],
    [{ times: [Number.NaN] }, /found NaN/],
    [{ market: marketOf({ spot: 0 }) }, /market.spots.*index 0, found 0/],
    [{ market: marketOf({ vol: -0.1 }) }, /market.vols.*found -0.1/],
    [{ market: { ...marketOf(), rate: Number.NaN } }, /market.rate, found NaN/],
    [{ market: { ...marketOf(), dividendYields: [] } }, /1 elements in market.dividendYields/],
    [{ market: marketOf({ vol: 80 }) }, /vol sqrt\(t\) of at most 300/],
    [{ market: { ...THREE, correlation: [[1]] } }, /3 x 3 numbers, found 1 rows/],
    [{ market: { spots: [1, 1], vols: [1, 1], dividendYields: [0, 0], rate: 0 } }, /found none/],
    [
      {
        market: {
          ...THREE,
          correlation: [
            [1, -0.9, -0.9],
            [-0.9, 1, -0.9],
            [-0.9, -0.9, 1],
          ],
        },
      },
      /positive definite/,
    ],
    [{ sampling: { kind: 'pseudo', seed: -1, paths: 10 } }, /sampling.seed, found -1/],
    [{ sampling: { kind: 'pseudo', seed: 1, paths: 1 } }, /sampling.paths, found 1/],
    [{ sampling: { kind: 'pseudo', seed: 1, paths: 11, antithetic: true } }, /even number/],
    [{ sampling: { kind: 'sobol', seed: 1, pathsPerScrambling: 1000 } }, /power of two.*found 1000/],
    [
      { sampling: { kind: 'sobol', seed: 1, pathsPerScrambling: 64, scramblings: 1 } },
      /scramblings, found 1/,
    ],
    [{ payoff: { kind: 'european', type: 'call', strike: Number.NaN } }, /payoff.strike, found NaN/],
    [
      { payoff: { kind: 'european', type: 'call', strike: 1, asset: 1 } },
      /from 0 to 0 as payoff.asset, found 1/,
    ],
    [{ payoff: { kind: 'basket', type: 'put', strike: 1, weights: [1, 2] } }, /1 payoff.weights, found 2/],
    [{ payoff: { kind: 'european', type: 'digital', strike: 1 } as never }, /call or put.*digital/],
    [{ payoff: { kind: 'cliquet' } as never }, /no payoff is named cliquet/],
    [{ greeks: 'likelihoodRatio', times: [0, 1] }, /first time above 0/],
    [{ greeks: 'likelihoodRatio', market: marketOf({ vol: 0 }) }, /positive volatility/],
    [{ greeks: 'pathwise', market: marketOf({ vol: 0 }) }, /positive volatility/],
    [
      {
        greeks: 'pathwise',
        payoff: {
          kind: 'barrier',
          barrierType: 'up_out',
          type: 'call',
          strike: 1,
          barrier: 120,
          monitoring: 'discrete',
        },
      },
      /use likelihoodRatio/,
    ],
    [
      {
        greeks: 'likelihoodRatio',
        payoff: {
          kind: 'barrier',
          barrierType: 'up_out',
          type: 'call',
          strike: 1,
          barrier: 120,
          monitoring: 'continuous',
        },
      },
      /use discrete monitoring/,
    ],
  ] as [Partial<SimulationSpec>, RegExp][])('%j', (parts, message) => {
    expect(bad(parts)).toThrow(message);
    try {
      bad(parts)();
    } catch (error) {
      expect([RangeError, ShapeError, UnsupportedError].some((Class) => error instanceof Class)).toBe(true);
    }
  });
});
