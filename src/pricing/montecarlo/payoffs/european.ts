import type { EuropeanSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { assetOf, checkNumber, finalDiscount, signOf } from './fields.ts';

/** e^(-rT) max(w (S - K), 0). */
export function europeanPayoff(spec: EuropeanSpec, plan: SimulationPlan): PathPayoff {
  const sign = signOf(spec.type);
  const strike = checkNumber('strike', spec.strike, 'nonNegative');
  const last = assetOf(spec.asset, plan) * plan.steps + plan.steps - 1;
  const discount = finalDiscount(plan);
  return {
    uniforms: 0,
    value({ spots, count }, out) {
      const at = last * count;
      for (let p = 0; p < count; p++) out[p] = discount * Math.max(sign * (spots[at + p]! - strike), 0);
    },
    gradient({ spots, count }, out) {
      const at = last * count;
      for (let p = 0; p < count; p++) {
        out[at + p] = sign * (spots[at + p]! - strike) > 0 ? sign * discount : 0;
      }
    },
  };
}
