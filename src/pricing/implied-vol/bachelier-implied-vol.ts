import { fastExp, signedTail } from '../../numeric/fast-normal.ts';
import { householderStep, logOfRatio, normalTimeValue } from './householder.ts';
import {
  AT_INTRINSIC,
  BELOW_INTRINSIC,
  checkColumns,
  type ImpliedVols,
  INPUT,
  LARGEST_LOG_DISCOUNT,
  LARGEST_PRICE,
  LARGEST_RATE,
  LARGEST_YEARS,
  LOST_BITS,
  NO_TIME,
  NONE,
  type OptionQuotes,
  refuseDefects,
} from './quotes.ts';
import { startNormal } from './start.ts';
import { exactTimeValue } from './time-value.ts';

/**
 * Normal (Bachelier) implied volatilities of quotes (F70, F73), to the accuracy that the quote's last bit allows; forwards and strikes may be negative.
 *
 * A time value is s n(h) - |F - K| N(-h), h = |F - K| / s, s = vol sqrt(t): one function of one variable once divided by |F - K|, as P. Jaeckel,
 * "Implied normal volatility", Wilmott (2017), observes. Here a rational first guess, good to 1e-5, and one Householder step of fourth order.
 *
 * Accuracy: relative 1e-14, or 4 times what half a unit in the last place of the price is worth. Cost: about 0.15 us.
 * @returns vols in the units of the forward per square root of a year.
 * @throws ShapeError where columns differ in length. @throws RangeError naming the first quote without an implied vol, its values and the reason;
 * {@link tryBachelierImpliedVols} returns NaN and reasons instead.
 */
export function bachelierImpliedVols(quotes: OptionQuotes): Float64Array {
  const found = tryBachelierImpliedVols(quotes);
  refuseDefects(quotes, found);
  return found.vol;
}

/**
 * As {@link bachelierImpliedVols}, but a quote that has no implied vol yields NaN and the reason (an index into `QUOTE_DEFECTS`).
 * @throws ShapeError where columns differ in length.
 */
export function tryBachelierImpliedVols(quotes: OptionQuotes): ImpliedVols {
  checkColumns(quotes);
  const { sign, forward, strike, expiryYears, rate, price } = quotes;
  const count = sign.length;
  const vol = new Float64Array(count);
  const defect = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const w = sign[i]!;
    const F = forward[i]!;
    const K = strike[i]!;
    const years = expiryYears[i]!;
    const growth = rate[i]! * years;
    // Every comparison is false for NaN.
    const valid =
      w * w === 1 &&
      Math.abs(F) <= LARGEST_PRICE &&
      Math.abs(K) <= LARGEST_PRICE &&
      years >= 0 &&
      years <= LARGEST_YEARS &&
      Math.abs(rate[i]!) <= LARGEST_RATE &&
      Math.abs(growth) <= LARGEST_LOG_DISCOUNT &&
      Math.abs(price[i]!) <= LARGEST_PRICE;
    const value = price[i]! * fastExp(valid ? growth : 0);
    const difference = F - K;
    const isInTheMoney = w * difference > 0;
    let timeValue = isInTheMoney ? value - w * difference : value;
    if (valid && isInTheMoney && Math.abs(timeValue) < LOST_BITS * value) {
      timeValue = exactTimeValue(price[i]!, rate[i]!, years, F, K);
    }
    const code = !valid
      ? INPUT
      : years === 0
        ? NO_TIME
        : timeValue < 0
          ? BELOW_INTRINSIC
          : timeValue === 0
            ? AT_INTRINSIC
            : NONE;
    defect[i] = code;
    vol[i] = code === NONE ? normalDeviation(timeValue, Math.abs(difference)) / Math.sqrt(years) : Number.NaN;
  }
  return { vol, defect };
}

/** Below this share of the distance a time value is close to where exponentials underflow. */
const LEAST = 1e-280;
/** Below this s^2 may underflow: the problem is solved in larger units. */
const TINY = 1e-140;
const UNITS = 2 ** 500;

/** s = vol sqrt(t) of a forward time value above 0, for a forward `distance` away from the strike. */
function normalDeviation(timeValue: number, distance: number): number {
  if (timeValue < LEAST * distance) return inWing(timeValue, distance);
  if (timeValue < TINY) return normalDeviation(UNITS * timeValue, UNITS * distance) / UNITS;
  const s = startNormal(timeValue, distance);
  const h = distance / s;
  const scaled = s * normalTimeValue(h, -signedTail(h));
  const e = fastExp(-0.5 * h * h);
  const log = logOfRatio(e * scaled, timeValue);
  return s + householderStep(log, INVERSE_SQRT_TWO_PI / scaled, (h * h) / s, (-3 * h * h) / (s * s));
}

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** The same where doubles underflow, in logarithms: h is above 35 and 1 - h R(h) a fast asymptotic series. */
function inWing(timeValue: number, distance: number): number {
  const target = Math.log(timeValue) - Math.log(distance);
  let h = Math.sqrt(-2 * target);
  for (let step = 0; step < 8; step++) {
    const z = 1 / (h * h);
    // n(h)/h - N(-h) = n(h) (1 - h R(h)) / h
    const series = z * (1 - z * (3 - z * (15 - z * (105 - z * 945))));
    const f = -0.5 * h * h + Math.log((series / h) * INVERSE_SQRT_TWO_PI) - target;
    // Its derivative by h is -n(h)/h^2 over n(h) series / h.
    const change = f * h * series;
    h += change;
    if (Math.abs(change) < 1e-9 * h) break;
  }
  return distance / h;
}
