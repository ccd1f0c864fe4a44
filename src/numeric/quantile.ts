import { RangeError } from '../base/errors.ts';

/**
 * Losses (positive is bad) of a P&L vector, ascending: a[1] <= ... <= a[n].
 * @throws RangeError for NaN or infinities, which would sort silently to an end.
 */
export function sortedLosses(pnl: Float64Array): Float64Array {
  const index = pnl.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new RangeError(`expected finite scenario P&L, scenario ${index} has none`, { index });
  }
  return pnl.map((value) => 0 - value).sort();
}

/** n (1 - alpha) of the worst outcomes; products like 500 x 0.025 are meant exactly, so rounding of 1e-12 n is undone. */
function tailCount(n: number, alpha: number): number {
  const k = n * (1 - alpha);
  const nearest = Math.round(k);
  // Never to zero: a level close to 1 leaves a part of the worst outcome.
  return nearest > 0 && Math.abs(k - nearest) < 1e-12 * Math.max(1, n) ? nearest : k;
}

function checkLevel(n: number, alpha: number): void {
  if (n < 1) throw new RangeError('expected at least one scenario, found none');
  if (!(alpha > 0 && alpha < 1))
    throw new RangeError(`expected a level between 0 and 1, found ${alpha}`, { alpha });
}

/**
 * Value at risk as the inverse of the empirical distribution function: a[ceil(n alpha)], R type 1 (Hyndman and Fan,
 * "Sample Quantiles in Statistical Packages", 1996, definition 1). 1-Lipschitz in the largest error of the losses.
 * @param losses ascending, from {@link sortedLosses}.
 */
export function valueAtRisk(losses: Float64Array, alpha: number): number {
  const n = losses.length;
  checkLevel(n, alpha);
  const rank = Math.ceil(n - tailCount(n, alpha));
  return losses[Math.max(rank, 1) - 1]!;
}

/**
 * Expected shortfall: the mean of the worst n (1 - alpha) outcomes, the last of them counted in part (Acerbi and
 * Tasche, "On the coherence of expected shortfall", 2002, equation 4.1). 1-Lipschitz like the above.
 * @param losses ascending, from {@link sortedLosses}.
 */
export function expectedShortfall(losses: Float64Array, alpha: number): number {
  const n = losses.length;
  checkLevel(n, alpha);
  const k = tailCount(n, alpha);
  const whole = Math.floor(k);
  let sum = 0;
  for (let i = 0; i < whole; i++) sum += losses[n - 1 - i]!;
  if (k > whole) sum += (k - whole) * losses[n - 1 - whole]!;
  return sum / k;
}
