import fc from 'fast-check';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Market } from '../../src/domain/market.ts';
import { type Matrix, matrixOf } from '../../src/numeric/matrix.ts';
import type { Holdings } from '../../src/pricing/portfolio/holdings.ts';

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const NAMES = ['A', 'B', 'C'] as const;

/** A market of three underlyings with all factors and some covariance. */
export const randomMarket: fc.Arbitrary<Market> = fc
  .array(fc.record({ spot: between(1, 1000), rate: between(-0.02, 0.1), dividendYield: between(0, 0.08) }), {
    minLength: NAMES.length,
    maxLength: NAMES.length,
  })
  .map((underlyings) => ({
    valuation: 'now',
    underlyings: underlyings.map((terms, u) => ({ name: NAMES[u]!, referenceVol: 0.3, ...terms })),
    factors: [
      ...NAMES.map((underlying) => ({
        name: `${underlying}:spot_return`,
        underlying,
        kind: 'spot_return' as const,
      })),
      ...NAMES.map((underlying) => ({
        name: `${underlying}:vol_shift`,
        underlying,
        kind: 'vol_shift' as const,
      })),
    ],
    dailyCovariance: matrixOf(
      6,
      6,
      Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 4e-4 : 1e-4)),
    ),
  }));

/** Options near and far, some at expiry or about to expire, forwards and spot; strikes in units of 100. */
export const randomInstrument: fc.Arbitrary<Instrument> = fc.oneof(
  fc.record({
    kind: fc.constant('option' as const),
    underlying: fc.constantFrom(...NAMES),
    type: fc.constantFrom('call' as const, 'put' as const),
    strike: between(1, 2000),
    expiryYears: fc.oneof(between(0.01, 3), fc.constantFrom(0, 1e-9, 1 / 365)),
    vol: fc.oneof(between(0.05, 1.5), fc.constant(0)),
  }),
  fc.record({
    kind: fc.constant('forward' as const),
    underlying: fc.constantFrom(...NAMES),
    strike: between(1, 2000),
    expiryYears: fc.oneof(between(0, 3), fc.constant(0)),
  }),
  fc.record({ kind: fc.constant('spot' as const), underlying: fc.constantFrom(...NAMES) }),
);

/** Whole hundredths: a subnormal holding has no digits to test. */
const units = fc.integer({ min: -1e5, max: 1e5 }).map((cents) => cents / 100);

export const randomHoldings: fc.Arbitrary<Holdings> = fc
  .array(fc.tuple(randomInstrument, units), { minLength: 1, maxLength: 12 })
  .map((held) => ({
    instruments: held.map(([instrument]) => instrument),
    units: Float64Array.from(held, ([, count]) => count),
  }));

/** A table of moves: a row a scenario, a column an underlying. */
export function randomMoves(rows: number, min: number, max: number): fc.Arbitrary<Matrix> {
  return fc
    .array(between(min, max), { minLength: rows * NAMES.length, maxLength: rows * NAMES.length })
    .map((data) => matrixOf(rows, NAMES.length, Float64Array.from(data)));
}
