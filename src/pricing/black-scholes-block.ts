/**
 * The part of Black-Scholes-Merton that price and Greeks share, for a block of options at a time.
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
// The high word of a double holds its exponent; typed arrays are little-endian on every platform that runs JavaScript.
const RATIO_WORDS = new Int32Array(RATIO.buffer);

// exp: x = (n/128) ln 2 + r. The first part of ln 2 / 128 has 21 bits, so that its product with n is exact.
const STEPS_PER_UNIT = 128 / Math.LN2;
const STEP_HIGH = 0.005415208637714386;
const STEP_LOW = 3.710410186743494e-9;
/** Makes n positive, so that truncation is floor, and lines n >> 7 up with the table of powers of two. */
const EXP_BIAS = 1200 * 128;

// ln 2 in two parts, the first of 21 bits.
const LN2_HIGH = 0.6931467056274414;
const LN2_LOW = 4.7493250390316726e-7;

/** Where N is 0 or 1 and the density 0, in double precision. */
const FAR = 39;

/** Fills the scratch arrays for options `offset` to `offset + count - 1`; `count` is at most {@link BLOCK}. */
export function fillBlock(inputs: BlackScholesInputs, offset: number, count: number): void {
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  discount(dividendYield, expiryYears, offset, count, YIELD_DISCOUNT);
  discount(rate, expiryYears, offset, count, RATE_DISCOUNT);
  ratios(spot, strike, offset, count);
  standardise(expiryYears, rate, dividendYield, vol, offset, count);
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
    const x = -rates[offset + i]! * years[offset + i]!;
    const n = (x * STEPS_PER_UNIT + (EXP_BIAS + 0.5)) | 0;
    const steps = n - EXP_BIAS;
    const r = x - steps * STEP_HIGH - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const fraction = EXP2[n & 127]!;
    out[i] = (fraction + fraction * p) * POW2[n >> 7]!;
  }
}

// A loop of its own: reading the words back right behind the store of a double would stall.
function ratios(spot: Float64Array, strike: Float64Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) RATIO[i] = spot[offset + i]! / strike[offset + i]!;
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
    const r = (m - CENTRES[j]!) * CENTRES[j + 1]!;
    const r2 = r * r;
    const p = -0.5 + r * (1 / 3) + r2 * (-0.25 + r * 0.2 + r2 * (-1 / 6 + r * (1 / 7)));
    const logRatio = k * LN2_HIGH + (CENTRES[j + 2]! + (r + (r2 * p + k * LN2_LOW)));

    const t = years[offset + i]!;
    const rootT = Math.sqrt(t);
    const deviation = vol[offset + i]! * rootT;
    let d1 = (logRatio + (rate[offset + i]! - dividendYield[offset + i]!) * t) / deviation + 0.5 * deviation;
    let d2 = d1 - deviation;
    if (d1 > FAR) d1 = FAR;
    else if (d1 < -FAR) d1 = -FAR;
    if (d2 > FAR) d2 = FAR;
    else if (d2 < -FAR) d2 = -FAR;
    ROOT_T[i] = rootT;
    DEVIATION[i] = deviation;
    D1[i] = d1;
    D2[i] = d2;
  }
}

function densities(count: number): void {
  for (let i = 0; i < count; i++) {
    const d = D1[i]!;
    const x = -0.5 * d * d;
    const n = (x * STEPS_PER_UNIT + (EXP_BIAS + 0.5)) | 0;
    const steps = n - EXP_BIAS;
    const r = x - steps * STEP_HIGH - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const fraction = EXP2[n & 127]!;
    DENSITY[i] = (fraction + fraction * p) * POW2[n >> 7]!;
  }
}

function tails(sign: Float64Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const scale = 16 * sign[offset + i]!;
    const v1 = scale * D1[i]!;
    const v2 = scale * D2[i]!;
    // The mask changes nothing within +-39; it keeps a NaN (0 / 0 where no variance is left) inside the table.
    const i1 = ((v1 + 1024) | 0) & 2047;
    const i2 = ((v2 + 1024) | 0) & 2047;
    const u1 = v1 - (i1 - 1023.5);
    const u2 = v2 - (i2 - 1023.5);
    const a = i1 << 3;
    const b = i2 << 3;
    const s1 = u1 * u1;
    const s2 = u2 * u2;
    HEAD1[i] = i1 >> 10;
    HEAD2[i] = i2 >> 10;
    // Estrin's scheme: half the latency of Horner's.
    TAIL1[i] =
      MILLS[a]! +
      u1 * MILLS[a + 1]! +
      s1 * (MILLS[a + 2]! + u1 * MILLS[a + 3]!) +
      s1 * s1 * (MILLS[a + 4]! + u1 * MILLS[a + 5]! + s1 * (MILLS[a + 6]! + u1 * MILLS[a + 7]!));
    TAIL2[i] =
      MILLS[b]! +
      u2 * MILLS[b + 1]! +
      s2 * (MILLS[b + 2]! + u2 * MILLS[b + 3]!) +
      s2 * s2 * (MILLS[b + 4]! + u2 * MILLS[b + 5]! + s2 * (MILLS[b + 6]! + u2 * MILLS[b + 7]!));
  }
}
