import type { HestonExpiry } from './heston-exponent.ts';

/** E[(S_T/F)^p] is finite for `lower` < p < `upper`. */
export type CriticalMoments = { readonly lower: number; readonly upper: number };

/** Beyond this a moment is taken not to explode: no contour and no bound reaches so far. */
const FARTHEST = 1e40;

/**
 * The critical moments of Heston's model (F82): E[(S_T/F)^p] is finite for `lower` < p < `upper` and infinite outside.
 *
 * L. B. G. Andersen and V. V. Piterbarg, "Moment explosions in stochastic volatility models", Finance and Stochastics
 * 11 (2007), 29-50, proposition 3.1: the time of explosion of each p; it falls as p leaves [0, 1], so that bisection
 * finds the p that explodes at T. Both ends are rounded inwards, by at most 1e-4 of their distance from [0, 1]. Cost:
 * about 4 us.
 * @returns lower < 0 and upper > 1, or exactly 0 or 1 where the distance is below 1e-15; +-1e40 where no moment
 * explodes.
 */
export function criticalMoments(model: HestonExpiry): CriticalMoments {
  return { lower: -criticalDistance(model, -1, 0), upper: 1 + criticalDistance(model, 1, 1) };
}

/** The largest distance from `origin`, in direction `sign`, at which the moment is finite at T. */
function criticalDistance(model: HestonExpiry, sign: number, origin: number): number {
  const finite = (distance: number): boolean => explosionTime(model, origin + sign * distance) > model.t;
  let low = 1e-15;
  if (!finite(low)) return 0;
  let high = 1;
  while (finite(high)) {
    low = high;
    if (high > FARTHEST) return FARTHEST;
    high *= 8;
  }
  // In the logarithm of the distance, which may be of any order, then to the fourth digit.
  while (high > 1.0001 * low) {
    const middle = high > 4 * low ? Math.sqrt(low * high) : 0.5 * (low + high);
    if (finite(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The time at which E[(S_t/F)^p] becomes infinite, for p outside [0, 1]. */
function explosionTime(model: HestonExpiry, p: number): number {
  const { meanReversion, volOfVol, correlation } = model;
  const beta = meanReversion - correlation * volOfVol * p;
  const sigma2 = volOfVol * volOfVol;
  const square =
    meanReversion * meanReversion +
    volOfVol * (volOfVol - 2 * meanReversion * correlation) * p -
    sigma2 * (1 - correlation) * (1 + correlation) * p * p;
  if (square < 0) {
    const frequency = Math.sqrt(-square);
    return (2 / frequency) * Math.atan2(frequency, -beta);
  }
  if (beta >= 0) return Number.POSITIVE_INFINITY;
  const d = Math.sqrt(square);
  // -(d + beta), without cancellation; then ln((d - beta) / -(d + beta)) / d.
  const rest = (sigma2 * p * (p - 1)) / (d - beta);
  return d === 0 ? -2 / beta : Math.log1p((2 * d) / rest) / d;
}
