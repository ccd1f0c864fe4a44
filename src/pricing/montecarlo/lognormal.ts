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

/**
 * Mean and variance of the logarithm of the geometric average of a lognormal underlying at given times (F117).
 *
 * A. G. Z. Kemna and A. C. F. Vorst, "A pricing method for options based on average asset values", J. Banking and
 * Finance 14 (1990), 113-129, for discrete fixings: the mean of ln S is normal with variance v^2/n^2 sum_ij
 * min(t_i, t_j).
 * @param times ascending, in years.
 */
export function geometricAverageMoments(
  underlying: { readonly spot: number; readonly vol: number; readonly carry: number },
  times: Float64Array,
): { readonly mean: number; readonly variance: number } {
  const { spot, vol, carry } = underlying;
  const n = times.length;
  let sum = 0;
  let weighted = 0;
  times.forEach((time, i) => {
    sum += time;
    // t_i is the smaller of a pair 2 (n - 1 - i) + 1 times.
    weighted += (2 * (n - 1 - i) + 1) * time;
  });
  return {
    mean: Math.log(spot) + ((carry - 0.5 * vol * vol) * sum) / n,
    variance: (vol * vol * weighted) / (n * n),
  };
}
