/**
 * First guesses of the total deviation s = vol sqrt(t) from a time value, a few multiplications each (F72, F73).
 *
 * Minimax-like rational fits, made for this purpose against 40-digit values; coefficients in ascending powers.
 */

const SQRT_TWO_PI = 2.5066282746310002;
/** Where the fit near the money hands over to that of the wings: h = |F - K| / s = 1. */
const NEAR = 0.4673;

/** eta / h by eta^2 up to 0.4782, error 9e-8. */
function nearRatio(x: number): number {
  return (
    (0.9999999138293776 + x * (-2.9740125380726568 + x * (2.6519271444146764 + x * -0.6532916851192903))) /
    (1 + x * (-2.474022497471571 + x * (1.6234486099534833 + x * -0.1876297578704542)))
  );
}

/** h by w = sqrt(-2 ln(n(h)/h - N(-h))) for h from 0.98 to 42, error 9e-6. */
function wingDistance(w: number): number {
  return (
    (-0.4702569798129885 +
      w *
        (1.2087470153530442 +
          w * (-0.6606212945866944 + w * (0.15488041488967455 + w * 0.029587854192116486)))) /
    (1 + w * (-0.3227421328115216 + w * (0.15692291542823922 + w * 0.029579013423535014)))
  );
}

/** 24 ln(2 sinh(a/2) / a) / a^2, error 8e-6 for a up to 6 and none beyond. */
function curvature(a: number): number {
  const x = a * a;
  if (a > 6) return (24 * (0.5 * a - Math.log(a) + Math.log1p(-Math.exp(-a)))) / x;
  return (
    (0.9999918693319046 + x * 0.011636761126945503) /
    (1 + x * (0.019960214234564608 + x * 3.597195653895481e-5))
  );
}

/** s / z by z^2 at the money, where z = sqrt(2 pi) (2 N(s/2) - 1); error 6e-7 up to z^2 = 5.3 (s = 4). */
function atTheMoneyRatio(x: number): number {
  return (
    (1.0000005889264842 +
      x * (-0.26906298615959845 + x * (0.019872773781114787 + x * -2.928173893176452e-4))) /
    (1 + x * (-0.3107247714027104 + x * (0.02916648585211112 + x * -7.649889595030529e-4)))
  );
}

/**
 * The deviation of a normal (Bachelier) model, in the units of its arguments (F73).
 * @param timeValue forward value less intrinsic value, positive. @param distance |F - K|.
 * @returns s with timeValue = s n(h) - distance N(-h), h = distance / s, to a relative 1e-5.
 */
export function startNormal(timeValue: number, distance: number): number {
  const middle = timeValue + 0.5 * distance;
  const eta = distance / (SQRT_TWO_PI * middle);
  const square = eta * eta;
  if (square < NEAR) return SQRT_TWO_PI * middle * nearRatio(square);
  return distance / wingDistance(Math.sqrt(-2 * Math.log(timeValue / distance)));
}

/**
 * The deviation of the Black model (F72): the normal one, taken to the lognormal by a/m, a = |ln(F/K)|, m = |F - K| / sqrt(F K), and by the ratio at the
 * money at an argument shrunk by the curvature of the smile of a normal model.
 *
 * Relative error: 1e-6 up to s = 1, 2e-4 up to 2, 1e-3 up to 3 (time values up to half their largest).
 * @param timeValue forward time value over sqrt(F K). @param distance m. @param a |ln(F/K)|.
 */
export function startBlack(timeValue: number, distance: number, a: number): number {
  const normal = startNormal(timeValue, distance);
  const z = distance > 0 ? normal * (a / distance) : normal;
  return z * atTheMoneyRatio(Math.min(5.3, curvature(a) * z * z));
}
