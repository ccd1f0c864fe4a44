// Exponential, logarithm and the two normal distribution functions over scratch columns: F21 and F25.

import {
  COLUMN, STEPS_PER_UNIT, ROUND, STEP_HIGH, STEP_LOW, HALF, ONE, LIFT, EXP_3, EXP_4, EXP_5, LARGEST_SQUARE,
  EXPONENT_BIAS, LOG_2, LOG_3, LOG_4, LOG_5, LOG_6, LOG_7, LN2_HIGH, LN2_LOW, INTERVALS_PER_UNIT, ORIGIN,
  LOG_START, EXPONENT_1024, TWO_52, SIGNIFICAND, EXP2_FRACTIONS, LOG_CENTRES, SIGNED_MILLS, LOG, D1, D2,
  DENSITY, ROW1, ROW2, TAIL1, TAIL2, PART_A, PART_B, PART_C, PART_D, NEAR, RATIO_LOW, real, bits, add, sub, mul,
} from './layout';

/**
 * S/K with its rest, and for both discount factors -x = (n/128) ln 2 + r: r in PART_A and PART_C, n as the low word of PART_B and PART_D.
 */
export function reduceDiscounts(spot: usize, strike: usize, years: usize, rate: usize, yield_: usize, n: i32): void {
  const steps = real(STEPS_PER_UNIT), round = real(ROUND), high = real(STEP_HIGH), low = real(STEP_LOW);
  const one = real(ONE), near = real(NEAR);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const s = v128.load(spot + i);
    const strike_ = v128.load(strike + i);
    const ratio = f64x2.div(s, strike_);
    const above = sub(ratio, one);
    const rest = sub(f64x2.div(sub(s, strike_), strike_), above);
    v128.store(i, ratio, LOG);
    v128.store(i, v128.and(f64x2.le(f64x2.abs(above), near), rest), RATIO_LOW);
    const t = v128.load(years + i);
    const x = mul(v128.load(yield_ + i), t);
    const y = mul(v128.load(rate + i), t);
    const a = add(mul(x, steps), round);
    const b = add(mul(y, steps), round);
    const j = sub(a, round);
    const k = sub(b, round);
    v128.store(i, sub(sub(mul(j, high), x), mul(j, low)), PART_A);
    v128.store(i, a, PART_B);
    v128.store(i, sub(sub(mul(k, high), y), mul(k, low)), PART_C);
    v128.store(i, b, PART_D);
  }
}

/** As {@link reduceDiscounts} for d1^2 / 2. */
function reduceDensity(n: i32): void {
  const steps = real(STEPS_PER_UNIT), round = real(ROUND), high = real(STEP_HIGH), low = real(STEP_LOW), half = real(HALF);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const d = v128.load(i, D1);
    const x = mul(mul(half, d), d);
    const a = add(mul(x, steps), round);
    const k = sub(a, round);
    v128.store(i, sub(sub(mul(k, high), x), mul(k, low)), PART_A);
    v128.store(i, a, PART_B);
  }
}

/** 2^(n/128) for n in the low words of the column after `part`. */
// @ts-ignore: decorator
@inline
function power(i: usize, part: usize): v128 {
  const j = (load<u32>(i + part + COLUMN) & 127) << 3;
  const k = (load<u32>(i + part + COLUMN + 8) & 127) << 3;
  const fractions = v128.load64_lane(k, v128.load64_zero(j, EXP2_FRACTIONS), 1, EXP2_FRACTIONS);
  return i64x2.add(fractions, i64x2.shl(v128.load(i + part + COLUMN), 45));
}

/** p e^r. */
// @ts-ignore: decorator
@inline
function timesExp(p: v128, r: v128, half: v128, c3: v128, c4: v128, c5: v128): v128 {
  const r2 = mul(r, r);
  return add(p, mul(p, add(r, mul(r2, add(add(half, mul(r, c3)), mul(r2, add(c4, mul(r, c5))))))));
}

export function discounts(part: usize, out: usize, n: i32): void {
  const half = real(HALF), c3 = real(EXP_3), c4 = real(EXP_4), c5 = real(EXP_5);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    v128.store(out + i, timesExp(power(i, part), v128.load(part + i), half, c3, c4, c5));
  }
}

/** Far out the density is computed times 2^600 and lowered at the end, so that it is rounded once where it is subnormal. */
function densities(n: i32): void {
  const half = real(HALF), c3 = real(EXP_3), c4 = real(EXP_4), c5 = real(EXP_5);
  const most = real(LARGEST_SQUARE), lift = bits(LIFT), one = real(ONE);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const d = v128.load(i, D1);
    const lifted = v128.and(lift, f64x2.gt(mul(d, d), most));
    const e = timesExp(i64x2.add(power(i, PART_A), lifted), v128.load(i, PART_A), half, c3, c4, c5);
    v128.store(i, mul(e, i64x2.sub(one, lifted)), DENSITY);
  }
}

