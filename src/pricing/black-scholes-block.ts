/**
 * The part of Black-Scholes-Merton that price and Greeks share, for a block of options at a time.
 *
 * wasm/assembly/black-scholes.ts does the same operations: whoever changes one, or the order of two, here changes it
 * there, so that both go on giving the same bits.
 *
 * Short loops over scratch arrays that stay in the first-level cache: each loop is small enough to be compiled without
 * spills, and iterations overlap. The scratch arrays are constants of the module, so that the compiler folds their
 * addresses. Nothing here is re-entrant, and nothing needs to be: no call yields between filling a block and reading it.
 */
import { EXP2_FRACTIONS, LOG_CENTRES, POWERS_OF_TWO } from '../numeric/exp-log-tables.ts';
import { SIGNED_MILLS } from '../numeric/mills-table.ts';
import type { BlackScholesInputs } from './black-scholes-inputs.ts';

// Local names: V8 folds constants of the own module, not imported bindings.
const EXP2 = EXP2_FRACTIONS;
const POW2 = POWERS_OF_TWO;
const CENTRES = LOG_CENTRES;
const MILLS = SIGNED_MILLS;

/** Options a block. */
export const BLOCK = 256;

/** e^(-q t) */
export const YIELD_DISCOUNT: Float64Array = new Float64Array(BLOCK);
/** e^(-r t) */
export const RATE_DISCOUNT: Float64Array = new Float64Array(BLOCK);
/** sqrt(t) */
export const ROOT_T: Float64Array = new Float64Array(BLOCK);
/** vol sqrt(t) */
export const DEVIATION: Float64Array = new Float64Array(BLOCK);
/** 1 / (vol sqrt(t)) */
export const INVERSE_DEVIATION: Float64Array = new Float64Array(BLOCK);
/** d1, within +-39 */
export const D1: Float64Array = new Float64Array(BLOCK);
/** d2, within +-39 */
export const D2: Float64Array = new Float64Array(BLOCK);
/** exp(-d1^2 / 2) */
export const DENSITY: Float64Array = new Float64Array(BLOCK);
/** N(sign d1) = HEAD1 + exp(-d1^2/2) TAIL1, and the same for d2: see the Mills table. */
export const HEAD1: Float64Array = new Float64Array(BLOCK);
export const TAIL1: Float64Array = new Float64Array(BLOCK);
export const HEAD2: Float64Array = new Float64Array(BLOCK);
export const TAIL2: Float64Array = new Float64Array(BLOCK);

const RATIO = new Float64Array(BLOCK);
/** What rounding took from S/K where it is near 1: its logarithm then keeps its digits, however small the deviation that divides it. */
const RATIO_LOW = new Float64Array(BLOCK);
// The high word of a double holds its exponent; typed arrays are little-endian on every platform that runs JavaScript.
const RATIO_WORDS = new Int32Array(RATIO.buffer);

// exp: x = (n/128) ln 2 + r. The first part of ln 2 / 128 has 21 bits, so that its product with n is exact.
const STEPS_PER_UNIT = 128 / Math.LN2;
const STEP_HIGH = 0.005415208637714386;
const STEP_LOW = 3.710410186743494e-9;
/** 1.5 x 2^52: adding and subtracting it rounds to an integer. */
const ROUND = 6755399441055744;

// ln 2 in two parts, the first of 21 bits.
const LN2_HIGH = 0.6931467056274414;
const LN2_LOW = 4.7493250390316726e-7;

/** |S/K - 1| up to which the last digits of S/K are kept; beyond it none are missed. */
const NEAR = 0.25;

/** Where N is 0 or 1 and the density 0, in double precision. */
const FAR = 39;
/** Where d1^2 is beyond it the density, below 1e-299, is nearly subnormal. */
const LARGEST_SQUARE = 1380;
/** There it is computed times 2^600 and lowered at the end, so that it is rounded once. */
const LIFT = 600;
/** The first row of the Mills table right of zero is 1024; rows are found by rounding, hence the half. */
const ORIGIN = 1023.5;

/** Fills the scratch arrays for options `offset` to `offset + count - 1`; `count` is at most {@link BLOCK}. */
export function fillBlock(inputs: BlackScholesInputs, offset: number, count: number): void {
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  discount(dividendYield, expiryYears, offset, count, YIELD_DISCOUNT);
  discount(rate, expiryYears, offset, count, RATE_DISCOUNT);
  ratios(spot, strike, offset, count);
  standardise(expiryYears, rate, dividendYield, vol, offset, count);
  fillDistribution(sign, offset, count);
}

/** Fills {@link DENSITY}, heads and tails from {@link D1} and {@link D2}. */
export function fillDistribution(sign: Float64Array, offset: number, count: number): void {
  densities(count);
  tails(sign, offset, count);
}

