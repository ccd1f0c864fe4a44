import { checkColumns, checkDiscounts, PRICE, RATE, YEARS } from '../column-checks.ts';

/** A batch of futures or perpetual positions, a column a field. Prices: quote currency for one coin. */
export type FuturesInputs = {
  /** Contracts held, negative for a short position. */
  readonly quantity: Float64Array;
  /** Size of one contract: coins for a linear contract, quote currency for an inverse one. */
  readonly contractSize: Float64Array;
  /** Price at which the position was opened or last settled. */
  readonly entryPrice: Float64Array;
  /** Mark price now. */
  readonly price: Float64Array;
};

/** What positions are worth since entry, and how that moves with the price, a column each. */
export type FuturesValues = {
  /** Unsettled P&L in quote currency; coins count at the mark price. */
  readonly valueQuote: Float64Array;
  /** Unsettled P&L in coins; quote currency counts at the mark price. */
  readonly valueCoin: Float64Array;
  /** d valueQuote / d price, in coins. */
  readonly delta: Float64Array;
  /** d valueCoin / d price, coins for one of quote currency. */
  readonly coinDelta: Float64Array;
  /** d2 valueCoin / d price2. */
  readonly coinGamma: Float64Array;
  /** Size of the position at the mark price, signed, in quote currency. */
  readonly notionalQuote: Float64Array;
  /** The same in coins. */
  readonly notionalCoin: Float64Array;
};

// Products and quotients of two of these, and the cube of a price, stay within the doubles.
const LEVEL = { low: 1e-50, high: 1e50, expected: 'a positive number between 1e-50 and 1e50' };
const CONTRACTS = { low: -1e50, high: 1e50, expected: 'a number of contracts of at most 1e50 in size' };
const RANGES = { quantity: CONTRACTS, contractSize: LEVEL, entryPrice: LEVEL, price: LEVEL };

/**
 * Values of linear futures, which pay size x (price - entry price) in quote currency a contract (F36).
 *
 * Deribit, "Linear Futures"; J. C. Hull, "Options, Futures, and Other Derivatives", 10th ed. (2018), section 2.4. In
 * quote currency the value is linear in the price; in coins it is not. Accuracy: 4 ulp.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless sizes and
 * prices lie between 1e-50 and 1e50.
 */
export function linearFutures(inputs: FuturesInputs): FuturesValues {
  return values(inputs, (out, i, quantity, size, entry, price) => {
    const coins = quantity * size;
    const pnl = coins * (price - entry);
    out.valueQuote[i] = pnl;
    out.valueCoin[i] = pnl / price;
    out.delta[i] = coins;
    out.coinDelta[i] = ((coins / price) * entry) / price;
    out.notionalQuote[i] = coins * price;
    out.notionalCoin[i] = coins;
  });
}

/**
 * Values of inverse futures, which pay size x (1 / entry price - 1 / price) in coins a contract (F37).
 *
 * Deribit, "Inverse Futures"; BitMEX, "Perpetual Contracts Guide" (XBTUSD). In coins the value is concave in the
 * price for a long position; in quote currency, with the coins counted at the mark price, it is linear. The
 * difference of reciprocals is taken as (price - entry) / (price x entry), which does not cancel. Accuracy: 6 ulp.
 * @throws ShapeError @throws RangeError as {@link linearFutures}.
 * @example // 15,000 contracts of 1 USD from 750 to 800 USD: 1.25 coins
 */
export function inverseFutures(inputs: FuturesInputs): FuturesValues {
  return values(inputs, (out, i, quantity, size, entry, price) => {
    const notional = quantity * size;
    const pnl = notional * ((price - entry) / entry);
    out.valueQuote[i] = pnl;
    out.valueCoin[i] = pnl / price;
    out.delta[i] = notional / entry;
    out.coinDelta[i] = notional / price / price;
    out.notionalQuote[i] = notional;
    out.notionalCoin[i] = notional / price;
  });
}

type Fill = (
  out: FuturesValues,
  i: number,
  quantity: number,
  size: number,
  entry: number,
  price: number,
) => void;

function values(inputs: FuturesInputs, fill: Fill): FuturesValues {
  const count = checkColumns(inputs, RANGES);
  const column = (): Float64Array => new Float64Array(count);
  const out: FuturesValues = {
    valueQuote: column(),
    valueCoin: column(),
    delta: column(),
    coinDelta: column(),
    coinGamma: column(),
    notionalQuote: column(),
    notionalCoin: column(),
  };
  const { quantity, contractSize, entryPrice, price } = inputs;
  for (let i = 0; i < count; i++) {
    fill(out, i, quantity[i]!, contractSize[i]!, entryPrice[i]!, price[i]!);
    // Of both contracts the value in coins is a - b / price.
    out.coinGamma[i] = (-2 * out.coinDelta[i]!) / price[i]!;
  }
  return out;
}

/** Market data for fair futures prices, a column a field. */
export type FuturesPriceInputs = {
  readonly spot: Float64Array;
  readonly expiryYears: Float64Array;
  /** Financing rate of the quote currency, continuous, per year, decimal. */
  readonly rate: Float64Array;
  /** Lending or staking yield of the coin, continuous, per year, decimal. */
  readonly dividendYield: Float64Array;
};

/** Fair futures prices and their derivatives, a column each. */
export type FuturesPrices = {
  /** Quote currency for one coin. */
  readonly price: Float64Array;
  /** Price - spot. */
  readonly basis: Float64Array;
  /** dF/dS. */
  readonly delta: Float64Array;
  /** dF/dr, a unit of rate. */
  readonly rho: Float64Array;
  /** dF/d(calendar time), a year. */
  readonly theta: Float64Array;
};

const PRICE_RANGES = { spot: PRICE, expiryYears: YEARS, rate: RATE, dividendYield: RATE };

/**
 * Fair prices of futures from spot and cost of carry, F = S e^((r - q) T) (F38).
 *
 * Hull (2018), section 5.6. The same for linear and inverse contracts: the settlement currency changes the P&L, and
 * the fair price only where rates are random. The basis is S expm1((r - q) T), to full relative accuracy near expiry.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless spot lies
 * between 1e-100 and 1e100, expiryYears >= 0, and |rate x years| and |yield x years| are at most 300.
 */
export function futuresPrices(inputs: FuturesPriceInputs): FuturesPrices {
  const count = checkColumns(inputs, PRICE_RANGES);
  const { spot, expiryYears, rate, dividendYield } = inputs;
  checkDiscounts('rate', rate, expiryYears);
  checkDiscounts('dividendYield', dividendYield, expiryYears);
  const column = (): Float64Array => new Float64Array(count);
  const out = { price: column(), basis: column(), delta: column(), rho: column(), theta: column() };
  for (let i = 0; i < count; i++) {
    const carry = rate[i]! - dividendYield[i]!;
    const growth = Math.exp(carry * expiryYears[i]!);
    const price = spot[i]! * growth;
    out.price[i] = price;
    out.basis[i] = spot[i]! * Math.expm1(carry * expiryYears[i]!);
    out.delta[i] = growth;
    out.rho[i] = expiryYears[i]! * price;
    out.theta[i] = -carry * price;
  }
  return out;
}
