import { ShapeError } from '../../../base/errors.ts';
import type { PathBlock } from '../paths.ts';
import type { AmericanSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { assetOf, checkNumber, signOf } from './fields.ts';

/**
 * An option exercised at the first time at which its spot lies where the rule says so, and at the last time if in
 * the money. Any rule is feasible, so that the mean over independent paths is a lower bound.
 * @throws ShapeError unless the rule has an entry for every time.
 */
export function americanPayoff(spec: AmericanSpec, plan: SimulationPlan): PathPayoff {
  const sign = signOf(spec.type);
  const strike = checkNumber('strike', spec.strike, 'positive');
  const { steps } = plan;
  const asset = assetOf(0, plan);
  if (spec.rule.steps.length !== steps) {
    throw new ShapeError(
      `expected an exercise rule for ${steps} times, found one for ${spec.rule.steps.length}`,
      {
        expected: steps,
        found: spec.rule.steps.length,
      },
    );
  }
  const discounts = plan.times.map((time) => Math.exp(-plan.rate * time));
  const exercised = new Int32Array(plan.blockSamples);
  const live = new Int32Array(plan.blockSamples);

  /** The step of exercise of every path; the last step also stands for never. */
  const decide = ({ spots, count }: PathBlock): void => {
    exercised.fill(steps - 1, 0, count);
    let alive = count;
    for (let p = 0; p < count; p++) live[p] = p;
    for (let step = 0; step < steps - 1 && alive > 0; step++) {
      const intervals = spec.rule.steps[step]!;
      if (intervals.length === 0) continue;
      const at = (asset * steps + step) * count;
      let kept = 0;
      for (let i = 0; i < alive; i++) {
        const p = live[i]!;
        const spot = spots[at + p]!;
        const moneyness = sign < 0 ? spot / strike : strike / spot;
        let exercise = false;
        for (const [low, high] of intervals) exercise ||= moneyness >= low && moneyness <= high;
        if (exercise) exercised[p] = step;
        else live[kept++] = p;
      }
      alive = kept;
    }
  };
  return {
    uniforms: 0,
    exerciseStep: (path) => exercised[path]!,
    value(paths, out) {
      decide(paths);
      const { count, spots } = paths;
      for (let p = 0; p < count; p++) {
        const step = exercised[p]!;
        out[p] = discounts[step]! * Math.max(sign * (spots[(asset * steps + step) * count + p]! - strike), 0);
      }
    },
    // The rule is near its optimum, where the price does not change with it to first order.
    gradient(paths, out) {
      decide(paths);
      const { count, spots } = paths;
      for (let p = 0; p < count; p++) {
        const at = (asset * steps + exercised[p]!) * count + p;
        if (sign * (spots[at]! - strike) > 0) out[at] = sign * discounts[exercised[p]!]!;
      }
    },
  };
}
