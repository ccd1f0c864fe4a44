import { EXPONENT, type HestonExpiry, hestonExponent } from './heston-exponent.ts';
import type { CriticalMoments } from './heston-moments.ts';

/**
 * Where the evaluators of Heston's model leave the out-of-the-money option at k = ln(K/F), call for k >= 0, else put,
 * undiscounted and over F: [c, dc/dk, d2c/dk2 - dc/dk, dc/dv0, dc/dT at fixed k].
 */
export const NORMALISED: Float64Array = new Float64Array(5);

/** A strip of the complex plane between a pole of the payoff's transform and the nearest moment that explodes. */
type Strip = { readonly pole: number; readonly direction: number; readonly width: number };

const QUARTER_TURN = Math.PI / 2;
/** Next to a narrower strip's ends the exponent loses digits. */
const NARROWEST = 1e-2;
/**
 * With more variance than this an option may be worth nearly its upper bound; the integral between the poles is then
 * small.
 */
const LARGE_VARIANCE = 16;
const LOG_SMALL = -2;
/** exp of less is zero. */
const LOG_SMALLEST = -746;
/** Target of the first pair of sums: e^-20 apart, so that their mean is good to e^-40. */
const DIGITS = 20;
/** Of the sum of absolute values: the mean then errs by the square of it, which is the rounding error of the sum. */
const AGREEMENT = 1e-8;
const MOST_REFINEMENTS = 8;
const MOST_NODES = 4000;
const NEGLIGIBLE = 1e-17;

/**
 * One option under Heston's model by integration along a bent contour in the plane of moments (F83):
 *
 *     c(k) = 1/(2 pi i) * integral of e^(psi(z) - (z - 1) k) / (z (z - 1)) dz
 *
 * along a line that crosses the real axis in (1, upper) for a call and in (lower, 0) for a put, or between the poles 0
 * and 1, which leaves the option less its upper bound, where those are too narrow or the option is worth nearly that
 * much. The crossing is the saddle point, so that nothing cancels and far options keep their digits; the line is bent
 * towards the direction of fastest decay, z(x) = z0 + b (i cos w sinh x - sin w (cosh x - 1)), on which the integrand
 * falls like exp(-e^x) and the trapezoidal rule converges geometrically. Two staggered sums are compared; their mean
 * has the square of their difference as its error, and the step is halved while they disagree.
 *
 * Sources: A. Lewis, "Option Valuation under Stochastic Volatility" (2000), chapter 2 (the integral); L. Andersen and
 * M. Lake, "Robust high-precision option pricing by Fourier transforms: contour deformations and double-exponential
 * quadrature" (2018) (saddle point and bend); S. Boyarchenko and S. Levendorskii, "Sinh-acceleration: efficient
 * evaluation of probability distributions, option pricing, and Monte Carlo simulations", Int. J. Theor. Appl. Finance
 * 22 (2019) (the contour).
 *
 * Accuracy: relative 1e-14 on common parameters, 2e-10 at the worst found (see docs/formulas.md).
 * Cost: 40 to 400 values of psi, mostly below 60.
 * @param totalVariance expected integral of the variance, > 0: sets the scale on which the saddle point is searched
 * for.
 * @param greeks whether to fill more than the first of {@link NORMALISED}.
 */
export function hestonContour(
  model: HestonExpiry,
  moments: CriticalMoments,
  totalVariance: number,
  k: number,
  greeks: boolean,
): void {
  const pole = k >= 0 ? 1 : 0;
  const outwards = k >= 0 ? 1 : -1;
  const width = k >= 0 ? moments.upper - 1 : -moments.lower;
  const scale = 1 / Math.sqrt(totalVariance);
  // Between the poles the integral is the option less what it can be worth at most, the forward or the strike.
  const most = Math.min(k, 0);
  if (width < NARROWEST || totalVariance > LARGE_VARIANCE) {
    const strip: Strip = { pole, direction: -outwards, width: 1 };
    const saddle = findSaddle(model, k, strip, scale);
    if (width < NARROWEST || saddle.height < most + LOG_SMALL) {
      integrate(model, k, strip, saddle, greeks);
      NORMALISED[0]! += Math.exp(most);
      if (k < 0) NORMALISED[1]! += Math.exp(most);
      return;
    }
  }
  const strip: Strip = { pole, direction: outwards, width };
  const saddle = findSaddle(model, k, strip, scale);
  if (saddle.height < LOG_SMALLEST) NORMALISED.fill(0);
  else integrate(model, k, strip, saddle, greeks);
}

