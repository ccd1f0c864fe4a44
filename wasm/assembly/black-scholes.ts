// Black-Scholes-Merton, two options at a time: prices, five Greeks, and revaluation under a scenario.
//
// The same operations in the same order as src/pricing/black-scholes-block.ts, without fused multiply-add, so that
// both give the same bits on every machine. Formulas F1 to F6, F11, F21 and F25 of docs/formulas.md.
//
// Many short loops over scratch columns that stay in the first-level cache, rather than one long one: a loop's
// throughput is bounded by its latency times its length over the size of the processor's scheduler, and cutting it in
// two quarters that product: 1.7 times as fast here as everything in one loop.
//
// A batch is a row of columns of f64: column c starts at base + c stride. For prices and Greeks inputs are columns 0 to 6
// (sign, spot, strike, years, rate, yield, vol) and results columns 7 to 12 (price, delta, gamma, vega, theta, rho); a
// revaluation has its own. Columns are 16-byte aligned and have room for an even number of options: where the number is
// odd, what follows the last option is computed too, whatever it is, and means nothing.

import {
  BLOCK, HALF, FAR, MINUS_FAR, FIRST_RIGHT, ONE, SQRT_TWO_PI_INVERSE, ZERO, LEAST, MOST,
  MOST_LOG_DISCOUNT_SQUARED, LOG, YIELD_DISCOUNT, RATE_DISCOUNT, ROOT_T, INVERSE_DEVIATION, D1, D2, DENSITY,
  ROW1, ROW2, TAIL1, TAIL2, PART_A, PART_B, PART_C, real, add, sub, mul,
} from './black-scholes/layout';
import { reduceDiscounts, discounts, reduceLogs, logs, distribution } from './black-scholes/functions';

export { EXP2_FRACTIONS, HEAP, LOG_CENTRES, SIGNED_MILLS } from './black-scholes/layout';

/** Whether both options are far from every bound of the inputs, and from having no variance. NaN is not. */
// @ts-ignore: decorator
@inline
function ordinary(
  sign: v128, spot: v128, strike: v128, years: v128, rate: v128, yield_: v128, vol: v128,
  one: v128, least: v128, most: v128, square: v128,
): v128 {
  const x = mul(rate, years);
  const y = mul(yield_, years);
  // A minimum may lose a NaN, but the sum keeps it.
  const smallest = f64x2.pmin(f64x2.pmin(spot, strike), f64x2.pmin(years, vol));
  const sum = add(add(spot, strike), add(years, vol));
  return v128.and(
    v128.and(f64x2.eq(mul(sign, sign), one), f64x2.le(add(mul(x, x), mul(y, y)), square)),
    v128.and(f64x2.ge(smallest, least), f64x2.le(sum, most)),
  );
}

/** 0 if all options are ordinary; else the host looks at each of them. */
function check(
  sign: usize, spot: usize, strike: usize, years: usize, rate: usize, yield_: usize, vol: usize, n: i32,
): i32 {
  const one = real(ONE), least = real(LEAST), most = real(MOST), square = real(MOST_LOG_DISCOUNT_SQUARED);
  let all = f64x2.eq(one, one);
  const end = usize(n & ~1) << 3;
  for (let i: usize = 0; i < end; i += 16) {
    all = v128.and(all, ordinary(
      v128.load(sign + i), v128.load(spot + i), v128.load(strike + i), v128.load(years + i), v128.load(rate + i),
      v128.load(yield_ + i), v128.load(vol + i), one, least, most, square,
    ));
  }
  if (n & 1) {
    all = v128.and(all, ordinary(
      v128.load64_splat(sign + end), v128.load64_splat(spot + end), v128.load64_splat(strike + end),
      v128.load64_splat(years + end), v128.load64_splat(rate + end), v128.load64_splat(yield_ + end),
      v128.load64_splat(vol + end), one, least, most, square,
    ));
  }
  return i32(!i64x2.all_true(all));
}

/** d1 and d2 within +-39, where the distribution function is 0 or 1 and the density 0; NaN stays. */
// @ts-ignore: decorator
@inline
function storeStandardised(i: usize, d1: v128, d2: v128, far: v128, minusFar: v128): void {
  v128.store(i, f64x2.pmax(f64x2.pmin(d1, far), minusFar), D1);
  v128.store(i, f64x2.pmax(f64x2.pmin(d2, far), minusFar), D2);
}

