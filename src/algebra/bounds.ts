import { rangeOf } from '../numeric/chebyshev/range.ts';
import type { Matrix } from '../numeric/matrix.ts';
import type { ChebyshevSeries } from './arithmetic.ts';
import type { Operation } from './circuit.ts';

/**
 * What is known about every element of a vector before it is known: low <= v_i <= high, and sum |v_i| <= l1.
 * The 1-norm matters because a normalised portfolio has sum |z_i| <= 1 and therefore |M z| <= max |M_ij|,
 * a factor `length` better than what intervals alone give.
 */
export type VectorBound = { readonly low: number; readonly high: number; readonly l1: number };

/** The largest magnitude that the bound allows an element. */
export function magnitudeOf(bound: VectorBound): number {
  return Math.max(Math.abs(bound.low), Math.abs(bound.high));
}

export function boundOf(low: number, high: number, length: number, l1: number = Infinity): VectorBound {
  const tight = Math.min(l1, length * Math.max(Math.abs(low), Math.abs(high)));
  return { low: Math.max(low, -tight), high: Math.min(high, tight), l1: tight };
}

export function addBounds(a: VectorBound, b: VectorBound, length: number): VectorBound {
  return boundOf(a.low + b.low, a.high + b.high, length, a.l1 + b.l1);
}

export function scaleBound(a: VectorBound, factor: number, length: number): VectorBound {
  const ends = [a.low * factor, a.high * factor];
  return boundOf(Math.min(...ends), Math.max(...ends), length, a.l1 * Math.abs(factor));
}

/** The bound of a public vector. */
export function boundOfPlain(w: Float64Array): VectorBound {
  let low = Infinity;
  let high = -Infinity;
  let l1 = 0;
  for (const value of w) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    l1 += Math.abs(value);
  }
  return { low, high, l1 };
}

export function mulBounds(a: VectorBound, b: VectorBound, length: number): VectorBound {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  const l1 = Math.min(a.l1 * magnitudeOf(b), b.l1 * magnitudeOf(a));
  return boundOf(Math.min(...corners), Math.max(...corners), length, l1);
}

export function sumBound(a: VectorBound, length: number): VectorBound {
  return boundOf(length * a.low, length * a.high, 1, a.l1);
}

/** Row by row: the interval product, cut by max_j |M_rj| times the 1-norm of x. */
export function matVecBound(m: Matrix, x: VectorBound): VectorBound {
  let low = Infinity;
  let high = -Infinity;
  let l1 = 0;
  for (let r = 0; r < m.rows; r++) {
    let rowLow = 0;
    let rowHigh = 0;
    let largest = 0;
    for (let c = r * m.cols; c < (r + 1) * m.cols; c++) {
      const value = m.data[c]!;
      rowLow += value > 0 ? value * x.low : value * x.high;
      rowHigh += value > 0 ? value * x.high : value * x.low;
      largest = Math.max(largest, Math.abs(value));
    }
    const cut = largest * x.l1;
    rowLow = Math.max(rowLow, -cut);
    rowHigh = Math.min(rowHigh, cut);
    low = Math.min(low, rowLow);
    high = Math.max(high, rowHigh);
    l1 += Math.max(Math.abs(rowLow), Math.abs(rowHigh));
  }
  return boundOf(low, high, m.rows, l1);
}

/** The range of the series over what the argument may be, as far as that lies in its domain; see {@link rangeOf}. */
export function polyBound(p: ChebyshevSeries, x: VectorBound, length: number): VectorBound {
  const [first, last] = p.domain;
  const inside = (value: number): number => Math.min(last, Math.max(first, value));
  const [low, high] = rangeOf(p, inside(x.low), inside(x.high));
  // |T_k| <= 1: what authors of circuits reckon with, and what the search of the range may exceed by its tolerance.
  const most = p.coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
  return boundOf(Math.max(-most, low), Math.min(most, high), length);
}

/** a a, which cannot be negative. */
export function squareBound(a: VectorBound, length: number): VectorBound {
  const least = a.low > 0 ? a.low : a.high < 0 ? -a.high : 0;
  const most = magnitudeOf(a);
  return boundOf(least ** 2, most ** 2, length, a.l1 * most);
}

