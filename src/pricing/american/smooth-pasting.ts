/**
 * The equation of the exercise boundary, smooth pasting at every node, and its Jacobian (F62).
 *
 * Short loops over scratch arrays, as in black-scholes-block.ts; nothing here is re-entrant, and nothing needs to be.
 */
import { fastExp, fastExpm1, signedTail, unitStep, withinNormal } from '../../numeric/fast-normal.ts';
import { MOST_NODES, MOST_POINTS, type NodeQuadrature } from './scheme.ts';
import type { UnitPut } from './unit-put.ts';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

// Per point, fixed for one option: the weight of ds, discounted; 1 / sqrt(s); drift sqrt(s).
const MEASURE = new Float64Array(MOST_POINTS);
const INVERSE_ROOT = new Float64Array(MOST_POINTS);
const DRIFTED = new Float64Array(MOST_POINTS);
// Per point, for one iterate: ln(start / B(u)), half its inverse (zero where it was cut off), rate / B(u) - yield, d+ and exp(-d+^2/2).
const LOG = new Float64Array(MOST_POINTS);
const HALF_INVERSE = new Float64Array(MOST_POINTS);
const GAIN = new Float64Array(MOST_POINTS);
const D = new Float64Array(MOST_POINTS);
const DENSITY = new Float64Array(MOST_POINTS);
/** Change of a node's residual with ln(start/B)^2 at a point. */
const SENSITIVITY = new Float64Array(MOST_POINTS);

/** What is missing from smooth pasting at each node. */
export const RESIDUAL: Float64Array = new Float64Array(MOST_NODES);
/** Derivatives of the residuals (rows of {@link MOST_NODES}) with respect to the logarithms of the nodes' squares. */
export const JACOBIAN: Float64Array = new Float64Array(MOST_NODES * MOST_NODES);
/** Derivative of a node's residual with respect to its own square, other than through the interpolation. */
const OWN = new Float64Array(MOST_NODES);
// Per node: d+ of the strike; integrals of what a yield pays and of what exercise gains.
const STRIKE_D = new Float64Array(MOST_NODES);
const PAID = new Float64Array(MOST_NODES);
const GAINED = new Float64Array(MOST_NODES);
// Per node, from when derivatives were last taken: baseOf, and the inverses of both sides of the equation.
const BASE = new Float64Array(MOST_NODES);
const LEFT_WEIGHT = new Float64Array(MOST_NODES);
const RIGHT_WEIGHT = new Float64Array(MOST_NODES);

/** Sets the quadrature's points up for one option: call it before the others. */
export function prepare(put: UnitPut, time: Float64Array, quadrature: NodeQuadrature): void {
  const { points, rootLater, weight } = quadrature;
  const kappa = put.yield;
  for (let i = 0; i < time.length; i++) {
    const t = put.horizon * time[i]!;
    const root = Math.sqrt(t);
    for (let k = 0; k < points; k++) {
      const later = root * rootLater[k]!;
      const at = i * points + k;
      MEASURE[at] = weight[k]! * t * fastExp(-kappa * later * later);
      INVERSE_ROOT[at] = 1 / later;
      DRIFTED[at] = put.drift * later;
    }
  }
}

/** LOG and HALF_INVERSE at all points from the nodes' squares. */
export function interpolate(
  quadrature: NodeQuadrature,
  nodes: number,
  squares: Float64Array,
  most: number,
): void {
  const { points, cardinal, rootEarlier } = quadrature;
  const count = nodes * points;
  for (let j = 0; j < nodes; j += 4) {
    accumulate(cardinal, j * count, count, squares[j]!, squares[j + 1]!, squares[j + 2]!, squares[j + 3]!);
  }
  for (let i = 0; i < nodes; i++) cutOff(i * points, points, 1e-3 * squares[i]!, most, rootEarlier);
}