function standardise(years: usize, rate: usize, yield_: usize, vol: usize, n: i32): void {
  const half = real(HALF), far = real(FAR), minusFar = real(MINUS_FAR), one = real(ONE);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const t = v128.load(years + i);
    const rootT = f64x2.sqrt(t);
    const deviation = mul(v128.load(vol + i), rootT);
    const inverse = f64x2.div(one, deviation);
    const carry = mul(sub(v128.load(rate + i), v128.load(yield_ + i)), t);
    const d1 = add(mul(add(v128.load(i, LOG), carry), inverse), mul(half, deviation));
    v128.store(i, rootT, ROOT_T);
    v128.store(i, inverse, INVERSE_DEVIATION);
    storeStandardised(i, d1, sub(d1, deviation), far, minusFar);
  }
}

/** Everything that prices and Greeks share. */
function prepare(
  sign: usize, spot: usize, strike: usize, years: usize, rate: usize, yield_: usize, vol: usize, n: i32,
): void {
  reduceDiscounts(spot, strike, years, rate, yield_, n);
  discounts(PART_A, YIELD_DISCOUNT, n);
  discounts(PART_C, RATE_DISCOUNT, n);
  reduceLogs(n);
  logs(n);
  standardise(years, rate, yield_, vol, n);
  distribution(sign, n);
}

/** max(w (S h1 - K h2 + S E (q1 - q2)), 0), where h is a mask: F1. */
// @ts-ignore: decorator
@inline
function priceOf(
  sign: v128, spotPv: v128, weight: v128, right1: v128, strikeHead: v128, q1: v128, q2: v128, zero: v128,
): v128 {
  return f64x2.pmax(zero, mul(sign, add(sub(v128.and(right1, spotPv), strikeHead), mul(weight, sub(q1, q2)))));
}

function finishPrices(sign: usize, spot: usize, strike: usize, price: usize, n: i32): void {
  const right = real(FIRST_RIGHT), zero = real(ZERO);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const spotPv = mul(v128.load(spot + i), v128.load(i, YIELD_DISCOUNT));
    const strikePv = mul(v128.load(strike + i), v128.load(i, RATE_DISCOUNT));
    const strikeHead = v128.and(f64x2.ge(v128.load(i, ROW2), right), strikePv);
    const right1 = f64x2.ge(v128.load(i, ROW1), right);
    const weight = mul(spotPv, v128.load(i, DENSITY));
    v128.store(price + i, priceOf(
      v128.load(sign + i), spotPv, weight, right1, strikeHead, v128.load(i, TAIL1), v128.load(i, TAIL2), zero,
    ));
  }
}

/** Price and delta; for the other Greeks S e^(-qT) E in PART_A, K e^(-rT) N(w d2) in PART_B, q S e^(-qT) N(w d1) in PART_C. */
function finishDeltas(
  sign: usize, spot: usize, strike: usize, yield_: usize, price: usize, delta: usize, n: i32,
): void {
  const right = real(FIRST_RIGHT), zero = real(ZERO), one = real(ONE);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const w = v128.load(sign + i);
    const discount = v128.load(i, YIELD_DISCOUNT);
    const spotPv = mul(v128.load(spot + i), discount);
    const strikePv = mul(v128.load(strike + i), v128.load(i, RATE_DISCOUNT));
    const right1 = f64x2.ge(v128.load(i, ROW1), right);
    const strikeHead = v128.and(f64x2.ge(v128.load(i, ROW2), right), strikePv);
    const density = v128.load(i, DENSITY);
    const weight = mul(spotPv, density);
    const q1 = v128.load(i, TAIL1);
    const q2 = v128.load(i, TAIL2);
    const n1 = add(v128.and(right1, one), mul(density, q1));
    v128.store(i, weight, PART_A);
    v128.store(i, add(strikeHead, mul(weight, q2)), PART_B);
    v128.store(i, mul(mul(v128.load(yield_ + i), spotPv), n1), PART_C);
    v128.store(delta + i, mul(mul(w, discount), n1));
    v128.store(price + i, priceOf(w, spotPv, weight, right1, strikeHead, q1, q2, zero));
  }
}

function finishGreeks(
  sign: usize, spot: usize, years: usize, rate: usize, vol: usize,
  gamma: usize, vega: usize, theta: usize, rho: usize, n: i32,
): void {
  const root = real(SQRT_TWO_PI_INVERSE), half = real(HALF);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const w = v128.load(sign + i);
    const s = v128.load(spot + i);
    const v = v128.load(vol + i);
    const strikeTerm = v128.load(i, PART_B);
    const pdf = mul(v128.load(i, PART_A), root);
    const cashGamma = mul(pdf, v128.load(i, INVERSE_DEVIATION));
    const drift = mul(w, sub(v128.load(i, PART_C), mul(v128.load(rate + i), strikeTerm)));
    v128.store(gamma + i, f64x2.div(cashGamma, mul(s, s)));
    v128.store(vega + i, mul(pdf, v128.load(i, ROOT_T)));
    v128.store(theta + i, sub(drift, mul(mul(mul(half, v), v), cashGamma)));
    v128.store(rho + i, mul(mul(w, v128.load(years + i)), strikeTerm));
  }
}

