import { RangeError } from '../../base/errors.ts';
import { checkColumns, SIGNED_PRICE } from '../column-checks.ts';

/** An account whose collateral and settlement are in one coin. */
export type CoinMarginAccount = {
  /** Coins deposited, with all settled P&L. */
  readonly balanceCoin: number;
  /** Price of one coin in quote currency. */
  readonly price: number;
  /** Unsettled value of each position, and its first and second derivative by the price, all in coins. */
  readonly valueCoin: Float64Array;
  readonly coinDelta: Float64Array;
  readonly coinGamma: Float64Array;
};

/** What the account is worth and how that moves, in both currencies. */
export type CoinMarginEquity = {
  readonly equityCoin: number;
  readonly equityQuote: number;
  /** d equityQuote / d price, in coins: the equity itself, which is held in coins, and the positions. */
  readonly deltaQuote: number;
  /** d2 equityQuote / d price2. */
  readonly gammaQuote: number;
};

const RANGES = { valueCoin: SIGNED_PRICE, coinDelta: SIGNED_PRICE, coinGamma: SIGNED_PRICE };

/**
 * Equity of a coin-margined account (F42): E = balance + sum of position values in coins, P E in quote currency at
 * price P, whose delta is E + P E' and whose gamma is 2 E' + P E''. A position that is hedged in coins is not hedged
 * in quote currency, and the reverse.
 *
 * Own derivation (product rule). Columns come from `inverseFutures` (valueCoin, coinDelta, coinGamma) and
 * `inverseOptionGreeks` (price, dcoin_dF, d2coin_dF2 times the quantity, the forward moving with the price).
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless the price is
 * positive and everything finite.
 */
export function coinMarginEquity(account: CoinMarginAccount): CoinMarginEquity {
  const { balanceCoin, price, valueCoin, coinDelta, coinGamma } = account;
  if (!(price > 0 && Number.isFinite(price)) || !Number.isFinite(balanceCoin)) {
    throw new RangeError(
      `expected a positive price and a finite balanceCoin, found ${price} and ${balanceCoin}`,
      { price, balanceCoin },
    );
  }
  checkColumns({ valueCoin, coinDelta, coinGamma }, RANGES);
  const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0);
  const equityCoin = balanceCoin + sum(valueCoin);
  const slope = sum(coinDelta);
  return {
    equityCoin,
    equityQuote: equityCoin * price,
    deltaQuote: equityCoin + price * slope,
    gammaQuote: 2 * slope + price * sum(coinGamma),
  };
}