/** LOG (+)= four cardinal functions times their squares; the first block, at 0, overwrites. */
function accumulate(
  cardinal: Float64Array,
  from: number,
  count: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  if (from === 0) {
    for (let at = 0; at < count; at++) {
      const row = 4 * at;
      LOG[at] =
        cardinal[row]! * a + cardinal[row + 1]! * b + (cardinal[row + 2]! * c + cardinal[row + 3]! * d);
    }
  } else {
    for (let at = 0; at < count; at++) {
      const row = from + 4 * at;
      LOG[at]! +=
        cardinal[row]! * a + cardinal[row + 1]! * b + (cardinal[row + 2]! * c + cardinal[row + 3]! * d);
    }
  }
}

/** Next to expiry, and in poor iterates, the polynomial may leave the range that the function has. */
function cutOff(from: number, points: number, own: number, most: number, rootEarlier: Float64Array): void {
  for (let k = 0; k < points; k++) {
    const square = LOG[from + k]!;
    const least = own * rootEarlier[k]!;
    const inside = square > least && square < most;
    const log = Math.sqrt(inside ? square : square > least ? most : least);
    LOG[from + k] = log;
    HALF_INVERSE[from + k] = inside ? 0.5 / log : 0;
  }
}

/**
 * 1 where the yield is so negative that e^(-yield tau) grows large and the two terms with N(d+), which is near 1, cancel: there each
 * N(d+) is taken as 1 - N(-d+), and what the ones add up to, 1, is added to the residual. Else 0.
 * @param d d+ of the strike at the node.
 */
export function baseOf(put: UnitPut, d: number): number {
  return put.yield * put.horizon < -1 && d > 0 && !put.forward ? 1 : 0;
}

/**
 * RESIDUAL at all nodes; with `fresh` also OWN and SENSITIVITY, its derivatives.
 *
 * The positive terms of the equation equal the negative ones. With rates near zero both are as small as the rates and as steep as
 * e^(-h^2 / 2 tau), so that Newton's method on their difference creeps or overshoots: the residual is the logarithm of their ratio, which is
 * close to linear in ln h.
 */
export function evaluate(
  put: UnitPut,
  time: Float64Array,
  quadrature: NodeQuadrature,
  squares: Float64Array,
  fresh: boolean,
): void {
  const { points } = quadrature;
  const nodes = time.length;
  const kappa = put.yield;
  exponentials(nodes * points, put.startRate, Math.max(put.rate - kappa, 0));
  standardise(nodes, points, squares);
  for (let i = 0; i < nodes; i++) {
    const root = Math.sqrt(put.horizon * time[i]!);
    STRIKE_D[i] = withinNormal((put.logStart - Math.sqrt(squares[i]!)) / root + put.drift * root);
    if (fresh) BASE[i] = baseOf(put, STRIKE_D[i]!);
  }
  integrate(nodes, points, kappa);
  for (let i = 0; i < nodes; i++) {
    const t = put.horizon * time[i]!;
    const d = STRIKE_D[i]!;
    const base = BASE[i]!;
    const discount = fastExp(-kappa * t);
    const density = fastExp(-0.5 * d * d);
    // What is left of the strike, N(d+), or 1 - N(-d+) with the second term on the other side.
    const kept = put.forward ? 0 : discount * (unitStep(d) - base + density * signedTail(d));
    const left = put.forward ? -GAINED[i]! : base + Math.max(kept, 0) + Math.max(PAID[i]!, 0);
    const right = put.forward ? -PAID[i]! : GAINED[i]! - Math.min(kept, 0) - Math.min(PAID[i]!, 0);
    const isRatio = left > 0 && right > 0;
    if (fresh) {
      LEFT_WEIGHT[i] = isRatio ? 1 / left : 1;
      RIGHT_WEIGHT[i] = isRatio ? 1 / right : 1;
      // The derivative of the strike's term with ln(start/B) of the node itself.
      const side = base === 0 ? LEFT_WEIGHT[i]! : RIGHT_WEIGHT[i]!;
      OWN[i] = put.forward ? 0 : (side * discount * density * INVERSE_SQRT_TWO_PI) / Math.sqrt(t);
    }
    const weight = RIGHT_WEIGHT[i]!;
    RESIDUAL[i] = isRatio && weight !== 1 ? Math.log(left / right) : weight * (left - right);
  }
  if (fresh) differentiate(nodes, points, kappa, squares, put.forward);
}

