import { checkColumns } from '../column-checks.ts';
import { type FundingHistory, inverseFundingPaid, linearFundingPaid } from './funding.ts';
import { inverseFutures, linearFutures } from './future.ts';

/** What the mark prices of perpetuals are made of, a column a field. */
export type PerpetualMarkInputs = {
  /** Index price of the coin in quote currency. */
  readonly index: Float64Array;
  /** Funding rate of the running interval, decimal, for the whole interval. */
  readonly fundingRate: Float64Array;
  /** Share of the interval that is left until funding is paid, 1 to 0. */
  readonly intervalLeft: Float64Array;
};

const RANGES = {
  index: { low: 1e-50, high: 1e50, expected: 'a positive price between 1e-50 and 1e50' },
  fundingRate: { low: -1, high: 1, expected: 'a funding rate between -1 and 1' },
  intervalLeft: { low: 0, high: 1, expected: 'a share between 0 and 1' },
};

/**
 * Fair mark prices of perpetuals: index x (1 + funding rate x share of the interval left) (F41), so that the price
 * falls by what a long position pays when funding is due.
 *
 * BitMEX, "Fair price marking", calculation for perpetual contracts. Venues that fund continuously mark by their
 * order books instead.
 * @returns quote currency for one coin. @throws ShapeError @throws RangeError naming field and index.
 */
export function perpetualMarks(inputs: PerpetualMarkInputs): Float64Array {
  checkColumns(inputs, RANGES);
  const { index, fundingRate, intervalLeft } = inputs;
  return index.map((price, i) => price * (1 + fundingRate[i]! * intervalLeft[i]!));
}

/** One perpetual position, held since entry. */
export type PerpetualPosition = {
  /** linear: settled in quote currency; inverse: in coins. */
  readonly settlement: 'linear' | 'inverse';
  /** Contracts held, negative for a short position. */
  readonly quantity: number;
  /** Coins (linear) or quote currency (inverse) a contract. */
  readonly contractSize: number;
  readonly entryPrice: number;
  /** Mark price now. */
  readonly mark: number;
  /** Funding since entry. */
  readonly funding: FundingHistory;
  readonly fundingIntervalHours: number;
};

/**
 * P&L of a perpetual since entry: coins for an inverse contract and quote currency for a linear one, and both in
 * both.
 */
export type PerpetualPnl = {
  /** From the price alone, in the settlement currency. */
  readonly price: number;
  /** Funding paid, negative where received, in the settlement currency. */
  readonly fundingPaid: number;
  /** price - fundingPaid, in quote currency; coins count at the mark price. */
  readonly totalQuote: number;
  /** The same in coins; quote currency counts at the mark price. */
  readonly totalCoin: number;
};

/**
 * P&L of a perpetual position since entry: that of a future (F36, F37) less funding paid (F40).
 * @throws ShapeError @throws RangeError naming field and index, as `linearFutures` and `linearFundingPaid`.
 * @example // BitMEX's guide: 15,000 XBTUSD from 750 to 800 USD with 0.25 % funding at 750: 1.25 - 0.05 = 1.2 coins
 */
export function perpetualPnl(position: PerpetualPosition): PerpetualPnl {
  const { settlement, quantity, contractSize, entryPrice, mark, funding, fundingIntervalHours } = position;
  const one = (x: number): Float64Array => Float64Array.of(x);
  const inputs = {
    quantity: one(quantity),
    contractSize: one(contractSize),
    entryPrice: one(entryPrice),
    price: one(mark),
  };
  const inverse = settlement === 'inverse';
  const size = quantity * contractSize;
  const price = inverse ? inverseFutures(inputs).valueCoin[0]! : linearFutures(inputs).valueQuote[0]!;
  const payments = inverse
    ? inverseFundingPaid(size, funding, fundingIntervalHours)
    : linearFundingPaid(size, funding, fundingIntervalHours);
  const fundingPaid = payments.reduce((sum, payment) => sum + payment, 0);
  const total = price - fundingPaid;
  return {
    price,
    fundingPaid,
    totalQuote: inverse ? total * mark : total,
    totalCoin: inverse ? total : total / mark,
  };
}
