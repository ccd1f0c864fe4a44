import { EXP2_FRACTIONS, POWERS_OF_TWO } from './exp-log-tables.ts';

// Local names: V8 folds constants of the own module, not imported bindings.
const EXP2 = EXP2_FRACTIONS;
const POW2 = POWERS_OF_TWO;
// x = (n/128) ln 2 + r. The first part of ln 2 / 128 has 21 bits, so that its product with n is exact.
const STEPS_PER_UNIT = 128 / Math.LN2;
const STEP_HIGH = 0.005415208637714386;
const STEP_LOW = 3.710410186743494e-9;
const BIAS = 1200 * 128;
const LOWEST = -745;
const HIGHEST = 709.7;

/**
 * out_i = exp(x_i) over a range of two arrays, which may be the same (F25).
 *
 * Accuracy: below 1 ulp while the result is a normal double; x below -745 gives 0, and x above 709.7 counts as 709.7.
 * Cost: less than half of Math.exp.
 */
export function fillExp(x: Float64Array, out: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const v = Math.min(Math.max(x[i]!, LOWEST), HIGHEST);
    const n = (v * STEPS_PER_UNIT + (BIAS + 0.5)) | 0;
    const steps = n - BIAS;
    const r = v - steps * STEP_HIGH - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const fraction = EXP2[n & 127]!;
    out[i] = (fraction + fraction * p) * POW2[n >> 7]!;
  }
}
