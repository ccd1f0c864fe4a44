import { type Matrix, rowOf } from '../../numeric/matrix.ts';
import { largestLoss } from '../portfolio/pnl.ts';

/** Margins, the default fund, and each firm's contribution to it. */
export type ClearingFigures = {
  readonly margins: Float64Array;
  readonly fund: number;
  readonly contributions: Float64Array;
};

/**
 * Margins and a "cover 2" default fund in proportion to them (F191).
 * @param marginPnl and @param stressPnl a row a firm, a column a scenario.
 */
export function clearingFigures(marginPnl: Matrix, stressPnl: Matrix, leastMargin: number): ClearingFigures {
  const margins = Float64Array.from({ length: marginPnl.rows }, (_, f) =>
    Math.max(largestLoss(rowOf(marginPnl, f)), leastMargin),
  );
  let fund = 0;
  for (let s = 0; s < stressPnl.cols; s++) {
    const beyond = margins
      .map((margin, f) => Math.max(0, -stressPnl.data[f * stressPnl.cols + s]! - margin))
      .sort();
    fund = Math.max(fund, (beyond.at(-1) ?? 0) + (beyond.at(-2) ?? 0));
  }
  const total = margins.reduce((sum, margin) => sum + margin, 0);
  return { margins, fund, contributions: margins.map((margin) => (fund * margin) / total) };
}
