import type { RunOptions } from '../../base/progress.ts';
import type { Market } from '../../domain/market.ts';
import { type Matrix, matrixOf, rowOf } from '../../numeric/matrix.ts';
import { gridMoves } from '../../pricing/market-moves.ts';
import { type ByUnderlying, byUnderlying } from '../../pricing/portfolio/holdings.ts';
import { largestLoss } from '../../pricing/portfolio/pnl.ts';
import {
  type PortfolioMargin,
  type PortfolioMarginParameters,
  portfolioMarginMoves,
  VOL_ORDER,
} from '../../pricing/portfolio/portfolio-margin.ts';
import {
  type SpanParameters,
  type SpanRisk,
  spanMoves,
  spanScenarios,
} from '../../pricing/portfolio/span.ts';
import type { StressGrid, StressShifts } from '../../pricing/portfolio/stress-grid.ts';
import type { RiskBasis } from '../bases/basis.ts';
import { unitRiskOf } from '../unit-risk.ts';
import { type RiskRows, rowsByUnderlying } from './rows.ts';

/** Rows of an array of scenarios, of all underlyings together and of each alone. */
export type ArrayRows = RiskRows<'total' | 'byUnderlying'>;

/**
 * Rows of a stress grid (F151), full revaluation: a row a cell, the vol shifts fastest. Finished by {@link readStressGrid}.
 * @throws ShapeError @throws RangeError as `stressGrid`.
 */
export async function stressGridRows(
  basis: RiskBasis,
  market: Market,
  { spotRelativeShift, volRelativeShift }: StressShifts,
  options: RunOptions = {},
): Promise<ArrayRows> {
  const moves = gridMoves(market, spotRelativeShift, volRelativeShift);
  const { pnl, underlying } = await unitRiskOf(basis, market, moves, options);
  return { total: pnl, byUnderlying: rowsByUnderlying(pnl, underlying, market.underlyings.length) };
}

/** What `stressGrid` computes in the clear, from opened rows: the grids open, and the worst cases follow from them. */
export function readStressGrid(
  market: Market,
  shifts: StressShifts,
  rows: Readonly<Record<'total' | 'byUnderlying', Float64Array>>,
): StressGrid {
  const { spotRelativeShift, volRelativeShift } = shifts;
  const cells = spotRelativeShift.length * volRelativeShift.length;
  const all = matrixOf(market.underlyings.length, cells, rows.byUnderlying);
  const grid = (data: Float64Array): Matrix =>
    matrixOf(spotRelativeShift.length, volRelativeShift.length, data);
  return {
    ...shifts,
    total: grid(rows.total),
    byUnderlying: byUnderlying(market, (u) => grid(rowOf(all, u))),
    worstTotal: lowest(rows.total),
    sumOfWorstByUnderlying: market.underlyings.reduce((sum, _, u) => sum + lowest(rowOf(all, u)), 0),
  };
}

const lowest = (values: Float64Array): number =>
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);

/**
 * Rows of SPAN-shaped risk arrays (F152), cover included: a row a scenario of an underlying. Finished by {@link readSpanRisk}.
 * @throws ShapeError @throws RangeError as `spanRisk`.
 */
export async function spanRows(
  basis: RiskBasis,
  market: Market,
  parameters: SpanParameters,
  options: RunOptions = {},
): Promise<RiskRows<'byUnderlying'>> {
  const { scenarios = spanScenarios() } = parameters;
  const { pnl, underlying } = await unitRiskOf(basis, market, spanMoves(market, parameters), options);
  for (let i = 0; i < pnl.data.length; i++) pnl.data[i]! *= scenarios[Math.floor(i / pnl.cols)]!.cover;
  return { byUnderlying: rowsByUnderlying(pnl, underlying, market.underlyings.length) };
}

/** What `spanRisk` computes in the clear, from opened rows. */
export function readSpanRisk(market: Market, rows: Readonly<Record<'byUnderlying', Float64Array>>): SpanRisk {
  const arrays = splitRows(market, rows.byUnderlying);
  const { losses, total } = lossesOf(market, arrays);
  return { riskArrayPnl: byUnderlying(market, (u) => rowOf(arrays, u)), scanRisk: losses, total };
}

/**
 * Rows of portfolio-margin arrays (F153): price buckets by vol states, an underlying after the other. Finished by {@link readPortfolioMargin}.
 * @throws ShapeError @throws RangeError as `portfolioMargin`.
 */
export async function portfolioMarginRows(
  basis: RiskBasis,
  market: Market,
  parameters: PortfolioMarginParameters,
  options: RunOptions = {},
): Promise<RiskRows<'byUnderlying'>> {
  const moves = portfolioMarginMoves(market, parameters);
  const { pnl, underlying } = await unitRiskOf(basis, market, moves, options);
  return { byUnderlying: rowsByUnderlying(pnl, underlying, market.underlyings.length) };
}

/** What `portfolioMargin` computes in the clear, from opened rows. */
export function readPortfolioMargin(
  market: Market,
  { priceBuckets }: PortfolioMarginParameters,
  rows: Readonly<Record<'byUnderlying', Float64Array>>,
): PortfolioMargin {
  const arrays = splitRows(market, rows.byUnderlying);
  const { losses, total } = lossesOf(market, arrays);
  return {
    byUnderlying: byUnderlying(market, (u) => matrixOf(priceBuckets, VOL_ORDER.length, rowOf(arrays, u))),
    margin: losses,
    total,
  };
}

function splitRows(market: Market, rows: Float64Array): Matrix {
  const count = market.underlyings.length;
  return matrixOf(count, rows.length / count, rows);
}

function lossesOf(market: Market, arrays: Matrix): { readonly losses: ByUnderlying; readonly total: number } {
  const losses = market.underlyings.map((_, u) => largestLoss(rowOf(arrays, u)));
  return {
    losses: byUnderlying(market, (u) => losses[u]!),
    total: losses.reduce((sum, loss) => sum + loss, 0),
  };
}
