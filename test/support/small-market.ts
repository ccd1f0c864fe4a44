import type { Book, Position } from '../../src/domain/book.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Factor, Market } from '../../src/domain/market.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';

const factors: readonly Factor[] = ['B', 'A'].flatMap((underlying): Factor[] => [
  { name: `${underlying}:spot_return`, underlying, kind: 'spot_return' },
  { name: `${underlying}:vol_shift`, underlying, kind: 'vol_shift' },
]);

/** Two underlyings, B before A; A without rates. */
export const market: Market = {
  valuation: 't = 0',
  underlyings: [
    { name: 'B', spot: 50, rate: 0.02, dividendYield: 0.01, referenceVol: 0.3 },
    { name: 'A', spot: 100, rate: 0, dividendYield: 0, referenceVol: 0.2 },
  ],
  factors,
  dailyCovariance: matrixOf(4, 4),
};

/** Rows of moves: B's return and vol shift, A's return and vol shift. */
export function scenariosOf(...moves: readonly (readonly number[])[]): ScenarioSet {
  return {
    labels: moves.map((_, s) => `s${s}`),
    factors,
    moves: matrixOf(moves.length, 4, Float64Array.from(moves.flat())),
  };
}

export const option = (
  underlying: string,
  type: 'call' | 'put',
  strike: number,
  expiryYears = 1,
): Instrument => ({
  kind: 'option',
  underlying,
  type,
  strike,
  expiryYears,
  vol: underlying === 'A' ? 0.2 : 0.35,
});
export const forward = (underlying: string, strike: number, expiryYears = 1): Instrument => ({
  kind: 'forward',
  underlying,
  strike,
  expiryYears,
});
export const spot = (underlying: string): Instrument => ({ kind: 'spot', underlying });

/** Positions p0, p1 ... with a multiplier of 10. */
export function bookOf(...holdings: readonly (readonly [quantity: number, instrument: Instrument])[]): Book {
  return {
    positions: holdings.map(
      ([quantity, instrument], i): Position => ({ id: `p${i}`, instrument, quantity, multiplier: 10 }),
    ),
  };
}
