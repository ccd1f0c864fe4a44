/** Heston's model for one expiry, with what every evaluation of its characteristic function needs. */
export type HestonExpiry = {
  /** Years to expiry, T > 0. */
  readonly t: number;
  /** v0: variance a year today. */
  readonly initialVariance: number;
  /** kappa: speed of mean reversion, a year. */
  readonly meanReversion: number;
  /** theta: variance a year to which it reverts. */
  readonly longVariance: number;
  /** sigma: volatility of variance; positive here. */
  readonly volOfVol: number;
  /** rho: correlation of the Brownian motions of spot and variance. */
  readonly correlation: number;
};

/** Where {@link hestonExponent} leaves psi and B as real and imaginary parts. One thread, no call yields in between. */
export const EXPONENT: Float64Array = new Float64Array(4);

/**
 * psi(z) = ln E[e^(z X)] for X = ln(S_T / F) under Heston's model at a complex z, and its derivative B(z) by v0 (F81):
 *
 *     psi = v0 B + kappa theta A,   d^2 = kappa^2 + sigma (sigma - 2 kappa rho) z - sigma^2 (1 - rho^2) z^2,   Re d >= 0,
 *     beta = kappa - rho sigma z,   R = (1 - e^(-d T)) / d,   G = 1 - (d - beta) R / 2,
 *     B = (z^2 - z) R / (2 G),      A = ((beta - d) T - 2 ln G) / sigma^2.
 *
 * This is the form with e^(-d T), whose logarithm needs no branch correction (H. Albrecher, P. Mayer, W. Schoutens and
 * J. Tistaert, "The little Heston trap", Wilmott Magazine, January 2007; R. Lord and C. Kahl, "Complex logarithms in
 * Heston-like models", Mathematical Finance 20 (2010), 671-694), rearranged so that nothing cancels: (d + beta)(d -
 * beta) = sigma^2 (z - z^2) gives the smaller factor from the larger, ln G is a log1p, and 1 - e^(-d T) an expm1. Good
 * for small sigma, for rho near +-1 and for short T.
 *
 * The moment must exist: on the real axis z must lie strictly between the critical moments; anywhere else E[e^(z X)] is
 * continued analytically. Cost: about 150 ns.
 * @returns nothing; see {@link EXPONENT}: [Re psi, Im psi, Re B, Im B].
 */
