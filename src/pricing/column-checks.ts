import { RangeError, ShapeError } from '../base/errors.ts';

/** The numbers that a column may hold: `low` to `high`, both included; `expected` says so in an error. */
export type ColumnRange = { readonly low: number; readonly high: number; readonly expected: string };

// Bounds far outside any market, as in black-scholes-inputs.ts: within them no intermediate result leaves the
// doubles.
const SMALLEST_PRICE = 1e-100;
const LARGEST_PRICE = 1e100;
const LARGEST_LOG_DISCOUNT = 300;
const LARGEST_RATE = 1e50;
const LARGEST_DEVIATION = 1e4;

/** A price of something that cannot become negative. */
export const PRICE: ColumnRange = {
  low: SMALLEST_PRICE,
  high: LARGEST_PRICE,
  expected: `a positive number between ${SMALLEST_PRICE} and ${LARGEST_PRICE}`,
};
/** A price, rate spread or P&L of either sign. */
export const SIGNED_PRICE: ColumnRange = {
  low: -LARGEST_PRICE,
  high: LARGEST_PRICE,
  expected: `a number of at most ${LARGEST_PRICE} in size`,
};
/** An amount of money that may be nothing. */
export const AMOUNT: ColumnRange = {
  low: 0,
  high: LARGEST_PRICE,
  expected: `an amount between 0 and ${LARGEST_PRICE}`,
};
export const YEARS: ColumnRange = {
  low: 0,
  high: Number.MAX_VALUE,
  expected: 'a number of years of at least 0',
};
export const RATE: ColumnRange = {
  low: -LARGEST_RATE,
  high: LARGEST_RATE,
  expected: `a rate of at most ${LARGEST_RATE} in size`,
};
export const VOL: ColumnRange = { low: 0, high: 1e100, expected: 'a volatility between 0 and 1e100' };
export const CORRELATION: ColumnRange = { low: -1, high: 1, expected: 'a correlation between -1 and 1' };

/** The error for one element of a column, by the names that every pricing function uses. */
export function columnError(field: string, index: number, expected: string, found: number): RangeError {
  return new RangeError(`row ${index}: expected ${expected} as ${field}, found ${found}`, {
    index,
    field,
    found,
  });
}

/**
 * Checks columns once, so that the loops over them need no checks.
 * @returns their common length.
 * @throws ShapeError unless all columns that have a range are of one length.
 * @throws RangeError naming field and index of the first number outside its range; NaN is outside every range.
 */
export function checkColumns<Field extends string>(
  inputs: Readonly<Record<Field, Float64Array>>,
  ranges: Readonly<Record<Field, ColumnRange>>,
): number {
  const fields = Object.keys(ranges) as Field[];
  const count = commonLength(inputs, fields);
  for (const field of fields) {
    const column = inputs[field];
    const { low, high, expected } = ranges[field];
    for (let i = 0; i < count; i++) {
      const x = column[i]!;
      if (!(x >= low && x <= high)) throw columnError(field, i, expected, x);
    }
  }
  return count;
}

/** The length of a column from outside, whose type nobody may have checked. @throws ShapeError for what has none. */
export function lengthOf(field: string, column: ArrayLike<unknown> | undefined): number {
  const length = column?.length;
  if (typeof length === 'number') return length;
  throw new ShapeError(`expected a column as ${field}, found ${column === null ? 'null' : typeof column}`, {
    field,
  });
}

/** The length of all columns. @throws ShapeError where one is absent or of another length. */
export function commonLength<Field extends string>(
  inputs: Readonly<Record<Field, ArrayLike<unknown>>>,
  fields: readonly Field[],
): number {
  const [first] = fields;
  const columns = requireRecord('inputs', inputs);
  const count = lengthOf(first!, columns[first!]);
  for (const field of fields) checkLength(field, columns[field], count);
  return count;
}

/** @throws ShapeError for what is no record, as callers without types may pass. */
export function requireRecord<T extends object>(field: string, value: T | undefined): T {
  if (typeof value === 'object' && value !== null) return value;
  throw new ShapeError(`expected a record as ${field}, found ${value === null ? 'null' : typeof value}`, {
    field,
  });
}

/** @throws ShapeError unless the column has `count` elements. @throws RangeError naming the index of one that is not among `choices`. */
export function checkChoices(
  field: string,
  column: readonly string[],
  count: number,
  choices: readonly string[],
): void {
  checkLength(field, column, count);
  column.forEach((found, index) => {
    if (choices.includes(found)) return;
    throw new RangeError(`row ${index}: expected ${choices.join(' or ')} as ${field}, found ${found}`, {
      index,
      field,
      found: String(found),
    });
  });
}

/** @throws ShapeError unless the column has `count` elements. */
export function checkLength(field: string, column: ArrayLike<unknown>, count: number): void {
  const length = lengthOf(field, column);
  if (length === count) return;
  throw new ShapeError(`expected ${count} elements in every column, found ${length} in ${field}`, {
    field,
    expected: count,
    found: length,
  });
}

/** @throws ShapeError unless the column has `count` elements. @throws RangeError unless each is +1 or -1. */
export function checkSigns(field: string, column: Float64Array, count: number, meaning: string): void {
  checkLength(field, column, count);
  for (let i = 0; i < count; i++) {
    const sign = column[i]!;
    if (sign * sign !== 1) throw columnError(field, i, `+1 or -1 (${meaning})`, sign);
  }
}

/** @throws RangeError where |rate x years| is above 300: the discount factor would leave the doubles. */
export function checkDiscounts(field: string, rates: Float64Array, years: Float64Array): void {
  for (let i = 0; i < rates.length; i++) {
    if (Math.abs(rates[i]! * years[i]!) <= LARGEST_LOG_DISCOUNT) continue;
    const expected = `at most ${LARGEST_LOG_DISCOUNT} / ${years[i]} in size, for the discount factor's sake,`;
    throw columnError(field, i, expected, rates[i]!);
  }
}

/** @throws RangeError where vol x sqrt(years) is above 1e4: path-dependent prices would leave the doubles. */
export function checkDeviations(vols: Float64Array, years: Float64Array): void {
  for (let i = 0; i < vols.length; i++) {
    if (vols[i]! * Math.sqrt(years[i]!) <= LARGEST_DEVIATION) continue;
    throw columnError('vol', i, `at most ${LARGEST_DEVIATION} / sqrt(${years[i]} years)`, vols[i]!);
  }
}
