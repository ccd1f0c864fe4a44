/**
 * ln(a / b) of positive numbers, to full relative accuracy where a is near b: the rounding of a quotient near one is
 * as large as a small logarithm's own digits. Relative error below 3e-16 near one, absolute error below 3e-16
 * elsewhere up to a/b = e.
 * @returns -Infinity for a = 0, Infinity for an infinite a.
 */
export function logRatio(a: number, b: number): number {
  const ratio = a / b;
  // a - b is exact within a factor of two (P. H. Sterbenz, "Floating-point computation", 1974, theorem 4.3.1).
  return ratio > 0.5 && ratio < 2 ? Math.log1p((a - b) / b) : Math.log(ratio);
}
