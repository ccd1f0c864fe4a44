import { factoriseLu, solveLu } from '../../numeric/small-lu.ts';
import { startBoundary } from './boundary-start.ts';
import { MOST_NODES, type SchemeTables } from './scheme.ts';
import { assemble, evaluate, interpolate, JACOBIAN, prepare, RESIDUAL } from './smooth-pasting.ts';
import { stiffness, type UnitPut } from './unit-put.ts';

/** ln(start / B) above which the option is worthless in double precision long before the boundary is reached. */
const LARGEST_LOG = 300;
/** Below this largest relative change the Jacobian is good enough for another step. */
const REUSE_BELOW = 1e-2;
/** Above this largest relative change the coarser quadrature is good enough... */
const COARSE_ABOVE = 1e-2;
/** ...unless the integrands change faster than it can see. */
const MOST_COARSE_STIFFNESS = 3;

const STEP = new Float64Array(MOST_NODES);
const PIVOT = new Int32Array(MOST_NODES);
/** Squares of ln(start / B) at the time of the last Jacobian. */
const REFERENCE = new Float64Array(MOST_NODES);

/**
 * Fills `squares` (length: the tables' stride) with ln(start / B)^2 at the nodes, B the exercise boundary of `put`, by Newton's method on
 * all nodes together (F63).
 * Cost: per iteration nodes x quadrature evaluations of two exponentials, a square root and one normal distribution
 * function, and nodes^2 x quadrature multiplications.
 * @returns the largest relative change of the last step; above the scheme's tolerance, or NaN, where it has not converged.
 */
export function solveBoundary(put: UnitPut, tables: SchemeTables, squares: Float64Array): number {
  const change = iterate(put, tables, squares, stiffness(put) <= MOST_COARSE_STIFFNESS);
  return change <= tables.scheme.tolerance ? change : iterate(put, tables, squares, false, 0);
}

/**
 * Newton's method from the first guess. Without the two short cuts, the coarser quadrature and Jacobians that are used again, it is slower and converges
 * from anywhere that the guesses have been seen to be.
 */
function iterate(
  put: UnitPut,
  tables: SchemeTables,
  squares: Float64Array,
  coarseFirst: boolean,
  reuseBelow: number = REUSE_BELOW,
): number {
  const { nodes, time } = tables;
  const { iterations, tolerance } = tables.scheme;
  squares.fill(0);
  startBoundary(put, time, squares);
  let quadrature = coarseFirst ? tables.coarse : tables.fine;
  prepare(put, time, quadrature);
  // The perpetual put's is a bound; a tenth more leaves room for the interpolation to overshoot.
  const most = Math.min(1.1 * put.perpetual, LARGEST_LOG) ** 2;
  let change = 1;
  for (let step = 0; step < iterations && (change > tolerance || quadrature !== tables.fine); step++) {
    if (quadrature !== tables.fine && change < COARSE_ABOVE) {
      quadrature = tables.fine;
      prepare(put, time, quadrature);
    }
    const fresh = change > reuseBelow;
    interpolate(quadrature, nodes, squares, most);
    evaluate(put, time, quadrature, squares, fresh);
    if (fresh) {
      assemble(quadrature, nodes, squares);
      factoriseLu(JACOBIAN, MOST_NODES, nodes, PIVOT);
      for (let i = 0; i < nodes; i++) REFERENCE[i] = squares[i]!;
    }
    for (let i = 0; i < nodes; i++) STEP[i] = -RESIDUAL[i]!;
    solveLu(JACOBIAN, MOST_NODES, nodes, PIVOT, STEP);
    change = update(nodes, squares, most);
    if (Number.isNaN(change)) break;
  }
  return change;
}

/** Moves the squares, none by more than a factor of 3. @returns the largest relative change. */
function update(nodes: number, squares: Float64Array, most: number): number {
  let largest = 0;
  for (let i = 0; i < nodes; i++) {
    const before = squares[i]!;
    const relative = (STEP[i]! * REFERENCE[i]!) / before;
    const after = Math.min(before * Math.min(3, Math.max(0.3, 1 + relative)), most);
    squares[i] = after;
    largest = Math.max(largest, Math.abs(after / before - 1));
  }
  return largest;
}