/** GAIN = rate / B(u) - yield, what exercise at B(u) earns, without the cancellation next to expiry. */
function exponentials(count: number, startRate: number, startGain: number): void {
  for (let at = 0; at < count; at++) GAIN[at] = startGain + startRate * fastExpm1(LOG[at]!);
}

/** D and DENSITY. */
function standardise(nodes: number, points: number, squares: Float64Array): void {
  for (let i = 0; i < nodes; i++) {
    const log = Math.sqrt(squares[i]!);
    const end = (i + 1) * points;
    for (let at = i * points; at < end; at++) {
      const d = withinNormal((LOG[at]! - log) * INVERSE_ROOT[at]! + DRIFTED[at]!);
      D[at] = d;
      DENSITY[at] = fastExp(-0.5 * d * d);
    }
  }
}

/** PAID = integral of e^(-yield s) yield (N(d+) - base) ds, GAINED that of e^(-yield s) (rate/B - yield) n(d+) / sqrt s. */
function integrate(nodes: number, points: number, kappa: number): void {
  for (let node = 0; node < nodes; node++) {
    const base = BASE[node]!;
    let paid = 0;
    let gained = 0;
    const end = (node + 1) * points;
    for (let at = node * points; at < end; at++) {
      const d = D[at]!;
      const density = DENSITY[at]!;
      const measure = MEASURE[at]!;
      paid += measure * (unitStep(d) - base + density * signedTail(d));
      gained += measure * density * GAIN[at]! * INVERSE_ROOT[at]!;
    }
    PAID[node] = kappa * paid;
    GAINED[node] = gained * INVERSE_SQRT_TWO_PI;
  }
}

/**
 * SENSITIVITY, and the rest of OWN: the change of the integrals with ln(start/B(u)), all u moving together, through d+ alone. With `isForward` the
 * gains are on the left.
 */
function differentiate(
  nodes: number,
  points: number,
  kappa: number,
  squares: Float64Array,
  isForward: boolean,
): void {
  for (let node = 0; node < nodes; node++) {
    let sum = 0;
    const end = (node + 1) * points;
    const right = isForward ? LEFT_WEIGHT[node]! : RIGHT_WEIGHT[node]!;
    const paid = kappa * (kappa > 0 || BASE[node] === 1 ? LEFT_WEIGHT[node]! : RIGHT_WEIGHT[node]!);
    for (let at = node * points; at < end; at++) {
      const inverse = INVERSE_ROOT[at]!;
      const measure = MEASURE[at]! * DENSITY[at]! * INVERSE_SQRT_TWO_PI * inverse;
      const gain = GAIN[at]!;
      const throughD = measure * (paid + right * gain * D[at]! * inverse);
      sum += throughD;
      SENSITIVITY[at] = (throughD - measure * right * (gain + kappa)) * HALF_INVERSE[at]!;
    }
    OWN[node] = -(OWN[node]! + sum) * (0.5 / Math.sqrt(squares[node]!));
  }
}

/** JACOBIAN, after a fresh {@link evaluate}. */
export function assemble(quadrature: NodeQuadrature, nodes: number, squares: Float64Array): void {
  const { points, cardinal } = quadrature;
  const count = nodes * points;
  for (let i = 0; i < nodes; i++) {
    const start = i * MOST_NODES;
    for (let j = 0; j < nodes; j += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      const from = j * count + 4 * i * points;
      for (let k = 0; k < points; k++) {
        const row = from + 4 * k;
        const f = SENSITIVITY[i * points + k]!;
        a += f * cardinal[row]!;
        b += f * cardinal[row + 1]!;
        c += f * cardinal[row + 2]!;
        d += f * cardinal[row + 3]!;
      }
      JACOBIAN[start + j] = a;
      JACOBIAN[start + j + 1] = b;
      JACOBIAN[start + j + 2] = c;
      JACOBIAN[start + j + 3] = d;
    }
    JACOBIAN[start + i]! += OWN[i]!;
    for (let j = 0; j < nodes; j++) JACOBIAN[start + j]! *= squares[j]!;
  }
}
