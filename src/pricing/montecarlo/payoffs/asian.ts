import { RangeError } from '../../../base/errors.ts';
import type { PathBlock } from '../paths.ts';
import type { AsianSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { assetOf, checkNumber, finalDiscount, signOf } from './fields.ts';

/** e^(-rT) max(w (A - K), 0), A the arithmetic or geometric mean of the spot over all times. */
export function asianPayoff(spec: AsianSpec, plan: SimulationPlan): PathPayoff {
  const sign = signOf(spec.type);
  const strike = checkNumber('strike', spec.strike, 'nonNegative');
  if (spec.average !== 'arithmetic' && spec.average !== 'geometric') {
    throw new RangeError(`expected arithmetic or geometric as payoff.average, found ${spec.average}`, {
      field: 'average',
      found: String(spec.average),
    });
  }
  const { steps } = plan;
  const first = assetOf(spec.asset, plan) * steps;
  const discount = finalDiscount(plan);
  const arithmetic = spec.average === 'arithmetic';
  const average = ({ spots, logs, count }: PathBlock, out: Float64Array): void => {
    const source = arithmetic ? spots : logs;
    out.fill(0, 0, count);
    for (let step = 0; step < steps; step++) {
      const at = (first + step) * count;
      for (let p = 0; p < count; p++) out[p]! += source[at + p]!;
    }
    if (arithmetic) for (let p = 0; p < count; p++) out[p]! /= steps;
    else for (let p = 0; p < count; p++) out[p] = Math.exp(out[p]! / steps);
  };
  const mean = new Float64Array(plan.blockSamples);
  return {
    uniforms: 0,
    value(paths, out) {
      average(paths, out);
      for (let p = 0; p < paths.count; p++) out[p] = discount * Math.max(sign * (out[p]! - strike), 0);
    },
    gradient(paths, out) {
      average(paths, mean);
      const { count, spots } = paths;
      for (let p = 0; p < count; p++) {
        // dA/dS_k is 1/n, and for the geometric mean G / (n S_k).
        const live = sign * (mean[p]! - strike) > 0 ? (sign * discount) / steps : 0;
        mean[p] = arithmetic ? live : live * mean[p]!;
      }
      for (let step = 0; step < steps; step++) {
        const at = (first + step) * count;
        if (arithmetic) for (let p = 0; p < count; p++) out[at + p] = mean[p]!;
        else for (let p = 0; p < count; p++) out[at + p] = mean[p]! / spots[at + p]!;
      }
    },
  };
}