export function hestonExponent(model: HestonExpiry, zr: number, zi: number): void {
  const { t, initialVariance, meanReversion, longVariance, volOfVol, correlation } = model;
  const sigma2 = volOfVol * volOfVol;
  // z^2 - z = z (z - 1) keeps the digits next to 0 and to 1.
  const qr = zr * (zr - 1) - zi * zi;
  const qi = zi * (2 * zr - 1);
  const br = meanReversion - correlation * volOfVol * zr;
  const bi = -correlation * volOfVol * zi;
  const linear = volOfVol * (volOfVol - 2 * meanReversion * correlation);
  const square = sigma2 * (1 - correlation) * (1 + correlation);
  const d2r = meanReversion * meanReversion + linear * zr - square * (zr - zi) * (zr + zi);
  const d2i = (linear - 2 * square * zr) * zi;

  // d, the root with a real part of at least 0.
  const modulus = Math.sqrt(d2r * d2r + d2i * d2i);
  let dr: number;
  let di: number;
  if (d2r >= 0) {
    dr = Math.sqrt(0.5 * (modulus + d2r));
    di = dr === 0 ? 0 : (0.5 * d2i) / dr;
  } else {
    di = Math.sqrt(0.5 * (modulus - d2r));
    dr = (0.5 * Math.abs(d2i)) / di;
    if (d2i < 0) di = -di;
  }

  // e = exp(-d T), 1 - e and R.
  const turn = di * t;
  const cosine = Math.cos(turn);
  const sine = Math.sin(turn);
  const shrink = Math.expm1(-dr * t);
  const size = 1 + shrink;
  const versine = cosine > 0 ? (sine * sine) / (1 + cosine) : 1 - cosine;
  const mr = versine - shrink * cosine;
  const mi = size * sine;
  let rr = t;
  let ri = 0;
  if (modulus > 0) {
    rr = (mr * dr + mi * di) / modulus;
    ri = (mi * dr - mr * di) / modulus;
  }

  // (d - beta) and (d + beta): the one without cancellation, then the other from their product.
  const pr = -sigma2 * qr;
  const pi = -sigma2 * qi;
  let differenceR: number;
  let differenceI: number;
  let sumR: number;
  let sumI: number;
  const aligned = br * dr + bi * di >= 0;
  if (aligned) {
    sumR = dr + br;
    sumI = di + bi;
    const norm = sumR * sumR + sumI * sumI;
    differenceR = norm === 0 ? 0 : (pr * sumR + pi * sumI) / norm;
    differenceI = norm === 0 ? 0 : (pi * sumR - pr * sumI) / norm;
  } else {
    differenceR = dr - br;
    differenceI = di - bi;
    const norm = differenceR * differenceR + differenceI * differenceI;
    sumR = (pr * differenceR + pi * differenceI) / norm;
    sumI = (pi * differenceR - pr * differenceI) / norm;
  }

  // G and ln G.
  const wr = -0.5 * (differenceR * rr - differenceI * ri);
  const wi = -0.5 * (differenceR * ri + differenceI * rr);
  let gr: number;
  let gi: number;
  let logR: number;
  if (aligned || size > 0.5) {
    gr = 1 + wr;
    gi = wi;
    logR = 0.5 * Math.log1p(wr * (2 + wr) + wi * wi);
  } else {
    // G = ((d + beta) + (d - beta) e) / (2 d): as e vanishes only the small sum is left of it.
    const er = size * cosine;
    const ei = -size * sine;
    const nr = sumR + differenceR * er - differenceI * ei;
    const ni = sumI + differenceR * ei + differenceI * er;
    gr = (0.5 * (nr * dr + ni * di)) / modulus;
    gi = (0.5 * (ni * dr - nr * di)) / modulus;
    logR = 0.5 * Math.log(gr * gr + gi * gi);
  }
  const logI = Math.atan2(gi, gr);

  const topR = qr * rr - qi * ri;
  const topI = qr * ri + qi * rr;
  const scale = 0.5 / (gr * gr + gi * gi);
  const Br = scale * (topR * gr + topI * gi);
  const Bi = scale * (topI * gr - topR * gi);
  let Ar = -(differenceR * t + 2 * logR);
  let Ai = -(differenceI * t + 2 * logI);
  const y2 = (differenceR * differenceR + differenceI * differenceI) * t * t;
  if (aligned && modulus * t * t < SHORT && y2 < SHORT) {
    shortTime(dr * t, di * t, wr, wi, differenceR * t, differenceI * t);
    Ar = SHORT_TIME[0]!;
    Ai = SHORT_TIME[1]!;
  }
  const level = (meanReversion * longVariance) / sigma2;
  EXPONENT[0] = initialVariance * Br + level * Ar;
  EXPONENT[1] = initialVariance * Bi + level * Ai;
  EXPONENT[2] = Br;
  EXPONENT[3] = Bi;
}

/**
 * Where |d T|^2 and |(d - beta) T|^2 are less, the two terms of A nearly cancel and are summed by their series instead.
 */
const SHORT = 0.01;
const SHORT_TIME = new Float64Array(2);
/** Of (1 - (1 - e^-x) / x) in x, from x on: (-1)^(n+1) / (n+1)!. */
const FIRST = [1 / 2, -1 / 6, 1 / 24, -1 / 120, 1 / 720, -1 / 5040, 1 / 40320, -1 / 362880];
/** Of w - ln(1 + w) in w, from w^2 on: (-1)^n / n. */
const SECOND = [1 / 2, -1 / 3, 1 / 4, -1 / 5, 1 / 6, -1 / 7, 1 / 8, -1 / 9, 1 / 10, -1 / 11, 1 / 12, -1 / 13];

/**
 * (beta - d) T - 2 ln(1 + w) with w = -(d - beta) R / 2, as 2 (w - ln(1 + w)) - (d - beta) T (1 - R / T): both parts
 * are of second order in T, what cancels is of the first. Arguments: x = d T, w and y = (d - beta) T.
 */
function shortTime(xr: number, xi: number, wr: number, wi: number, yr: number, yi: number): void {
  let ar = 0;
  let ai = 0;
  for (let n = FIRST.length - 1; n >= 0; n--) {
    const sr = ar + FIRST[n]!;
    ar = sr * xr - ai * xi;
    ai = sr * xi + ai * xr;
  }
  let br = 0;
  let bi = 0;
  for (let n = SECOND.length - 1; n >= 0; n--) {
    const sr = br + SECOND[n]!;
    br = sr * wr - bi * wi;
    bi = sr * wi + bi * wr;
  }
  // One more factor w.
  SHORT_TIME[0] = 2 * (br * wr - bi * wi) - (yr * ar - yi * ai);
  SHORT_TIME[1] = 2 * (br * wi + bi * wr) - (yr * ai + yi * ar);
}
