import { VOL_FLOOR } from '../domain/scenarios.ts';
import {
  BLOCK,
  clamp,
  D1,
  D2,
  DENSITY,
  fillDistribution,
  HEAD1,
  HEAD2,
  TAIL1,
  TAIL2,
} from './black-scholes-block.ts';

// Local names: V8 folds constants of the own module, not imported bindings.
const d1s = D1;
const d2s = D2;
const density = DENSITY;
const head1 = HEAD1;
const head2 = HEAD2;
const tail1 = TAIL1;
const tail2 = TAIL2;

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

/** One underlying in one scenario: the spot is multiplied by growth = e^logGrowth, vol moves to vol + relativeShift volByTerm + shift. */
export type SegmentMove = {
  readonly growth: number;
  readonly logGrowth: number;
  readonly shift: number;
  readonly relativeShift: number;
};

/**
 * changes[i] = value of option i in a scenario less its `base` (F11), with vols of at least VOL_FLOOR, in JavaScript: what the
 * kernel computes, to the bit. Used where there is no WebAssembly, for today's values, and as the kernel's oracle.
 * Cost: one exponential, one division and two table polynomials an option.
 */
export function revalueSegmentTwin(segment: OptionSegment, move: SegmentMove, changes: Float64Array): void {
  const count = segment.sign.length;
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    standardiseMoved(segment, move, offset, size);
    fillDistribution(segment.sign, offset, size);
    finishMoved(segment, move.growth, offset, size, changes);
  }
}

function standardiseMoved(
  { logForward, rootT, vol, volByTerm }: OptionSegment,
  { logGrowth, shift, relativeShift }: SegmentMove,
  offset: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = offset + i;
    const moved = vol[at]! + relativeShift * volByTerm[at]! + shift;
    const deviation = Math.max(moved, VOL_FLOOR) * rootT[at]!;
    const d1 = (logForward[at]! + logGrowth) / deviation + 0.5 * deviation;
    d1s[i] = clamp(d1);
    d2s[i] = clamp(d1 - deviation);
  }
}

function finishMoved(
  { sign, spotPv, strikePv, base }: OptionSegment,
  growth: number,
  offset: number,
  count: number,
  changes: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = offset + i;
    const spot = spotPv[at]! * growth;
    const value =
      sign[at]! *
      (spot * head1[i]! - strikePv[at]! * head2[i]! + spot * density[i]! * (tail1[i]! - tail2[i]!));
    changes[at] = Math.max(value, 0) - base[at]!;
  }
}
