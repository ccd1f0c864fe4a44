import { fastExp, signedTail } from '../../numeric/fast-normal.ts';
import { deviationFromPrice } from './black-deviation.ts';
import { householderStep, logOfRatio, millsDifference } from './householder.ts';
import {
  ABOVE_MAXIMUM,
  AT_INTRINSIC,
  AT_MAXIMUM,
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
  SMALLEST_PRICE,
} from './quotes.ts';
import { startBlack } from './start.ts';
import { exactTimeValue } from './time-value.ts';

/** Quotes a block; the scratch arrays of a block stay in the first-level cache. Nothing here is re-entrant, and nothing needs to be. */
const BLOCK = 256;
/** Forward time value, |F - K|, and the most that the time value can be, min(F, K): all over sqrt(F K). */
const TIME_VALUE = new Float64Array(BLOCK);
const DISTANCE = new Float64Array(BLOCK);
const CEILING = new Float64Array(BLOCK);
/** |ln(F/K)| */
const LOG_MONEYNESS = new Float64Array(BLOCK);
/** vol sqrt(t), and its last relative change. */
const DEVIATION = new Float64Array(BLOCK);
const CHANGE = new Float64Array(BLOCK);

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** A step of fourth order that moves s by less leaves an error below 1e-16. */
const CONVERGED = 1e-4;
/** |F - K| / (F + K) below which the logarithm is summed from it, exact where F/K would round. */
const NEAR = 1 / 32;
/** Below this s/2 the difference of two Mills ratios is summed as a series. */
const SMALL = 1 / 16;
/** Time values outside these shares of their range take the careful way: there the price underflows, or the vol is very large. */
const LEAST_TIME_VALUE = 1e-280;
const LARGEST_SHARE = 0.5;

/**
 * Black implied volatilities of quotes (F70-F72), to the accuracy that the quote's last bit allows.
 *
 * After P. Jaeckel, "Let's be rational", Wilmott (2015): Householder's method of fourth order on a transformed price. The first guess is
 * not his: it comes through the Bachelier model (start.ts) and is good to 1e-5 for s = vol sqrt(t) up to 1, so that one step is enough
 * there, and two or three elsewhere.
 *
 * Accuracy: relative 1e-14, or 4 times what half a unit in the last place of the price is worth, where that is more. Cost: one exponential and two
 * logarithms for the start, and an exponential and one or two table polynomials a step; about 0.2 us, for s above 1.5 about 1 us.
 * @returns vols per square root of a year.
 * @throws ShapeError where columns differ in length. @throws RangeError naming the first quote without an implied vol, its values and the reason;
 * {@link tryBlackImpliedVols} returns NaN and reasons instead.
 * @example
 * const one = (x: number) => Float64Array.of(x);
 * blackImpliedVols({ sign: one(1), forward: one(100), strike: one(100), expiryYears: one(1), rate: one(0), price: one(7.965567455405804) })[0]; // 0.2
 */
export function blackImpliedVols(quotes: OptionQuotes): Float64Array {
  const found = tryBlackImpliedVols(quotes);
  refuseDefects(quotes, found);
  return found.vol;
}

/**
 * As {@link blackImpliedVols}, but a quote that has no implied vol yields NaN and the reason (an index into `QUOTE_DEFECTS`).
 * @throws ShapeError where columns differ in length.
 */
export function tryBlackImpliedVols(quotes: OptionQuotes): ImpliedVols {
  checkColumns(quotes);
  const count = quotes.sign.length;
  const vol = new Float64Array(count);
  const defect = new Uint8Array(count);
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    normalise(quotes, offset, size, defect);
    for (let i = 0; i < size; i++) DEVIATION[i] = startBlack(TIME_VALUE[i]!, DISTANCE[i]!, LOG_MONEYNESS[i]!);
    for (let i = 0; i < size; i++) stepBlack(i);
    for (let i = 0; i < size; i++) {
      if (CHANGE[i]! < CONVERGED) continue;
      // Not below: also where the change is NaN.
      stepBlack(i);
      if (CHANGE[i]! < CONVERGED) continue;
      DEVIATION[i] = Number.NaN;
    }
    finish(quotes, offset, size, vol, defect);
  }
  return { vol, defect };
}

