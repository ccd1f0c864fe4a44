import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import type { PolynomialSchedule } from '../../algebra/series/schedule.ts';
import { schedulePolynomials } from '../../algebra/series/schedule-of.ts';
import { derivative } from '../../numeric/chebyshev/calculus.ts';
import { rangeOf } from '../../numeric/chebyshev/range.ts';
import type { Interval } from './interval.ts';

/** What does not depend on parameters: a circuit is lowered several times for one plan, and each of these takes milliseconds. */
type Facts = { range?: Interval; slope?: number; readonly schedules: Map<string, PolynomialSchedule> };

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
    const [low, high] = rangeOf(series);
    facts.range = { low, high };
  }
  return facts.range;
}

/** Largest |p'| on the domain, proved. */
export function seriesSlope(series: ChebyshevSeries): number {
  const facts = factsOf(series);
  if (facts.slope === undefined) {
    const [low, high] = rangeOf(derivative(series));
    facts.slope = Math.max(Math.abs(low), Math.abs(high));
  }
  return facts.slope;
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
