/**
 * The exponential and the normal distribution function for loops: small enough for V8 to inline, without branches or calls.
 * The careful versions, for every argument, are Math.exp and normal.ts.
 */
import { EXP2_FRACTIONS, POWERS_OF_TWO } from './exp-log-tables.ts';
import { SIGNED_MILLS } from './mills-table.ts';

// Local names: V8 folds constants of the own module, not imported bindings.
const EXP2 = EXP2_FRACTIONS;
const POW2 = POWERS_OF_TWO;
const MILLS = SIGNED_MILLS;
// x = (n/128) ln 2 + r. The first part of ln 2 / 128 has 21 bits, so that its product with n is exact.
const STEPS_PER_UNIT = 128 / Math.LN2;
const STEP_HIGH = 0.005415208637714386;
const STEP_LOW = 3.710410186743494e-9;
/** Makes n positive, so that truncation is floor, and lines n >> 7 up with the table of powers of two. */
const EXP_BIAS = 1200 * 128;

/** e^x (F25) for x in [-830, 709]; below, down to -1e6, zero or NaN: clamp. Error below 1 ulp; zero below -745. */
export function fastExp(x: number): number {
  const n = (x * STEPS_PER_UNIT + (EXP_BIAS + 0.5)) | 0;
  const steps = n - EXP_BIAS;
  const r = x - steps * STEP_HIGH - steps * STEP_LOW;
  const r2 = r * r;
  const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
  const fraction = EXP2[n & 127]!;
  return (fraction + fraction * p) * POW2[n >> 7]!;
}

/** e^x - 1 for x in [-830, 709], as {@link fastExp} but with its relative accuracy next to 0. */
export function fastExpm1(x: number): number {
  const n = (x * STEPS_PER_UNIT + (EXP_BIAS + 0.5)) | 0;
  const steps = n - EXP_BIAS;
  const r = x - steps * STEP_HIGH - steps * STEP_LOW;
  const r2 = r * r;
  const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
  const scale = EXP2[n & 127]! * POW2[n >> 7]!;
  return scale - 1 + scale * p;
}

/**
 * q(x) of N(x) = h(x) + exp(-x^2/2) q(x), h = 1 for x >= 0 and 0 below (F21): minus or plus the Mills ratio of |x| over sqrt(2 pi).
 * Relative error 1e-15 for |x| up to 40; beyond that meaningless: clamp.
 */
export function signedTail(x: number): number {
  const v = 16 * x;
  const i = ((v + 1024) | 0) & 2047;
  const u = v - (i - 1023.5);
  const s = u * u;
  const a = i << 3;
  return (
    MILLS[a]! +
    u * MILLS[a + 1]! +
    s * (MILLS[a + 2]! + u * MILLS[a + 3]!) +
    s * s * (MILLS[a + 4]! + u * MILLS[a + 5]! + s * (MILLS[a + 6]! + u * MILLS[a + 7]!))
  );
}

/** The step h(x) of {@link signedTail}. */
export function unitStep(x: number): number {
  return x < 0 ? 0 : 1;
}

/** |x| limited to 37, where N is 0 or 1 in double precision and exp(-x^2/2) still a normal double. */
export function withinNormal(x: number): number {
  return Math.min(37, Math.max(-37, x));
}
