/**
 * Quantile of a standardised distribution from its skewness S and excess kurtosis K, by the Cornish-Fisher expansion (F150):
 *
 *     z + (z^2 - 1) S/6 + (z^3 - 3z) K/24 - (2z^3 - 5z) S^2/36.
 *
 * E. A. Cornish and R. A. Fisher, "Moments and cumulants in the specification of distributions", Revue de l'Institut
 * International de Statistique 5 (1937), 307-320; M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions", 26.2.49.
 * An expansion: exact for normal variables, useful for small S and K; for large ones it is not even monotone in z.
 * @param z the standard normal quantile of the same level.
 */
export function cornishFisherQuantile(z: number, skewness: number, excessKurtosis: number): number {
  const square = z * z;
  return (
    z +
    ((square - 1) * skewness) / 6 +
    (z * (square - 3) * excessKurtosis) / 24 -
    (z * (2 * square - 5) * skewness * skewness) / 36
  );
}