type Saddle = {
  /** Distance from the pole. */
  readonly distance: number;
  /** Logarithm of the integrand there, and its second derivative. */
  readonly height: number;
  readonly curvature: number;
};

/**
 * Minimum over the strip of the integrand's logarithm, a convex function: a bracket by doubling, then a few parabolas.
 */
function findSaddle(model: HestonExpiry, k: number, strip: Strip, scale: number): Saddle {
  const { pole, direction, width } = strip;
  const at = (distance: number): number => {
    const p = pole + direction * distance;
    hestonExponent(model, p, 0);
    // The distance to the pole itself, whose digits p has lost where it is small.
    const height = EXPONENT[0]! - (p - 1) * k - Math.log(distance * Math.abs(pole === 0 ? p - 1 : p));
    return Number.isNaN(height) ? Number.POSITIVE_INFINITY : height;
  };
  const outwards = (s: number): number => (2 * s < width ? 2 * s : 0.5 * (s + width));
  let middle = Math.min(0.5 * width, scale);
  let low = 0.5 * middle;
  let high = outwards(middle);
  let fm = at(middle);
  let fl = at(low);
  let fh = at(high);
  while (fh < fm && high < 0.999 * width) {
    low = middle;
    fl = fm;
    middle = high;
    fm = fh;
    high = outwards(high);
    fh = at(high);
  }
  while (fl < fm && low > 1e-15 * width) {
    high = middle;
    fh = fm;
    middle = low;
    fm = fl;
    low *= 0.5;
    fl = at(low);
  }
  let curvature = 0;
  for (let i = 0; i < 5; i++) {
    const left = (fl - fm) / (low - middle);
    const right = (fh - fm) / (high - middle);
    curvature = (2 * (right - left)) / (high - low);
    let next = 0.5 * (low + middle) - left / curvature;
    if (!(next > low && next < high)) break;
    // Near enough: the contour need not pass through the saddle, only close by on its own scale.
    if (Math.abs(next - middle) * Math.sqrt(curvature) < 0.05) break;
    if (next === middle) next = 0.5 * (middle + high);
    const fn = at(next);
    if (fn < fm) {
      if (next > middle) [low, fl] = [middle, fm];
      else [high, fh] = [middle, fm];
      [middle, fm] = [next, fn];
    } else if (next > middle) [high, fh] = [next, fn];
    else [low, fl] = [next, fn];
  }
  // Convex; rounding may say otherwise where the function is all but straight.
  const gap = Math.min(middle, width - middle);
  return { distance: middle, height: fm, curvature: curvature > 0 ? curvature : 1 / (gap * gap) };
}

/**
 * Sums over the nodes of one trapezoidal rule, without the step: price and, where wanted, the derivatives; then the
 * price's absolute terms.
 */
const SUMS = new Float64Array(6);

function integrate(model: HestonExpiry, k: number, strip: Strip, saddle: Saddle, greeks: boolean): void {
  const { distance, height, curvature } = saddle;
  const { initialVariance, meanReversion, longVariance, volOfVol, correlation } = model;
  // For large |z| the exponent tends to -(reach - i decay) z: decay in the half-plane around atan2(decay, reach), and in
  // the Gaussian regime before that within a quarter turn of the vertical. The contour takes the middle of both.
  const variance = initialVariance + meanReversion * longVariance * model.t;
  const reach = k + (variance * correlation) / volOfVol;
  const decay = (variance * Math.sqrt((1 - correlation) * (1 + correlation))) / volOfVol;
  const steepest = Math.atan2(decay, reach);
  const first = Math.max(steepest - QUARTER_TURN, 0.5 * QUARTER_TURN);
  const last = Math.min(steepest + QUARTER_TURN, 1.5 * QUARTER_TURN);
  const halfWidth = 0.5 * (last - first);
  const gap = Math.min(distance, strip.width - distance);
  // Moving x by i halfWidth moves the crossing by b sin(halfWidth): neither pole nor explosion may be met.
  const b = Math.min(1.5 / Math.sqrt(curvature), (0.9 * gap) / Math.sin(halfWidth));
  const path: Path = {
    pole: strip.pole,
    offset: strip.direction * distance,
    height,
    b,
    tilt: 0.5 * (first + last) - QUARTER_TURN,
  };
  let step = (2 * Math.PI * 0.9 * halfWidth) / DIGITS;
  SUMS.fill(0);
  sumNodes(model, k, path, 0, step, greeks);
  let agreed = false;
  for (let i = 0; i < MOST_REFINEMENTS && !agreed; i++) {
    const coarse = SUMS[0]!;
    sumNodes(model, k, path, 0.5 * step, step, greeks);
    agreed = Math.abs(SUMS[0]! - 2 * coarse) <= AGREEMENT * SUMS[5]!;
    step *= 0.5;
  }
  if (!agreed) {
    NORMALISED.fill(Number.NaN);
    return;
  }
  const factor = (step * Math.exp(height)) / Math.PI;
  for (let i = 0; i < 5; i++) NORMALISED[i] = factor * SUMS[i]!;
}

