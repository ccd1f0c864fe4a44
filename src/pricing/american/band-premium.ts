import { signedTail, unitStep, withinNormal } from '../../numeric/fast-normal.ts';
import { LARGEST_EXPONENT, type Premium, underflowing } from './constant-boundary.ts';
import type { HeldBoundary } from './held-boundary.ts';
import { interpolateLogs } from './premium.ts';
import { MOST_PREMIUM_POINTS } from './scheme.ts';
import type { UnitPut } from './unit-put.ts';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

// Per point, for one option.
const UPPER = new Float64Array(MOST_PREMIUM_POINTS);
const LOWER = new Float64Array(MOST_PREMIUM_POINTS);

/**
 * The premium of exercise between two boundaries that exist from expiry up to a time before the whole term (F69), into `out`: the
 * integral of f(s; upper) - f(s; lower), f as in F64, over the times s at which the band may be reached.
 * @param put the whole term. @param upper @param lower as far as they exist, found with the same tables.
 */
export function addBandPremium(
  put: UnitPut,
  upper: HeldBoundary,
  lower: HeldBoundary,
  x: number,
  out: Premium,
): void {
  const { tables } = upper;
  const { premiumPoints, premiumTime, premiumWeight } = tables;
  const { horizon } = upper.put;
  interpolateLogs(tables, upper.squares, UPPER);
  interpolateLogs(tables, lower.squares, LOWER);
  const longer = put.variance - horizon;
  out.value = 0;
  out.first = 0;
  out.second = 0;
  for (let k = 0; k < premiumPoints; k++) {
    const s = longer + horizon * premiumTime[k]!;
    const weight = horizon * premiumWeight[k]!;
    addBelow(put, x, upper.put.logStart - UPPER[k]!, s, weight, out);
    addBelow(put, x, LOWER[k]! - lower.put.logStart, s, -weight, out);
  }
}

/** Adds `weight` f(s; e^`log`) and its derivatives by x: what exercise below e^`log` earns, `s` from now. */
function addBelow(put: UnitPut, x: number, log: number, s: number, weight: number, out: Premium): void {
  const { rate, drift } = put;
  const root = Math.sqrt(s);
  const dPlus = (x - log) / root + drift * root;
  const dMinus = dPlus - root;
  const zMinus = withinNormal(dMinus);
  const zPlus = withinNormal(dPlus);
  const strikePv = underflowing(-rate * s);
  const density = strikePv * underflowing(-0.5 * dMinus * dMinus);
  const boundary = underflowing(log);
  // S e^(-q s) n(d+) = B e^(-r s) n(d-): the density of d- serves both.
  const spotTerm =
    put.yield *
    (unitStep(-zPlus) * underflowing(Math.min(x - put.yield * s, LARGEST_EXPONENT)) +
      boundary * density * signedTail(-zPlus));
  const strikeTerm = rate * (unitStep(-zMinus) * strikePv + density * signedTail(-zMinus));
  const gain = ((rate - put.yield * boundary) * density * INVERSE_SQRT_TWO_PI) / root;
  out.value += weight * (strikeTerm - spotTerm);
  out.first -= weight * (gain + spotTerm);
  out.second +=
    weight *
    ((gain * dMinus) / root - spotTerm + (put.yield * boundary * density * INVERSE_SQRT_TWO_PI) / root);
}
