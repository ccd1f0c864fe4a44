import { RangeError, ShapeError, UnitError } from '../../base/errors.ts';

/** An amount of one currency: coins and quote currency are different currencies, whatever the coin is worth today. */
export type Amount = { readonly value: number; readonly currency: string };

/** One unit of `base` (the coin) costs `price` units of `quote`. */
export type ExchangeRate = { readonly base: string; readonly quote: string; readonly price: number };

/**
 * The sum of amounts of one currency.
 * @throws UnitError for a second currency, which has to be converted first. @throws ShapeError for no amounts:
 * nothing says the currency. @throws RangeError naming an amount that is not finite.
 * @example sumAmounts([{ value: 1.25, currency: 'BTC' }, { value: -0.05, currency: 'BTC' }]) // 1.2 BTC
 */
export function sumAmounts(amounts: readonly Amount[]): Amount {
  const first = amounts[0];
  if (first === undefined) throw new ShapeError('expected at least one amount to sum, found none');
  let value = 0;
  amounts.forEach((amount, index) => {
    if (amount.currency !== first.currency) {
      throw new UnitError(
        `expected amounts of ${first.currency} only, found ${amount.currency} at ${index}: convert it first`,
        { index, expected: first.currency, found: amount.currency },
      );
    }
    checkAmount(amount, ` at ${index}`);
    value += amount.value;
  });
  return { value, currency: first.currency };
}

function checkAmount({ value, currency }: Amount, where: string): void {
  if (Number.isFinite(value)) return;
  throw new RangeError(`expected a finite value as amount${where}, found ${value} ${currency}`, {
    found: value,
  });
}

/**
 * An amount in the other currency of an exchange rate, or itself where it is in `currency` already.
 * @throws UnitError unless the rate links the two currencies. @throws RangeError unless its price is a positive
 * number and the amount finite.
 * @example convertAmount({ value: 2, currency: 'BTC' }, 'USD', { base: 'BTC', quote: 'USD', price: 5e4 }) // 100000 USD
 */
export function convertAmount(amount: Amount, currency: string, rate: ExchangeRate): Amount {
  checkAmount(amount, '');
  if (amount.currency === currency) return amount;
  const { base, quote, price } = rate;
  if (!(price > 0 && Number.isFinite(price))) {
    throw new RangeError(`expected a positive price of one ${base} in ${quote}, found ${price}`, { price });
  }
  if (amount.currency === base && currency === quote) return { value: amount.value * price, currency };
  if (amount.currency === quote && currency === base) return { value: amount.value / price, currency };
  throw new UnitError(
    `expected a rate between ${amount.currency} and ${currency}, found one of ${base} in ${quote}`,
    { from: amount.currency, to: currency, base, quote },
  );
}
