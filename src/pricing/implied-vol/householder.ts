const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/**
 * (R(h - t) - R(h + t)) / sqrt(2 pi), R the Mills ratio, for small t: Taylor's series with R' = h R - 1 and
 * R^(n+1) = h R^(n) + n R^(n-1) (F71). `r0` is R(h) / sqrt(2 pi).
 * Error: 2 t times a few units of rounding, absolute, and 1e-16 relative for t up to 1/16, which is what a time value needs.
 */
export function millsDifference(h: number, t: number, r0: number): number {
  const r1 = h * r0 - INVERSE_SQRT_TWO_PI;
  const r2 = h * r1 + r0;
  const r3 = h * r2 + 2 * r1;
  const r4 = h * r3 + 3 * r2;
  const r5 = h * r4 + 4 * r3;
  const r6 = h * r5 + 5 * r4;
  const r7 = h * r6 + 6 * r5;
  const r8 = h * r7 + 7 * r6;
  const r9 = h * r8 + 8 * r7;
  const t2 = t * t;
  return (
    -2 *
    t *
    (r1 + t2 * (r3 * (1 / 6) + t2 * (r5 * (1 / 120) + t2 * (r7 * (1 / 5040) + t2 * (r9 * (1 / 362880))))))
  );
}

/** (1 - h R(h)) / sqrt(2 pi): a normal model's time value over s exp(-h^2/2). `r0` is R(h) / sqrt(2 pi). */
export function normalTimeValue(h: number, r0: number): number {
  return INVERSE_SQRT_TWO_PI - h * r0;
}

/** ln(value / target), with its relative accuracy where the two are close. */
export function logOfRatio(value: number, target: number): number {
  const excess = value / target - 1;
  if (Math.abs(excess) >= 1e-3) return Math.log(value / target);
  return excess * (1 - excess * (0.5 - excess * (1 / 3 - excess * (0.25 - excess * 0.2))));
}

/**
 * The step of Householder's method of fourth order to the root of f = ln(b / target), where b'/b = slope, b''/b' = bend and
 * b'''/b' = bend^2 + bendSlope (F71).
 *
 * A. S. Householder, "The numerical treatment of a single nonlinear equation" (1970), section 4.4; in this form P. Jaeckel, "Let's be
 * rational", Wilmott (2015).
 */
export function householderStep(f: number, slope: number, bend: number, bendSlope: number): number {
  const newton = -f / slope;
  const second = bend - slope;
  const third = bend * bend + bendSlope - 3 * bend * slope + 2 * slope * slope;
  return (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6));
}
