/** What exercise at a boundary that does not move is worth: the part of a premium that has a closed form (F64). */
import { faddeeva } from '../../numeric/faddeeva.ts';
import { fastExp, signedTail, unitStep, withinNormal } from '../../numeric/fast-normal.ts';
import type { UnitPut } from './unit-put.ts';

/** Below e^-700 everything is zero here. */
const LEAST_EXPONENT = -700;

/** Above this S e^(-q s) is only ever multiplied by a zero. */
export const LARGEST_EXPONENT = 700;

/** e^x; x at most 709, zero below -700. */
export function underflowing(x: number): number {
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
export function addConstantBoundary(put: UnitPut, x: number, logBoundary: number, out: Premium): void {
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
  out.value += spotTerm - strikeTerm;
  out.first += spotTerm;
  out.second += spotTerm;
  const density = strikePv * eMinus;
  if (put.oscillates) {
    addOscillating(put, a, boundary, density, out);
    return;
  }
  // (a + spread T)/sqrt T is never negative: its N is all tail, and its density is strikePv n(d-) rescaled.
  const up = withinNormal((a + spread * variance) / root);
  const down = withinNormal((spread * variance - a) / root);
  const reach = density * signedTail(-up);
  // e^(-a (b + spread)) n(down) = strikePv n(d-) too, so the tail of the second term needs no exponential.
  const survive = unitStep(down) * underflowing(-a * (b + spread)) + density * signedTail(down);
  const even = 1 - boundary;
  const odd = (b - boundary * drift) / spread;
  out.value += 0.5 * (reach * (even + odd) + survive * (even - odd));
  const gain = (rate - put.yield * boundary) / spread;
  const over = drift / spread;
  out.first += gain * (reach - survive) - 0.5 * boundary * ((1 + over) * reach + (1 - over) * survive);
  const reachUp = (spread - b) * reach;
  const surviveDown = (spread + b) * survive;
  out.second +=
    gain * (reachUp + surviveDown) - 0.5 * boundary * ((1 + over) * reachUp - (1 - over) * surviveDown);
}

/**
 * The rest of {@link addConstantBoundary} where the spread is i w: reach and survive are then conjugate, e^(z^2/2) N(-z) at the complex
 * z = (a +- i w T)/sqrt T, by the Faddeeva function.
 */
function addOscillating(put: UnitPut, a: number, boundary: number, density: number, out: Premium): void {
  const { rate, drift, spread: frequency, variance } = put;
  const b = drift - 1;
  const scale = Math.sqrt(2 * variance);
  const w = faddeeva((frequency * variance) / scale, a / scale);
  const even = 0.5 * density * w.re;
  const odd = (-0.5 * density * w.im) / frequency;
  const gain = rate - put.yield * boundary;
  out.value += (1 - boundary) * even + (b - boundary * drift) * odd;
  out.first += 2 * gain * odd - boundary * (even + drift * odd);
  out.second +=
    2 * gain * (even - b * odd) +
    boundary * (frequency * frequency * odd + b * even - drift * (even - b * odd));
}
