import { beforeAll, describe, expect, it } from 'vitest';
import { RangeError, UnsupportedError } from '../../../../src/base/errors.ts';
import { normalCdf } from '../../../../src/numeric/normal.ts';
import { blackScholesGreeks } from '../../../../src/pricing/black-scholes.ts';
import { compilePayoff } from '../../../../src/pricing/custom/compile.ts';
import { loadPayoffParser, type PayoffParser } from '../../../../src/pricing/custom/expression.ts';
import { loadCustomModel } from '../../../../src/pricing/custom/model.ts';
import {
  type CustomPrice,
  type CustomTerms,
  priceCustomPayoff,
} from '../../../../src/pricing/custom/price.ts';
import { simulate } from '../../../../src/pricing/montecarlo/simulate.ts';
import { batchOf, type OptionTerms } from '../../../support/options.ts';
import { equalTimes, SOBOL, simulationOf, THREE } from '../../../support/simulations.ts';

let parse: PayoffParser;
beforeAll(async () => {
  parse = await loadPayoffParser();
});

const TERMS: CustomTerms = { spot: 100, expiryYears: 1, rate: 0.05, dividendYield: 0.01, vol: 0.2 };

function priced(
  source: string,
  parameters: Record<string, number> = {},
  terms: Partial<CustomTerms> = {},
): CustomPrice {
  return priceCustomPayoff(parse(source, { parameters: Object.keys(parameters) }), {
    ...TERMS,
    ...terms,
    parameters,
  });
}

/** Prices and Greeks of a portfolio of options: [quantity, terms] each. */
function combination(options: readonly [number, OptionTerms][]): Record<string, number> {
  const greeks = blackScholesGreeks(batchOf(...options.map(([, terms]) => terms)));
  return Object.fromEntries(
    Object.entries(greeks).map(([name, column]) => [
      name,
      options.reduce((sum, [quantity], i) => sum + quantity * column[i]!, 0),
    ]),
  );
}

