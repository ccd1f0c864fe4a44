import { logRatio } from '../../numeric/log-ratio.ts';
import { erfcx } from '../../numeric/normal.ts';
import type { BlackScholesInputs } from '../black-scholes-inputs.ts';
import { DETERMINISTIC } from './deterministic-path.ts';

const SQRT_HALF = Math.SQRT1_2;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/** One option in total terms: everything below depends on time only through them. */
export type TotalTerms = {
  /** +1 call, -1 put. */
  readonly sign: number;
  readonly spot: number;
  readonly strike: number;
  /** S e^(-qT) and K e^(-rT). */
  readonly spotPv: number;
  readonly strikePv: number;
  /** r T and (r - q) T. */
  readonly rateTime: number;
  readonly carry: number;
  /** v sqrt T. */
  readonly deviation: number;
};

/** The total terms of one option of a batch. */
export function totalTermsAt(option: BlackScholesInputs, i: number): TotalTerms {
  const spot = option.spot[i]!;
  const strike = option.strike[i]!;
  const years = option.expiryYears[i]!;
  const rateTime = option.rate[i]! * years;
  return {
    sign: option.sign[i]!,
    spot,
    strike,
    spotPv: spot * Math.exp(-option.dividendYield[i]! * years),
    strikePv: strike * Math.exp(-rateTime),
    rateTime,
    carry: (option.rate[i]! - option.dividendYield[i]!) * years,
    deviation: option.vol[i]! * Math.sqrt(years),
  };
}

/**
 * An image of the spot in barriers: the paths that end at ln(S_T/S) = x after a reflection have the density of those
 * that end at x - shift without one, times e^(mu shift) with mu = (r - q - v^2/2) / v^2.
 */
export type Image = {
  readonly shift: number;
  /** Derivative of the shift by ln S: 0 for an even number of reflections, -2 for an odd one. */
  readonly turn: 0 | -2;
};

/** The spot itself. */
export const DIRECT: Image = { shift: 0, turn: 0 };

/** A running sum of values and of their derivatives by ln S. */
export type Sum = { value: number; logDelta: number };

/**
 * Adds `weight` times the discounted value of w (S_T - K) over the paths of an image that end between two price
 * levels (F47):
 *
 *     w [ S e^(-qT) e^(c (mu + 1)) (N(z1(high)) - N(z1(low))) - K e^(-rT) e^(c mu) (N(z0(high)) - N(z0(low))) ]
 *
 * with c the shift and zb(level) = (ln(level/S) - c - (mu + b) v^2 T) / (v sqrt T). Levels may be 0 and Infinity; an
 * empty interval adds nothing.
 *
 * The powers can overflow where the distribution functions underflow. Their product has the exponent -z^2/2 + c (d -
 * c/2) / (v^2 T), with z that of the spot itself and d = ln(level/S); its second part is not positive for any image
 * in a barrier on the far side of both the spot and the level, so that each tail is an exponential of a negative
 * number times erfcx of a positive one. One exponential serves all that happens at a level, since S e^(-qT) n(z1) = K
 * e^(-rT) n(z0) level / K. Own derivation, by completing the square; with one barrier it is Reiner and Rubinstein's
 * formula, with two Ikeda and Kunitomo's.
 */
export function addReflected(
  into: Sum,
  terms: TotalTerms,
  image: Image,
  low: number,
  high: number,
  weight: number,
): void {
  if (!(low < high)) return;
  const { sign, spot, strike, spotPv, strikePv, carry, deviation: s } = terms;
  const { shift, turn } = image;
  const drift = carry + 0.5 * s * s;
  const dLow = logRatio(low, spot);
  const dHigh = logRatio(high, spot);
  const zLow = (dLow - shift - drift) / s;
  const zHigh = (dHigh - shift - drift) / s;
  const atLow = low === 0 ? 0 : spotPv * edgeDensity(dLow, shift, drift, s);
  const atHigh = high === Number.POSITIVE_INFINITY ? 0 : spotPv * edgeDensity(dHigh, shift, drift, s);
  const strikesLow = low === 0 ? 0 : strike / low;
  const strikesHigh = strike / high;
  const asset = mass(zLow, zHigh, atLow, atHigh, spotPv, shift, drift, s);
  const cash = mass(
    zLow + s,
    zHigh + s,
    atLow * strikesLow,
    atHigh * strikesHigh,
    strikePv,
    shift,
    drift - s * s,
    s,
  );
  into.value += weight * sign * (asset - cash);
  // d/dlnS: e^(c (mu + b)) brings down (mu + b) turn, and z moves by (-1 - turn) / (v sqrt T). A level that is the
  // strike does not contribute: there the payoff is zero.
  const edge = SQRT_TWO_PI_INVERSE * (atHigh * (1 - strikesHigh) - atLow * (1 - strikesLow));
  const mu = (drift - s * s) / (s * s);
  const powers = turn === 0 ? asset : -asset - 2 * mu * (asset - cash);
  into.logDelta += weight * sign * (powers + ((-1 - turn) / s) * edge);
}

/** pv e^(c drift / s^2) (N(zHigh) - N(zLow)), given pv times the edge densities at both ends. */
function mass(
  zLow: number,
  zHigh: number,
  atLow: number,
  atHigh: number,
  pv: number,
  shift: number,
  drift: number,
  s: number,
): number {
  const below = atLow === 0 ? 0 : 0.5 * atLow * erfcx(Math.abs(zLow) * SQRT_HALF);
  const above = atHigh === 0 ? 0 : 0.5 * atHigh * erfcx(Math.abs(zHigh) * SQRT_HALF);
  if (zHigh <= 0) return above - below;
  if (zLow >= 0) return below - above;
  const whole = shift === 0 ? pv : pv * Math.exp((shift / s) * (drift / s));
  return whole - below - above;
}

/** e^(c drift / s^2) exp(-z^2 / 2) at a level, z its distance from the image in standard deviations. */
function edgeDensity(d: number, shift: number, drift: number, s: number): number {
  const z = (d - drift) / s;
  return Math.exp(-0.5 * z * z + (shift / s) * ((d - 0.5 * shift) / s));
}

/** Adds the European option itself. */
export function addVanilla(into: Sum, terms: TotalTerms): void {
  const { sign, strike, deviation } = terms;
  if (deviation < DETERMINISTIC) addDeterministicVanilla(into, terms);
  else if (sign > 0) addReflected(into, terms, DIRECT, strike, Number.POSITIVE_INFINITY, 1);
  else addReflected(into, terms, DIRECT, 0, strike, 1);
  // Rounding only: no payoff is negative.
  if (into.value < 0) into.value = 0;
}

/** Adds the European option without variance: its discounted intrinsic value, without a delta exactly at the kink. */
export function addDeterministicVanilla(into: Sum, { sign, spotPv, strikePv }: TotalTerms): void {
  const moneyness = sign * (spotPv - strikePv);
  if (moneyness > 0) {
    into.value += moneyness;
    into.logDelta += sign * spotPv;
  } else if (moneyness === 0) {
    into.logDelta = Number.NaN;
  }
}
