import { PlanError } from '../../base/errors.ts';

/** Data primes q_0 .. q_L and the scale at the top; the ring has twice as many coefficients as slots. */
export type Chain = {
  readonly slots: number;
  readonly primes: readonly number[];
  readonly scaleBits: number;
  /** Bits of q_0 beyond the scale that values may fill: carried so much larger, they lose as much less to rounding. */
  readonly spareBits?: number;
};

/** Scales that differ by less are equal: products of doubles taken in another order. What remains is charged by the noise model. */
const SCALE_TOLERANCE = 2 ** -44;
/** A plaintext 1 at a scale below this would be a coarse one: its rounding is half a unit. */
export const LEAST_LIFT: number = 2 ** 24;
/** |value| scale may fill this part of the modulus; a half is the limit, the rest is for noise. */
export const USABLE = 0.47;

/** D_0 ... D_L. */
export function canonicalScales({ primes, scaleBits }: Chain): readonly number[] {
  const top = primes.length - 1;
  const scales = new Array<number>(top + 1);
  scales[top] = 2 ** scaleBits;
  for (let l = top; l > 0; l--) scales[l - 1] = scales[l]! ** 2 / primes[l]!;
  return scales;
}

/** Whether two scales are one, but for rounding of the doubles that follow them. */
export function sameScale(a: number, b: number): boolean {
  return Math.abs(a / b - 1) <= SCALE_TOLERANCE;
}

export function tooDeep(topLevel: number): PlanError {
  return new PlanError(`the circuit needs more than the ${topLevel} levels of its modulus`, { topLevel });
}
