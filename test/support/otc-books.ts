import type { Book, Position } from '../../src/domain/book.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Market, SviSurface } from '../../src/domain/market.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { matVec } from '../../src/numeric/matrix.ts';
import type { SeededRandom } from '../../src/numeric/seeded.ts';
import { scenarioPnlSync } from '../../src/pricing/revalue.ts';
import { unitValues } from '../../src/pricing/unit-value.ts';
import { loadReferenceInputs } from './reference-inputs.ts';

/** The market and scenarios of the reference portfolio: twelve underlyings, 500 daily moves. */
export function referenceMarket(): { readonly market: Market; readonly scenarios: ScenarioSet } {
  const { market, scenarios } = loadReferenceInputs();
  return { market, scenarios };
}

/** The same market with a smooth skewed surface on every underlying. */
export function withSurfaces(market: Market): Market {
  return {
    ...market,
    underlyings: market.underlyings.map((underlying) => {
      const variance = underlying.referenceVol ** 2;
      // One slice: the vol of an expiry holds for all, so that the surface has no kink along T.
      const surface: SviSurface = {
        model: 'svi',
        slices: [{ t: 1, a: 0.9 * variance, b: 0.1 * variance, rho: -0.3, m: 0, sigma: 0.8 }],
      };
      return { ...underlying, surface };
    }),
  };
}

/** How an OTC option is drawn. */
export type OtcTerms = {
  /** Standard deviations of ln(K/F) over sd. */
  readonly spread: number;
  readonly years: readonly [number, number];
  /** Vol over the reference vol; undefined: unmarked, on the surface. */
  readonly mark?: (random: SeededRandom, y: number) => number;
};

export const USUAL_TERMS: OtcTerms = {
  spread: 1,
  years: [4 / 365, 2.4],
  mark: (_, y) => 1 - 0.1 * y + 0.05 * y * y,
};

/** Options with terms that no two share, long and short at random. */
export function otcBook(
  random: SeededRandom,
  market: Market,
  count: number,
  terms: OtcTerms = USUAL_TERMS,
): Book {
  const positions = Array.from({ length: count }, (_, i): Position => {
    const { name, spot, rate, dividendYield, referenceVol } = random.pick(market.underlyings);
    const [least, most] = terms.years;
    const t = least * (most / least) ** random.uniform();
    const k = Math.max(-5.5, Math.min(5.5, terms.spread * random.normal())) * referenceVol * Math.sqrt(t);
    const strike = spot * Math.exp((rate - dividendYield) * t + k);
    const vol = terms.mark && referenceVol * terms.mark(random, Math.log(strike / spot) / Math.sqrt(t + 0.1));
    const instrument: Instrument = {
      kind: 'option',
      underlying: name,
      type: random.pick(['call', 'put'] as const),
      strike,
      expiryYears: t,
      ...(vol === undefined ? {} : { vol }),
    };
    return { id: `o${i}`, instrument, quantity: (1e4 / spot) * random.normal(), multiplier: 100 };
  });
  return { positions };
}

/** Brute force: the P&L of every scenario and the gross of a book, position by position. */
export function revalued(
  { positions }: Book,
  market: Market,
  scenarios: ScenarioSet,
): { readonly pnl: Float64Array; readonly value: number; readonly gross: number } {
  const instruments = positions.map(({ instrument }) => instrument);
  const units = Float64Array.from(positions, ({ quantity, multiplier }) => quantity * multiplier);
  const values = unitValues(instruments, market).map((value, i) => value * units[i]!);
  return {
    pnl: matVec(scenarioPnlSync(instruments, market, scenarios), units),
    value: values.reduce((sum, value) => sum + value, 0),
    gross: values.reduce((sum, value) => sum + Math.abs(value), 0),
  };
}

export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
