import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError, UnitError } from '../../../../src/base/errors.ts';
import { convertAmount, sumAmounts } from '../../../../src/pricing/crypto/amount.ts';
import { coinMarginEquity } from '../../../../src/pricing/crypto/coin-margin.ts';
import {
  type FundingRule,
  fundingRates,
  inverseFundingPaid,
} from '../../../../src/pricing/crypto/funding.ts';
import {
  type FuturesInputs,
  futuresPrices,
  inverseFutures,
  linearFutures,
} from '../../../../src/pricing/crypto/future.ts';
import {
  type PerpetualPosition,
  perpetualMarks,
  perpetualPnl,
} from '../../../../src/pricing/crypto/perpetual.ts';

const of = (...x: number[]): Float64Array => Float64Array.from(x);
const position = (
  quantity: number,
  contractSize: number,
  entryPrice: number,
  price: number,
): FuturesInputs => ({
  quantity: of(quantity),
  contractSize: of(contractSize),
  entryPrice: of(entryPrice),
  price: of(price),
});

describe('linear futures', () => {
  it('pay the price difference in quote currency', () => {
    // 3 contracts of 10 SOL from 200 to 150.
    const { valueQuote, valueCoin, delta, notionalQuote, notionalCoin } = linearFutures(
      position(3, 10, 200, 150),
    );
    expect([valueQuote[0], delta[0], notionalQuote[0], notionalCoin[0]]).toEqual([-1500, 30, 4500, 30]);
    expect(valueCoin[0]).toBe(-10);
  });
});

describe('inverse futures', () => {
  it('pay the difference of reciprocals in coins: the example of BitMEX', () => {
    const { valueCoin, valueQuote, delta, notionalQuote, notionalCoin } = inverseFutures(
      position(15_000, 1, 750, 800),
    );
    expect(valueCoin[0]).toBeCloseTo(1.25, 14);
    expect(valueQuote[0]).toBeCloseTo(1000, 11);
    expect([delta[0], notionalQuote[0], notionalCoin[0]]).toEqual([20, 15_000, 18.75]);
  });

  it('keep the digits of a small move', () => {
    const { valueCoin } = inverseFutures(position(1e6, 10, 5e4, 5e4 * (1 + 2 ** -40)));
    // The price is 5e4 + 5e4 2^-40 rounded to a multiple of 2^-37.
    const move = 5e4 * (1 + 2 ** -40) - 5e4;
    expect(valueCoin[0]! / ((1e7 * move) / 5e4 / 5e4)).toBeCloseTo(1, 11);
  });

  it('refuse what is not a price or a size, by row', () => {
    for (const [field, bad] of [
      ['price', 0],
      ['entryPrice', -1],
      ['contractSize', Number.NaN],
      ['quantity', Number.POSITIVE_INFINITY],
    ] as const) {
      expect(() => inverseFutures({ ...position(1, 1, 1, 1), [field]: of(bad) })).toThrow(`as ${field}`);
    }
    expect(() => linearFutures({ ...position(1, 1, 1, 1), price: of(1, 2) })).toThrow(ShapeError);
  });
});

describe('fair futures prices', () => {
  it('are spot with the cost of carry', () => {
    const { price, basis, delta, rho, theta } = futuresPrices({
      spot: of(5e4, 100),
      expiryYears: of(0.25, 1e-9),
      rate: of(0.05, 0.05),
      dividendYield: of(0.01, 0),
    });
    expect(price[0]).toBeCloseTo(5e4 * Math.exp(0.01), 9);
    expect(basis[0]).toBeCloseTo(price[0]! - 5e4, 9);
    expect(delta[0]).toBeCloseTo(Math.exp(0.01), 15);
    expect(rho[0]).toBeCloseTo(0.25 * price[0]!, 9);
    expect(theta[0]).toBeCloseTo(-0.04 * price[0]!, 9);
    // 100 x 5e-11, of which price - spot would keep five digits.
    expect(Math.abs(basis[1]! / (100 * 5e-11 * (1 + 2.5e-11)) - 1)).toBeLessThan(1e-15);
  });
});

const rule: FundingRule = {
  intervalHours: 8,
  interestRate: 0.0001,
  damper: 0.0005,
  floor: -0.00375,
  cap: 0.00375,
};

describe('funding', () => {
  it('is the interest component near it, and the premium less the damper beyond', () => {
    const rates = fundingRates(of(0, 0.0006, -0.0004, 0.001, -0.001, 0.01, -0.01), rule);
    const expected = [0.0001, 0.0001, 0.0001, 0.0005, -0.0005, 0.00375, -0.00375];
    for (const [i, rate] of expected.entries()) expect(rates[i]).toBeCloseTo(rate, 16);
  });

  it("without interest is Deribit's max(damper, P) + min(-damper, P)", () => {
    const deribit = { ...rule, interestRate: 0, damper: 0.00025, floor: -0.005, cap: 0.005 };
    for (const premium of [-0.003, -0.00025, -0.0001, 0, 0.0002, 0.0007, 0.004]) {
      const expected = Math.max(0.00025, premium) + Math.min(-0.00025, premium);
      expect(fundingRates(of(premium), deribit)[0]).toBeCloseTo(expected, 16);
    }
  });

  it('refuses a rule that contradicts itself, and what is not a premium', () => {
    for (const bad of [{ floor: 0.01 }, { damper: -1 }, { intervalHours: 0 }, { interestRate: Number.NaN }]) {
      expect(() => fundingRates(of(0), { ...rule, ...bad })).toThrow(RangeError);
    }
    expect(() => fundingRates(of(0, Number.NaN), rule)).toThrow('row 1');
    const history = { rate: of(0.01), hours: of(-1), mark: of(1) };
    expect(() => inverseFundingPaid(1, history, 8)).toThrow('as hours');
    expect(() => inverseFundingPaid(1, { ...history, hours: of(1) }, 0)).toThrow(RangeError);
  });
});

