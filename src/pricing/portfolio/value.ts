import type { Market } from '../../domain/market.ts';
import { unitValues } from '../unit-value.ts';
import {
  type ByUnderlying,
  byUnderlying,
  type Holdings,
  netByUnderlying,
  total,
  underlyingIndices,
} from './holdings.ts';

/** What a portfolio is worth, in the market's currency. */
export type PortfolioValue = {
  readonly total: number;
  readonly byUnderlying: ByUnderlying;
  /** Sum of |value| of the positions: the scale of rounding errors. */
  readonly grossAbsolute: number;
};

/**
 * Present value of a portfolio (F9): the sum of units x unit value.
 * Accuracy: 1e-15 of gross. Cost: one Black-Scholes price an option.
 * @throws ShapeError @throws RangeError as `unitValues`, or for units that are not finite.
 */
export function portfolioValue(holdings: Holdings, market: Market): PortfolioValue {
  const { instruments, units } = holdings;
  const indices = underlyingIndices(holdings, market);
  const values = unitValues(instruments, market);
  const net = netByUnderlying(units, values, indices, market.underlyings.length);
  let grossAbsolute = 0;
  for (let i = 0; i < units.length; i++) grossAbsolute += Math.abs(units[i]! * values[i]!);
  return { total: total(net), byUnderlying: byUnderlying(market, (u) => net[u]!), grossAbsolute };
}
