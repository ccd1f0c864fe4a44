/**
 * The early exercise premium of the unit put above its boundary, and its derivatives (F64, F65).
 *
 * premium = I(B(T)) + integral over s of [f(s; B(T - s)) - f(s; B(T))],
 *
 * f(s; B) = r e^(-r s) N(-d-(s, S/B)) - q S e^(-q s) N(-d+(s, S/B)), I(B) the integral of f for a boundary that stays at B, in closed form.
 * The difference vanishes at s = 0, where f itself has a layer as thin as the distance between spot and boundary.
 */
import { fastExp, signedTail, unitStep, withinNormal } from '../../numeric/fast-normal.ts';
import { MOST_PREMIUM_POINTS, type SchemeTables } from './scheme.ts';
import type { UnitPut } from './unit-put.ts';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** Below e^-700 everything is zero here. */
const LEAST_EXPONENT = -700;

/** Above this S e^(-q s) is only ever multiplied by a zero. */
const LARGEST_EXPONENT = 700;

/** e^x; x at most 709, zero below -700. */
function underflowing(x: number): number {
  return x < LEAST_EXPONENT ? 0 : fastExp(x);
}

/** Value, first and second derivative with respect to x = ln(S/K), in units of the strike. */
export type Premium = { value: number; first: number; second: number };

/**
 * Adds to `out` what exercise at the constant boundary e^`logBoundary` is worth, for x above it (F64).
 *
 * The closed form of the integral of lambda e^(-lambda s) N(-(a + b s)/sqrt s): by parts, then as for a first passage time. A and C are both
 * scaled so that no exponent is positive.
 */
function addConstantBoundary(put: UnitPut, x: number, logBoundary: number, out: Premium): void {
  const { rate, drift, spread, variance } = put;
  const a = x - logBoundary;
  const root = Math.sqrt(variance);
  const b = drift - 1;
  const boundary = Math.exp(logBoundary);
  const dMinus = (a + b * variance) / root;
  const dPlus = dMinus + root;
  const strikePv = Math.exp(-rate * variance);
  const spotPv = Math.exp(Math.min(x - put.yield * variance, LARGEST_EXPONENT));
  const zMinus = withinNormal(dMinus);
  const zPlus = withinNormal(dPlus);
  const eMinus = underflowing(-0.5 * dMinus * dMinus);
  const ePlus = underflowing(-0.5 * dPlus * dPlus);
  const strikeTerm = strikePv * (unitStep(-zMinus) + eMinus * signedTail(-zMinus));
  const spotTerm = spotPv * (unitStep(-zPlus) + ePlus * signedTail(-zPlus));
  // (a + spread T)/sqrt T is never negative: its N is all tail, and its density is strikePv n(d-) rescaled.
  const up = withinNormal((a + spread * variance) / root);
  const down = withinNormal((spread * variance - a) / root);
  const reach = strikePv * eMinus * signedTail(-up);
  // e^(-a (b + spread)) n(down) = strikePv n(d-) too, so the tail of the second term needs no exponential.
  const survive = unitStep(down) * underflowing(-a * (b + spread)) + strikePv * eMinus * signedTail(down);
  const even = 1 - boundary;
  const odd = (b - boundary * drift) / spread;
  out.value += spotTerm - strikeTerm + 0.5 * (reach * (even + odd) + survive * (even - odd));
  const gain = (rate - put.yield * boundary) / spread;
  const over = drift / spread;
  out.first +=
    spotTerm + gain * (reach - survive) - 0.5 * boundary * ((1 + over) * reach + (1 - over) * survive);
  const reachUp = (spread - b) * reach;
  const surviveDown = (spread + b) * survive;
  out.second +=
    spotTerm +
    gain * (reachUp + surviveDown) -
    0.5 * boundary * ((1 + over) * reachUp - (1 - over) * surviveDown);
}

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
  interpolate(tables, squares);
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

function interpolate(tables: SchemeTables, squares: Float64Array): void {
  const { premiumPoints, premiumCardinal, stride } = tables;
  for (let k = 0; k < premiumPoints; k++) {
    let even = 0;
    let odd = 0;
    for (let j = 0; j < stride; j += 4) {
      const row = k * stride + j;
      even += premiumCardinal[row]! * squares[j]! + premiumCardinal[row + 1]! * squares[j + 1]!;
      odd += premiumCardinal[row + 2]! * squares[j + 2]! + premiumCardinal[row + 3]! * squares[j + 3]!;
    }
    LOG[k] = Math.sqrt(Math.max(even + odd, 0));
  }
}
