import { RangeError } from '../../base/errors.ts';

/** Degrees beyond this are not constructed: their evaluation could not be either. */
export const MAX_DEGREE = 4096;

/** @throws RangeError unless low < high, both finite, and far enough apart for doubles between them. */
export function checkDomain([low, high]: readonly [number, number]): void {
  // Written so that NaN fails it.
  if (Number.isFinite(low) && Number.isFinite(high) && Number.isFinite(high - low)) {
    if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high))) return;
  }
  throw new RangeError(
    `expected a domain [low, high] of finite ends with low < high, found [${low}, ${high}]`,
    {
      low,
      high,
    },
  );
}

/** @throws RangeError unless the degree is a whole number from 0 to {@link MAX_DEGREE}. */
export function checkDegree(degree: number): void {
  if (Number.isInteger(degree) && degree >= 0 && degree <= MAX_DEGREE) return;
  throw new RangeError(`expected a degree from 0 to ${MAX_DEGREE}, found ${degree}`, { degree });
}