/** Of every element as an inner product; of their sum by Hölder, over either side. */
function matMulBound(
  a: VectorBound,
  b: VectorBound,
  rows: number,
  inner: number,
  length: number,
): VectorBound {
  const { low, high } = sumBound(mulBounds(a, b, inner), inner);
  const perRow = Math.min(b.l1, (length / rows) * magnitudeOf(b));
  const perColumn = Math.min(a.l1, rows * magnitudeOf(a));
  return boundOf(low, high, length, Math.min(a.l1 * perRow, b.l1 * perColumn));
}

export function maxBound(a: VectorBound, b: VectorBound, length: number): VectorBound {
  return boundOf(Math.max(a.low, b.low), Math.max(a.high, b.high), length, a.l1 + b.l1);
}

/** Bound of a value that is one of two. */
export function hullOfBounds(a: VectorBound, b: VectorBound, length: number): VectorBound {
  return boundOf(Math.min(a.low, b.low), Math.max(a.high, b.high), length, a.l1 + b.l1);
}

/** What two bounds of the same value say together. Should rounding leave nothing between them, the second counts. */
export function intersectBounds(a: VectorBound, b: VectorBound, length: number): VectorBound {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return low <= high ? boundOf(low, high, length, Math.min(a.l1, b.l1)) : b;
}

type Known = { readonly length: number; readonly bound: VectorBound };

/** The bound of an operation's result, from those of its arguments (its square is not negative). */
export function boundOfOperation(
  operation: Exclude<Operation, { readonly op: 'input' }>,
  length: number,
  nodes: readonly Known[],
): VectorBound {
  const at = (index: number): VectorBound => nodes[index]!.bound;
  switch (operation.op) {
    case 'constant':
      return boundOfPlain(operation.plain);
    case 'add':
      return addBounds(at(operation.args[0]), at(operation.args[1]), length);
    case 'sub':
      return addBounds(at(operation.args[0]), scaleBound(at(operation.args[1]), -1, length), length);
    case 'scale':
      return scaleBound(at(operation.args[0]), operation.factor, length);
    case 'addPlain':
      return addBounds(at(operation.args[0]), boundOfPlain(operation.plain), length);
    case 'mulPlain':
      return mulBounds(at(operation.args[0]), boundOfPlain(operation.plain), length);
    case 'sum':
      return sumBound(at(operation.args[0]), nodes[operation.args[0]]!.length);
    case 'replicate':
    case 'kthSmallest': {
      const { low, high } = at(operation.args[0]);
      return boundOf(low, high, length);
    }
    case 'smallest': {
      const { low, high, l1 } = at(operation.args[0]);
      return boundOf(low, high, length, l1);
    }
    case 'sort':
      return at(operation.args[0]);
    case 'matMul': {
      const [a, b] = operation.args;
      return matMulBound(at(a), at(b), operation.rows, nodes[a]!.length / operation.rows, length);
    }
    case 'within': {
      const { low, high, l1 } = at(operation.args[0]);
      return boundOf(Math.max(low, operation.low), Math.min(high, operation.high), length, l1);
    }
    case 'matVecPlain':
      return matVecBound(operation.matrix, at(operation.args[0]));
    case 'mul':
      return productBound(operation.args, length, nodes);
    case 'dot': {
      const elements = nodes[operation.args[0]]!.length;
      return sumBound(productBound(operation.args, elements, nodes), elements);
    }
    case 'poly':
      return polyBound(operation.series, at(operation.args[0]), length);
    case 'lessThan':
      return boundOf(0, 1, length);
    case 'select':
      return hullOfBounds(at(operation.args[1]), at(operation.args[2]), length);
    case 'max':
      return maxBound(at(operation.args[0]), at(operation.args[1]), length);
  }
}

function productBound(
  [a, b]: readonly [number, number],
  length: number,
  nodes: readonly Known[],
): VectorBound {
  return a === b ? squareBound(nodes[a]!.bound, length) : mulBounds(nodes[a]!.bound, nodes[b]!.bound, length);
}