describe('perpetuals', () => {
  const bitmex: PerpetualPosition = {
    settlement: 'inverse',
    quantity: 15_000,
    contractSize: 1,
    entryPrice: 750,
    mark: 800,
    funding: { rate: of(0.0025), hours: of(8), mark: of(750) },
    fundingIntervalHours: 8,
  };

  it('the example of BitMEX: 1.25 coins from the price, 0.05 paid, 1.2 in all', () => {
    const pnl = perpetualPnl(bitmex);
    expect(pnl.price).toBeCloseTo(1.25, 14);
    expect(pnl.fundingPaid).toBeCloseTo(0.05, 15);
    expect(pnl.totalCoin).toBeCloseTo(1.2, 14);
    expect(pnl.totalQuote).toBeCloseTo(960, 11);
  });

  it('a short position receives what the long one pays', () => {
    for (const settlement of ['linear', 'inverse'] as const) {
      const long = perpetualPnl({ ...bitmex, settlement });
      const short = perpetualPnl({ ...bitmex, settlement, quantity: -15_000 });
      expect(short.fundingPaid).toBe(-long.fundingPaid);
      expect(short.totalCoin).toBe(-long.totalCoin);
    }
  });

  it('linear funding accrues on the coins at each mark, by the time held', () => {
    const pnl = perpetualPnl({
      ...bitmex,
      settlement: 'linear',
      quantity: 2,
      funding: { rate: of(0.0001, -0.0002), hours: of(8, 2), mark: of(760, 780) },
    });
    expect(pnl.price).toBe(100);
    expect(pnl.fundingPaid).toBeCloseTo(2 * (760 * 0.0001 - (780 * 0.0002) / 4), 14);
    expect(pnl.totalQuote).toBeCloseTo(100 - pnl.fundingPaid, 12);
    expect(pnl.totalCoin).toBeCloseTo(pnl.totalQuote / 800, 14);
  });

  it('mark falls to the index as funding comes due', () => {
    const marks = perpetualMarks({
      index: of(5e4, 5e4, 5e4),
      fundingRate: of(0.001, 0.001, -0.001),
      intervalLeft: of(1, 0, 0.5),
    });
    expect([...marks]).toEqual([50_049.99999999999, 5e4, 49_975]);
    expect(() => perpetualMarks({ index: of(1), fundingRate: of(0), intervalLeft: of(2) })).toThrow(
      RangeError,
    );
  });
});

describe('coin-margined account', () => {
  it('a short inverse future of its own worth makes a dollar account: no delta, no gamma', () => {
    // 2 coins at 5e4: short 1e5 of quote currency.
    const entry = 5e4;
    for (const price of [2e4, 5e4, 9e4]) {
      const hedge = inverseFutures(position(-1e4, 10, entry, price));
      const equity = coinMarginEquity({ ...hedge, balanceCoin: 2, price });
      expect(equity.equityQuote).toBeCloseTo(1e5, 8);
      expect(Math.abs(equity.deltaQuote)).toBeLessThan(1e-14);
      expect(Math.abs(equity.gammaQuote)).toBeLessThan(1e-18);
    }
  });

  it('a balance alone has the delta of its coins', () => {
    const none = { valueCoin: of(), coinDelta: of(), coinGamma: of() };
    const equity = coinMarginEquity({ ...none, balanceCoin: 3, price: 100 });
    expect(equity).toEqual({ equityCoin: 3, equityQuote: 300, deltaQuote: 3, gammaQuote: 0 });
    expect(() => coinMarginEquity({ ...none, balanceCoin: 3, price: 0 })).toThrow(RangeError);
    expect(() => coinMarginEquity({ ...none, balanceCoin: Number.NaN, price: 1 })).toThrow(RangeError);
  });
});

describe('amounts', () => {
  const rate = { base: 'BTC', quote: 'USD', price: 5e4 };

  it('of one currency add up; of two they do not', () => {
    const coins = { value: 1.25, currency: 'BTC' };
    expect(sumAmounts([coins, { value: -0.05, currency: 'BTC' }])).toEqual({ value: 1.2, currency: 'BTC' });
    expect(() => sumAmounts([coins, { value: 10, currency: 'USD' }])).toThrow(UnitError);
    expect(() => sumAmounts([])).toThrow(ShapeError);
  });

  it('convert both ways by a rate that links the two', () => {
    expect(convertAmount({ value: 2, currency: 'BTC' }, 'USD', rate)).toEqual({
      value: 1e5,
      currency: 'USD',
    });
    expect(convertAmount({ value: 1e5, currency: 'USD' }, 'BTC', rate)).toEqual({
      value: 2,
      currency: 'BTC',
    });
    expect(convertAmount({ value: 7, currency: 'USD' }, 'USD', rate).value).toBe(7);
    expect(() => convertAmount({ value: 7, currency: 'ETH' }, 'USD', rate)).toThrow(UnitError);
    expect(() => convertAmount({ value: 7, currency: 'USD' }, 'EUR', rate)).toThrow(UnitError);
    expect(() => convertAmount({ value: 7, currency: 'USD' }, 'BTC', { ...rate, price: 0 })).toThrow(
      RangeError,
    );
  });
});
