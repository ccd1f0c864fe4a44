import { EXPONENT, type HestonExpiry, hestonExponent } from './heston-exponent.ts';
import type { CriticalMoments } from './heston-moments.ts';

/** ln of the bound on the truncation and on the aliasing error, over the forward. */
const LOG_ERROR = -39.2;

/** What a grid would take, before any of it is computed. */
export type SmileGrid = { readonly step: number; readonly count: number };

/**
 * The trapezoidal rule that is good to 1e-17 of the forward for all k = ln(K/F) in [lowest, highest], by bounds (F84).
 *
 * Truncation: given the path of the variance, X is normal with variance (1 - rho^2) V, V the integral of the variance,
 * so that |E[e^((1/2 + iu) X)]| <= Phi(u) = E[e^(X/2) e^(-(1 - rho^2) u^2 V / 2)], which falls in u and has a closed
 * form. Aliasing: by Poisson summation the rule returns the sum of the values at k + j 2 pi / step, bounded by c <=
 * E[e^(p X)] e^(-(p - 1) k). The Black-Scholes subtraction removes the poles at u = +-i/2, which would limit the step
 * otherwise. Cost: about 10 us.
 */
export function smileGrid(
  model: HestonExpiry,
  moments: CriticalMoments,
  totalVariance: number,
  lowest: number,
  highest: number,
): SmileGrid {
  const reach = (sign: 1 | -1, width: number, level: number): number =>
    Math.max(
      reachOfTail(model, sign, width, totalVariance, level, 0),
      // The control variate's own tail: min over s of (w (s^2 - 1/4) / 2 + level) / s.
      Math.sqrt(Math.max(2 * totalVariance * (level - totalVariance / 8), 0)),
    );
  const period = Math.max(
    reach(1, moments.upper - 1, -LOG_ERROR + 0.5 * lowest) - lowest,
    reach(-1, -moments.lower, -LOG_ERROR + 0.5 * highest) + highest,
  );
  const step = (2 * Math.PI) / period;
  const gaussian = Math.sqrt((-2 * LOG_ERROR) / totalVariance);
  const end = Math.max(gaussian, endOfDecay(model));
  // A multiple of four: see sumPrice.
  return { step, count: 4 * Math.ceil((end / step + 1) / 4) };
}

/**
 * The distance beyond which an exponential bound on an option lies below e^-level: the least value found of (ln E[e^(p
 * X)] + level) / (|p - 1/2| - shift) over moments p on one side of [0, 1] (Chernoff). Every p gives a bound, so that a
 * rough search does; its cost is about 3 us.
 *
 * @param sign 1: p > 1, for calls; -1: p < 0, for puts.
 * @param width of the range of moments beyond [0, 1].
 */
export function reachOfTail(
  model: HestonExpiry,
  sign: 1 | -1,
  width: number,
  totalVariance: number,
  level: number,
  shift: number,
): number {
  const at = (distance: number): number => {
    hestonExponent(model, sign > 0 ? 1 + distance : -distance, 0);
    const value = (EXPONENT[0]! + level) / (0.5 + distance - shift);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  // At p = 0 and p = 1 the moment is 1.
  const atPole = level / (0.5 - shift);
  if (width < 1e-12) return atPole;
  const outwards = (s: number): number => (2 * s < width ? 2 * s : 0.5 * (s + width));
  let distance = Math.min(0.5 * width, 1 / Math.sqrt(totalVariance));
  let here = at(distance);
  for (let next = outwards(distance); next < 0.99 * width; next = outwards(next)) {
    const value = at(next);
    if (!(value < here)) break;
    [distance, here] = [next, value];
  }
  for (let factor = 0.5; factor < 0.8; factor = Math.sqrt(factor)) {
    for (let value = at(distance * factor); value < here; value = at(distance * factor)) {
      [distance, here] = [distance * factor, value];
    }
  }
  return Math.min(atPole, here);
}

/** The u at which the bound on |phi(1/2 + iu)| falls to e^LOG_ERROR; Infinity where rho = +-1 leaves no such bound. */
function endOfDecay(model: HestonExpiry): number {
  let low = 0;
  let high = 1;
  while (logDecayBound(model, high) > LOG_ERROR) {
    low = high;
    high *= 4;
    if (high > 1e9) return Number.POSITIVE_INFINITY;
  }
  while (high - low > 0.02 * high) {
    const middle = low === 0 ? 0.25 * high : 0.5 * (low + high);
    if (logDecayBound(model, middle) > LOG_ERROR) low = middle;
    else high = middle;
    if (high < 1e-9) break;
  }
  return high;
}

/**
 * ln Phi(u), an upper bound of ln |E[e^((1/2 + iu) X)]| that falls in u (F84): the exponent of F81 with z^2 - z
 * replaced by -(1/4 + (1 - rho^2) u^2) and beta by kappa - rho sigma / 2, both real.
 */
export function logDecayBound(model: HestonExpiry, u: number): number {
  const { t, initialVariance, meanReversion, longVariance, volOfVol, correlation } = model;
  const q = 0.25 + (1 - correlation) * (1 + correlation) * u * u;
  const beta = meanReversion - 0.5 * correlation * volOfVol;
  const sigma2 = volOfVol * volOfVol;
  const d = Math.sqrt(beta * beta + sigma2 * q);
  const ratio = -Math.expm1(-d * t) / d;
  const difference = beta > 0 ? (sigma2 * q) / (d + beta) : d - beta;
  const w = -0.5 * difference * ratio;
  const level = (meanReversion * longVariance) / sigma2;
  return (-initialVariance * q * ratio) / (2 * (1 + w)) - level * (difference * t + 2 * Math.log1p(w));
}
