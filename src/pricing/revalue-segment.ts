import { VOL_FLOOR } from '../domain/scenarios.ts';
import { EXP2_FRACTIONS, POWERS_OF_TWO } from '../numeric/exp-log-tables.ts';
import { SIGNED_MILLS } from '../numeric/mills-table.ts';

// Local names: V8 folds constants of the own module, not imported bindings.
const EXP2 = EXP2_FRACTIONS;
const POW2 = POWERS_OF_TWO;
const MILLS = SIGNED_MILLS;
// As in black-scholes-block.ts.
const STEPS_PER_UNIT = 128 / Math.LN2;
const STEP_HIGH = 0.005415208637714386;
const STEP_LOW = 3.710410186743494e-9;
const EXP_BIAS = 1200 * 128;
const FAR = 39;

/** Some options of one underlying, with everything that no scenario changes; T is the time left after what elapses. */
export type OptionSegment = {
  readonly underlying: number;
  /** Column of the result, an option. */
  readonly column: Int32Array;
  readonly sign: Float64Array;
  /** ln(S0/K) + (r - q) T */
  readonly logForward: Float64Array;
  readonly rootT: Float64Array;
  readonly vol: Float64Array;
  /** What a relative vol shift of 1 adds to vol. */
  readonly volByTerm: Float64Array;
  /** S0 e^(-qT) */
  readonly spotPv: Float64Array;
  /** K e^(-rT) */
  readonly strikePv: Float64Array;
  /** Value now, subtracted from the value in the scenario. */
  readonly base: Float64Array;
};

/**
 * out[start + column] = value of each option in a scenario less its `base` (F11). `growth` = e^`logGrowth` multiplies the
 * spot; vol moves to vol + relativeShift volByTerm + shift, at least VOL_FLOOR.
 * The arithmetic is that of black-scholes-block.ts, in one loop because little of it is left.
 */
export function revalueSegment(
  segment: OptionSegment,
  growth: number,
  logGrowth: number,
  shift: number,
  relativeShift: number,
  out: Float64Array,
  start: number,
): void {
  const { column, sign, logForward, rootT, vol, volByTerm, spotPv, strikePv, base } = segment;
  const count = column.length;
  for (let i = 0; i < count; i++) {
    const shifted = vol[i]! + relativeShift * volByTerm[i]! + shift;
    const deviation = Math.max(shifted, VOL_FLOOR) * rootT[i]!;
    let d1 = (logForward[i]! + logGrowth) / deviation + 0.5 * deviation;
    let d2 = d1 - deviation;
    if (d1 > FAR) d1 = FAR;
    else if (d1 < -FAR) d1 = -FAR;
    if (d2 > FAR) d2 = FAR;
    else if (d2 < -FAR) d2 = -FAR;

    const x = -0.5 * d1 * d1;
    const n = (x * STEPS_PER_UNIT + (EXP_BIAS + 0.5)) | 0;
    const steps = n - EXP_BIAS;
    const r = x - steps * STEP_HIGH - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const fraction = EXP2[n & 127]!;
    const density = (fraction + fraction * p) * POW2[n >> 7]!;

    const w = sign[i]!;
    const v1 = 16 * w * d1;
    const v2 = 16 * w * d2;
    const i1 = ((v1 + 1024) | 0) & 2047;
    const i2 = ((v2 + 1024) | 0) & 2047;
    const u1 = v1 - (i1 - 1023.5);
    const u2 = v2 - (i2 - 1023.5);
    const a = i1 << 3;
    const b = i2 << 3;
    const s1 = u1 * u1;
    const s2 = u2 * u2;
    const tail1 =
      MILLS[a]! +
      u1 * MILLS[a + 1]! +
      s1 * (MILLS[a + 2]! + u1 * MILLS[a + 3]!) +
      s1 * s1 * (MILLS[a + 4]! + u1 * MILLS[a + 5]! + s1 * (MILLS[a + 6]! + u1 * MILLS[a + 7]!));
    const tail2 =
      MILLS[b]! +
      u2 * MILLS[b + 1]! +
      s2 * (MILLS[b + 2]! + u2 * MILLS[b + 3]!) +
      s2 * s2 * (MILLS[b + 4]! + u2 * MILLS[b + 5]! + s2 * (MILLS[b + 6]! + u2 * MILLS[b + 7]!));
    const spotNow = spotPv[i]! * growth;
    const value =
      w * (spotNow * (i1 >> 10) - strikePv[i]! * (i2 >> 10) + spotNow * density * (tail1 - tail2));
    out[start + column[i]!] = Math.max(value, 0) - base[i]!;
  }
}