type Path = {
  readonly pole: number;
  /** Crossing of the real axis, from the pole. */
  readonly offset: number;
  readonly height: number;
  readonly b: number;
  /** Angle beyond the vertical, positive to the left. */
  readonly tilt: number;
};

/** Adds to {@link SUMS} the nodes start, start + step, ... until they no longer matter. */
function sumNodes(
  model: HestonExpiry,
  k: number,
  path: Path,
  start: number,
  step: number,
  greeks: boolean,
): void {
  const { pole, offset, height, b } = path;
  const across = b * Math.cos(path.tilt);
  const aside = b * Math.sin(path.tilt);
  const { initialVariance, meanReversion, longVariance, volOfVol, correlation } = model;
  const drift = meanReversion * longVariance;
  const halfSigma2 = 0.5 * volOfVol * volOfVol;
  let peak = 0;
  let quiet = 0;
  for (let j = 0; j < MOST_NODES; j++) {
    const x = start + j * step;
    const grown = Math.exp(x);
    const sinh = x < 0.3 ? Math.sinh(x) : 0.5 * (grown - 1 / grown);
    const cosh = 0.5 * (grown + 1 / grown);
    const shifted = offset - aside * ((sinh * sinh) / (cosh + 1));
    const zr = pole + shifted;
    const zi = across * sinh;
    hestonExponent(model, zr, zi);
    const psiR = EXPONENT[0]!;
    const psiI = EXPONENT[1]!;
    // z and z - 1, the one next to the pole without rounding.
    const ar = pole === 0 ? shifted : zr;
    const br = pole === 0 ? zr - 1 : shifted;
    const size = Math.exp(psiR - br * k - height);
    const angle = psiI - zi * k;
    const weight = j === 0 && start === 0 ? 0.5 : 1;
    const fr = weight * size * Math.cos(angle);
    const fi = weight * size * Math.sin(angle);
    // times dz/dx = i across cosh - aside sinh: numerator of every integrand.
    const nr = -fr * aside * sinh - fi * across * cosh;
    const ni = fr * across * cosh - fi * aside * sinh;
    const qr = ar * br - zi * zi;
    const qi = zi * (ar + br);
    const norm = qr * qr + qi * qi;
    const cr = (nr * qr + ni * qi) / norm;
    const ci = (ni * qr - nr * qi) / norm;
    SUMS[0]! += ci;
    SUMS[5]! += Math.abs(ci);
    let magnitude = Math.abs(cr) + Math.abs(ci);
    if (greeks) {
      const Br = EXPONENT[2]!;
      const Bi = EXPONENT[3]!;
      SUMS[1]! -= br * ci + zi * cr;
      SUMS[2]! += ni;
      SUMS[3]! += Br * ci + Bi * cr;
      // dpsi/dT by the Riccati equation: B' = (z^2 - z)/2 - beta B + sigma^2 B^2 / 2, A' = B.
      const betaR = meanReversion - correlation * volOfVol * zr;
      const betaI = -correlation * volOfVol * zi;
      const slopeR = 0.5 * qr - betaR * Br + betaI * Bi + halfSigma2 * (Br * Br - Bi * Bi);
      const slopeI = 0.5 * qi - betaR * Bi - betaI * Br + halfSigma2 * 2 * Br * Bi;
      const tr = initialVariance * slopeR + drift * Br;
      const ti = initialVariance * slopeI + drift * Bi;
      SUMS[4]! += tr * ci + ti * cr;
      // Gamma's integrand decays last.
      magnitude = Math.abs(nr) + Math.abs(ni);
    }
    if (magnitude > peak) peak = magnitude;
    // An underflow to zero, or an infinity that became NaN in an angle, is past the end as well.
    if (magnitude >= NEGLIGIBLE * peak) quiet = 0;
    else if (++quiet === 2) break;
  }
}
