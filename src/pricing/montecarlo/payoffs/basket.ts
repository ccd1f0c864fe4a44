import { ShapeError } from '../../../base/errors.ts';
import type { PathBlock } from '../paths.ts';
import type { BasketSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { checkNumber, finalDiscount, signOf } from './fields.ts';

/**
 * e^(-rT) max(w (sum_i weight_i S_i - K), 0).
 * @throws ShapeError unless there is a weight for each underlying.
 */
export function basketPayoff(spec: BasketSpec, plan: SimulationPlan): PathPayoff {
  const sign = signOf(spec.type);
  const strike = checkNumber('strike', spec.strike, 'finite');
  if (spec.weights.length !== plan.assets) {
    throw new ShapeError(`expected ${plan.assets} payoff.weights, found ${spec.weights.length}`, {
      expected: plan.assets,
      found: spec.weights.length,
    });
  }
  spec.weights.forEach((weight, i) => {
    checkNumber(`weights[${i}]`, weight, 'finite');
  });
  const discount = finalDiscount(plan);
  const lastOf = (asset: number): number => asset * plan.steps + plan.steps - 1;
  const sum = ({ spots, count }: PathBlock, out: Float64Array): void => {
    out.fill(0, 0, count);
    spec.weights.forEach((weight, asset) => {
      const at = lastOf(asset) * count;
      for (let p = 0; p < count; p++) out[p]! += weight * spots[at + p]!;
    });
  };
  const basket = new Float64Array(plan.blockSamples);
  return {
    uniforms: 0,
    value(paths, out) {
      sum(paths, out);
      for (let p = 0; p < paths.count; p++) out[p] = discount * Math.max(sign * (out[p]! - strike), 0);
    },
    gradient(paths, out) {
      sum(paths, basket);
      spec.weights.forEach((weight, asset) => {
        const at = lastOf(asset) * paths.count;
        for (let p = 0; p < paths.count; p++) {
          out[at + p] = sign * (basket[p]! - strike) > 0 ? sign * discount * weight : 0;
        }
      });
    },
  };
}
