import { describe, expect, it } from 'vitest';
import { geometricAsianPrices } from '../../../../src/pricing/exotic/asian.ts';
import { fitExerciseRule, simulateAmerican } from '../../../../src/pricing/montecarlo/longstaff-schwartz.ts';
import type { PayoffSpec } from '../../../../src/pricing/montecarlo/payoff.ts';
import { fitPolynomial, polynomialAt } from '../../../../src/pricing/montecarlo/regression.ts';
import { simulate } from '../../../../src/pricing/montecarlo/simulate.ts';
import { equalTimes, marketOf, SOBOL, simulationOf, THREE } from '../../../support/simulations.ts';

const times = equalTimes(12);
const valueOf = (payoff: PayoffSpec): number => simulate(simulationOf({ times, payoff })).price.value;

describe('payoffs on the same paths', () => {
  it('knock-in and knock-out add up to the European option, to rounding', () => {
    for (const monitoring of ['continuous', 'discrete'] as const) {
      for (const [up, barrier] of [
        ['up', 115],
        ['down', 90],
      ] as const) {
        const common = { kind: 'barrier', type: 'call', strike: 95, barrier, monitoring } as const;
        const sum =
          valueOf({ ...common, barrierType: `${up}_in` }) + valueOf({ ...common, barrierType: `${up}_out` });
        expect(sum).toBeCloseTo(valueOf({ kind: 'european', type: 'call', strike: 95 }), 11);
      }
    }
  });

  it('the rebate of a knock-in and that of a knock-out add up to a bond', () => {
    const common = {
      kind: 'barrier',
      type: 'call',
      strike: 1e6,
      barrier: 110,
      monitoring: 'continuous',
      rebateAtExpiry: 7,
    } as const;
    const sum = valueOf({ ...common, barrierType: 'up_in' }) + valueOf({ ...common, barrierType: 'up_out' });
    expect(sum).toBeCloseTo(7 * Math.exp(-0.05), 11);
  });

  it('a barrier that is already crossed knocks at once', () => {
    const common = {
      kind: 'barrier',
      type: 'put',
      strike: 100,
      barrier: 105,
      monitoring: 'continuous',
    } as const;
    expect(valueOf({ ...common, barrierType: 'down_out' })).toBe(0);
    expect(valueOf({ ...common, barrierType: 'down_in' })).toBeCloseTo(
      valueOf({ kind: 'european', type: 'put', strike: 100 }),
      12,
    );
  });

  it('continuous monitoring knocks out more than discrete monitoring', () => {
    const common = {
      kind: 'barrier',
      barrierType: 'down_out',
      type: 'call',
      strike: 100,
      barrier: 95,
    } as const;
    expect(valueOf({ ...common, monitoring: 'continuous' })).toBeLessThan(
      valueOf({ ...common, monitoring: 'discrete' }),
    );
  });

  it('a fixed lookback call below the current maximum is a floating put plus a forward', () => {
    for (const monitoring of ['continuous', 'discrete'] as const) {
      const fixed = valueOf({
        kind: 'lookback',
        strikeKind: 'fixed',
        type: 'call',
        strike: 100,
        currentExtreme: 104,
        monitoring,
      });
      const floating = valueOf({
        kind: 'lookback',
        strikeKind: 'floating',
        type: 'put',
        currentExtreme: 104,
        monitoring,
      });
      const forward =
        valueOf({ kind: 'basket', type: 'call', strike: 0, weights: [1] }) - 100 * Math.exp(-0.05);
      expect(fixed).toBeCloseTo(floating + forward, 10);
    }
  });

  it('a fixed lookback put above the current minimum is a floating call less a forward', () => {
    const fixed = valueOf({
      kind: 'lookback',
      strikeKind: 'fixed',
      type: 'put',
      strike: 100,
      currentExtreme: 97,
      monitoring: 'continuous',
    });
    const floating = valueOf({
      kind: 'lookback',
      strikeKind: 'floating',
      type: 'call',
      currentExtreme: 97,
      monitoring: 'continuous',
    });
    const forward =
      valueOf({ kind: 'basket', type: 'call', strike: 0, weights: [1] }) - 100 * Math.exp(-0.05);
    expect(fixed).toBeCloseTo(floating - forward, 10);
  });

  it('a basket of one underlying is a European option; a spread call less its put is the spread forward', () => {
    expect(valueOf({ kind: 'basket', type: 'put', strike: 95, weights: [1] })).toBe(
      valueOf({ kind: 'european', type: 'put', strike: 95 }),
    );
    const spread = (type: 'call' | 'put'): number =>
      simulate(
        simulationOf({
          market: THREE,
          payoff: { kind: 'basket', type, strike: -5, weights: [1, -1, 0] },
          controls: ['spot'],
          sampling: { kind: 'pseudo', seed: 1, paths: 4096 },
        }),
      ).price.value;
    const forward = 100 - 90 * Math.exp(-0.01) + 5 * Math.exp(-0.03);
    // The controls hold both forwards, so that parity holds to rounding.
    expect(spread('call') - spread('put')).toBeCloseTo(forward, 9);
  });
});

