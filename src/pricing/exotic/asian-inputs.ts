import { RangeError, ShapeError } from '../../base/errors.ts';
import {
  checkColumns,
  checkDeviations,
  checkDiscounts,
  checkLength,
  checkSigns,
  columnError,
  PRICE,
  RATE,
  VOL,
} from '../column-checks.ts';

/** A batch of average-price options, a column a field: payoff max(w (A - K), 0), paid at the last fixing. */
export type AsianInputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  /**
   * Fixing times of each option in years from now, none negative, none before the one it follows. The spot of today
   * counts only where it is fixed (0).
   */
  readonly fixingYears: readonly Float64Array[];
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly vol: Float64Array;
};

const RANGES = { spot: PRICE, strike: PRICE, rate: RATE, dividendYield: RATE, vol: VOL };

/**
 * @returns the last fixing of each option.
 * @throws ShapeError @throws RangeError as `geometricAsianPrices`.
 */
export function checkAsianInputs(inputs: AsianInputs): Float64Array {
  const { sign, spot, strike, fixingYears, rate, dividendYield, vol } = inputs;
  const count = checkColumns({ spot, strike, rate, dividendYield, vol }, RANGES);
  checkSigns('sign', sign, count, 'call or put');
  checkLength('fixingYears', fixingYears, count);
  const last = Float64Array.from(fixingYears, lastFixingOf);
  checkDiscounts('rate', rate, last);
  checkDiscounts('dividendYield', dividendYield, last);
  checkDeviations(vol, last);
  return last;
}

function lastFixingOf(fixings: Float64Array, index: number): number {
  let previous = 0;
  for (const t of fixings) {
    if (!(t >= previous && t < Number.POSITIVE_INFINITY)) {
      throw columnError('fixingYears', index, `fixings of at least ${previous} years`, t);
    }
    previous = t;
  }
  if (fixings.length === 0) {
    throw new ShapeError(`row ${index}: expected at least one fixing, found none`, { index });
  }
  return previous;
}

const DAYS_PER_YEAR = 365;

/** Days of at least 0 in decimal notation, separated by spaces. */
const FIXING_DAYS = /^\s*\d+(?:\.\d+)?(?:\s+\d+(?:\.\d+)?)*\s*$/;

/**
 * Fixing days as in files, from now and separated by spaces, as years (ACT/365F).
 * @throws RangeError naming the row and the text.
 * @example fixingYearsOf('73 146') // 0.2, 0.4
 */
export function fixingYearsOf(text: string, index: number): Float64Array {
  if (!FIXING_DAYS.test(text)) {
    throw new RangeError(
      `row ${index}: expected days of at least 0 separated by spaces as fixing_days, found "${text}"`,
      { index, field: 'fixing_days', found: text },
    );
  }
  return Float64Array.from(text.trim().split(/\s+/), (days) => Number(days) / DAYS_PER_YEAR);
}
