import { RangeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import { movesOf } from '../market-moves.ts';
import { type Holdings, total } from './holdings.ts';
import { portfolioGreeks } from './net-greeks.ts';
import { portfolioPnlSync } from './pnl.ts';
import { taylorTerms } from './taylor.ts';

/** A P&L split by its causes; `actual` is the sum of all others. */
export type PnlExplain = {
  readonly actual: number;
  readonly theta: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly vanna: number;
  readonly volga: number;
  /** What the expansion does not explain. */
  readonly unexplained: number;
};

export type ExplainConventions = {
  /** Calendar days that pass with the move. */
  readonly days?: number;
  readonly daysPerYear?: number;
};

/**
 * Explains the P&L of one scenario together with the passing of time (F154): `actual` by full revaluation of what is left after `days`,
 * theta x days/daysPerYear, and the terms of `taylorTerms`.
 * Cost: all Greeks and one repricing of every instrument.
 * @param scenario row of `scenarios.moves`.
 * @throws RangeError for a scenario that does not exist, negative days, or as `portfolioPnl`. @throws ShapeError as `portfolioPnl`.
 */
export function explainPnl(
  holdings: Holdings,
  market: Market,
  scenarios: ScenarioSet,
  scenario: number,
  { days = 1, daysPerYear = 365 }: ExplainConventions = {},
): PnlExplain {
  const { rows, returns, shifts } = movesOf(scenarios, market);
  if (!(Number.isSafeInteger(scenario) && scenario >= 0 && scenario < rows))
    throw new RangeError(`expected a scenario of 0 to ${rows - 1}, found ${scenario}`, { scenario, rows });
  if (!(days >= 0 && daysPerYear > 0 && Number.isFinite(days / daysPerYear))) {
    throw new RangeError(
      `expected days of at least 0 and daysPerYear above 0, found ${days} and ${daysPerYear}`,
      { days, daysPerYear },
    );
  }
  const cols = market.underlyings.length;
  const row = (of: Float64Array) => matrixOf(1, cols, of.slice(scenario * cols, (scenario + 1) * cols));
  const moves = { spotReturns: row(returns), volShifts: row(shifts) };
  const elapsedYears = days / daysPerYear;
  const actual = total(portfolioPnlSync(holdings, market, { ...moves, elapsedYears }).data);
  const greeks = portfolioGreeks(holdings, market, { daysPerYear });
  const terms = taylorTerms(greeks, market, moves);
  const theta = market.underlyings.reduce((sum, { name }) => sum + greeks.theta[name]! * elapsedYears, 0);
  const explained = {
    theta,
    delta: terms.delta[0]!,
    gamma: terms.gamma[0]!,
    vega: terms.vega[0]!,
    vanna: terms.vanna[0]!,
    volga: terms.volga[0]!,
  };
  const unexplained = Object.values(explained).reduce((rest, term) => rest - term, actual);
  return { actual, ...explained, unexplained };
}
