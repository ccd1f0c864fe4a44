import { RangeError } from '../base/errors.ts';
import { commonLength } from './column-checks.ts';

/** A batch of European options, a column a field; element i of every column is option i. */
export type BlackScholesInputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  /** Years to expiry. */
  readonly expiryYears: Float64Array;
  /** Risk-free rate, continuous, per year, decimal. */
  readonly rate: Float64Array;
  /** Dividend, borrow or foreign yield, continuous, per year, decimal. */
  readonly dividendYield: Float64Array;
  /** Volatility, per square root of a year, decimal. */
  readonly vol: Float64Array;
};

const FIELDS: readonly (keyof BlackScholesInputs)[] = [
  'sign',
  'spot',
  'strike',
  'expiryYears',
  'rate',
  'dividendYield',
  'vol',
];

// Bounds far outside any market, within which no product, ratio or square in the formulas leaves the range of a double:
// an infinity would turn into a NaN further on.
const SMALLEST_PRICE = 1e-100;
const LARGEST_PRICE = 1e100;
const LARGEST_LOG_DISCOUNT = 300;
const LARGEST_RATE = 1e50;
const LARGEST_VOL = 1e100;

/**
 * Checks a whole batch once, so that the loops need no checks.
 * Cost: one pass over the inputs, about a tenth of pricing them with their Greeks.
 * @returns whether some option may have no variance left (t = 0 or vol = 0), which only the limits can price.
 * @throws ShapeError unless all columns are of one length.
 * @throws RangeError naming index and field unless sign is +1 or -1, spot and strike lie between 1e-100 and
 * 1e100, expiryYears >= 0, 0 <= vol <= 1e100, everything is finite, |rate x years| and |yield x years| are at most 300 and
 * rate and yield themselves at most 1e50 in size.
 */
export function checkBlackScholesInputs(inputs: BlackScholesInputs): boolean {
  return checkOptions(inputs, 0, checkColumns(inputs));
}

/** @returns the number of options. @throws ShapeError unless all columns are of one length. */
export function checkColumns(inputs: BlackScholesInputs): number {
  return commonLength(inputs, FIELDS);
}

/** {@link checkBlackScholesInputs} for options `from` up to `to`. @throws RangeError */
export function checkOptions(inputs: BlackScholesInputs, from: number, to: number): boolean {
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  let limits = false;
  for (let i = from; i < to; i++) {
    const t = expiryYears[i]!;
    const v = vol[i]!;
    const S = spot[i]!;
    const K = strike[i]!;
    // Every comparison is false for NaN.
    const valid =
      sign[i]! * sign[i]! === 1 &&
      S >= SMALLEST_PRICE &&
      S <= LARGEST_PRICE &&
      K >= SMALLEST_PRICE &&
      K <= LARGEST_PRICE &&
      t >= 0 &&
      t < Number.POSITIVE_INFINITY &&
      v >= 0 &&
      v <= LARGEST_VOL &&
      Math.abs(rate[i]! * t) <= LARGEST_LOG_DISCOUNT &&
      Math.abs(dividendYield[i]! * t) <= LARGEST_LOG_DISCOUNT &&
      Math.abs(rate[i]!) <= LARGEST_RATE &&
      Math.abs(dividendYield[i]!) <= LARGEST_RATE;
    if (!valid) refuse(inputs, i);
    // Wider than NO_VARIANCE, and without a root: the caller looks closely at rows that are this small.
    if (t * v < 1e-40) limits = true;
  }
  return limits;
}

const A_PRICE = `a positive number between ${SMALLEST_PRICE} and ${LARGEST_PRICE}`;
const isRate = (x: number): boolean => Math.abs(x) <= LARGEST_RATE;
const isPrice = (x: number): boolean => x >= SMALLEST_PRICE && x <= LARGEST_PRICE;
const isNotNegative = (x: number): boolean => x >= 0 && Number.isFinite(x);

function refuse(inputs: BlackScholesInputs, index: number): never {
  const requirements: [keyof BlackScholesInputs, string, (x: number) => boolean][] = [
    ['sign', '+1 (call) or -1 (put)', (x) => x === 1 || x === -1],
    ['spot', A_PRICE, isPrice],
    ['strike', A_PRICE, isPrice],
    ['expiryYears', 'a number of years of at least 0', isNotNegative],
    ['rate', `a rate of at most ${LARGEST_RATE} in size`, isRate],
    ['dividendYield', `a yield of at most ${LARGEST_RATE} in size`, isRate],
    ['vol', `a volatility between 0 and ${LARGEST_VOL}`, (x) => x >= 0 && x <= LARGEST_VOL],
  ];
  for (const [field, expected, holds] of requirements) {
    const found = inputs[field][index]!;
    if (!holds(found)) throw outOfRange(field, index, expected, found);
  }
  const years = inputs.expiryYears[index]!;
  const field = Math.abs(inputs.rate[index]! * years) <= LARGEST_LOG_DISCOUNT ? 'dividendYield' : 'rate';
  throw outOfRange(
    field,
    index,
    `at most ${LARGEST_LOG_DISCOUNT} / ${years} in size, for the discount factor's sake,`,
    inputs[field][index]!,
  );
}

function outOfRange(field: string, index: number, expected: string, found: number): RangeError {
  return new RangeError(`option ${index}: expected ${expected} as ${field}, found ${found}`, {
    index,
    field,
    found,
  });
}
