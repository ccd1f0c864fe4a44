import { RangeError } from '../../../base/errors.ts';
import { createEvaluator } from '../../custom/program.ts';
import type { PathBlock } from '../paths.ts';
import type { CustomSpec, PathPayoff } from '../payoff.ts';
import type { SimulationPlan } from '../plan.ts';
import { finalDiscount } from './fields.ts';

/**
 * e^(-rT) times a compiled expression of spots at expiry and of averages, maxima and minima over the times.
 * @throws RangeError unless the market has as many underlyings as the expression was compiled for.
 */
export function customPayoff({ program }: CustomSpec, plan: SimulationPlan): PathPayoff {
  if (program.assets !== plan.assets) {
    throw new RangeError(
      `expected a market of ${program.assets} underlyings, for which ${program.source} was compiled, found ${plan.assets}`,
      { expected: program.assets, found: plan.assets },
    );
  }
  const { steps } = plan;
  const discount = finalDiscount(plan);
  const evaluator = createEvaluator(program, plan.blockSamples);
  return {
    uniforms: 0,
    value(paths, out) {
      program.inputs.forEach(({ statistic, asset }, i) => {
        STATISTICS[statistic](paths, asset * steps, evaluator.inputs[i]!);
      });
      const values = evaluator.evaluate(paths.count);
      for (let p = 0; p < paths.count; p++) out[p] = discount * values[p]!;
    },
  };
}

type Fill = (paths: PathBlock, first: number, out: Float64Array) => void;

/** `first` is the first column of the underlying. */
const STATISTICS: Readonly<Record<'terminal' | 'average' | 'maximum' | 'minimum', Fill>> = {
  terminal({ spots, count, steps }, first, out) {
    const at = (first + steps - 1) * count;
    for (let p = 0; p < count; p++) out[p] = spots[at + p]!;
  },
  average({ spots, count, steps }, first, out) {
    out.fill(0, 0, count);
    for (let at = first * count; at < (first + steps) * count; at += count) {
      for (let p = 0; p < count; p++) out[p]! += spots[at + p]!;
    }
    for (let p = 0; p < count; p++) out[p]! /= steps;
  },
  maximum({ spots, count, steps }, first, out) {
    out.fill(Number.NEGATIVE_INFINITY, 0, count);
    for (let at = first * count; at < (first + steps) * count; at += count) {
      for (let p = 0; p < count; p++) out[p] = Math.max(out[p]!, spots[at + p]!);
    }
  },
  minimum({ spots, count, steps }, first, out) {
    out.fill(Number.POSITIVE_INFINITY, 0, count);
    for (let at = first * count; at < (first + steps) * count; at += count) {
      for (let p = 0; p < count; p++) out[p] = Math.min(out[p]!, spots[at + p]!);
    }
  },
};
