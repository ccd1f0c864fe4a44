import { RangeError } from '../base/errors.ts';
import { erfc } from './normal.ts';

/**
 * P(X > x) for a chi-square variable X with one or two degrees of freedom (F163): erfc(sqrt(x/2)) and exp(-x/2).
 *
 * M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions" (1964), 26.4.4 and 26.4.5. Accuracy: relative 1e-15 times
 * max(1, x).
 * @throws RangeError unless x is at least 0.
 * @example chiSquareSurvival(3.841458820694124, 1) // 0.05
 */
export function chiSquareSurvival(x: number, degreesOfFreedom: 1 | 2): number {
  if (!(x >= 0)) throw new RangeError(`expected a statistic of at least 0, found ${x}`, { x });
  return degreesOfFreedom === 1 ? erfc(Math.sqrt(x / 2)) : Math.exp(-x / 2);
}