/**
 * x = 2^k m with m in [0.6875, 1.375), m near the tabulated centre c: r = (m - c)/c in PART_A, k ln 2 + ln c but for the
 * last digits of ln 2 in PART_B, and those in PART_C.
 */
export function reduceLogs(n: i32): void {
  const start = bits(LOG_START), raise = bits(EXPONENT_1024), two52 = bits(TWO_52), significand = bits(SIGNIFICAND);
  const bias = real(EXPONENT_BIAS), ln2High = real(LN2_HIGH), ln2Low = real(LN2_LOW);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const h = i64x2.sub(v128.load(i, LOG), start);
    const k = sub(v128.or(i64x2.shr_u(i64x2.add(h, raise), 52), two52), bias);
    const m = i64x2.add(v128.and(h, significand), start);
    const a = ((load<u32>(i, LOG + 4) - 0x3fe60000) >> 8) & (127 << 5);
    const b = ((load<u32>(i, LOG + 12) - 0x3fe60000) >> 8) & (127 << 5);
    const rowA = v128.load(a, LOG_CENTRES);
    const rowB = v128.load(b, LOG_CENTRES);
    const centre = v128.shuffle<i64>(rowA, rowB, 0, 2);
    const inverse = v128.shuffle<i64>(rowA, rowB, 1, 3);
    const logarithm = v128.load64_lane(b, v128.load64_zero(a, LOG_CENTRES + 16), 1, LOG_CENTRES + 16);
    v128.store(i, mul(add(sub(m, centre), v128.load(i, RATIO_LOW)), inverse), PART_A);
    v128.store(i, add(mul(k, ln2High), logarithm), PART_B);
    v128.store(i, mul(k, ln2Low), PART_C);
  }
}

export function logs(n: i32): void {
  const c2 = real(LOG_2), c3 = real(LOG_3), c4 = real(LOG_4), c5 = real(LOG_5), c6 = real(LOG_6), c7 = real(LOG_7);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const r = v128.load(i, PART_A);
    const r2 = mul(r, r);
    const p = add(add(c2, mul(r, c3)), mul(r2, add(add(c4, mul(r, c5)), mul(r2, add(c6, mul(r, c7))))));
    v128.store(i, add(v128.load(i, PART_B), add(r, add(mul(r2, p), v128.load(i, PART_C)))), LOG);
  }
}

/** Rows of the Mills table for sign x d; the place within the row in PART_A, the row as the low word of PART_B. */
function locate(sign: usize, d: usize, row: usize, n: i32): void {
  const intervals = real(INTERVALS_PER_UNIT), origin = real(ORIGIN), round = real(ROUND);
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const v = mul(mul(intervals, v128.load(sign + i)), v128.load(d + i));
    const a = add(add(v, origin), round);
    const k = sub(a, round);
    v128.store(row + i, k);
    v128.store(i, sub(v, sub(k, origin)), PART_A);
    v128.store(i, a, PART_B);
  }
}

/** The sums of the even and of the odd powers of one row, side by side, without the odd ones' last factor. */
// @ts-ignore: decorator
@inline
function evenAndOdd(row: u32, square: v128): v128 {
  // The mask keeps a NaN (0 / 0 where no variance is left) inside the table.
  const at = (row & 2047) << 6;
  const high = add(v128.load(at, SIGNED_MILLS + 32), mul(square, v128.load(at, SIGNED_MILLS + 48)));
  const middle = add(v128.load(at, SIGNED_MILLS + 16), mul(square, high));
  return add(v128.load(at, SIGNED_MILLS), mul(square, middle));
}

function tails(out: usize, n: i32): void {
  for (let i: usize = 0; i < usize(n) << 3; i += 16) {
    const u = v128.load(i, PART_A);
    const square = mul(u, u);
    const a = evenAndOdd(load<u32>(i, PART_B), v128.shuffle<i64>(square, square, 0, 0));
    const b = evenAndOdd(load<u32>(i, PART_B + 8), v128.shuffle<i64>(square, square, 1, 1));
    v128.store(out + i, add(v128.shuffle<i64>(a, b, 0, 2), mul(u, v128.shuffle<i64>(a, b, 1, 3))));
  }
}

/** Density and both tails from D1 and D2. */
// @ts-ignore: decorator
@inline
export function distribution(sign: usize, n: i32): void {
  reduceDensity(n);
  densities(n);
  locate(sign, D1, ROW1, n);
  tails(TAIL1, n);
  locate(sign, D2, ROW2, n);
  tails(TAIL2, n);
}
