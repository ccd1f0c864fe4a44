import type { ChebyshevSeries } from './arithmetic.ts';
import type { VectorBound } from './bounds.ts';
import { productOfVectors } from './matrix-folding.ts';

/** A series without leading zeros, or the simpler thing that it is. */
type Reduced =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'affine'; readonly slope: number; readonly offset: number }
  | { readonly kind: 'series'; readonly series: ChebyshevSeries };

export function reduceSeries(series: ChebyshevSeries): Reduced {
  const { coefficients, domain } = series;
  let count = coefficients.length;
  while (count > 1 && coefficients[count - 1] === 0) count--;
  if (count === 1) return { kind: 'constant', value: coefficients[0]! };
  if (count === 2) {
    const [low, high] = domain;
    // c_0 + c_1 (2 x - low - high) / (high - low)
    const slope = (2 * coefficients[1]!) / (high - low);
    const offset = coefficients[0]! - (coefficients[1]! * (low + high)) / (high - low);
    if (Number.isFinite(slope) && slope !== 0 && Number.isFinite(offset)) {
      return { kind: 'affine', slope, offset };
    }
  }
  const trimmed = count === coefficients.length ? coefficients : coefficients.slice(0, count);
  return { kind: 'series', series: { ...series, coefficients: trimmed } };
}

/** factor p. */
export function timesSeries(series: ChebyshevSeries, factor: number): ChebyshevSeries | undefined {
  const coefficients = productOfVectors(series.coefficients, factor);
  const error = series.error * Math.abs(factor);
  return coefficients && Number.isFinite(error) ? { ...series, coefficients, error } : undefined;
}

/** p + q, on one domain. */
export function addSeries(p: ChebyshevSeries, q: ChebyshevSeries): ChebyshevSeries {
  const [long, short] =
    p.coefficients.length >= q.coefficients.length
      ? [p.coefficients, q.coefficients]
      : [q.coefficients, p.coefficients];
  const coefficients = long.map((value, k) => value + (short[k] ?? 0));
  return { ...p, coefficients, error: p.error + q.error };
}

/** Relative change of an interval that counts as rounding. */
const MAX_ROUNDING = 2 ** -44;

/** More than this many bits of a double are not given away to a shifted interval. */
const MAX_SHIFT = 2 ** 10;

/**
 * x -> p(factor x + offset) as a series on its own interval; undefined where that would lose accuracy. `argument` bounds
 * x, and lies in the new domain as its image lies in the old one.
 */
export function shiftSeries(
  series: ChebyshevSeries,
  factor: number,
  offset: number,
  argument: VectorBound,
): ChebyshevSeries | undefined {
  const ends = series.domain.map((end) => (end - offset) / factor) as [number, number];
  const [low, high] = factor > 0 ? ends : [ends[1], ends[0]];
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) return undefined;
  if (Math.abs(offset) > MAX_SHIFT * (series.domain[1] - series.domain[0])) return undefined;
  // T_k(-u) = (-1)^k T_k(u).
  const coefficients =
    factor > 0 ? series.coefficients : series.coefficients.map((c, k) => (k % 2 === 0 ? c : -c));
  const moved = [Math.min(low, argument.low) + 0, Math.max(high, argument.high) + 0] as const;
  // By rounding the ends may move. By more, where more is known of the shifted value than of this one, they may not:
  // that would be another polynomial.
  if (moved[1] - moved[0] > (high - low) * (1 + MAX_ROUNDING)) return undefined;
  return { ...series, coefficients, domain: moved };
}