describe('geometric averages', () => {
  it('agree with their closed form', () => {
    for (const type of ['call', 'put'] as const) {
      const one = (x: number): Float64Array => Float64Array.of(x);
      const [exact] = geometricAsianPrices({
        sign: one(type === 'call' ? 1 : -1),
        spot: one(100),
        strike: one(100),
        fixingYears: [Float64Array.from(times)],
        rate: one(0.05),
        dividendYield: one(0.01),
        vol: one(0.2),
      });
      const { price } = simulate(
        simulationOf({ times, payoff: { kind: 'asian', average: 'geometric', type, strike: 100 } }),
      );
      expect(Math.abs(price.value - exact!)).toBeLessThan(4 * price.standardError);
      expect(price.standardError).toBeLessThan(0.005);
    }
  });
});

describe('pathwise Greeks of path-dependent payoffs', () => {
  it.each([
    { kind: 'asian', average: 'arithmetic', type: 'call', strike: 100 },
    { kind: 'asian', average: 'geometric', type: 'put', strike: 102 },
    { kind: 'lookback', strikeKind: 'floating', type: 'call', monitoring: 'discrete' },
    { kind: 'lookback', strikeKind: 'fixed', type: 'call', strike: 105, monitoring: 'discrete' },
  ] as PayoffSpec[])('%j: the derivative along the same paths', (payoff) => {
    const run = (spot: number, vol: number, greeks = false) =>
      simulate(
        simulationOf({
          market: marketOf({ spot, vol }),
          times,
          payoff,
          ...(greeks && { greeks: 'pathwise' as const }),
        }),
      );
    const { delta, vega } = run(100, 0.2, true);
    // Kinks cost the differences some 1e-3 of a relative bump; the same numbers drive both sides.
    const bumpedDelta = (run(100.01, 0.2).price.value - run(99.99, 0.2).price.value) / 0.02;
    const bumpedVega = (run(100, 0.2001).price.value - run(100, 0.1999).price.value) / 0.0002;
    expect(Math.abs(delta![0]!.value - bumpedDelta)).toBeLessThan(2e-3);
    expect(Math.abs(vega![0]!.value - bumpedVega)).toBeLessThan(0.2);
  });
});

describe('least squares', () => {
  it('reproduces a polynomial of its degree', () => {
    const x = Float64Array.from({ length: 50 }, (_, i) => i / 25 - 1);
    const y = x.map((u) => 3 - 2 * u + 0.5 * u ** 3 - u ** 5);
    const fit = fitPolynomial(x, y, 50, 5);
    for (const u of [-1, -0.3, 0.77, 1]) {
      expect(polynomialAt(fit, u)).toBeCloseTo(3 - 2 * u + 0.5 * u ** 3 - u ** 5, 12);
    }
  });

  it('leaves residuals orthogonal to every power', () => {
    const x = Float64Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898));
    const y = x.map((u, i) => Math.exp(u) + Math.cos(i * 78.233));
    const fit = fitPolynomial(x, y, 200, 4);
    for (let k = 0; k <= 4; k++) {
      const inner = x.reduce((sum, u, i) => sum + u ** k * (y[i]! - polynomialAt(fit, u)), 0);
      expect(Math.abs(inner)).toBeLessThan(1e-11);
    }
  });

  it('lowers the degree where there are too few distinct points', () => {
    const x = Float64Array.of(-1, 0, 1, -1, 0, 1);
    const fit = fitPolynomial(x, Float64Array.of(1, 2, 5, 1, 2, 5), 6, 5);
    expect(fit.coefficients).toHaveLength(3);
    expect(polynomialAt(fit, 0.5)).toBeCloseTo(3.25, 12);
  });
});

