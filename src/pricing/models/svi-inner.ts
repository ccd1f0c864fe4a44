import { goldenMinimum } from '../../numeric/golden-section.ts';
import { compressRows, leastSquares } from '../../numeric/least-squares.ts';
import { type SviSlice, sviMinimumTotalVariance } from './svi.ts';

/** Quotes of one expiry with square roots of normalised weights. */
export type WeightedQuotes = {
  readonly k: Float64Array;
  readonly totalVariance: Float64Array;
  readonly rootWeight: Float64Array;
};

type Columns = [Float64Array, Float64Array, Float64Array, Float64Array];

/** A slice with the weighted mean square of its residuals. */
export type ScoredSlice = { readonly slice: SviSlice; readonly score: number; readonly bound: boolean };

/**
 * The best SVI slice for a given centre m and smoothness sigma (F91), which is a linear problem.
 *
 * With y = (k - m) / sigma = sinh(x): w = a + u e^x / 2 + v e^-x / 2, u = b sigma (1 + rho), v = b sigma (1 - rho). The
 * bounds are 0 <= u, v <= 2 sigma (Lee: the wings rise at most like 2 |k|), a <= max w, and a >= -sqrt(u v): no
 * negative variance. The box is searched face by face; where its best point violates the last, convex bound, the best
 * point lies on that cone, w = r (cosh(x + theta) - 1), which is linear in r for each theta.
 *
 * Zeliade Systems (S. De Marco and C. Martini), "Quasi-explicit calibration of Gatheral's SVI model", White paper
 * ZWP-0005 (2009), section 3, in other coordinates and with Lee's constant 2 and the exact lower bound on a instead of
 * 4 and 0.
 */
export function bestSlice(quotes: WeightedQuotes, m: number, sigma: number): ScoredSlice {
  const { k, totalVariance, rootWeight } = quotes;
  const count = k.length;
  const right = new Float64Array(count);
  const left = new Float64Array(count);
  const target = new Float64Array(count);
  let highest = 0;
  for (let i = 0; i < count; i++) {
    const y = (k[i]! - m) / sigma;
    const root = Math.sqrt(y * y + 1);
    // e^x and e^-x are each other's inverse; the sum that does not cancel is taken.
    const grown = y >= 0 ? root + y : 1 / (root - y);
    right[i] = 0.5 * rootWeight[i]! * grown;
    left[i] = (0.5 * rootWeight[i]!) / grown;
    target[i] = rootWeight[i]! * totalVariance[i]!;
    highest = Math.max(highest, totalVariance[i]!);
  }
  // Four rows stand for all quotes.
  const [level, up, down, goal] = compressRows([rootWeight, right, left, target]) as Columns;
  const basis = [level, up, down];
  const cap = 2 * sigma;
  let best: Candidate = { x: [0, 0, 0], score: Number.POSITIVE_INFINITY, bound: true };
  const consider = (x: readonly number[], bound: boolean): void => {
    const [a, u, v] = x as [number, number, number];
    if (!(u >= 0 && u <= cap && v >= 0 && v <= cap && a <= highest)) return;
    let score = 0;
    for (let i = 0; i < goal.length; i++) {
      const residual = a * level[i]! + u * up[i]! + v * down[i]! - goal[i]!;
      score += residual * residual;
    }
    if (score < best.score) best = { x, score, bound };
  };
  const solve = (fixed: readonly (number | undefined)[]): number[] => {
    const rest = Float64Array.from(goal);
    fixed.forEach((value, j) => {
      if (value === undefined || value === 0) return;
      for (let i = 0; i < rest.length; i++) rest[i]! -= value * basis[j]![i]!;
    });
    const free = basis.filter((_, j) => fixed[j] === undefined);
    const solution = free.length > 0 ? leastSquares(free, rest) : rest;
    let next = 0;
    return fixed.map((value) => value ?? solution[next++]!);
  };
  const faces = [undefined, 0, cap];
  // The inside first: where it is feasible it is the best of the box.
  consider(solve([undefined, undefined, undefined]), false);
  if (best.bound) {
    for (const a of [undefined, highest]) {
      for (const u of faces) for (const v of faces) consider(solve([a, u, v]), true);
    }
  }
  const [a0, u0, v0] = best.x as [number, number, number];
  if (a0 < 0 && a0 * a0 > u0 * v0) {
    best = { x: [0, 0, 0], score: Number.POSITIVE_INFINITY, bound: true };
    for (const x of coneCandidates(quotes, basis, goal, m, sigma)) consider(x, true);
    // The edges of the cone, where one wing is flat.
    for (const u of faces) consider(solve([0, u, 0]), true);
    for (const v of faces) consider(solve([0, 0, v]), true);
  }
  const [a, u, v] = best.x as [number, number, number];
  const b = (u + v) / (2 * sigma);
  const rho = u + v > 0 ? (u - v) / (u + v) : 0;
  return { slice: nonNegative({ a, b, rho, m, sigma }), score: best.score, bound: best.bound };
}

type Candidate = { readonly x: readonly number[]; readonly score: number; readonly bound: boolean };

/** Lifts a by the rounding error that may have made the least total variance negative. */
export function nonNegative(slice: SviSlice): SviSlice {
  const least = sviMinimumTotalVariance(slice);
  if (least >= 0) return slice;
  const lifted = { ...slice, a: slice.a - least };
  return sviMinimumTotalVariance(lifted) >= 0 ? lifted : { ...slice, a: slice.a - 2 * least };
}

/** The best point on the cone a = -sqrt(u v) inside the box, by its direction theta: a scan, then golden section. */
function coneCandidates(
  quotes: WeightedQuotes,
  basis: readonly Float64Array[],
  target: Float64Array,
  m: number,
  sigma: number,
): number[][] {
  const at = (theta: number): { x: number[]; score: number } => {
    const grown = Math.exp(theta);
    let top = 0;
    let bottom = 0;
    for (let i = 0; i < target.length; i++) {
      const shape = basis[1]![i]! * grown + basis[2]![i]! / grown - basis[0]![i]!;
      top += shape * target[i]!;
      bottom += shape * shape;
    }
    const most = 2 * sigma * Math.exp(-Math.abs(theta));
    const r = bottom > 0 ? Math.min(Math.max(top / bottom, 0), most) : 0;
    // |target - r shape|^2 up to a constant.
    return { x: [-r, r * grown, r / grown], score: r * (r * bottom - 2 * top) };
  };
  // The minimum of the smile, m - sigma sinh(theta), within the quotes and a little beyond.
  const span = quotes.k.reduce((widest, k) => Math.max(widest, Math.abs(k - m)), 0) / sigma;
  const reach = Math.asinh(2 * span + 1);
  let best = -reach;
  const steps = 24;
  for (let i = 0; i <= steps; i++) {
    const theta = reach * ((2 * i) / steps - 1);
    if (at(theta).score < at(best).score) best = theta;
  }
  const spacing = (2 * reach) / steps;
  const refined = goldenMinimum((theta) => at(theta).score, best - spacing, best + spacing);
  return [at(best).x, at(refined).x];
}
