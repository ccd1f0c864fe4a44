import { normalCdf } from '../../numeric/normal.ts';

/**
 * E[max(w (X - K), 0)] for ln X normal (F116): the undiscounted Black formula in terms of the mean and variance of
 * ln X.
 *
 * Accuracy: 1e-15 of the forward plus the strike. Without variance: max(w (e^mean - K), 0).
 * @param sign +1 for a call, -1 for a put.
 */
export function lognormalOption(sign: number, logMean: number, logVariance: number, strike: number): number {
  const forward = Math.exp(logMean + 0.5 * logVariance);
  if (strike <= 0) return Math.max(sign * (forward - strike), 0);
  const deviation = Math.sqrt(logVariance);
  if (deviation < 1e-150) return Math.max(sign * (forward - strike), 0);
  const d2 = (logMean - Math.log(strike)) / deviation;
  const d1 = d2 + deviation;
  return Math.max(sign * (forward * normalCdf(sign * d1) - strike * normalCdf(sign * d2)), 0);
}
