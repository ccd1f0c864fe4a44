import { signedTail } from '../../numeric/fast-normal.ts';
import { inverseNormalCdf } from '../../numeric/inverse-normal.ts';
import { householderStep, millsDifference } from './householder.ts';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** Where the table of Mills ratios hands over to the asymptotic series. */
const TABLE_END = 37;
/** Below this t the difference of two Mills ratios is summed as a series. */
const SMALL = 1 / 16;
/** A step of fourth order that moves s by less leaves an error below 1e-16. */
const CONVERGED = 1e-4;
const STEPS = 200;

/** R(x) / sqrt(2 pi), R the Mills ratio, for x >= 0. */
function scaledMills(x: number): number {
  if (x <= TABLE_END) return -signedTail(x);
  const z = 1 / (x * x);
  return (INVERSE_SQRT_TWO_PI / x) * (1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z))));
}

/**
 * s = vol sqrt(t) of a forward time value, for any that a double can hold: in logarithms, so that nothing underflows, on the gap below
 * the largest value where that is the smaller, and between brackets.
 * @param timeValue forward time value, positive. @param gap min(F, K) less `timeValue`, positive. @param a |ln(F/K)|.
 * @param start a first guess; anything where there is none.
 */
export function deviationFromPrice(
  timeValue: number,
  gap: number,
  forward: number,
  strike: number,
  a: number,
  start: number,
): number {
  const logScale = 0.5 * (Math.log(forward) + Math.log(strike));
  const isUpper = gap < timeValue;
  const target = Math.log(isUpper ? gap : timeValue) - logScale;
  let s = start;
  if (isUpper) s = -2 * inverseNormalCdf(Math.exp(target) / (2 * Math.cosh(a / 2)));
  if (!(s > 0 && s < Number.POSITIVE_INFINITY)) s = Math.max(1, Math.sqrt(2 * a));
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let step = 0; step < STEPS; step++) {
    const h = a / s;
    const t = 0.5 * s;
    const exponent = -0.5 * (h * h + t * t);
    let ratio: number;
    let extra = 0;
    if (isUpper && t >= h) ratio = scaledMills(t - h) + scaledMills(t + h);
    else if (t < SMALL) ratio = millsDifference(h, t, scaledMills(h));
    else if (t < h) ratio = scaledMills(h - t) - scaledMills(h + t);
    else {
      ratio = -scaledMills(t - h) - scaledMills(t + h);
      extra = Math.exp(-0.5 * a - exponent);
    }
    // Where the gap is the target but s is still too small for its formula, the gap itself is near the ceiling: grow.
    if (isUpper && t < h) {
      low = s;
      s *= 2;
      continue;
    }
    const slope = (isUpper ? -INVERSE_SQRT_TWO_PI : INVERSE_SQRT_TWO_PI) / (ratio + extra);
    const f = exponent + Math.log(ratio + extra) - target;
    if (f > 0 === isUpper) low = s;
    else high = s;
    const change = householderStep(f, slope, (h * h - t * t) / s, -(3 * h * h + t * t) / (s * s));
    const next = s + change;
    if (Math.abs(change) < CONVERGED * s) return next;
    s =
      next > low && next < high
        ? next
        : high < Number.POSITIVE_INFINITY
          ? 0.5 * (low + high)
          : 2 * Math.max(low, s);
    if (s === low || s === high) return s;
  }
  return s;
}
