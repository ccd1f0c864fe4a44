/**
 * The early exercise premium of the unit put above its boundary, and its derivatives (F64, F65).
 *
 * premium = I(B(T)) + integral over s of [f(s; B(T - s)) - f(s; B(T))],
 *
 * f(s; B) = r e^(-r s) N(-d-(s, S/B)) - q S e^(-q s) N(-d+(s, S/B)), I(B) the integral of f for a boundary that stays at B, in closed form.
 * The difference vanishes at s = 0, where f itself has a layer as thin as the distance between spot and boundary.
 */
import { signedTail, unitStep, withinNormal } from '../../numeric/fast-normal.ts';
import { addConstantBoundary, LARGEST_EXPONENT, type Premium, underflowing } from './constant-boundary.ts';
import { MOST_PREMIUM_POINTS, type SchemeTables } from './scheme.ts';
import type { UnitPut } from './unit-put.ts';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

// Per point, for one option.
const LOG = new Float64Array(MOST_PREMIUM_POINTS);

/**
 * The premium of the unit put at x = ln(S/K) above the boundary whose ln(start/B)^2 at the nodes are `squares`, into `out`.
 * Cost: per point of the scheme five exponentials, four distribution functions and one row of the interpolation.
 */
export function evaluatePremium(
  put: UnitPut,
  tables: SchemeTables,
  squares: Float64Array,
  x: number,
  out: Premium,
): void {
  const { premiumPoints, premiumTime, premiumWeight, nodes } = tables;
  const { rate, drift, logStart, horizon, variance } = put;
  const kappa = put.yield;
  const logBoundary = logStart - Math.sqrt(squares[nodes - 1]!);
  const boundary = Math.exp(logBoundary);
  out.value = 0;
  out.first = 0;
  out.second = 0;
  addConstantBoundary(put, x, logBoundary, out);
  interpolateLogs(tables, squares, LOG);
  const longer = variance - horizon;
  let value = 0;
  let first = 0;
  let second = 0;
  for (let k = 0; k < premiumPoints; k++) {
    const s = longer + horizon * premiumTime[k]!;
    const root = Math.sqrt(s);
    const inverse = 1 / root;
    const logThen = logStart - LOG[k]!;
    const dPlus = (x - logThen) * inverse + drift * root;
    const dMinus = dPlus - root;
    const dPlusFlat = (x - logBoundary) * inverse + drift * root;
    const dMinusFlat = dPlusFlat - root;
    const strikePv = underflowing(-rate * s);
    const spotPv = kappa * underflowing(Math.min(x - kappa * s, LARGEST_EXPONENT));
    const then = underflowing(logThen);
    // S e^(-q s) n(d+) = B e^(-r s) n(d-): the density of d- serves both.
    const density = strikePv * underflowing(-0.5 * dMinus * dMinus);
    const densityFlat = strikePv * underflowing(-0.5 * dMinusFlat * dMinusFlat);
    const zMinus = withinNormal(dMinus);
    const zPlus = withinNormal(dPlus);
    const zMinusFlat = withinNormal(dMinusFlat);
    const zPlusFlat = withinNormal(dPlusFlat);
    const spotTerm =
      spotPv * (unitStep(-zPlus) - unitStep(-zPlusFlat)) +
      kappa * (then * density * signedTail(-zPlus) - boundary * densityFlat * signedTail(-zPlusFlat));
    const strikeTerm =
      rate *
      (strikePv * (unitStep(-zMinus) - unitStep(-zMinusFlat)) +
        density * signedTail(-zMinus) -
        densityFlat * signedTail(-zMinusFlat));
    const gain = (rate - kappa * then) * density * inverse * INVERSE_SQRT_TWO_PI;
    const gainFlat = (rate - kappa * boundary) * densityFlat * inverse * INVERSE_SQRT_TWO_PI;
    const weight = premiumWeight[k]!;
    value += weight * (strikeTerm - spotTerm);
    first -= weight * (gain - gainFlat + spotTerm);
    second +=
      weight *
      ((gain * dMinus - gainFlat * dMinusFlat) * inverse -
        spotTerm +
        kappa * (then * density - boundary * densityFlat) * inverse * INVERSE_SQRT_TWO_PI);
  }
  out.value += horizon * value;
  out.first += horizon * first;
  out.second += horizon * second;
}

/** `logs` at the premium's points: ln(start/B). */
export function interpolateLogs(tables: SchemeTables, squares: Float64Array, logs: Float64Array): void {
  const { premiumPoints, premiumCardinal, stride } = tables;
  for (let k = 0; k < premiumPoints; k++) {
    let even = 0;
    let odd = 0;
    for (let j = 0; j < stride; j += 4) {
      const row = k * stride + j;
      even += premiumCardinal[row]! * squares[j]! + premiumCardinal[row + 1]! * squares[j + 1]!;
      odd += premiumCardinal[row + 2]! * squares[j + 2]! + premiumCardinal[row + 3]! * squares[j + 3]!;
    }
    logs[k] = Math.sqrt(Math.max(even + odd, 0));
  }
}
