import { describe, expect, it } from 'vitest';
import { rowOf } from '../../src/numeric/matrix.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { portfolioPnl, portfolioPnlSync, totalPnl } from '../../src/pricing/portfolio/pnl.ts';
import { approximatePnl, taylorTerms } from '../../src/pricing/portfolio/taylor.ts';
import { unitSecondOrderGreeks } from '../../src/pricing/unit-value.ts';
import { computeFigures, readTask } from '../support/portfolio-figures.ts';
import { readVectors } from '../support/vectors.ts';

type Leaf = number | boolean | string;

/** Path of every leaf, with its value. */
function leavesOf(tree: unknown, path = ''): Map<string, Leaf> {
  if (typeof tree !== 'object' || tree === null) return new Map([[path, tree as Leaf]]);
  const separator = path === '' ? '' : '/';
  return new Map(
    Object.entries(tree).flatMap(([name, child]) => [...leavesOf(child, `${path}${separator}${name}`)]),
  );
}

/** Leaves that are parameters of the file, not results: they go in. */
const INPUTS = [
  /^scenario_sample_covariance_checks\/ddof$/,
  /^stress_grid\/(spot|vol)_relative_shift\/\d+$/,
  /^span_like\/(price_scan_range|vol_scan_range|scenarios_price_vol_cover)\//,
  /^pm_like\/(price_range|price_buckets|vol_up|vol_down|exponent_short|exponent_long|pivot_days)$/,
  /^pm_like\/vol_order\/\d$/,
  /^pnl_explain\/(scenario|days)$/,
  /^nested_aggregation\/(risk_weights|rho_within|sensitivities|gamma_across)(\/|$)/,
];

/** Results that are not money: 1e-11 relative. Everything else: 1e-11 of gross. */
const NOT_MONEY = [
  /^net_greeks\//,
  /\/marginal_var\//,
  /\/z(_cornish_fisher)?$/,
  /^parametric\/delta_gamma_moments\/(variance|skewness|excess_kurtosis)$/,
  /^scenario_sample_covariance_checks\//,
];

describe('portfolio', () => {
  const task = readTask();
  const { holdings, market, scenarios, gross } = task;

  it('expected.json: every result, money within 1e-11 of gross and the rest within 1e-11 relative', () => {
    const expected = leavesOf(task.expected);
    const found = leavesOf(computeFigures(task));
    const matches = (patterns: readonly RegExp[], path: string) => patterns.some((one) => one.test(path));
    let inputs = 0;
    for (const [path, value] of expected) {
      if (matches(INPUTS, path)) {
        inputs++;
        continue;
      }
      const actual = found.get(path);
      expect(typeof actual, path).toBe(typeof value);
      if (typeof value !== 'number' || typeof actual !== 'number') {
        expect(actual, path).toBe(value);
      } else if (matches(NOT_MONEY, path)) {
        const error = actual === value ? 0 : Math.abs(actual - value) / Math.abs(value);
        expect(error, path).toBeLessThanOrEqual(1e-11);
      } else {
        const error = Math.abs(actual - value) / gross;
        expect(error, path).toBeLessThanOrEqual(1e-11);
      }
    }
    // Nothing is computed that the file does not have, and nothing was skipped.
    for (const path of found.keys()) expect(expected.has(path), path).toBe(true);
    expect(found.size + inputs).toBe(expected.size);
    expect(found.size).toBe(2358);
  });

  it('expected_scenario_pnl.csv: every column within 1e-14 of gross', async () => {
    const file = readVectors('portfolio/expected_scenario_pnl.csv');
    const byUnderlying = portfolioPnlSync(holdings, market, scenarios);
    const greeks = portfolioGreeks(holdings, market);
    const approximate = approximatePnl(taylorTerms(greeks, market, scenarios));
    const columns: [string, Float64Array][] = [
      ['full_revaluation', totalPnl(byUnderlying)],
      ['delta', approximate.delta],
      ['delta_gamma', approximate.deltaGamma],
      ['delta_gamma_vega', approximate.deltaGammaVega],
      ['full_second_order', approximate.fullSecondOrder],
      ...market.underlyings.map(({ name }, u): [string, Float64Array] => [
        `full:${name}`,
        rowOf(byUnderlying, u),
      ]),
    ];
    for (const [name, pnl] of columns) {
      const expected = file.numbers(name);
      expect(pnl.length).toBe(file.rows);
      pnl.forEach((value, s) => {
        expect(Math.abs(value - expected[s]!), `${name}, scenario ${s}`).toBeLessThanOrEqual(1e-14 * gross);
      });
    }
    expect((await portfolioPnl(holdings, market, scenarios)).data).toEqual(byUnderlying.data);
  });

  it('expected_position_greeks.csv: vanna and volga', () => {
    const file = readVectors('portfolio/expected_position_greeks.csv');
    const greeks = unitSecondOrderGreeks(holdings.instruments, market);
    const spot = new Map(market.underlyings.map((underlying) => [underlying.name, underlying.spot]));
    for (const [name, column, power] of [
      ['vanna', 'unit_vanna', 0],
      ['volga', 'unit_volga', 1],
    ] as const) {
      const expected = file.numbers(column);
      holdings.instruments.forEach(({ underlying }, i) => {
        const tolerance = 2e-13 * spot.get(underlying)! ** power;
        expect(Math.abs(greeks[name][i]! - expected[i]!), `${name} of ${i}`).toBeLessThanOrEqual(tolerance);
      });
    }
  });
});
