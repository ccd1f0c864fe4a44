import { ShapeError } from '../../base/errors.ts';
import type { FactorKind, Market } from '../../domain/market.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { checkMarket } from '../market-checks.ts';
import { checkGreeks, type PortfolioGreeks } from './net-greeks.ts';

/**
 * Exposure of a portfolio to each factor of the market, in the order of `market.factors` (F148): cash delta to a spot return, vega to
 * a vol shift. What the market has no factor for does not move, and is no exposure.
 * @param kinds factors to take; the exposure to others is 0. Both if absent.
 * @throws ShapeError for a factor that occurs twice, or for one of an underlying that the market lacks.
 */
export function factorExposures(
  greeks: PortfolioGreeks,
  market: Market,
  kinds: readonly FactorKind[] = ['spot_return', 'vol_shift'],
): Float64Array {
  factorUnderlyings(market);
  checkGreeks(greeks, market, ['cashDelta', 'vega']);
  return Float64Array.from(market.factors, ({ kind, underlying }) => {
    if (!kinds.includes(kind)) return 0;
    return kind === 'spot_return' ? greeks.cashDelta[underlying]! : greeks.vega[underlying]!;
  });
}

/**
 * Second derivatives of the value by the factors of the market (F148): gamma S^2 by the spot return, vanna S by return and vol shift,
 * volga by the vol shift of an underlying; zero between underlyings. With the exposures x the P&L is x'f + f'Gf/2 to second order.
 * @throws ShapeError as {@link factorExposures}.
 */
export function factorCurvature(greeks: PortfolioGreeks, market: Market): Matrix {
  const { factors, underlyings } = market;
  const of = factorUnderlyings(market);
  checkGreeks(greeks, market, ['gamma', 'vanna', 'volga']);
  const out = matrixOf(factors.length, factors.length);
  factors.forEach((row, i) => {
    factors.forEach((column, j) => {
      if (of[i] !== of[j]) return;
      const { name, spot } = underlyings[of[i]!]!;
      const bySpot = Number(row.kind === 'spot_return') + Number(column.kind === 'spot_return');
      const derivative = [greeks.volga, greeks.vanna, greeks.gamma][bySpot]!;
      out.data[i * factors.length + j] = derivative[name]! * spot ** bySpot;
    });
  });
  return out;
}

/**
 * Index into `market.underlyings` of each factor's underlying.
 * @throws ShapeError for a factor that occurs twice, or for one of an underlying that the market lacks.
 */
export function factorUnderlyings(market: Market): Int32Array {
  checkMarket(market);
  if (!Array.isArray(market.factors)) throw new ShapeError('expected a market with a list of factors');
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const seen = new Set<string>();
  return Int32Array.from(market.factors, ({ name, kind, underlying }) => {
    const index = indexOf.get(underlying);
    const key = `${kind} of ${underlying}`;
    if (index === undefined) {
      throw new ShapeError(`factor ${name}: the market has no underlying ${underlying}`, { factor: name });
    }
    if (seen.has(key))
      throw new ShapeError(`expected one factor for the ${key}, found two`, { factor: name });
    seen.add(key);
    return index;
  });
}
