import { RangeError, ShapeError, UnsupportedError } from '../../base/errors.ts';
import type { RunOptions } from '../../base/progress.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { movesOf } from '../../pricing/market-moves.ts';
import type { ExplainConventions, PnlExplain } from '../../pricing/portfolio/explain.ts';
import {
  type NestedCharges,
  type NestedRisk,
  nestedCharges,
} from '../../pricing/portfolio/nested-aggregation.ts';
import { unitSecondOrderGreeks } from '../../pricing/unit-value.ts';
import type { RiskBasis } from '../bases/basis.ts';
import { FACTOR_SENSITIVITIES } from '../bases/factors.ts';
import { REFERENCE_PRICER } from '../unit-pricer.ts';
import { unitRiskOf } from '../unit-risk.ts';
import type { RiskRows } from './rows.ts';

/** Terms of a P&L explain, a row each. */
export const EXPLAIN_TERMS = ['actual', 'theta', 'delta', 'gamma', 'vega', 'vanna', 'volga'] as const;

/**
 * Rows of a P&L explain of one scenario together with the passing of time (F154), in the order of {@link EXPLAIN_TERMS}: `actual` by full
 * revaluation, the others from the coordinates' sensitivities. Finished by {@link readExplain}.
 * @throws RangeError for a scenario that does not exist, or negative days. @throws ShapeError as `scenarioPnl`.
 * @throws UnsupportedError for a basis whose pricing model has no second-order Greeks.
 */
export async function explainRows(
  basis: RiskBasis,
  market: Market,
  scenarios: ScenarioSet,
  scenario: number,
  { days = 1, daysPerYear = 365 }: ExplainConventions = {},
  options: RunOptions = {},
): Promise<RiskRows<'explain'>> {
  const { rows, returns, shifts } = movesOf(scenarios, market);
  if (!(Number.isSafeInteger(scenario) && scenario >= 0 && scenario < rows)) {
    throw new RangeError(`expected a scenario of 0 to ${rows - 1}, found ${scenario}`, { scenario, rows });
  }
  if (!(days >= 0 && daysPerYear > 0 && Number.isFinite(days / daysPerYear))) {
    throw new RangeError(
      `expected days of at least 0 and daysPerYear above 0, found ${days} and ${daysPerYear}`,
      { days, daysPerYear },
    );
  }
  const elapsedYears = days / daysPerYear;
  const count = market.underlyings.length;
  const row = (of: Float64Array): Matrix =>
    matrixOf(1, count, of.slice(scenario * count, (scenario + 1) * count));
  const moves = { spotReturns: row(returns), volShifts: row(shifts) };
  const { pnl, underlying } = await unitRiskOf(basis, market, { ...moves, elapsedYears }, options);
  const unit = secondOrderUnits(basis, market);
  const out = matrixOf(EXPLAIN_TERMS.length, pnl.cols);
  out.data.set(pnl.data);
  for (let j = 0; j < pnl.cols; j++) {
    const u = underlying[j]!;
    if (u < 0) continue;
    const move = market.underlyings[u]!.spot * moves.spotReturns.data[u]!;
    const shift = moves.volShifts.data[u]!;
    const terms = [
      unit.theta[j]! * elapsedYears,
      unit.delta[j]! * move,
      0.5 * unit.gamma[j]! * move * move,
      unit.vega[j]! * shift,
      unit.vanna[j]! * move * shift,
      0.5 * unit.volga[j]! * shift * shift,
    ];
    terms.forEach((term, t) => {
      out.data[(t + 1) * pnl.cols + j] = term;
    });
  }
  return { explain: out };
}

/** What `explainPnl` computes in the clear, from opened rows. */
export function readExplain({ explain }: Readonly<Record<'explain', Float64Array>>): PnlExplain {
  const named = Object.fromEntries(EXPLAIN_TERMS.map((term, t) => [term, explain[t]!])) as Record<
    (typeof EXPLAIN_TERMS)[number],
    number
  >;
  const unexplained = EXPLAIN_TERMS.slice(1).reduce((rest, term) => rest - named[term], named.actual);
  return { ...named, unexplained };
}

/** Risk weights by underlying, a fraction of the spot for delta and of the vol for vega: the caller's, as FRTB or SIMM publish them. */
export type SensitivityWeights = {
  readonly delta: Float64Array;
  readonly vega: Float64Array;
};