describe('American options', () => {
  const problem = {
    market: marketOf({ spot: 36, vol: 0.2, r: 0.06, q: 0 }),
    type: 'put',
    strike: 40,
    expiryYears: 1,
    dates: 50,
    sampling: SOBOL,
  } as const;

  it("Longstaff and Schwartz's first example: 4.478 by finite differences with 50 dates a year", () => {
    // Table 1 of the paper, S = 36, vol 20 %, one year.
    const { price, exerciseNow } = simulateAmerican(problem);
    expect(exerciseNow).toBe(false);
    expect(price.value).toBeLessThan(4.478 + 4 * price.standardError + 5e-4);
    expect(price.value).toBeGreaterThan(4.478 - 4 * price.standardError - 4e-3);
    expect(price.standardError).toBeLessThan(1e-3);
  });

  it('without rates a put is never exercised early', () => {
    const never = { ...problem, market: marketOf({ spot: 36, vol: 0.2, r: 0, q: 0.03 }) };
    expect(fitExerciseRule(never).steps.every((intervals) => intervals.length === 0)).toBe(true);
  });

  it('the boundary of a put rises to the strike', () => {
    const { steps } = fitExerciseRule(problem);
    const edges = steps.slice(0, -1).map((intervals) => {
      expect(intervals).toHaveLength(1);
      expect(intervals[0]![0]).toBe(0);
      return intervals[0]![1];
    });
    expect(edges[0]!).toBeGreaterThan(0.8);
    expect(edges[0]!).toBeLessThan(0.9);
    expect(edges.at(-1)!).toBeGreaterThan(0.93);
    expect(edges.at(-1)!).toBeLessThan(1);
  });

  it('a call is a put in the mirror: its boundary in K/S is that of the put with rate and yield exchanged', () => {
    const mirrored = { ...problem, trainingPaths: 65_536 };
    const edgeOf = (type: 'call' | 'put', r: number, q: number): number =>
      fitExerciseRule({ ...mirrored, type, market: marketOf({ spot: 40, vol: 0.2, r, q }), dates: 8 })
        .steps[3]![0]![1];
    expect(Math.abs(edgeOf('call', 0.02, 0.06) - edgeOf('put', 0.06, 0.02))).toBeLessThan(0.01);
  });

  it('pathwise delta and vega are within 2 % of differences of the price', () => {
    const fewer = { ...problem, dates: 20, trainingPaths: 16_384 };
    const { simulation } = simulateAmerican({ ...fewer, greeks: 'pathwise' });
    const bumped = (spot: number, vol: number): number =>
      simulateAmerican({ ...fewer, market: marketOf({ spot, vol, r: 0.06, q: 0 }) }).price.value;
    const delta = bumped(36.5, 0.2) - bumped(35.5, 0.2);
    const vega = (bumped(36, 0.21) - bumped(36, 0.19)) / 0.02;
    expect(Math.abs(simulation.delta![0]!.value / delta - 1)).toBeLessThan(0.02);
    expect(Math.abs(simulation.vega![0]!.value / vega - 1)).toBeLessThan(0.04);
  });

  it('names what is wrong', () => {
    expect(() => simulateAmerican({ ...problem, dates: 0 })).toThrow(/1 to 10000 exercise dates, found 0/);
    expect(() => simulateAmerican({ ...problem, degree: 20 })).toThrow(/degree from 1 to 12, found 20/);
    expect(() => simulateAmerican({ ...problem, expiryYears: 0 })).toThrow(/expiryYears, found 0/);
    expect(() => simulateAmerican({ ...problem, strike: -1 })).toThrow(/payoff.strike, found -1/);
    expect(() => simulateAmerican({ ...problem, market: THREE })).toThrow(/one underlying.*found 3/);
    expect(() => simulateAmerican({ ...problem, trainingPaths: 2 ** 40 })).toThrow(/trainingPaths x dates/);
  });
});
