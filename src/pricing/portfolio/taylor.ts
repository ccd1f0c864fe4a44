import { UnsupportedError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { type ColumnRange, checkColumns } from '../column-checks.ts';
import { type MarketMoves, movesOf } from '../market-moves.ts';
import { checkGreeks, type PortfolioGreeks } from './net-greeks.ts';

/** The terms of a second-order expansion of the P&L in spot and vol, summed over underlyings; an element a scenario. */
export type TaylorTerms = {
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly vanna: Float64Array;
  readonly volga: Float64Array;
};

/** P&L by ever more terms of the expansion; an element a scenario. */
export type ApproximatePnl = {
  readonly delta: Float64Array;
  readonly deltaGamma: Float64Array;
  readonly deltaGammaVega: Float64Array;
  /** With vanna and volga. */
  readonly fullSecondOrder: Float64Array;
};

/**
 * Terms of the P&L to second order (F146), for a return x and an absolute vol shift y of each underlying: delta S x,
 * gamma S^2 x^2/2, vega y, vanna S x y, volga y^2/2. No floor on vols, no time.
 *
 * An approximation: on the reference book delta-gamma is 9 % off full revaluation on average, with all terms 1 %.
 * Cost: scenarios x underlyings.
 * @throws ShapeError @throws RangeError for moves as `scenarioPnl`, or naming the underlying of a Greek that is not finite.
 * @throws UnsupportedError for relative vol shifts or elapsed time, of which net Greeks know nothing.
 */
export function taylorTerms(
  greeks: PortfolioGreeks,
  market: Market,
  scenarios: ScenarioSet | MarketMoves,
): TaylorTerms {
  if (
    'spotReturns' in scenarios &&
    (scenarios.relativeVolShifts !== undefined || (scenarios.elapsedYears ?? 0) !== 0)
  ) {
    throw new UnsupportedError(
      'expected spot returns and absolute vol shifts: net Greeks say nothing of relative vol shifts or elapsed time; use portfolioPnl',
    );
  }
  const { rows, returns, shifts } = movesOf(scenarios, market);
  const count = market.underlyings.length;
  const column = (): Float64Array => new Float64Array(rows);
  const terms = { delta: column(), gamma: column(), vega: column(), vanna: column(), volga: column() };
  checkGreeks(greeks, market, ['delta', 'gamma', 'vega', 'vanna', 'volga']);
  market.underlyings.forEach(({ name, spot }, u) => {
    const delta = greeks.delta[name]! * spot;
    const gamma = 0.5 * greeks.gamma[name]! * spot * spot;
    const vega = greeks.vega[name]!;
    const vanna = greeks.vanna[name]! * spot;
    const volga = 0.5 * greeks.volga[name]!;
    for (let s = 0; s < rows; s++) {
      const x = returns[s * count + u]!;
      const y = shifts[s * count + u]!;
      terms.delta[s]! += delta * x;
      terms.gamma[s]! += gamma * x * x;
      terms.vega[s]! += vega * y;
      terms.vanna[s]! += vanna * x * y;
      terms.volga[s]! += volga * y * y;
    }
  });
  return terms;
}

const TERM: ColumnRange = {
  low: -Number.MAX_VALUE,
  high: Number.MAX_VALUE,
  expected: 'a finite P&L',
};

/**
 * P&L to first order in spot, then with gamma, with vega, and with vanna and volga (F146).
 * @throws ShapeError unless all terms have as many scenarios. @throws RangeError naming term and scenario of one that is not finite.
 */
export function approximatePnl(terms: TaylorTerms): ApproximatePnl {
  checkColumns(terms, { delta: TERM, gamma: TERM, vega: TERM, vanna: TERM, volga: TERM });
  const { delta, gamma, vega, vanna, volga } = terms;
  const deltaGamma = delta.map((value, s) => value + gamma[s]!);
  const deltaGammaVega = deltaGamma.map((value, s) => value + vega[s]!);
  const fullSecondOrder = deltaGammaVega.map((value, s) => value + vanna[s]! + volga[s]!);
  return { delta, deltaGamma, deltaGammaVega, fullSecondOrder };
}
