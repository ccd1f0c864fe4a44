/**
 * How far sums of noise reach, except with probability 2^-bits over `count` of them.
 *
 * Noise of the first kind is sub-Gaussian: signed sums of coins, of uniform roundings. Of the second kind is a product of
 * two such, r(zeta) s(zeta) with s the secret key or e(zeta) d(zeta) with e the error of an evaluation key: the same factor
 * for every ciphertext under one key, exponentially and not normally distributed in size over the slots.
 */
export type Tail = {
  /** Deviations that noise of the first kind stays within. */
  readonly single: number;
  /** The same for the second. */
  readonly product: number;
  /** And for r s^2, what rescaling three components adds. */
  readonly cubic: number;
};

/**
 * single: P(|X| > t sigma) <= 2 exp(-t^2 / 2). product: with |s|^2 = h u, E exp(theta u) <= 1 / (1 - theta) for a sub-Gaussian
 * point of the plane, hence E exp(l X) <= 1 / (1 - l^2 sigma^2 / 2), and Chernoff's bound at l sigma = sqrt(2) (1 - 1/L) gives
 * t = (L + ln(L / 2)) / (sqrt(2) (1 - 1/L)). cubic: u <= a except with probability e a exp(-a).
 */
export function tailOf(bits: number, count: number): Tail {
  const budget = Math.LN2 * (bits + 1) + Math.log(count);
  const largest = budget + Math.log(Math.E * (budget + Math.log(Math.E * budget)));
  return {
    single: Math.sqrt(2 * budget),
    product: (budget + Math.log(budget / 2)) / (Math.SQRT2 * (1 - 1 / budget)),
    cubic: Math.sqrt(2 * budget) * largest,
  };
}
