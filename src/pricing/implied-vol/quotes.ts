import { RangeError } from '../../base/errors.ts';
import { commonLength } from '../column-checks.ts';

const FIELDS: readonly (keyof OptionQuotes)[] = ['sign', 'forward', 'strike', 'expiryYears', 'rate', 'price'];

/** Quotes of European options, a column a field; element i of every column is quote i. */
export type OptionQuotes = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  /** Forward of the underlying for the option's expiry. */
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  /** Years to expiry. */
  readonly expiryYears: Float64Array;
  /** Risk-free rate, continuous, per year, decimal: the price is e^(-rate expiryYears) times the forward value. */
  readonly rate: Float64Array;
  /** Price today, in the units of forward and strike. */
  readonly price: Float64Array;
};

/**
 * Why a quote has no implied volatility. `none`: it has one. `input`: a number is missing, not finite or outside its range, or the
 * sign is not +1 or -1. `noTime`: no time is left. `belowIntrinsic`: the price is below the discounted intrinsic value, or negative.
 * `atIntrinsic`: it equals it (zero out of the money), which only a vol of zero explains. `atMaximum`, `aboveMaximum`: it
 * equals or exceeds the discounted forward (call) or strike (put), which no vol reaches.
 */
export type QuoteDefect =
  | 'none'
  | 'input'
  | 'noTime'
  | 'belowIntrinsic'
  | 'atIntrinsic'
  | 'atMaximum'
  | 'aboveMaximum';

/** The defects, in the order of their codes in a column of results. */
export const QUOTE_DEFECTS: readonly QuoteDefect[] = [
  'none',
  'input',
  'noTime',
  'belowIntrinsic',
  'atIntrinsic',
  'atMaximum',
  'aboveMaximum',
];

/** Codes of the defects. */
export const NONE: number = 0;
export const INPUT: number = QUOTE_DEFECTS.indexOf('input');
export const NO_TIME: number = QUOTE_DEFECTS.indexOf('noTime');
export const BELOW_INTRINSIC: number = QUOTE_DEFECTS.indexOf('belowIntrinsic');
export const AT_INTRINSIC: number = QUOTE_DEFECTS.indexOf('atIntrinsic');
export const AT_MAXIMUM: number = QUOTE_DEFECTS.indexOf('atMaximum');
export const ABOVE_MAXIMUM: number = QUOTE_DEFECTS.indexOf('aboveMaximum');

/** Bounds far outside any market, within which no product, ratio or square here leaves the range of a double. */
export const SMALLEST_PRICE = 1e-100;
export const LARGEST_PRICE = 1e100;
export const LARGEST_YEARS = 1e100;
export const LARGEST_RATE = 1e50;
/** Largest |rate x years|. */
export const LARGEST_LOG_DISCOUNT = 300;
/** Below this share of the forward value a time value in the money is computed in twice the precision. */
export const LOST_BITS: number = 2 ** -44;

/** Implied volatilities where they exist, NaN where they do not, and for each the reason. */
export type ImpliedVols = {
  readonly vol: Float64Array;
  /** Index into {@link QUOTE_DEFECTS}; 0 where there is a volatility. */
  readonly defect: Uint8Array;
};

/** @throws ShapeError unless all columns are of one length. */
export function checkColumns(quotes: OptionQuotes): void {
  commonLength(quotes, FIELDS);
}

const EXPECTED: Readonly<Record<QuoteDefect, string>> = {
  none: '',
  input: 'finite numbers in range and a sign of +1 or -1',
  noTime: 'a time to expiry above 0',
  belowIntrinsic: 'a price above the discounted intrinsic value',
  atIntrinsic: 'a price above the discounted intrinsic value (only a vol of 0 explains this one)',
  atMaximum: 'a price below the discounted forward (call) or strike (put)',
  aboveMaximum: 'a price below the discounted forward (call) or strike (put)',
};

/** @throws RangeError naming the first quote with a defect, its values and the reason. */
export function refuseDefects(quotes: OptionQuotes, { defect }: ImpliedVols): void {
  const index = defect.findIndex((code) => code !== NONE);
  if (index < 0) return;
  const reason = QUOTE_DEFECTS[defect[index]!]!;
  const { sign, forward, strike, expiryYears, rate, price } = quotes;
  const facts = {
    index,
    reason,
    sign: sign[index]!,
    forward: forward[index]!,
    strike: strike[index]!,
    expiryYears: expiryYears[index]!,
    rate: rate[index]!,
    price: price[index]!,
  };
  throw new RangeError(
    `quote ${index}: expected ${EXPECTED[reason]}, found sign ${facts.sign}, forward ${facts.forward}, strike ${facts.strike}, ${facts.expiryYears} years, rate ${facts.rate}, price ${facts.price}`,
    facts,
  );
}
