/**
 * The normal distribution function and its relatives, one number at a time, good to the last digits in both tails.
 *
 * Source of the coefficients: W. J. Cody, "Rational Chebyshev approximations for the error function",
 * Math. Comp. 23 (1969), 631-637 (erf, erfc), and the same minimax fits scaled for the normal distribution in
 * W. J. Cody, "Algorithm 715: SPECFUN", ACM Trans. Math. Softw. 19 (1993), 22-32 (routines CALERF and ANORM).
 * Formulas F20 to F24 in docs/formulas.md.
 */

const SQRT_TWO_PI_INVERSE = 0.3989422804014327;
const SQRT_PI_INVERSE = 0.5641895835477563;

// ANORM: |x| <= 0.66291 (A/B, in x^2), up to sqrt(32) (C/D, in |x|), beyond (P/Q, in 1/x^2). Ascending as published.
const A = [
  2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356, 0.06568233791820745,
];
const B = [47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673];
const C = [
  0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002, 2494.5375852903726,
  6848.190450536283, 11602.65143764735, 9842.714838383978, 1.0765576773720192e-8,
];
const D = [
  22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097,
  34900.952721145979, 38912.00328609327, 19685.429676859992,
];
const P = [
  0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934, 2.9112874951168793e-5,
  0.023073441764940174,
];
const Q = [
  1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5,
];

// CALERF, the same three ranges for erf and erfc: |x| <= 0.46875, up to 4, beyond.
const ERF_A = [
  3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315,
];
const ERF_B = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const ERFC_C = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const ERFC_D = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const ERFC_P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 6.587491615298378e-4,
  0.016315387137302097,
];
const ERFC_Q = [
  2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];

/** (last x^n + first x^(n-1) + ...) / (x^n + ...), in Cody's order of coefficients. */
function codyRatio(numerator: readonly number[], denominator: readonly number[], x: number): number {
  const last = denominator.length - 1;
  let top = numerator[last + 1]! * x;
  let bottom = x;
  for (let i = 0; i < last; i++) {
    top = (top + numerator[i]!) * x;
    bottom = (bottom + denominator[i]!) * x;
  }
  return (top + numerator[last]!) / (bottom + denominator[last]!);
}

/**
 * exp(-scale x^2) without the error that rounding x^2 would bring: x is split at a multiple of 1/16, whose square
 * is exact, and the rest is small.
 */
function expMinusSquare(x: number, scale: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-scale * head * head) * Math.exp(-scale * (x - head) * (x + head));
}

/**
 * Density of the standard normal distribution (F20).
 * @returns exp(-x^2/2) / sqrt(2 pi); relative error at most 5e-16 where the result is a normal double.
 */
export function normalPdf(x: number): number {
  // Beyond 39 the density is below the smallest double, and an infinite x cannot be split.
  return Math.abs(x) > 39 ? 0 : SQRT_TWO_PI_INVERSE * expMinusSquare(x, 0.5);
}

/** P(X > x) for x > 0.66291. */
function upperTail(x: number): number {
  if (x > 40) return 0;
  if (x <= Math.SQRT2 * 4) return expMinusSquare(x, 0.5) * codyRatio(C, D, x);
  const inverseSquare = 1 / (x * x);
  const ratio = inverseSquare * codyRatio(P, Q, inverseSquare);
  return (expMinusSquare(x, 0.5) * (SQRT_TWO_PI_INVERSE - ratio)) / x;
}

/**
 * Distribution function of the standard normal distribution (F21).
 *
 * Accuracy: relative error below 1e-15 for every x down to -37.5, where the result is 4.6e-308.
 * Cost: two exponentials and one rational function.
 * @example normalCdf(0) // 0.5
 */
export function normalCdf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= 0.66291) return 0.5 + x * codyRatio(A, B, x * x);
  if (magnitude > 0.66291) return x > 0 ? 1 - upperTail(magnitude) : upperTail(magnitude);
  return Number.NaN;
}

/**
 * Complementary distribution function P(X > x) of the standard normal distribution (F21): what 1 - N(x) loses in
 * the right tail is kept here.
 */
export function normalCdfComplement(x: number): number {
  return normalCdf(-x);
}

/** erfc(x) exp(x^2) for x > 0.46875. */
function scaledTail(x: number): number {
  if (x <= 4) return codyRatio(ERFC_C, ERFC_D, x);
  const inverseSquare = 1 / (x * x);
  return (SQRT_PI_INVERSE - inverseSquare * codyRatio(ERFC_P, ERFC_Q, inverseSquare)) / x;
}

/** The error function (F22). Accuracy: relative error below 1e-15. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= 0.46875) return x * codyRatio(ERF_A, ERF_B, x * x);
  if (magnitude > 6) return Math.sign(x);
  const tail = expMinusSquare(magnitude, 1) * scaledTail(magnitude);
  // 0.5 - tail first: tail is near 0.5 at the lower end and the subtraction is then exact.
  return x > 0 ? 0.5 - tail + 0.5 : tail - 0.5 - 0.5;
}

/**
 * The complementary error function 1 - erf(x) (F22).
 * Accuracy: relative error below 1e-15 until the result underflows near x = 26.5.
 */
export function erfc(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= 0.46875) return 1 - erf(x);
  if (magnitude > 28) return x > 0 ? 0 : 2;
  const tail = expMinusSquare(magnitude, 1) * scaledTail(magnitude);
  return x > 0 ? tail : 2 - tail;
}

/**
 * The scaled complementary error function exp(x^2) erfc(x) (F23), which neither underflows to the right nor, down
 * to x = -26.6, overflows to the left; below that the result is Infinity.
 * Accuracy: relative error below 1e-15 for x >= -1; below, that of exp(x^2), at most 1e-15.
 */
export function erfcx(x: number): number {
  if (x > 0.46875) return scaledTail(x);
  if (x >= -0.46875) return Math.exp(x * x) * (1 - erf(x));
  const head = Math.trunc(x * 16) / 16;
  const square = Math.exp(head * head) * Math.exp((x - head) * (x + head));
  return square + square - scaledTail(-x);
}
