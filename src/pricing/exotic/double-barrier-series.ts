import { logRatio } from '../../numeric/log-ratio.ts';
import { addReflected, DIRECT, type Sum, type TotalTerms } from './reflected-payoff.ts';

/** Two barriers around the spot. */
export type Corridor = { readonly lower: number; readonly upper: number };

/** exp(-41) = 2e-18: what is smaller does not count against one. */
const NEGLIGIBLE = 41;

/**
 * Adds `weight` times a double knock-out by images (F49): the payoff over all images of the spot in the two barriers,
 * even reflections with a plus and odd ones with a minus.
 *
 * N. Ikeda and M. Kunitomo, "Pricing options with curved boundaries", Mathematical Finance 2 (1992), 275-298, theorem
 * 3.2 with flat barriers; Haug (2007), section 4.17.3. Image n is at most of the order exp(-2 (n - 1)^2 D^2 / (v^2
 * T)) with D = ln(U/L): a few suffice while v sqrt T is below D.
 * @param withDirect false leaves the spot itself out: what remains is minus the part of a knock-in that is knocked in
 * before it ends between the barriers.
 */
export function addImageSeries(
  sum: Sum,
  terms: TotalTerms,
  { lower, upper }: Corridor,
  weight: number,
  withDirect: boolean,
): void {
  const { sign, strike, spot, deviation } = terms;
  const low = sign > 0 ? Math.max(strike, lower) : lower;
  const high = sign > 0 ? upper : Math.min(strike, upper);
  const period = 2 * logRatio(upper, lower);
  // From the spot, not from each other: near a barrier the image in it is near too.
  const inUpper = 2 * logRatio(upper, spot);
  const inLower = 2 * logRatio(lower, spot);
  const ratio = (0.5 * period) / deviation;
  const last = Math.floor(1 + Math.sqrt(0.5 * NEGLIGIBLE) / ratio);
  if (withDirect) addReflected(sum, terms, DIRECT, low, high, weight);
  addReflected(sum, terms, { shift: inLower, turn: -2 }, low, high, -weight);
  addReflected(sum, terms, { shift: inUpper, turn: -2 }, low, high, -weight);
  // The density of an image over that of the spot is greatest at an end of the interval.
  const nearest = logRatio(low, spot);
  const farthest = logRatio(high, spot);
  const addImage = (shift: number, turn: 0 | -2, sign: number): void => {
    const reach = Math.max(shift * nearest, shift * farthest) - 0.5 * shift * shift;
    if (reach > -NEGLIGIBLE * deviation * deviation)
      addReflected(sum, terms, { shift, turn }, low, high, sign);
  };
  for (let n = 1; n <= last; n++) {
    addImage(n * period, 0, weight);
    addImage(-n * period, 0, weight);
    addImage(n * period + inUpper, -2, -weight);
    addImage(-n * period + inLower, -2, -weight);
  }
}

/**
 * Adds `weight` times a double knock-out by eigenfunctions (F50). With x = ln(S/L), D = ln(U/L), mu = (r - q) / v^2 -
 * 1/2 and s = v sqrt T
 *
 *     V = (2/D) sum over k of sin(k pi x / D) exp(-k^2 pi^2 s^2 / (2 D^2)) exp(-rT - mu x - mu^2 s^2 / 2) I_k,
 *
 * I_k the integral of w (L e^y - K) e^(mu y) sin(k pi y / D) over the y in the money between the barriers, in closed
 * form.
 *
 * A. Pelsser, "Pricing double barrier options using Laplace transforms", Finance and Stochastics 4 (2000), 95-104,
 * section 3; C. Hui, C. Lo and P. Yuen, "Comment on 'Pricing double barrier options using Laplace transforms'",
 * Finance and Stochastics 4 (2000), 105-107. A few terms suffice while s is not small against D.
 */
export function addEigenSeries(
  sum: Sum,
  terms: TotalTerms,
  { lower, upper }: Corridor,
  weight: number,
): void {
  const { sign, strike, spot, carry, deviation, rateTime } = terms;
  const width = logRatio(upper, lower);
  const x = logRatio(spot, lower);
  const from = sign > 0 ? Math.max(strike, lower) : lower;
  const to = sign > 0 ? upper : Math.min(strike, upper);
  if (!(from < to)) return;
  const a = logRatio(from, lower);
  const b = logRatio(to, lower);
  const variance = deviation * deviation;
  const mu = carry / variance - 0.5;
  const decay = (0.5 * Math.PI * Math.PI * variance) / (width * width);
  const last = Math.ceil(Math.sqrt(1 + NEGLIGIBLE / decay));
  // e^(-rT - mu x - mu^2 s^2 / 2) e^(alpha y) at both ends: bounded as one exponential, where s is not small against
  // D.
  const common = -rateTime - mu * x - 0.5 * mu * mu * variance;
  const weightAt = (alpha: number, y: number): number => Math.exp(common + alpha * y);
  const assetA = weightAt(mu + 1, a);
  const assetB = weightAt(mu + 1, b);
  const cashA = weightAt(mu, a);
  const cashB = weightAt(mu, b);
  const step = Math.PI / width;
  let value = 0;
  let slope = 0;
  for (let k = 1; k <= last; k++) {
    const omega = k * step;
    const sinA = Math.sin(omega * a);
    const cosA = Math.cos(omega * a);
    const sinB = Math.sin(omega * b);
    const cosB = Math.cos(omega * b);
    // The integral of e^(alpha y) sin(omega y) is e^(alpha y) (alpha sin - omega cos) / (alpha^2 + omega^2).
    const asset = sineIntegral(mu + 1, omega, assetA, sinA, cosA, assetB, sinB, cosB);
    const cash = sineIntegral(mu, omega, cashA, sinA, cosA, cashB, sinB, cosB);
    const integral = Math.exp(-k * k * decay) * (lower * asset - strike * cash);
    const sinX = Math.sin(omega * x);
    value += sinX * integral;
    slope += (omega * Math.cos(omega * x) - mu * sinX) * integral;
  }
  const scale = (sign * weight * 2) / width;
  sum.value += scale * value;
  sum.logDelta += scale * slope;
}

function sineIntegral(
  alpha: number,
  omega: number,
  weightA: number,
  sinA: number,
  cosA: number,
  weightB: number,
  sinB: number,
  cosB: number,
): number {
  const top = weightB * (alpha * sinB - omega * cosB) - weightA * (alpha * sinA - omega * cosA);
  return top / (alpha * alpha + omega * omega);
}
