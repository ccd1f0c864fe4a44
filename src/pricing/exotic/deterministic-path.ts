/**
 * Below this vol sqrt(T) a spot counts as following its forward: what is neglected is below 1e-30 of it, and the
 * squares and reciprocals of what is kept are doubles.
 */
export const DETERMINISTIC = 1e-30;

/** When a spot without variance reaches a level. */
export type HitTime = {
  /** Share of the time to expiry; Infinity where the spot goes the other way or nowhere. */
  readonly share: number;
  /** Derivative of the share by the height. */
  readonly slope: number;
};

/**
 * The time at which S e^((r - q) t) reaches a level (F46).
 * @param height ln(level / S), not 0. @param carry (r - q) T.
 */
export function hitTime(height: number, carry: number): HitTime {
  if (height * carry <= 0) return { share: Number.POSITIVE_INFINITY, slope: 0 };
  return { share: height / carry, slope: 1 / carry };
}
