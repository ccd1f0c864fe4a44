import type { Market } from '../../domain/market.ts';
import { type Matrix, matrixOf, rowOf } from '../../numeric/matrix.ts';
import { gridMoves } from '../market-moves.ts';
import { type ByUnderlying, byUnderlying, type Holdings } from './holdings.ts';
import { portfolioPnlSync, totalPnl } from './pnl.ts';

/** Shifts of a stress grid, both relative: -0.3 and 0.25 are 30 % down and a quarter up. */
export type StressShifts = {
  readonly spotRelativeShift: readonly number[];
  readonly volRelativeShift: readonly number[];
};

/** P&L on a grid: a row a spot shift, a column a vol shift. */
export type StressGrid = StressShifts & {
  readonly total: Matrix;
  readonly byUnderlying: ByUnderlying<Matrix>;
  /** The lowest P&L when all underlyings move together. */
  readonly worstTotal: number;
  /** Sum of the lowest P&L of each underlying: as if none of them offset another. */
  readonly sumOfWorstByUnderlying: number;
};

/**
 * Full revaluation on a grid of relative spot and vol shifts of all underlyings together (F151). The worst cases of an empty grid are Infinity.
 * Cost: instruments x spot shifts x vol shifts prices.
 * @throws ShapeError @throws RangeError as `portfolioPnl`; a spot shift is above -1.
 */
export function stressGrid(
  holdings: Holdings,
  market: Market,
  { spotRelativeShift, volRelativeShift }: StressShifts,
): StressGrid {
  const pnl = portfolioPnlSync(holdings, market, gridMoves(market, spotRelativeShift, volRelativeShift));
  const grid = (data: Float64Array): Matrix =>
    matrixOf(spotRelativeShift.length, volRelativeShift.length, data);
  const total = totalPnl(pnl);
  return {
    spotRelativeShift,
    volRelativeShift,
    total: grid(total),
    byUnderlying: byUnderlying(market, (u) => grid(rowOf(pnl, u))),
    worstTotal: lowest(total),
    sumOfWorstByUnderlying: market.underlyings.reduce((sum, _, u) => sum + lowest(rowOf(pnl, u)), 0),
  };
}

function lowest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}
