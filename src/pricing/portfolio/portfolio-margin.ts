import { RangeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import { type Matrix, matrixOf, rowOf } from '../../numeric/matrix.ts';
import { gridMoves, type MarketMoves } from '../market-moves.ts';
import { type ByUnderlying, byUnderlying, type Holdings } from './holdings.ts';
import { largestLoss, portfolioPnlSync } from './pnl.ts';

/** What a venue sets. */
export type PortfolioMarginParameters = {
  /** Largest relative price move: 0.16 is 16 % up and down. */
  readonly priceRange: number;
  /** Price moves, evenly spaced from -priceRange to priceRange: a whole number of at least 2; odd, to hold no move at all. */
  readonly priceBuckets: number;
  /** Relative vol shocks of an option with `pivotDays` to expiry: 0.5 makes 0.60 of 0.40. */
  readonly volUp: number;
  readonly volDown: number;
  /** The shocks are multiplied by (pivotDays/days)^exponentShort below pivotDays, ^exponentLong from there on. */
  readonly exponentShort: number;
  readonly exponentLong: number;
  readonly pivotDays: number;
  /** Days that an option's years to expiry are counted in; 365 if absent. */
  readonly daysPerYear?: number;
};

/** Columns of the arrays of {@link portfolioMargin}. */
export const VOL_ORDER = ['down', 'same', 'up'] as const;

/** Risk arrays and what they ask for. */
export type PortfolioMargin = {
  /** P&L: a row a price bucket, from the lowest; a column a vol shock, in {@link VOL_ORDER}. */
  readonly byUnderlying: ByUnderlying<Matrix>;
  /** Largest loss of the array, at least 0. */
  readonly margin: ByUnderlying;
  /** Sum of the margins. */
  readonly total: number;
};

/**
 * Margin of the shape of a crypto venue's portfolio margin (F153): by underlying the largest loss over price buckets and three vol
 * states, by full revaluation. Without an extended table of far moves, minimum vols, or delta and roll shocks.
 * Source of the shape: Deribit, "Portfolio Margin" (support.deribit.com). Cost: instruments x buckets x 3 prices.
 * @throws RangeError naming the parameter: priceRange in (0, 1), priceBuckets whole, volUp >= 0, 0 <= volDown <= 1, days above 0.
 * @throws ShapeError @throws RangeError as `portfolioPnl`.
 */
export function portfolioMargin(
  holdings: Holdings,
  market: Market,
  parameters: PortfolioMarginParameters,
): PortfolioMargin {
  const { priceBuckets } = parameters;
  const pnl = portfolioPnlSync(holdings, market, portfolioMarginMoves(market, parameters));
  const margin = market.underlyings.map((_, u) => largestLoss(rowOf(pnl, u)));
  return {
    byUnderlying: byUnderlying(market, (u) => matrixOf(priceBuckets, VOL_ORDER.length, rowOf(pnl, u))),
    margin: byUnderlying(market, (u) => margin[u]!),
    total: margin.reduce((sum, loss) => sum + loss, 0),
  };
}

/** The moves of all cells of the arrays, the vol states fastest. @throws RangeError as {@link portfolioMargin}. */
export function portfolioMarginMoves(market: Market, parameters: PortfolioMarginParameters): MarketMoves {
  checkParameters(parameters);
  const { priceRange, priceBuckets, volUp, volDown, exponentShort, exponentLong, pivotDays } = parameters;
  const { daysPerYear = 365 } = parameters;
  const step = (2 * priceRange) / (priceBuckets - 1);
  // From the middle outwards, so that an odd number of buckets holds exactly no move.
  const prices = Array.from({ length: priceBuckets }, (_, i) => (i - (priceBuckets - 1) / 2) * step);
  return {
    ...gridMoves(market, prices, [-volDown, 0, volUp]),
    volTerm: (years) => {
      const days = years * daysPerYear;
      return (pivotDays / days) ** (days < pivotDays ? exponentShort : exponentLong);
    },
  };
}

function checkParameters(parameters: PortfolioMarginParameters): void {
  const { daysPerYear = 365 } = parameters;
  const finite = (x: number): boolean => Number.isFinite(x);
  const rules: [string, string, number, (x: number) => boolean][] = [
    ['priceRange', 'between 0 and 1', parameters.priceRange, (x) => x > 0 && x < 1],
    [
      'priceBuckets',
      'whole and of at least 2',
      parameters.priceBuckets,
      (x) => Number.isSafeInteger(x) && x >= 2,
    ],
    ['volUp', 'of at least 0', parameters.volUp, (x) => x >= 0 && finite(x)],
    ['volDown', 'of 0 to 1', parameters.volDown, (x) => x >= 0 && x <= 1],
    ['exponentShort', 'finite', parameters.exponentShort, finite],
    ['exponentLong', 'finite', parameters.exponentLong, finite],
    ['pivotDays', 'above 0', parameters.pivotDays, (x) => x > 0 && finite(x)],
    ['daysPerYear', 'above 0', daysPerYear, (x) => x > 0 && finite(x)],
  ];
  for (const [name, expected, found, holds] of rules) {
    if (!holds(found))
      throw new RangeError(`expected ${name} ${expected}, found ${found}`, { parameter: name, found });
  }
}
