import fc from 'fast-check';
import { americanPrices } from '../../src/pricing/american/american.ts';
import { AMERICAN_SCHEMES, type AmericanScheme } from '../../src/pricing/american/scheme.ts';
import { exerciseRegion } from '../../src/pricing/american/unit-put.ts';
import { batchOf, type OptionTerms } from './options.ts';

export type Terms = Required<OptionTerms>;

export const fast: AmericanScheme = AMERICAN_SCHEMES.fast;
export const accurate: AmericanScheme = AMERICAN_SCHEMES.accurate;
/** What the documentation promises of the schemes' errors, over the larger of spot and strike. */
export const LARGEST_ERROR: ReadonlyMap<AmericanScheme, number> = new Map<AmericanScheme, number>([
  [fast, 1e-6],
  [accurate, 2e-8],
]);

export const power = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: low, max: high, noNaN: true }).map((x) => 10 ** x);
export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true });
export const sign: fc.Arbitrary<number> = fc.constantFrom(-1, 1);

export const regionOf = ({ sign: w, r, q, t }: Terms): string =>
  w < 0 ? exerciseRegion(r, q, t) : exerciseRegion(q, r, t);

export const priceOf = (terms: Terms, scheme: AmericanScheme = accurate): number =>
  americanPrices(batchOf(terms), scheme)[0]!;
export const scaleOf = ({ spot, strike }: Terms): number => Math.max(spot, strike);

export function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 300): void {
  fc.assert(fc.property(arbitrary, property), { numRuns });
}
