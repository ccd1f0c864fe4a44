import { RangeError } from '../../../base/errors.ts';
import type { PathBlock } from '../paths.ts';
import type { LookbackSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { assetOf, checkNumber, finalDiscount, signOf } from './fields.ts';

/**
 * A lookback option (F119) on the minimum or maximum of the path.
 *
 * Monitored continuously, the maximum of ln S between two observed logarithms a and b over dt is drawn exactly, as
 * (a + b + sqrt((b - a)^2 - 2 v^2 dt ln U)) / 2, and the minimum with a minus: P. Glasserman, "Monte Carlo Methods
 * in Financial Engineering", Springer (2003), section 6.4, example 6.4.2. One uniform number a step; no
 * discretisation error.
 */
export function lookbackPayoff(spec: LookbackSpec, plan: SimulationPlan): PathPayoff {
  const sign = signOf(spec.type);
  const floating = spec.strikeKind === 'floating';
  if (!floating && spec.strikeKind !== 'fixed') {
    throw new RangeError(`expected floating or fixed as payoff.strikeKind, found ${spec.strikeKind}`, {
      field: 'strikeKind',
      found: String(spec.strikeKind),
    });
  }
  if (spec.monitoring !== 'continuous' && spec.monitoring !== 'discrete') {
    throw new RangeError(`expected continuous or discrete as payoff.monitoring, found ${spec.monitoring}`, {
      field: 'monitoring',
      found: String(spec.monitoring),
    });
  }
  const strike = floating ? 0 : checkNumber('strike', spec.strike, 'nonNegative');
  const { steps, times } = plan;
  const asset = assetOf(spec.asset, plan);
  const vol = plan.vols[asset]!;
  const discount = finalDiscount(plan);
  const continuous = spec.monitoring === 'continuous';
  // A floating call and a fixed put take the minimum. side x ln S is largest at the extreme.
  const side = floating === sign > 0 ? -1 : 1;
  const startLog = Math.log(plan.spots[asset]!);
  const known = Math.max(
    continuous ? side * startLog : Number.NEGATIVE_INFINITY,
    spec.currentExtreme === undefined
      ? Number.NEGATIVE_INFINITY
      : side * Math.log(checkNumber('currentExtreme', spec.currentExtreme, 'positive')),
  );
  const extreme = new Float64Array(plan.blockSamples);
  const at = (step: number, count: number): number => (asset * steps + step) * count;

  /** side x ln of the extreme. */
  const findExtreme = ({ logs, uniforms, count }: PathBlock): void => {
    extreme.fill(known, 0, count);
    for (let step = 0; step < steps; step++) {
      const now = at(step, count);
      const years = times[step]! - (step === 0 ? 0 : times[step - 1]!);
      const twiceVariance = 2 * vol * vol * years;
      for (let p = 0; p < count; p++) {
        const b = side * logs[now + p]!;
        let highest = b;
        if (continuous) {
          const a = side * (step === 0 ? startLog : logs[now - count + p]!);
          const u = uniforms[step * count + p]!;
          highest = 0.5 * (a + b + Math.sqrt((b - a) * (b - a) - twiceVariance * Math.log(u)));
        }
        if (highest > extreme[p]!) extreme[p] = highest;
      }
    }
  };

  const value = (paths: PathBlock, out: Float64Array): void => {
    findExtreme(paths);
    const { count, spots } = paths;
    const last = at(steps - 1, count);
    for (let p = 0; p < count; p++) {
      const found = Math.exp(side * extreme[p]!);
      out[p] =
        discount * (floating ? sign * (spots[last + p]! - found) : Math.max(sign * (found - strike), 0));
    }
  };
  if (continuous) {
    return {
      uniforms: steps,
      refusesLikelihoodRatio:
        'a continuously monitored extreme depends on spot and volatility beyond the observed spots; use discrete monitoring',
      value,
    };
  }
  return {
    uniforms: 0,
    value,
    gradient(paths, out) {
      findExtreme(paths);
      const { count, logs } = paths;
      const last = at(steps - 1, count);
      for (let p = 0; p < count; p++) {
        const found = Math.exp(side * extreme[p]!);
        if (!floating && sign * (found - strike) <= 0) continue;
        if (floating) out[last + p] = sign * discount;
        // The extreme so far does not move with the path.
        for (let step = 0; step < steps; step++) {
          if (side * logs[at(step, count) + p]! !== extreme[p]!) continue;
          out[at(step, count) + p]! += discount * sign * (floating ? -1 : 1);
          break;
        }
      }
    },
  };
}