/** Prices of n options. Not 0 if some option is near a bound of its inputs or has hardly any variance. */
export function prices(base: usize, stride: usize, n: i32): i32 {
  let unusual = 0;
  for (let done = 0; done < n; done += BLOCK) {
    const m = min(BLOCK, n - done);
    const sign = base + (usize(done) << 3), spot = sign + stride, strike = spot + stride, years = strike + stride;
    const rate = years + stride, yield_ = rate + stride, vol = yield_ + stride;
    unusual |= check(sign, spot, strike, years, rate, yield_, vol, m);
    prepare(sign, spot, strike, years, rate, yield_, vol, m);
    finishPrices(sign, spot, strike, vol + stride, m);
  }
  return unusual;
}

/** Prices and Greeks of n options; returns what {@link prices} does. */
export function greeks(base: usize, stride: usize, n: i32): i32 {
  let unusual = 0;
  for (let done = 0; done < n; done += BLOCK) {
    const m = min(BLOCK, n - done);
    const sign = base + (usize(done) << 3), spot = sign + stride, strike = spot + stride, years = strike + stride;
    const rate = years + stride, yield_ = rate + stride, vol = yield_ + stride;
    const price = vol + stride, delta = price + stride, gamma = delta + stride, vega = gamma + stride;
    const theta = vega + stride, rho = theta + stride;
    unusual |= check(sign, spot, strike, years, rate, yield_, vol, m);
    prepare(sign, spot, strike, years, rate, yield_, vol, m);
    finishDeltas(sign, spot, strike, yield_, price, delta, m);
    finishGreeks(sign, spot, years, rate, vol, gamma, vega, theta, rho, m);
  }
  return unusual;
}

function standardiseMoved(
  logForward: usize, rootT: usize, vol: usize, volByTerm: usize,
  logGrowth: f64, shift: f64, relativeShift: f64, leastVol: f64, n: i32,
): void {
  const half = real(HALF), far = real(FAR), minusFar = real(MINUS_FAR);
  const grown = f64x2.splat(logGrowth), shifted = f64x2.splat(shift);
  const relative = f64x2.splat(relativeShift), least = f64x2.splat(leastVol);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const moved = add(add(v128.load(vol + i), mul(relative, v128.load(volByTerm + i))), shifted);
    const deviation = mul(f64x2.pmax(least, moved), v128.load(rootT + i));
    const d1 = add(f64x2.div(add(v128.load(logForward + i), grown), deviation), mul(half, deviation));
    storeStandardised(i, d1, sub(d1, deviation), far, minusFar);
  }
}

function finishMoved(sign: usize, spotPv: usize, strikePv: usize, now: usize, out: usize, growth: f64, n: i32): void {
  const right = real(FIRST_RIGHT), zero = real(ZERO), grown = f64x2.splat(growth);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const s = mul(v128.load(spotPv + i), grown);
    const strikeHead = v128.and(f64x2.ge(v128.load(i, ROW2), right), v128.load(strikePv + i));
    const right1 = f64x2.ge(v128.load(i, ROW1), right);
    const weight = mul(s, v128.load(i, DENSITY));
    const price = priceOf(
      v128.load(sign + i), s, weight, right1, strikeHead, v128.load(i, TAIL1), v128.load(i, TAIL2), zero,
    );
    v128.store(out + i, sub(price, v128.load(now + i)));
  }
}

/**
 * Column 8 = value of n options less its value now, with every spot multiplied by growth = e^logGrowth and every vol moved
 * to vol + relativeShift volByTerm + shift, at least leastVol: F11. Columns 0 to 7: sign, ln(F/K), sqrt t, vol, volByTerm,
 * S e^(-qt), K e^(-rt), value now.
 */
export function revalue(
  base: usize, stride: usize, n: i32, growth: f64, logGrowth: f64, shift: f64, relativeShift: f64, leastVol: f64,
): void {
  for (let done = 0; done < n; done += BLOCK) {
    const m = min(BLOCK, n - done);
    const sign = base + (usize(done) << 3), logForward = sign + stride, rootT = logForward + stride;
    const vol = rootT + stride, volByTerm = vol + stride, spotPv = volByTerm + stride;
    const strikePv = spotPv + stride, now = strikePv + stride;
    standardiseMoved(logForward, rootT, vol, volByTerm, logGrowth, shift, relativeShift, leastVol, m);
    distribution(sign, m);
    finishMoved(sign, spotPv, strikePv, now, now + stride, growth, m);
  }
}
