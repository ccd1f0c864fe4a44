import { RangeError, ShapeError } from '../base/errors.ts';
import type { Market, Underlying } from '../domain/market.ts';
import { type ColumnRange, PRICE, RATE } from './column-checks.ts';

const FIELDS: readonly (readonly [keyof Underlying, ColumnRange])[] = [
  ['spot', PRICE],
  ['rate', RATE],
  ['dividendYield', RATE],
];

/**
 * Checks the numbers of a market that prices depend on. Cost: a few comparisons an underlying.
 * @throws ShapeError for a market without underlyings, or with a name twice.
 * @throws RangeError naming underlying and field for a spot, rate or yield that is out of range or absent.
 */
export function checkMarket(market: Market): void {
  // Callers without types may pass anything.
  const underlyings = (market as Market | undefined)?.underlyings;
  if (!Array.isArray(underlyings)) {
    throw new ShapeError('expected a market with a list of underlyings, found none');
  }
  const names = new Set<string>();
  (underlyings as readonly (Underlying | undefined)[]).forEach((underlying, index) => {
    if (typeof underlying?.name !== 'string') {
      throw new ShapeError(`underlying ${index}: expected a name, found none`, { index });
    }
    names.add(underlying.name);
    for (const [field, { low, high, expected }] of FIELDS) {
      const found = underlying[field] as number;
      if (found >= low && found <= high) continue;
      throw new RangeError(`${underlying.name}: expected ${expected} as ${field}, found ${found}`, {
        underlying: underlying.name,
        field,
        found: String(found),
      });
    }
  });
  if (names.size === underlyings.length) return;
  throw new ShapeError('expected distinct underlying names in the market, found a name twice', {
    names: underlyings.length,
    distinct: names.size,
  });
}
