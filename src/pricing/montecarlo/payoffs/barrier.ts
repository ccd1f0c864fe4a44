import { RangeError } from '../../../base/errors.ts';
import type { PathBlock } from '../paths.ts';
import type { BarrierSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { assetOf, checkNumber, finalDiscount, signOf } from './fields.ts';

const TYPES = ['down_in', 'down_out', 'up_in', 'up_out'];

/**
 * A barrier option (F118): the payoff times the probability of having survived, or of not having.
 *
 * Between two observed spots on the same side of the barrier H the path crosses with probability
 * exp(-2 ln(S_i/H) ln(S_(i+1)/H) / (v^2 (t_(i+1) - t_i))): P. Glasserman, "Monte Carlo Methods in Financial
 * Engineering", Springer (2003), section 6.4, equation 6.51. With it the estimate has no discretisation error,
 * whatever the times.
 */
export function barrierPayoff(spec: BarrierSpec, plan: SimulationPlan): PathPayoff {
  const sign = signOf(spec.type);
  const strike = checkNumber('strike', spec.strike, 'nonNegative');
  const barrier = checkNumber('barrier', spec.barrier, 'positive');
  const rebate = checkNumber('rebateAtExpiry', spec.rebateAtExpiry ?? 0, 'finite');
  if (!TYPES.includes(spec.barrierType)) {
    throw new RangeError(`expected ${TYPES.join(', ')} as payoff.barrierType, found ${spec.barrierType}`, {
      field: 'barrierType',
      found: String(spec.barrierType),
    });
  }
  if (spec.monitoring !== 'continuous' && spec.monitoring !== 'discrete') {
    throw new RangeError(`expected continuous or discrete as payoff.monitoring, found ${spec.monitoring}`, {
      field: 'monitoring',
      found: String(spec.monitoring),
    });
  }
  const { steps, times } = plan;
  const asset = assetOf(spec.asset, plan);
  const vol = plan.vols[asset]!;
  const discount = finalDiscount(plan);
  const out = spec.barrierType.endsWith('_out');
  // Distances to the barrier are positive on the side where the option lives.
  const side = spec.barrierType.startsWith('up_') ? -1 : 1;
  const continuous = spec.monitoring === 'continuous';
  const logBarrier = Math.log(barrier);
  const startDistance = side * (Math.log(plan.spots[asset]!) - logBarrier);
  const survival = new Float64Array(plan.blockSamples);

  const survive = ({ logs, count }: PathBlock): void => {
    survival.fill(continuous && startDistance <= 0 ? 0 : 1, 0, count);
    for (let step = 0; step < steps; step++) {
      const at = (asset * steps + step) * count;
      const years = times[step]! - (step === 0 ? 0 : times[step - 1]!);
      const variance = vol * vol * years;
      for (let p = 0; p < count; p++) {
        const distance = side * (logs[at + p]! - logBarrier);
        if (distance <= 0) survival[p] = 0;
        else if (continuous && variance > 0 && survival[p]! > 0) {
          const before = step === 0 ? startDistance : side * (logs[at - count + p]! - logBarrier);
          survival[p]! *= -Math.expm1((-2 * distance * before) / variance);
        }
      }
    }
  };
  return {
    uniforms: 0,
    ...(continuous && {
      refusesLikelihoodRatio:
        'a continuously monitored barrier depends on spot and volatility beyond the observed spots; use discrete monitoring',
    }),
    value(paths, result) {
      survive(paths);
      const at = (asset * steps + steps - 1) * paths.count;
      for (let p = 0; p < paths.count; p++) {
        const alive = out ? survival[p]! : 1 - survival[p]!;
        const payoff = Math.max(sign * (paths.spots[at + p]! - strike), 0);
        result[p] = discount * (alive * payoff + (1 - alive) * rebate);
      }
    },
  };
}