/** Fills the scratch arrays, and `defect` where a quote has no vol; such a quote takes harmless values. */
function normalise(quotes: OptionQuotes, offset: number, size: number, defect: Uint8Array): void {
  const { sign, forward, strike, expiryYears, rate, price } = quotes;
  for (let i = 0; i < size; i++) {
    const at = offset + i;
    const w = sign[at]!;
    const F = forward[at]!;
    const K = strike[at]!;
    const years = expiryYears[at]!;
    const growth = rate[at]! * years;
    // Every comparison is false for NaN.
    const valid =
      w * w === 1 &&
      F >= SMALLEST_PRICE &&
      F <= LARGEST_PRICE &&
      K >= SMALLEST_PRICE &&
      K <= LARGEST_PRICE &&
      years >= 0 &&
      years <= LARGEST_YEARS &&
      Math.abs(rate[at]!) <= LARGEST_RATE &&
      Math.abs(growth) <= LARGEST_LOG_DISCOUNT &&
      Math.abs(price[at]!) <= LARGEST_PRICE;
    const value = price[at]! * fastExp(valid ? growth : 0);
    const difference = F - K;
    const isInTheMoney = w * difference > 0;
    let timeValue = isInTheMoney ? value - w * difference : value;
    if (valid && isInTheMoney && Math.abs(timeValue) < LOST_BITS * value) {
      timeValue = exactTimeValue(price[at]!, rate[at]!, years, F, K);
    }
    const most = w > 0 ? F : K;
    const code = !valid
      ? INPUT
      : years === 0
        ? NO_TIME
        : timeValue < 0
          ? BELOW_INTRINSIC
          : timeValue === 0
            ? AT_INTRINSIC
            : value > most
              ? ABOVE_MAXIMUM
              : value === most
                ? AT_MAXIMUM
                : NONE;
    defect[at] = code;
    const isGood = code === NONE;
    const scale = isGood ? 1 / Math.sqrt(F * K) : 1;
    const distance = Math.abs(difference);
    TIME_VALUE[i] = isGood ? timeValue * scale : 0.1;
    DISTANCE[i] = isGood ? distance * scale : 0;
    CEILING[i] = isGood ? Math.min(F, K) * scale : 1;
    const y = distance / (F + K);
    const y2 = y * y;
    LOG_MONEYNESS[i] = !isGood
      ? 0
      : y < NEAR
        ? 2 * y * (1 + y2 * (1 / 3 + y2 * (1 / 5 + y2 * (1 / 7 + y2 * (1 / 9 + y2 * (1 / 11))))))
        : Math.abs(Math.log(F / K));
  }
}

/**
 * One step of Householder's method of fourth order on ln(b(s) / time value) (F71).
 *
 * b(s) = e^(-a/2) N(t - h) - e^(a/2) N(-t - h), h = a/s, t = s/2. With E = exp(-(h^2 + t^2)/2) both terms are E times a Mills ratio.
 */
function stepBlack(i: number): void {
  const a = LOG_MONEYNESS[i]!;
  const s = DEVIATION[i]!;
  const target = TIME_VALUE[i]!;
  const h = a / s;
  const t = 0.5 * s;
  const e = fastExp(Math.max(-745, -0.5 * (h * h + t * t)));
  let value: number;
  if (t < SMALL) {
    value = e * millsDifference(h, t, -signedTail(Math.min(h, 40)));
  } else {
    const tails = signedTail(Math.max(-40, Math.min(40, t - h))) - signedTail(Math.max(-40, -t - h));
    value = (t >= h ? CEILING[i]! : 0) + e * tails;
  }
  const vega = e * INVERSE_SQRT_TWO_PI;
  const y = vega / value;
  const step = householderStep(
    logOfRatio(value, target),
    y,
    (h * h - t * t) / s,
    -(3 * h * h + t * t) / (s * s),
  );
  DEVIATION[i] = s + step;
  CHANGE[i] = Math.abs(step / s);
}

/** Vols from deviations; the careful way for what the block could not do. */
function finish(
  quotes: OptionQuotes,
  offset: number,
  size: number,
  vol: Float64Array,
  defect: Uint8Array,
): void {
  const { sign, forward, strike, expiryYears, price, rate } = quotes;
  for (let i = 0; i < size; i++) {
    const at = offset + i;
    if (defect[at] !== NONE) {
      vol[at] = Number.NaN;
      continue;
    }
    const timeValue = TIME_VALUE[i]!;
    let s = DEVIATION[i]!;
    if (!(s > 0) || timeValue < LEAST_TIME_VALUE || timeValue > LARGEST_SHARE * CEILING[i]!) {
      const F = forward[at]!;
      const K = strike[at]!;
      const value = price[at]! * Math.exp(rate[at]! * expiryYears[at]!);
      const inside = Math.max(sign[at]! * (F - K), 0);
      s = deviationFromPrice(
        inside > 0 ? timeValue * Math.sqrt(F * K) : value,
        (sign[at]! > 0 ? F : K) - value,
        F,
        K,
        LOG_MONEYNESS[i]!,
        s,
      );
    }
    vol[at] = s / Math.sqrt(expiryYears[at]!);
  }
}