/** out = exp(-rates x years), |rates x years| <= 300; error below 1 ulp. */
function discount(
  rates: Float64Array,
  years: Float64Array,
  offset: number,
  count: number,
  out: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const x = rates[offset + i]! * years[offset + i]!;
    const steps = x * -STEPS_PER_UNIT + ROUND - ROUND;
    const n = steps | 0;
    const r = steps * -STEP_HIGH - x - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const power = EXP2[n & 127]! * POW2[(n >> 7) + 1200]!;
    out[i] = power + power * p;
  }
}

// A loop of its own: reading the words back right behind the store of a double would stall.
function ratios(spot: Float64Array, strike: Float64Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const K = strike[offset + i]!;
    const ratio = spot[offset + i]! / K;
    const above = ratio - 1;
    RATIO[i] = ratio;
    RATIO_LOW[i] = Math.abs(above) <= NEAR ? (spot[offset + i]! - K) / K - above : 0;
  }
}

/** d1 = (ln(S/K) + (r - q) t) / (vol sqrt t) + vol sqrt(t) / 2 and d2 = d1 - vol sqrt(t). */
function standardise(
  years: Float64Array,
  rate: Float64Array,
  dividendYield: Float64Array,
  vol: Float64Array,
  offset: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const x = RATIO[i]!;
    // x = 2^k m with m in [0.6875, 1.375), m near the tabulated centre c; ln x = k ln 2 + ln c + ln(1 + (m - c)/c).
    const high = RATIO_WORDS[2 * i + 1]! - 0x3fe60000;
    const k = high >> 20;
    const j = ((high >> 13) & 127) * 3;
    const m = x * POW2[1200 - k]!;
    // Where the rest is not zero, k is: m is x.
    const r = (m - CENTRES[j]! + RATIO_LOW[i]!) * CENTRES[j + 1]!;
    const r2 = r * r;
    const p = -0.5 + r * (1 / 3) + r2 * (-0.25 + r * 0.2 + r2 * (-1 / 6 + r * (1 / 7)));
    const logRatio = k * LN2_HIGH + CENTRES[j + 2]! + (r + (r2 * p + k * LN2_LOW));

    const t = years[offset + i]!;
    const rootT = Math.sqrt(t);
    const deviation = vol[offset + i]! * rootT;
    const inverse = 1 / deviation;
    const carry = (rate[offset + i]! - dividendYield[offset + i]!) * t;
    const d1 = (logRatio + carry) * inverse + 0.5 * deviation;
    ROOT_T[i] = rootT;
    DEVIATION[i] = deviation;
    INVERSE_DEVIATION[i] = inverse;
    D1[i] = clamp(d1);
    D2[i] = clamp(d1 - deviation);
  }
}

/** d within the range of the Mills table; NaN stays. */
export function clamp(d: number): number {
  if (d > FAR) return FAR;
  if (d < -FAR) return -FAR;
  return d;
}

function densities(count: number): void {
  for (let i = 0; i < count; i++) {
    const d = D1[i]!;
    const x = 0.5 * d * d;
    const steps = x * -STEPS_PER_UNIT + ROUND - ROUND;
    const n = steps | 0;
    const r = steps * -STEP_HIGH - x - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const lift = d * d > LARGEST_SQUARE ? LIFT : 0;
    const power = EXP2[n & 127]! * POW2[(n >> 7) + 1200 + lift]!;
    DENSITY[i] = (power + power * p) * POW2[1200 - lift]!;
  }
}

function tails(sign: Float64Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const scale = 16 * sign[offset + i]!;
    const v1 = scale * D1[i]!;
    const v2 = scale * D2[i]!;
    const row1 = v1 + ORIGIN + ROUND - ROUND;
    const row2 = v2 + ORIGIN + ROUND - ROUND;
    // The mask changes nothing within +-39; it keeps a NaN (0 / 0 where no variance is left) inside the table.
    const i1 = row1 & 2047;
    const i2 = row2 & 2047;
    const u1 = v1 - (row1 - ORIGIN);
    const u2 = v2 - (row2 - ORIGIN);
    const a = i1 << 3;
    const b = i2 << 3;
    const s1 = u1 * u1;
    const s2 = u2 * u2;
    HEAD1[i] = i1 >> 10;
    HEAD2[i] = i2 >> 10;
    // Even and odd powers apart: two lanes in the kernel, and half the latency of Horner's scheme.
    const even1 = MILLS[a]! + s1 * (MILLS[a + 2]! + s1 * (MILLS[a + 4]! + s1 * MILLS[a + 6]!));
    const odd1 = MILLS[a + 1]! + s1 * (MILLS[a + 3]! + s1 * (MILLS[a + 5]! + s1 * MILLS[a + 7]!));
    const even2 = MILLS[b]! + s2 * (MILLS[b + 2]! + s2 * (MILLS[b + 4]! + s2 * MILLS[b + 6]!));
    const odd2 = MILLS[b + 1]! + s2 * (MILLS[b + 3]! + s2 * (MILLS[b + 5]! + s2 * MILLS[b + 7]!));
    TAIL1[i] = even1 + u1 * odd1;
    TAIL2[i] = even2 + u2 * odd2;
  }
}