/**
 * Rows of weighted sensitivities WS_k = RW_k s_k of the shape of FRTB and SIMM (F155): `delta` RW S dV/dS and `vega` RW sigma dV/dsigma, a row an
 * underlying, with sigma the reference vol. Aggregation within and across buckets comes after: {@link readCharges}.
 * @throws ShapeError unless there is a weight an underlying.
 */
export function weightedSensitivityRows(
  basis: RiskBasis,
  market: Market,
  weights: SensitivityWeights,
): RiskRows<'delta' | 'vega'> {
  const count = market.underlyings.length;
  for (const [name, column] of Object.entries(weights)) {
    if (column.length === count) continue;
    throw new ShapeError(`expected ${count} ${name} weights, one an underlying, found ${column.length}`, {
      name,
      expected: count,
      found: column.length,
    });
  }
  const unit = secondOrderUnits(basis, market);
  const rows = (of: Float64Array, weight: (u: number) => number): Matrix => {
    const out = matrixOf(count, of.length);
    for (let j = 0; j < of.length; j++) {
      const u = unit.underlying[j]!;
      if (u >= 0) out.data[u * of.length + j] = weight(u) * of[j]!;
    }
    return out;
  };
  return {
    delta: rows(unit.delta, (u) => weights.delta[u]! * market.underlyings[u]!.spot),
    vega: rows(unit.vega, (u) => weights.vega[u]! * market.underlyings[u]!.referenceVol),
  };
}

/** The three correlation scenarios and the largest charge (F155), from opened weighted sensitivities: bucket b holds the given underlyings. */
export function readCharges(
  weighted: Float64Array,
  buckets: readonly (readonly number[])[],
  correlations: { readonly within: number; readonly across: number },
): NestedCharges {
  const risk: NestedRisk = {
    buckets: buckets.map((members) => ({
      sensitivities: Float64Array.from(members, (u) => weighted[u]!),
      riskWeight: 1,
      rho: correlations.within,
    })),
    gamma: correlations.across,
  };
  return nestedCharges(risk);
}

type SecondOrderUnits = Readonly<Record<(typeof FACTOR_SENSITIVITIES)[number], Float64Array>> & {
  readonly underlying: Int32Array;
};

/** Sensitivities of one unit of each coordinate, to second order. */
function secondOrderUnits(basis: RiskBasis, market: Market): SecondOrderUnits {
  const count = market.underlyings.length;
  if (basis.kind === 'factors') {
    const width = FACTOR_SENSITIVITIES.length;
    const one = (name: string): Float64Array =>
      Float64Array.from({ length: basis.coordinates }, (_, j) =>
        j < basis.coordinates - 1 && FACTOR_SENSITIVITIES[j % width] === name ? 1 : 0,
      );
    return {
      ...(Object.fromEntries(FACTOR_SENSITIVITIES.map((name) => [name, one(name)])) as Record<
        (typeof FACTOR_SENSITIVITIES)[number],
        Float64Array
      >),
      underlying: Int32Array.from({ length: basis.coordinates }, (_, j) =>
        j < basis.coordinates - 1 ? Math.floor(j / width) : -1,
      ),
    };
  }
  if (basis.kind === 'chebyshev' && basis.pricer.identity !== REFERENCE_PRICER.identity) {
    throw new UnsupportedError(
      'the pricing model of this basis has no second-order Greeks: explain by the reference model, or by scenarios',
    );
  }
  const unit = unitSecondOrderGreeks(basis.contracts, market);
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const own = basis.contracts.map((contract) => indexOf.get(contract.underlying)!);
  const carry = basis.kind === 'chebyshev' ? [...Array(count).keys(), -1] : [];
  const widened = (name: (typeof FACTOR_SENSITIVITIES)[number]): Float64Array =>
    Float64Array.from([...unit[name], ...carry.map((u) => (name === 'theta' && u >= 0 ? 1 : 0))]);
  return {
    delta: widened('delta'),
    gamma: widened('gamma'),
    vega: widened('vega'),
    vanna: widened('vanna'),
    volga: widened('volga'),
    theta: widened('theta'),
    underlying: Int32Array.from([...own, ...carry]),
  };
}
