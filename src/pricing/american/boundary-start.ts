import { fastExp, fastExpm1, signedTail, unitStep, withinNormal } from '../../numeric/fast-normal.ts';
import { gaussLegendre } from '../../numeric/gauss-legendre.ts';
import { baseOf } from './smooth-pasting.ts';
import type { UnitPut } from './unit-put.ts';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const LARGEST_EXPONENT = 300;

const POINTS = 3;
const RULE = gaussLegendre(POINTS);
const ANGLES = RULE.nodes.map((x) => (x * Math.PI) / 2);
const COSINES = ANGLES.map(Math.cos);
/** (1 - sin a) / cos a, by which the boundary has moved between two times, in standard deviations of the later time. */
const MOVES = ANGLES.map((a) => (1 - Math.sin(a)) / Math.cos(a));
const SINES = ANGLES.map(Math.sin);
const WEIGHTS = ANGLES.map((a, k) => RULE.weights[k]! * (Math.PI / 2) * Math.sin(2 * a));

/** The slope of the boundary near expiry where dividends exceed interest: ln(start / B) = 0.6388 sqrt(variance). */
const SLOPE_BELOW = 0.638833;
const CLOSE = 0.05;
const STEPS = 6;

/** The smooth-pasting residual and its derivative: an array, since an object a call would be garbage. */
const RESULT = new Float64Array(2);

/**
 * Smooth pasting at variance `t` (F62) for a boundary that has moved as g sqrt(u) at every u up to t. At g = 0 the residual is large; it falls
 * with g.
 */
function selfSimilar(put: UnitPut, t: number, g: number): void {
  const root = Math.sqrt(t);
  const kappa = put.yield;
  const startGain = Math.max(put.rate - kappa, 0);
  const d0 = withinNormal(put.logStart / root - g + put.drift * root);
  const discount = fastExp(-kappa * t);
  const density = fastExp(-0.5 * d0 * d0);
  const base = baseOf(put, d0);
  let sum = put.forward ? 0 : base + discount * (unitStep(d0) - base + density * signedTail(d0));
  let change = put.forward ? 0 : -discount * density * INVERSE_SQRT_TWO_PI;
  for (let k = 0; k < POINTS; k++) {
    const later = root * COSINES[k]!;
    const move = MOVES[k]!;
    const d = withinNormal(put.drift * later - g * move);
    const e = fastExp(-0.5 * d * d);
    const earlier = root * SINES[k]!;
    const excess = startGain + put.startRate * fastExpm1(Math.min(g * earlier, LARGEST_EXPONENT));
    const weight = WEIGHTS[k]! * t * fastExp(-kappa * later * later);
    const phi = e * INVERSE_SQRT_TWO_PI;
    const gain = (excess * phi) / later;
    sum += weight * (kappa * (unitStep(d) - base + e * signedTail(d)) - gain);
    change -= weight * (move * (kappa * phi + gain * d) + ((excess + kappa) * earlier * phi) / later);
  }
  // What a forward pays and gains is both negative.
  RESULT[0] = put.forward ? -sum : sum;
  RESULT[1] = put.forward ? -change : change;
}

/**
 * First guesses of h = ln(start / B) squared at the variances `horizon x time`, ascending, into `out` (F63): at each the boundary that is
 * self-similar up to that time, h = g sqrt(u), and pastes smoothly; capped by the perpetual put's and made to increase. The guesses are within a few percent of
 * the solution, which is what lets Newton's method converge in two or three steps everywhere.
 * Cost: some 15 evaluations of four points for 8 nodes.
 */
export function startBoundary(put: UnitPut, time: Float64Array, out: Float64Array): void {
  const { horizon, perpetual } = put;
  const spread = put.oscillates ? 0 : put.spread;
  const first = horizon * time[0]!;
  let g = SLOPE_BELOW;
  if (!put.forward && -put.logStart < 2 * Math.sqrt(first)) {
    // Evans, Kuske and Keller (2002): h^2 = t ln(1 / (8 pi t (rate - yield)^2)) to leading order, and above all not too small.
    const gain = Math.max(put.startRate - put.yield, 0.1 * put.startRate);
    g = Math.sqrt(Math.max(-2 * Math.log(5 * gain) - Math.log(first), 0.5));
  }
  let before = 0;
  let previous = g;
  for (let i = 0; i < time.length; i++) {
    const t = horizon * time[i]!;
    const found = g;
    if (i > 1) g = Math.min(1.5 * g, Math.max(0.5 * g, 2 * g - previous));
    previous = found;
    for (let step = 0; step < STEPS; step++) {
      selfSimilar(put, t, g);
      const residual = RESULT[0]!;
      const slope = RESULT[1]!;
      let move = -residual / slope;
      if (!(slope < 0)) move = residual > 0 ? 0.5 * g : -0.3 * g;
      move = Math.min(0.7 * g, Math.max(-0.5 * g, move));
      g += move;
      if (Math.abs(move) < CLOSE * g) break;
    }
    // The boundary approaches the perpetual one from above, at the rate spread^2 / 2.
    const cap = perpetual * (1 - 0.3 * Math.exp(-0.5 * t * spread * spread));
    before = Math.max(before, Math.min(g * Math.sqrt(t), cap));
    out[i] = before * before;
  }
}
