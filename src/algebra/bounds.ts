import { PlanError } from '../base/errors.ts';
import type { Matrix } from '../numeric/matrix.ts';
import type { ChebyshevSeries } from './arithmetic.ts';

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

/**
 * |p(x)| <= sum |c_k| on the domain, since |T_k| <= 1 there.
 * @throws PlanError if the argument's bound reaches outside the series' domain: one slot out of range would
 * silently destroy its whole batch.
 */
export function polyBound(p: ChebyshevSeries, x: VectorBound, length: number): VectorBound {
  const [low, high] = p.domain;
  // Written so that NaN fails it.
  if (!(x.low >= low && x.high <= high)) {
    throw new PlanError(
      `a series on [${low}, ${high}] is applied to a vector that may reach [${x.low}, ${x.high}]; ` +
        'declare a tighter input bound or use a series on a wider domain',
      { low, high, argumentLow: x.low, argumentHigh: x.high },
    );
  }
  const most = p.coefficients.reduce((total, c) => total + Math.abs(c), 0);
  return boundOf(-most, most, length);
}

/** Bound of a value that is one of two. */
export function hullOfBounds(a: VectorBound, b: VectorBound, length: number): VectorBound {
  return boundOf(Math.min(a.low, b.low), Math.max(a.high, b.high), length, a.l1 + b.l1);
}
