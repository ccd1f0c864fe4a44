import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import type { PolynomialSchedule } from '../../algebra/series/schedule.ts';
import { schedulePolynomials } from '../../algebra/series/schedule-of.ts';
import { derivative } from '../../numeric/chebyshev/calculus.ts';
import { rangeOf } from '../../numeric/chebyshev/range.ts';
import type { Interval } from './interval.ts';

/** What does not depend on parameters: a circuit is lowered several times for one plan, and each of these takes milliseconds. */
type Facts = {
  range?: Interval;
  /** Of p(u), on [-1, 1]. */
  slope?: number;
  slopeBySquare?: number;
  readonly schedules: Map<string, PolynomialSchedule>;
};

/** By coefficients, which a circuit never changes. */
const known = new WeakMap<Float64Array, Facts>();

function factsOf({ coefficients }: Pick<ChebyshevSeries, 'coefficients'>): Facts {
  const found = known.get(coefficients) ?? { schedules: new Map() };
  known.set(coefficients, found);
  return found;
}

/** All values on the domain, proved. */
export function seriesRange(series: ChebyshevSeries): Interval {
  const facts = factsOf(series);
  if (facts.range === undefined) {
    const [low, high] = rangeOf({ coefficients: series.coefficients, domain: [-1, 1] });
    facts.range = { low, high };
  }
  return facts.range;
}

/** Largest |p'| on the domain, proved. */
export function seriesSlope(series: ChebyshevSeries): number {
  const facts = factsOf(series);
  if (facts.slope === undefined) {
    const [low, high] = rangeOf(derivative({ coefficients: series.coefficients, domain: [-1, 1] }));
    facts.slope = Math.max(Math.abs(low), Math.abs(high));
  }
  // The same coefficients may stand for a series on another domain.
  return (2 * facts.slope) / (series.domain[1] - series.domain[0]);
}

/**
 * With p = e(t) + u o(t) in u and t = T_2(u): largest |e'(t) + u o'(t)|, the derivative by t at fixed u, proved. e has the even
 * coefficients of p, and those of o follow from T_(2m+1)(u) = 2 u T_m(t) - T_(2m-1)(u).
 */
export function seriesSlopeBySquare(series: Pick<ChebyshevSeries, 'coefficients'>): number {
  const facts = factsOf(series);
  if (facts.slopeBySquare === undefined) {
    const [low, high] = rangeOf({ coefficients: derivativeBySquare(series.coefficients), domain: [-1, 1] });
    facts.slopeBySquare = Math.max(Math.abs(low), Math.abs(high));
  }
  return facts.slopeBySquare;
}

/** Coefficients, in u, of e'(t) + u o'(t). */
function derivativeBySquare(p: Float64Array): Float64Array {
  const size = Math.ceil(p.length / 2) + 1;
  const even = Float64Array.from({ length: size }, (_, m) => p[2 * m] ?? 0);
  // u T_2m(u) = (T_(2m+1) + T_(2m-1)) / 2: solved from the top.
  const odd = new Float64Array(size);
  for (let m = size - 2; m > 0; m--) odd[m] = 2 * (p[2 * m + 1] ?? 0) - odd[m + 1]!;
  odd[0] = (p[1] ?? 0) - 0.5 * odd[1]!;
  const slope = (coefficients: Float64Array) => derivative({ coefficients, domain: [-1, 1] }).coefficients;
  const out = new Float64Array(2 * size + 2);
  slope(even).forEach((c, m) => {
    out[2 * m]! += c;
  });
  slope(odd).forEach((c, m) => {
    out[2 * m + 1]! += 0.5 * c;
    out[Math.abs(2 * m - 1)]! += 0.5 * c;
  });
  return out;
}

/** The schedule of one series whose coefficients below `least` are left out. */
export function seriesSchedule(
  series: Pick<ChebyshevSeries, 'coefficients'>,
  least: number,
  weighted: boolean,
): PolynomialSchedule {
  const kept = series.coefficients.map((c) => (Math.abs(c) < least ? 0 : c));
  const { schedules } = factsOf(series);
  // The coefficients that are left out are the same wherever as many are.
  const key = `${kept.reduce((count, c) => count + Number(c !== 0), 0)} ${weighted}`;
  const schedule = schedules.get(key) ?? schedulePolynomials([{ series: { coefficients: kept }, weighted }]);
  schedules.set(key, schedule);
  return schedule;
}
