// Memory of the Black-Scholes kernel: constants, tables that the host fills, scratch columns; and short names.

/** Options whose intermediate results are held at a time. */
export const BLOCK: i32 = 256;
/** Bytes of a scratch column; not a multiple of 4096, so that columns do not compete for the same cache lines. */
export const COLUMN: usize = 8 * BLOCK + 64;

// Constants are loaded from memory: V8 would rebuild each immediate with three instructions at every use.
export const REALS: usize = memory.data<f64>([
  -184.6649652337873, 6755399441055744, -0.005415208637714386, 3.710410186743494e-9, 0.5, 1.0 / 6, 1.0 / 24,
  1.0 / 120, 1380, 4503599627371520, -0.5, 1.0 / 3, -0.25, 0.2, -1.0 / 6, 1.0 / 7, 0.6931467056274414,
  4.7493250390316726e-7, 39, -39, 16, 1023.5, 1024, 1, 0.3989422804014327, 0, 1e-40, 1e100, 90000, 0.25,
], 16);
export const BITS: usize = memory.data<i64>([0x3fe6000000000000, 0x4000000000000000, 0x4330000000000000, 0xfffffffffffff, 0x2580000000000000], 16);

/** -128 / ln 2: exponents are negated on the way. */
export const STEPS_PER_UNIT: usize = 0;
/** 1.5 x 2^52: adding it rounds to an integer, which is then the low word. */
export const ROUND: usize = 1;
/** -ln 2 / 128 in 21 bits, and what is missing in it. */
export const STEP_HIGH: usize = 2;
export const STEP_LOW: usize = 3;
export const HALF: usize = 4;
export const EXP_3: usize = 5;
export const EXP_4: usize = 6;
export const EXP_5: usize = 7;
/** Where d1^2 is beyond it the density, below 1e-299, is nearly subnormal. */
export const LARGEST_SQUARE: usize = 8;
/** 2^52 + 1024. */
export const EXPONENT_BIAS: usize = 9;
export const LOG_2: usize = 10;
export const LOG_3: usize = 11;
export const LOG_4: usize = 12;
export const LOG_5: usize = 13;
export const LOG_6: usize = 14;
export const LOG_7: usize = 15;
export const LN2_HIGH: usize = 16;
export const LN2_LOW: usize = 17;
export const FAR: usize = 18;
export const MINUS_FAR: usize = 19;
export const INTERVALS_PER_UNIT: usize = 20;
export const ORIGIN: usize = 21;
export const FIRST_RIGHT: usize = 22;
export const ONE: usize = 23;
export const SQRT_TWO_PI_INVERSE: usize = 24;
export const ZERO: usize = 25;
export const LEAST: usize = 26;
export const MOST: usize = 27;
export const MOST_LOG_DISCOUNT_SQUARED: usize = 28;
/** |S/K - 1| up to which the last digits of S/K are kept. */
export const NEAR: usize = 29;

/** High word of 0.6875 in place. */
export const LOG_START: usize = 0;
/** 1024 in the place of an exponent. */
export const EXPONENT_1024: usize = 1;
/** Exponent of 2^52. */
export const TWO_52: usize = 2;
export const SIGNIFICAND: usize = 3;
/** 600 in the place of an exponent. */
export const LIFT: usize = 4;

// Tables, filled by the host before the first call.
/** 128 numbers: bits of 2^(j/128) less j x 2^45, so that adding n x 2^45 gives 2^(n/128) for any n with n mod 128 = j. */
export const EXP2_FRACTIONS: usize = memory.data(128 * 8, 64);
/** 128 rows of four numbers: c, 1/c, ln c and padding. */
export const LOG_CENTRES: usize = memory.data(128 * 32, 64);
/** 2048 rows of eight coefficients. */
export const SIGNED_MILLS: usize = memory.data(2048 * 64, 64);

export const SCRATCH: usize = memory.data(16 * (8 * BLOCK + 64), 64);
/** Where the host's columns may begin. */
export const HEAP: usize = memory.data(64, 64);

/** S/K, then its logarithm. */
export const LOG: usize = SCRATCH;
export const YIELD_DISCOUNT: usize = SCRATCH + COLUMN;
export const RATE_DISCOUNT: usize = SCRATCH + 2 * COLUMN;
export const ROOT_T: usize = SCRATCH + 3 * COLUMN;
/** What rounding took from S/K where it is near 1; until sqrt t takes its place. */
export const RATIO_LOW: usize = ROOT_T;
/** 1 / (vol sqrt t). */
export const INVERSE_DEVIATION: usize = SCRATCH + 4 * COLUMN;
export const D1: usize = SCRATCH + 5 * COLUMN;
export const D2: usize = SCRATCH + 6 * COLUMN;
export const DENSITY: usize = SCRATCH + 7 * COLUMN;
/** Row of the Mills table: 1024 and above right of 0, where the distribution function is 1 less a tail. */
export const ROW1: usize = SCRATCH + 8 * COLUMN;
export const ROW2: usize = SCRATCH + 9 * COLUMN;
export const TAIL1: usize = SCRATCH + 10 * COLUMN;
export const TAIL2: usize = SCRATCH + 11 * COLUMN;
/** What two neighbouring loops hand on: reduced arguments, and integers or parts of sums. */
export const PART_A: usize = SCRATCH + 12 * COLUMN;
export const PART_B: usize = SCRATCH + 13 * COLUMN;
export const PART_C: usize = SCRATCH + 14 * COLUMN;
export const PART_D: usize = SCRATCH + 15 * COLUMN;

// @ts-ignore: decorator
@inline
export function real(index: usize): v128 {
  return v128.load64_splat(REALS + 8 * index);
}

// @ts-ignore: decorator
@inline
export function bits(index: usize): v128 {
  return v128.load64_splat(BITS + 8 * index);
}

// @ts-ignore: decorator
@inline
export function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

// @ts-ignore: decorator
@inline
export function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

// @ts-ignore: decorator
@inline
export function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}
