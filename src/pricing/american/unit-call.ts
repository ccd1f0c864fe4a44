import { normalCdf, normalPdf } from '../../numeric/normal.ts';
import type { Premium } from './constant-boundary.ts';
import type { UnitPut } from './unit-put.ts';

/** The European call on the terms of a unit put and its derivatives by x = ln(S/K), into `out`. */
export function callPremium(put: UnitPut, x: number, out: Premium): void {
  const { rate, drift, variance } = put;
  const root = Math.sqrt(variance);
  const dPlus = x / root + drift * root;
  const spotTerm = Math.exp(x - put.yield * variance) * normalCdf(dPlus);
  const strikePv = Math.exp(-rate * variance);
  out.value = Math.max(0, spotTerm - strikePv * normalCdf(dPlus - root));
  out.first = spotTerm;
  out.second = spotTerm + (strikePv * normalPdf(dPlus - root)) / root;
}
