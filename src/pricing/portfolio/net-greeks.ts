import { RangeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import { unitSecondOrderGreeks } from '../unit-value.ts';
import {
  type ByUnderlying,
  byUnderlying,
  type Holdings,
  netByUnderlying,
  underlyingIndices,
} from './holdings.ts';

/** Net Greeks of a portfolio, in the order of its reports. Units: {@link portfolioGreeks}. */
export const PORTFOLIO_GREEK_NAMES = [
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'vanna',
  'volga',
  'cashDelta',
  'cashGamma1pct',
  'thetaPerDay',
  'vegaPerPoint',
] as const;
export type PortfolioGreekName = (typeof PORTFOLIO_GREEK_NAMES)[number];
export type PortfolioGreeks = Readonly<Record<PortfolioGreekName, ByUnderlying>>;

/** @throws RangeError naming Greek and underlying unless there is a finite number an underlying of the market. */
export function checkGreeks(
  greeks: PortfolioGreeks,
  market: Market,
  names: readonly PortfolioGreekName[],
): void {
  for (const name of names) {
    for (const { name: underlying } of market.underlyings) {
      const found = (greeks[name] as ByUnderlying | undefined)?.[underlying];
      if (Number.isFinite(found)) continue;
      throw new RangeError(`${underlying}: expected a finite net ${name}, found ${found}`, {
        underlying,
        greek: name,
        found: String(found),
      });
    }
  }
}

/** What turns a Greek into the units in which it is shown. */
export type GreekConventions = {
  /** Days over which `thetaPerDay` spreads a year: 365 calendar days, or the trading days of a year. */
  readonly daysPerYear?: number;
};

/**
 * Net Greeks by underlying (F145): sums of units x unit Greek. delta, gamma, vega (a unit of vol), theta (a year), rho (a unit of
 * rate), vanna and volga are derivatives of the value; cashDelta = delta S; cashGamma1pct = gamma S^2/100, the change
 * of cashDelta for a move of 1 %; thetaPerDay = theta/daysPerYear; vegaPerPoint = vega/100.
 *
 * An option exactly at the kink of its payoff, without variance, has no delta: the net figure of its underlying is then NaN.
 * Accuracy: 1e-14 of gross delta, vega, ... Cost: all Greeks of every option.
 * @throws ShapeError @throws RangeError as `unitValues`, or for units that are not finite, or daysPerYear of 0 or less.
 */
export function portfolioGreeks(
  holdings: Holdings,
  market: Market,
  { daysPerYear = 365 }: GreekConventions = {},
): PortfolioGreeks {
  if (!(daysPerYear > 0 && daysPerYear < Number.POSITIVE_INFINITY))
    throw new RangeError(`expected daysPerYear above 0, found ${daysPerYear}`, { daysPerYear });
  const indices = underlyingIndices(holdings, market);
  const unit = unitSecondOrderGreeks(holdings.instruments, market);
  const count = market.underlyings.length;
  const net = (figure: Float64Array): Float64Array => netByUnderlying(holdings.units, figure, indices, count);
  const delta = net(unit.delta);
  const gamma = net(unit.gamma);
  const vega = net(unit.vega);
  const theta = net(unit.theta);
  const rho = net(unit.rho);
  const vanna = net(unit.vanna);
  const volga = net(unit.volga);
  const named = (of: (u: number) => number): ByUnderlying => byUnderlying(market, of);
  const spot = (u: number): number => market.underlyings[u]!.spot;
  return {
    delta: named((u) => delta[u]!),
    gamma: named((u) => gamma[u]!),
    vega: named((u) => vega[u]!),
    theta: named((u) => theta[u]!),
    rho: named((u) => rho[u]!),
    vanna: named((u) => vanna[u]!),
    volga: named((u) => volga[u]!),
    cashDelta: named((u) => delta[u]! * spot(u)),
    cashGamma1pct: named((u) => (gamma[u]! * spot(u) * spot(u)) / 100),
    thetaPerDay: named((u) => theta[u]! / daysPerYear),
    vegaPerPoint: named((u) => vega[u]! / 100),
  };
}