describe('piecewise linear payoffs are combinations of options, to 1e-10', () => {
  it.each<[string, Record<string, number>, [number, OptionTerms][], number[]]>([
    ['max(S - K, 0)', { K: 100 }, [[1, {}]], [100]],
    ['max(K - S, 0)', { K: 90 }, [[1, { sign: -1, strike: 90 }]], [90]],
    [
      'max(S - K, 0) - max(S - 1.2*K, 0)',
      { K: 100 },
      [
        [1, {}],
        [-1, { strike: 120 }],
      ],
      [100, 120],
    ],
    [
      'min(max(S - K, 0), 0.2*K)',
      { K: 100 },
      [
        [1, {}],
        [-1, { strike: 120 }],
      ],
      [100, 120],
    ],
    [
      'abs(S - K)',
      { K: 105 },
      [
        [1, { strike: 105 }],
        [1, { sign: -1, strike: 105 }],
      ],
      [105],
    ],
    ['S > K ? S - K : 0', { K: 80 }, [[1, { strike: 80 }]], [80]],
    [
      'max(0, 5 - abs(S - K))',
      { K: 100 },
      [
        [1, { strike: 95 }],
        [-2, {}],
        [1, { strike: 105 }],
      ],
      [95, 100, 105],
    ],
    [
      'max(S - K, K - S, 10)',
      { K: 100 },
      [
        [1, { strike: 110 }],
        [1, { sign: -1, strike: 90 }],
      ],
      [90, 100, 110],
    ],
    [
      'max(S - K, 0) + max(S - K - 0.001, 0)',
      { K: 100 },
      [
        [1, {}],
        [1, { strike: 100.001 }],
      ],
      [100, 100.001],
    ],
  ])('%s', (source, parameters, options, kinks) => {
    const found = priced(source, parameters);
    const expected = combination(options);
    // max(S - K, K - S, 10) pays 10 at least.
    const bond = source.endsWith('10)') ? 10 * Math.exp(-0.05) : 0;
    expect(Math.abs(found.price / (expected['price']! + bond) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(found.delta - expected['delta']!)).toBeLessThan(1e-11);
    expect(Math.abs(found.gamma - expected['gamma']!)).toBeLessThan(1e-12);
    expect(Math.abs(found.vega - expected['vega']!)).toBeLessThan(1e-9);
    expect(Math.abs(found.theta - expected['theta']! - 0.05 * bond)).toBeLessThan(1e-9);
    expect(Math.abs(found.rho - expected['rho']! + bond)).toBeLessThan(1e-9);
    expect(found.error).toBeLessThan(1e-12 * found.price);
    expect(Math.abs(found.price - expected['price']! - bond)).toBeLessThanOrEqual(found.error + 1e-14);
    kinks.forEach((kink, i) => {
      expect(Math.abs(found.kinks[i]! - kink)).toBeLessThan(1e-12);
    });
    expect(found.kinks).toHaveLength(kinks.length);
  });

  it('far from the money the relative accuracy stays', () => {
    for (const strike of [200, 300, 600]) {
      const found = priced('max(S - K, 0)', { K: strike });
      const { price } = combination([[1, { strike }]]);
      expect(Math.abs(found.price / price! - 1)).toBeLessThan(1e-11);
    }
  });
});

describe('payoffs with other closed forms', () => {
  const d2 = (strike: number): number => (Math.log(100 / strike) + 0.04 - 0.02) / 0.2;

  it('a digital option', () => {
    const { price, delta } = priced('S > K', { K: 110 });
    expect(price).toBeCloseTo(Math.exp(-0.05) * normalCdf(d2(110)), 14);
    expect(delta).toBeCloseTo(
      (Math.exp(-0.05) * Math.exp(-(d2(110) ** 2) / 2)) / Math.sqrt(2 * Math.PI) / 20,
      14,
    );
  });

  it('a range digital, and two roots that are close together', () => {
    const expected = Math.exp(-0.05) * (normalCdf(d2(100)) - normalCdf(d2(100.001)));
    for (const source of ['S > 100 and S < 100.001', '(S - 100) * (S - 100.001) < 0']) {
      expect(Math.abs(priced(source).price / expected - 1)).toBeLessThan(1e-9);
    }
  });

  it.each([
    ['S^2', 1e4 * Math.exp(2 * 0.04 + 0.04 - 0.05)],
    ['1 / S', 0.01 * Math.exp(-0.04 + 0.04 - 0.05)],
    ['sqrt(S)', 10 * Math.exp(0.5 * 0.04 - 0.125 * 0.04 - 0.05)],
    ['log(S)', Math.exp(-0.05) * (Math.log(100) + 0.02)],
    ['log(S / 100)^2', Math.exp(-0.05) * (0.04 + 0.02 ** 2)],
    ['S', 100 * Math.exp(-0.01)],
    ['7', 7 * Math.exp(-0.05)],
  ])('%s', (source, expected) => {
    const { price, error } = priced(source);
    expect(Math.abs(price / expected - 1)).toBeLessThan(1e-13);
    expect(Math.abs(price - expected)).toBeLessThanOrEqual(error);
  });

  it('a root at its kink, whose slope is infinite', () => {
    // Power options of order 1/2: compared with a fine sum over strikes would be coarse; the moneyness identity is
    // exact: E sqrt(max(S - K, 0)) is homogeneous of degree 1/2 in (S, K).
    const one = priced('sqrt(max(S - K, 0))', { K: 100 });
    const scaled = priced('sqrt(max(S - K, 0))', { K: 400 }, { spot: 400 });
    expect(Math.abs(scaled.price / one.price / 2 - 1)).toBeLessThan(1e-12);
    const { price } = simulate(
      simulationOf({
        payoff: { kind: 'custom', program: compilePayoff(parse('sqrt(max(S - 100, 0))')) },
        sampling: { kind: 'sobol', seed: 3, pathsPerScrambling: 4096 },
      }),
    );
    expect(Math.abs(price.value - one.price)).toBeLessThan(4 * price.standardError);
  });

  it('without variance it is the payoff of the forward, without Greeks', () => {
    for (const terms of [{ vol: 0 }, { expiryYears: 0 }]) {
      const found = priced('max(S - K, 0)', { K: 90 }, terms);
      const years = terms.expiryYears ?? 1;
      expect(found.price).toBeCloseTo(100 * Math.exp(-0.01 * years) - 90 * Math.exp(-0.05 * years), 11);
      expect([found.delta, found.gamma, found.vega, found.theta, found.rho]).toEqual(
        Array(5).fill(Number.NaN),
      );
    }
  });
});

describe('payoffs that are refused before use', () => {
  it.each([
    ['exp(S)', /Infinity at S/],
    ['S^17', /no faster than S\^16 or S\^-16, found S\^17/],
    ['S^-20', /found S\^-20/],
    ['log(S - 100)', /NaN at S/],
    ['sqrt(S - 100)', /NaN at S/],
    ['1 / (S - 100)', /character 3: the payoff is unbounded near S = 100/],
    ['1 / sqrt(abs(S - 100))', /character 3: the payoff is unbounded/],
  ])('%s', (source, message) => {
    expect(() => priced(source)).toThrow(RangeError);
    expect(() => priced(source)).toThrow(message);
  });

  it('but not for a pole that is never reached, or a logarithm that is integrable', () => {
    expect(priced('S > 100 ? 1 / (S - 50) : 0').price).toBeGreaterThan(0);
    expect(priced('log(abs(S - 100))').price).toBeGreaterThan(0);
    expect(priced('exp(-S)').price).toBeGreaterThan(0);
    expect(priced('exp(min(S, 200) / 100)').price).toBeGreaterThan(0);
  });

  it('of paths, or of terms out of range', () => {
    expect(() => priced('average(S)')).toThrow(UnsupportedError);
    expect(() => priceCustomPayoff(parse('S1 + S2', { assets: 2 }), TERMS)).toThrow(
      /S2 needs simulated paths/,
    );
    expect(() => priced('S', {}, { spot: 0 })).toThrow(/spot, found 0/);
    expect(() => priced('S', {}, { vol: -1 })).toThrow(/vol, found -1/);
    expect(() => priced('S', {}, { expiryYears: Number.NaN })).toThrow(/expiryYears, found NaN/);
    expect(() => priced('S', {}, { vol: 100 })).toThrow(/vol sqrt\(t\) of at most about 25/);
    expect(() => priced('S^2', {}, { vol: 20 })).toThrow(/at most about 12.5/);
  });
});

describe('custom payoffs on simulated paths', () => {
  it('agree with the payoffs that are written out, path by path', () => {
    const times = equalTimes(12);
    const run = (source: string, parameters: Record<string, number>): number =>
      simulate(
        simulationOf({
          times,
          payoff: {
            kind: 'custom',
            program: compilePayoff(parse(source, { parameters: Object.keys(parameters) }), parameters),
          },
        }),
      ).price.value;
    const asian = simulate(
      simulationOf({ times, payoff: { kind: 'asian', average: 'arithmetic', type: 'call', strike: 100 } }),
    );
    expect(run('max(average(S) - K, 0)', { K: 100 })).toBe(asian.price.value);
    const lookback = simulate(
      simulationOf({
        times,
        payoff: { kind: 'lookback', strikeKind: 'floating', type: 'put', monitoring: 'discrete' },
      }),
    );
    expect(run('maximum(S) - S', {})).toBeCloseTo(lookback.price.value, 12);
    const barrier = simulate(
      simulationOf({
        times,
        payoff: {
          kind: 'barrier',
          barrierType: 'down_out',
          type: 'call',
          strike: 100,
          barrier: 90,
          monitoring: 'discrete',
        },
      }),
    );
    expect(run('minimum(S) > B ? max(S - K, 0) : 0', { K: 100, B: 90 })).toBeCloseTo(barrier.price.value, 12);
  });

  it('take several underlyings', () => {
    const weights = [0.5, -0.25, 1];
    const basket = simulate(
      simulationOf({ market: THREE, payoff: { kind: 'basket', type: 'call', strike: 130, weights } }),
    );
    const program = compilePayoff(parse('max(0.5*S1 - 0.25*S2 + S3 - 130, 0)', { assets: 3 }));
    const custom = simulate(simulationOf({ market: THREE, payoff: { kind: 'custom', program } }));
    expect(custom.price.value).toBeCloseTo(basket.price.value, 11);
    expect(() => simulate(simulationOf({ payoff: { kind: 'custom', program } }))).toThrow(
      /market of 3 underlyings/,
    );
  });

  it('have likelihood-ratio Greeks, jumps or not', () => {
    const exact = priced('S > K', { K: 100 });
    const { price, delta, vega, gamma } = simulate(
      simulationOf({
        payoff: { kind: 'custom', program: compilePayoff(parse('S > 100')) },
        sampling: SOBOL,
        greeks: 'likelihoodRatio',
      }),
    );
    for (const [estimate, value] of [
      [price, exact.price],
      [delta![0]!, exact.delta],
      [vega![0]!, exact.vega],
      [gamma![0]!, exact.gamma],
    ] as const) {
      expect(Math.abs(estimate.value - value)).toBeLessThan(4 * estimate.standardError);
    }
  });

  it('stop at the first path on which they are not finite', () => {
    const program = compilePayoff(parse('log(S - 100)'));
    expect(() => simulate(simulationOf({ payoff: { kind: 'custom', program } }))).toThrow(
      /the payoff is NaN along a path that ends at S1 = /,
    );
  });
});

describe('the pricing model', () => {
  it('prices a table, row by row, and says in which row something is wrong', async () => {
    const model = await loadCustomModel();
    const columns: Record<string, Float64Array | string[]> = {
      payoff: ['max(S - K, 0)', 'min(max(S - K, 0), C)'],
      parameters: ['K=100', 'K=100; C=20'],
      spot: Float64Array.of(100, 100),
      t: Float64Array.of(1, 1),
      r: Float64Array.of(0.05, 0.05),
      q: Float64Array.of(0.01, 0.01),
      vol: Float64Array.of(0.2, 0.2),
    };
    const table = {
      length: 2,
      number: (name: string) => columns[name] as Float64Array,
      text: (name: string) => columns[name] as string[],
    };
    const { price } = model.price(table);
    expect(price![0]).toBeCloseTo(combination([[1, {}]])['price']!, 11);
    expect(price![1]).toBeCloseTo(
      combination([
        [1, {}],
        [-1, { strike: 120 }],
      ])['price']!,
      11,
    );
    columns['parameters'] = ['K=100', 'K=?'];
    expect(() => model.price(table)).toThrow(/option 1: expected parameters like K=100, found "K=\?"/);
    columns['parameters'] = ['K=100', 'K=100'];
    expect(() => model.price(table)).toThrow(/name C is not part/);
  });
});
