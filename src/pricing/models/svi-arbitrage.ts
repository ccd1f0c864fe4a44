import { goldenMinimum } from '../../numeric/golden-section.ts';
import {
  polynomialAt,
  polynomialProduct,
  polynomialSum,
  signChanges,
} from '../../numeric/polynomial-roots.ts';
import { type ButterflyReport, durrlemanG, type NegativeDensity } from './durrleman.ts';
import { checkSviSlice, type SviSlice, sviMinimumTotalVariance } from './svi.ts';

/**
 * Looks for butterfly arbitrage of a raw SVI slice over the whole line of strikes (F89).
 *
 * With k - m = sigma sinh(x) and y = e^x > 0, both w and Durrleman's g are rational: 16 y^2 (y^2 + 1)^3 w^2 g is a
 * polynomial of degree 10 in y whose sign is that of g. Its sign changes on (0, 1] and, with the coefficients reversed,
 * on [1, infinity) are found one by one by F86, so that no grid can step over one. The outermost coefficients are Lee's
 * bounds on the wings, b (1 +- rho) <= 2.
 *
 * Source of the condition: V. Durrleman, "From implied to spot volatilities" (2003); J. Gatheral and A. Jacquier,
 * "Arbitrage-free SVI volatility surfaces" (2014), lemma 2.2. Accuracy: an interval is missed only if g stays above
 * -1e-13 of its terms in it. Cost: about 50 us.
 * @throws RangeError for bad parameters, see `checkSviSlice`.
 */
export function sviArbitrage(slice: SviSlice): ButterflyReport {
  checkSviSlice(slice);
  const minimumTotalVariance = sviMinimumTotalVariance(slice);
  if (minimumTotalVariance < 0) return { free: false, minimumTotalVariance, negativeDensity: [] };
  const negativeDensity = negativeIntervals(slice);
  return { free: negativeDensity.length === 0, minimumTotalVariance, negativeDensity };
}

/** Coefficients of 16 y^2 (y^2 + 1)^3 w^2 g, ascending, for a slice in units of sigma: k = sigma h. */
function signPolynomial({ a, b, rho, m, sigma }: SviSlice): number[] {
  const width = b * sigma;
  const one = [1, 0, 1];
  // 2 y w, (y^2 + 1) w' and 2 y k.
  const variance = [width * (1 - rho), 2 * a, width * (1 + rho)];
  const slope = [-b * (1 - rho), 0, b * (1 + rho)];
  const strike = [-sigma, 2 * m, sigma];
  // (y^2 + 1) 2 y (2 w - k w')
  const head = polynomialSum(
    polynomialProduct(strike, slope),
    -1,
    polynomialProduct(polynomialProduct(one, [2]), variance),
  );
  const slopeSquared = polynomialProduct(slope, slope);
  const varianceSquared = polynomialProduct(variance, variance);
  const first = polynomialProduct(polynomialProduct(one, [4]), polynomialProduct(head, head));
  const second = polynomialProduct(
    polynomialProduct(one, slopeSquared),
    polynomialSum([0, ...variance], 8, varianceSquared),
  );
  const third = polynomialProduct([0, 0, 0, (64 * b) / sigma], varianceSquared);
  return polynomialSum(third, 1, polynomialSum(second, -1, first));
}

function negativeIntervals(slice: SviSlice): NegativeDensity[] {
  const polynomial = signPolynomial(slice);
  // The range of y in which a double tells k from m and from infinity.
  const near = signChanges(polynomial, 0, 1);
  const far = signChanges([...polynomial].reverse(), 0, 1)
    .map((inverse) => 1 / inverse)
    .reverse();
  const edges = [
    0,
    ...new Set([...near, ...far].filter((y) => y > 0 && y < Number.POSITIVE_INFINITY)),
    Number.POSITIVE_INFINITY,
  ];
  const found: NegativeDensity[] = [];
  for (let i = 1; i < edges.length; i++) {
    const from = edges[i - 1]!;
    const to = edges[i]!;
    // One sign throughout: any point inside tells it.
    const inside = from === 0 ? to / 2 : to === Number.POSITIVE_INFINITY ? 2 * from : Math.sqrt(from * to);
    const probe = from === 0 && to === Number.POSITIVE_INFINITY ? 1 : inside;
    if (polynomialSign(polynomial, probe) >= 0) continue;
    const least = leastDurrleman(slice, from, to);
    // What rounding of the coefficients has made of a touch at zero is none.
    if (least.durrleman < 0) found.push({ from: strikeAt(slice, from), to: strikeAt(slice, to), ...least });
  }
  return found;
}

function polynomialSign(polynomial: readonly number[], y: number): number {
  return y <= 1 ? polynomialAt(polynomial, y) : polynomialAt([...polynomial].reverse(), 1 / y);
}

/** k at y: m + sigma (y - 1/y) / 2. */
function strikeAt({ m, sigma }: SviSlice, y: number): number {
  if (y === 0) return Number.NEGATIVE_INFINITY;
  return m + sigma * 0.5 * (y - 1 / y);
}

/** g as a function of y; at the ends in the limit of the wings. */
function durrlemanAt(slice: SviSlice, y: number): number {
  const { a, b, rho, sigma } = slice;
  const s = y - 1 / y;
  const c = y + 1 / y;
  const variance = a + 0.5 * b * sigma * (y * (1 + rho) + (1 - rho) / y);
  const slope = b * (rho + s / c);
  const curvature = (8 * b) / (sigma * c * c * c);
  return durrlemanG(strikeAt(slice, y), variance, slope, curvature);
}

/** The least g among points equally spaced in ln y between two sign changes, refined by golden section. */
function leastDurrleman(slice: SviSlice, from: number, to: number): { at: number; durrleman: number } {
  const low = Math.max(Math.log(from), Math.min(-30, Math.log(to) - 10));
  const high = Math.min(Math.log(to), Math.max(30, Math.log(from) + 10));
  const g = (x: number): number => durrlemanAt(slice, Math.exp(x));
  const points = 64;
  const step = (high - low) / points;
  let best = low + step / 2;
  for (let i = 0; i < points; i++) {
    const x = low + (i + 0.5) * step;
    if (g(x) < g(best)) best = x;
  }
  const middle = goldenMinimum(g, Math.max(best - step, low), Math.min(best + step, high));
  const x = g(middle) < g(best) ? middle : best;
  return { at: strikeAt(slice, Math.exp(x)), durrleman: g(x) };
}
