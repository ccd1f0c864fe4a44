import { readFileSync } from 'node:fs';
import { ewmaCovariance, sampleCovariance } from '../../src/numeric/covariance.ts';
import { type Matrix, rowOf } from '../../src/numeric/matrix.ts';
import { cornishFisherVar, deltaGammaMoments } from '../../src/pricing/portfolio/delta-gamma.ts';
import { explainPnl } from '../../src/pricing/portfolio/explain.ts';
import { factorExposures, factorUnderlyings } from '../../src/pricing/portfolio/exposures.ts';
import { historicalRisk } from '../../src/pricing/portfolio/historical.ts';
import { historicalContributions } from '../../src/pricing/portfolio/historical-contributions.ts';
import type { Holdings } from '../../src/pricing/portfolio/holdings.ts';
import { type NestedCharge, nestedCharges } from '../../src/pricing/portfolio/nested-aggregation.ts';
import { type PortfolioGreeks, portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { incrementalVar, parametricRisk } from '../../src/pricing/portfolio/parametric.ts';
import { portfolioPnlSync, totalPnl } from '../../src/pricing/portfolio/pnl.ts';
import { portfolioMargin, VOL_ORDER } from '../../src/pricing/portfolio/portfolio-margin.ts';
import { spanRisk } from '../../src/pricing/portfolio/span.ts';
import { stressGrid } from '../../src/pricing/portfolio/stress-grid.ts';
import { approximatePnl, taylorTerms } from '../../src/pricing/portfolio/taylor.ts';
import { portfolioValue } from '../../src/pricing/portfolio/value.ts';
import { type ReferencePortfolio, readReferencePortfolio } from './portfolio.ts';

/** The parameters that expected.json states with its results. */
export type FigureInputs = {
  historical: Record<string, Record<string, unknown>>;
  scenario_sample_covariance_checks: { ddof: number };
  stress_grid: { spot_relative_shift: number[]; vol_relative_shift: number[] };
  span_like: {
    price_scan_range: number[];
    vol_scan_range: number[];
    scenarios_price_vol_cover: [number, number, number][];
  };
  pm_like: {
    price_range: number;
    price_buckets: number;
    vol_up: number;
    vol_down: number;
    exponent_short: number;
    exponent_long: number;
    pivot_days: number;
    vol_order: string[];
  };
  pnl_explain: { scenario: number; days: number };
  nested_aggregation: {
    risk_weights: number[];
    rho_within: number[];
    gamma_across: number;
    sensitivities: { bucket: number; value: number }[];
  };
};

export type Task = ReferencePortfolio & { readonly holdings: Holdings; readonly expected: FigureInputs };

/** The reference portfolio with what expected.json says about it. */
export function readTask(): Task {
  const portfolio = readReferencePortfolio();
  const url = new URL('../vectors/portfolio/expected.json', import.meta.url);
  return {
    ...portfolio,
    holdings: { instruments: portfolio.instruments, units: portfolio.weights },
    expected: JSON.parse(readFileSync(url, 'utf8')) as FigureInputs,
  };
}

/** A tree of records and arrays with numbers and truth values as leaves. */
export type Figures = number | boolean | readonly Figures[] | { readonly [name: string]: Figures };

const LEVELS = [0.95, 0.975, 0.99] as const;

/** Everything in expected.json that is a result, computed by the library, under the names of that file. */
export function computeFigures({ holdings, market, scenarios, expected }: Task): Figures {
  const value = portfolioValue(holdings, market);
  const greeks = portfolioGreeks(holdings, market);
  const byUnderlying = portfolioPnlSync(holdings, market, scenarios);
  const full = totalPnl(byUnderlying);
  const approximate = approximatePnl(taylorTerms(greeks, market, scenarios));
  const contributions = historicalContributions(byUnderlying, {
    kind: 'expectedShortfall',
    convention: 'acerbiTasche',
    level: 0.975,
  });
  return {
    value: { total: value.total, by_underlying: value.byUnderlying, gross_absolute: value.grossAbsolute },
    net_greeks: netGreekFigures(greeks),
    historical: {
      full_revaluation: historicalFigures(full),
      delta_gamma: historicalFigures(approximate.deltaGamma),
      delta_gamma_vega: historicalFigures(approximate.deltaGammaVega),
      full_second_order: historicalFigures(approximate.fullSecondOrder),
      by_underlying_full: named(
        market.underlyings.map(({ name }, u) => [name, historicalFigures(rowOf(byUnderlying, u))]),
      ),
    },
    component_es_975_full: named(
      market.underlyings.map(({ name }, u) => [name, contributions.component[u]!]),
    ),
    parametric: parametricFigures(greeks, market),
    scenario_sample_covariance_checks: covarianceFigures(scenarios.moves),
    stress_grid: stressFigures(holdings, market, expected.stress_grid),
    span_like: spanFigures(holdings, market, expected.span_like),
    pm_like: marginFigures(holdings, market, expected.pm_like),
    pnl_explain: explainFigures(holdings, market, scenarios, expected.pnl_explain),
    nested_aggregation: nestedFigures(expected.nested_aggregation),
  };
}

const named = (entries: readonly (readonly [string, Figures])[]): Figures => Object.fromEntries(entries);

const rowsOf = (matrix: Matrix): Figures =>
  Array.from({ length: matrix.rows }, (_, row) => [...rowOf(matrix, row)]);

function netGreekFigures({
  cashDelta,
  cashGamma1pct,
  thetaPerDay,
  vegaPerPoint,
  ...plain
}: PortfolioGreeks): Figures {
  return {
    ...plain,
    cash_delta: cashDelta,
    cash_gamma_1pct: cashGamma1pct,
    theta_per_day: thetaPerDay,
    vega_per_point: vegaPerPoint,
  };
}

function historicalFigures(pnl: Float64Array): Figures {
  return named(
    historicalRisk(pnl, LEVELS).map((risk) => [
      String(risk.level),
      {
        var_type1: risk.varType1,
        var_type6: risk.varType6,
        var_type7: risk.varType7,
        var_upper: risk.varUpper,
        es_acerbi_tasche: risk.esAcerbiTasche,
        es_tail_mean_ge_var_type1: risk.esTailMean,
        var_age_weighted_098: risk.varAgeWeighted,
      },
    ]),
  );
}

function parametricFigures(greeks: PortfolioGreeks, market: Task['market']): Figures {
  const factors = (values: Float64Array): Figures =>
    named(market.factors.map(({ name }, i) => [name, values[i]!]));
  const part = (exposures: Float64Array): Figures => {
    const risks = LEVELS.map((level) => parametricRisk(exposures, market.dailyCovariance, level));
    return {
      sigma: risks[0]!.sigma,
      by_level: named(
        risks.map((risk) => {
          const without = incrementalVar(
            exposures,
            market.dailyCovariance,
            risk.level,
            factorUnderlyings(market),
          );
          return [
            String(risk.level),
            {
              z: risk.z,
              var: risk.var,
              es: risk.es,
              marginal_var: factors(risk.marginalVar),
              component_var: factors(risk.componentVar),
              incremental_var_remove_underlying: named(
                market.underlyings.map(({ name }, u) => [name, without[u]!]),
              ),
            },
          ];
        }),
      ),
    };
  };
  const moments = deltaGammaMoments(greeks, market);
  return {
    spot_only: part(factorExposures(greeks, market, ['spot_return'])),
    spot_and_vol: part(factorExposures(greeks, market)),
    delta_gamma_moments: {
      mean: moments.mean,
      variance: moments.variance,
      skewness: moments.skewness,
      excess_kurtosis: moments.excessKurtosis,
      cornish_fisher: named(
        LEVELS.map((level) => {
          const risk = cornishFisherVar(moments, level);
          return [String(level), { z_cornish_fisher: risk.zCornishFisher, var: risk.var }];
        }),
      ),
    },
  };
}

function covarianceFigures(moves: Matrix): Figures {
  const covariance = sampleCovariance(moves);
  const { cols, data } = covariance;
  let trace = 0;
  for (let i = 0; i < cols; i++) trace += data[i * cols + i]!;
  return {
    trace,
    first_row: [...rowOf(covariance, 0)],
    frobenius: Math.hypot(...data),
    ewma_094_variance_of_first_factor: ewmaCovariance(moves, 0.94).data[0]!,
  };
}

function stressFigures(
  holdings: Holdings,
  market: Task['market'],
  { spot_relative_shift, vol_relative_shift }: FigureInputs['stress_grid'],
): Figures {
  const grid = stressGrid(holdings, market, {
    spotRelativeShift: spot_relative_shift,
    volRelativeShift: vol_relative_shift,
  });
  return {
    total: rowsOf(grid.total),
    by_underlying: named(Object.entries(grid.byUnderlying).map(([name, pnl]) => [name, rowsOf(pnl)])),
    worst_total: grid.worstTotal,
    sum_of_worst_by_underlying: grid.sumOfWorstByUnderlying,
  };
}

function spanFigures(holdings: Holdings, market: Task['market'], inputs: FigureInputs['span_like']): Figures {
  const risk = spanRisk(holdings, market, {
    priceScanRange: inputs.price_scan_range,
    volScanRange: inputs.vol_scan_range,
    scenarios: inputs.scenarios_price_vol_cover.map(([price, vol, cover]) => ({ price, vol, cover })),
  });
  return {
    risk_array_pnl: named(Object.entries(risk.riskArrayPnl).map(([name, pnl]) => [name, [...pnl]])),
    scan_risk: risk.scanRisk,
    total: risk.total,
  };
}

function marginFigures(holdings: Holdings, market: Task['market'], inputs: FigureInputs['pm_like']): Figures {
  if (String(inputs.vol_order) !== String(VOL_ORDER)) throw new Error('the vols stand in another order');
  const margin = portfolioMargin(holdings, market, {
    priceRange: inputs.price_range,
    priceBuckets: inputs.price_buckets,
    volUp: inputs.vol_up,
    volDown: inputs.vol_down,
    exponentShort: inputs.exponent_short,
    exponentLong: inputs.exponent_long,
    pivotDays: inputs.pivot_days,
  });
  return {
    by_underlying: named(Object.entries(margin.byUnderlying).map(([name, pnl]) => [name, rowsOf(pnl)])),
    margin: margin.margin,
    total: margin.total,
  };
}

function explainFigures(
  holdings: Holdings,
  market: Task['market'],
  scenarios: Task['scenarios'],
  { scenario, days }: FigureInputs['pnl_explain'],
): Figures {
  return explainPnl(holdings, market, scenarios, scenario, { days });
}

function nestedFigures(inputs: FigureInputs['nested_aggregation']): Figures {
  const { results, charge } = nestedCharges({
    buckets: inputs.risk_weights.map((riskWeight, b) => ({
      sensitivities: Float64Array.from(
        inputs.sensitivities.filter(({ bucket }) => bucket === b),
        (sensitivity) => sensitivity.value,
      ),
      riskWeight,
      rho: inputs.rho_within[b]!,
    })),
    gamma: inputs.gamma_across,
  });
  const figures = (of: NestedCharge): Figures => ({
    K_b: [...of.bucketCapital],
    S_b: [...of.bucketSum],
    charge: of.charge,
    alternative_S_b_used: of.alternativeSumUsed,
  });
  return {
    results: { low: figures(results.low), medium: figures(results.medium), high: figures(results.high) },
    charge,
  };
}
