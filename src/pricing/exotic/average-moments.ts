/** Mean of an average and variance of its logarithm: the two numbers that a lognormal price needs. */
export type AverageMoments = {
  /** E[A] over the spot. */
  readonly growth: number;
  /** Variance of ln A, or of the lognormal variable with the same two moments. */
  readonly logVariance: number;
};

/** Above this sigma^2 t the second moment itself would overflow. */
const LARGEST_EXPONENT = 600;

/**
 * Moments of the geometric average of the spot at fixing times (F54): ln A is normal with mean ln S + (r - q - v^2/2)
 * mean(t_i) and variance v^2 sum of min(t_i, t_j) / n^2.
 *
 * A. Kemna and A. Vorst, "A pricing method for options based on average asset values", Journal of Banking and Finance
 * 14 (1990), 113-129, with sums in place of their integrals. Exact under Black-Scholes-Merton, which makes the price a
 * control variate for the arithmetic average.
 * @param fixings years from now, not decreasing, at least one. @param carry r - q. Cost: one pass.
 */
export function geometricMoments(fixings: Float64Array, carry: number, vol: number): AverageMoments {
  const n = fixings.length;
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < n; i++) {
    const t = fixings[i]!;
    sum += t;
    // t_i is the smaller one with every later fixing, on both sides of the diagonal.
    pairs += t * (2 * (n - 1 - i) + 1);
  }
  const logVariance = vol * vol * (pairs / (n * n));
  return { growth: Math.exp((carry - 0.5 * vol * vol) * (sum / n) + 0.5 * logVariance), logVariance };
}

/**
 * Moments of the geometric average over all times from now to T (F55): ln A is normal with mean ln S + (r - q -
 * v^2/2) T / 2 and variance v^2 T / 3. Kemna and Vorst (1990); Haug (2007), section 4.20.1.
 */
export function continuousGeometricMoments(years: number, carry: number, vol: number): AverageMoments {
  const logVariance = (vol * vol * years) / 3;
  return { growth: Math.exp(0.5 * (carry - (vol * vol) / 6) * years), logVariance };
}

/**
 * The first two moments of the arithmetic average of the spot at fixing times, as those of a lognormal variable
 * (F56): with F_i = e^((r - q) t_i)
 *
 *     E[A] = sum F_i / n,   ln(E[A^2] / E[A]^2) = ln(1 + sum of F_i F_j (e^(v^2 min(t_i, t_j)) - 1) / (sum F_i)^2).
 *
 * S. M. Turnbull and L. M. Wakeman, "A quick algorithm for pricing European average options", Journal of Financial
 * and Quantitative Analysis 26 (1991), 377-389, with two moments; Haug (2007), section 4.20.2. In this form all terms
 * are positive, so that a small variance keeps its digits.
 * @param fixings years from now, not decreasing, at least one. @param carry r - q. Cost: two exponentials a fixing.
 */
export function arithmeticMoments(fixings: Float64Array, carry: number, vol: number): AverageMoments {
  const n = fixings.length;
  const last = vol * vol * fixings[n - 1]!;
  const large = last > LARGEST_EXPONENT;
  // Relative to the largest, so that no product overflows.
  const base = carry * fixings[carry > 0 ? n - 1 : 0]!;
  // From the last fixing back, so that what comes later is summed already.
  let later = 0;
  let excess = 0;
  for (let i = n - 1; i >= 0; i--) {
    const t = fixings[i]!;
    const F = Math.exp(carry * t - base);
    // Where e^(v^2 t) would overflow it is taken relative to the last one, and 1 is nothing beside it.
    const growth = large ? Math.exp(vol * vol * t - last) : Math.expm1(vol * vol * t);
    excess += F * growth * (F + 2 * later);
    later += F;
  }
  const ratio = excess / later / later;
  return {
    growth: (later / n) * Math.exp(base),
    logVariance: large ? last + Math.log(ratio) : Math.log1p(ratio),
  };
}
