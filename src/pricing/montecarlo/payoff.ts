import { UnsupportedError } from '../../base/errors.ts';
import { requireRecord } from '../column-checks.ts';
import type { PayoffProgram } from '../custom/program.ts';
import type { ExerciseRule } from './exercise-rule.ts';
import type { PathBlock } from './paths.ts';
import { americanPayoff } from './payoffs/american.ts';
import { asianPayoff } from './payoffs/asian.ts';
import { barrierPayoff } from './payoffs/barrier.ts';
import { basketPayoff } from './payoffs/basket.ts';
import { customPayoff } from './payoffs/custom.ts';
import { europeanPayoff } from './payoffs/european.ts';
import { lookbackPayoff } from './payoffs/lookback.ts';
import type { SimulationPlan } from './plan.ts';

export type OptionType = 'call' | 'put';

/** max(w (S - K), 0) at expiry, on underlying number `asset` (0 unless said otherwise). */
export type EuropeanSpec = {
  readonly kind: 'european';
  readonly type: OptionType;
  readonly strike: number;
  readonly asset?: number;
};

/** max(w (A - K), 0) at expiry, A the average over all times of the simulation. */
export type AsianSpec = {
  readonly kind: 'asian';
  readonly average: 'arithmetic' | 'geometric';
  readonly type: OptionType;
  readonly strike: number;
  readonly asset?: number;
};

/** max(w (sum of weights x S - K), 0) at expiry; a spread has weights of both signs. */
export type BasketSpec = {
  readonly kind: 'basket';
  readonly type: OptionType;
  readonly strike: number;
  readonly weights: readonly number[];
};

/**
 * A European option that a barrier knocks in or out. `continuous` monitoring takes the probability that the path
 * crossed between two times; `discrete` looks at the times of the simulation only. The rebate is paid at expiry.
 */
export type BarrierSpec = {
  readonly kind: 'barrier';
  readonly barrierType: 'down_in' | 'down_out' | 'up_in' | 'up_out';
  readonly type: OptionType;
  readonly strike: number;
  readonly barrier: number;
  readonly rebateAtExpiry?: number;
  readonly monitoring: 'continuous' | 'discrete';
  readonly asset?: number;
};

/**
 * Floating: S - minimum (call) or maximum - S (put). Fixed: max(maximum - K, 0) (call) or max(K - minimum, 0)
 * (put). `continuous` monitoring draws the extreme between two times exactly and counts today's spot.
 */
export type LookbackSpec = {
  readonly kind: 'lookback';
  readonly strikeKind: 'floating' | 'fixed';
  readonly type: OptionType;
  /** For a fixed strike. */
  readonly strike?: number;
  /** The extreme so far, of the kind that the payoff takes. */
  readonly currentExtreme?: number;
  readonly monitoring: 'continuous' | 'discrete';
  readonly asset?: number;
};

/** Exercised by a given rule at the times of the simulation: see `fitExerciseRule`. */
export type AmericanSpec = {
  readonly kind: 'american';
  readonly type: OptionType;
  readonly strike: number;
  readonly rule: ExerciseRule;
};

/** A checked and compiled expression, paid at expiry: see `compilePayoff`. */
export type CustomSpec = { readonly kind: 'custom'; readonly program: PayoffProgram };

/** What a simulated path pays, as plain data. */
export type PayoffSpec =
  | EuropeanSpec
  | AsianSpec
  | BasketSpec
  | BarrierSpec
  | LookbackSpec
  | AmericanSpec
  | CustomSpec;

/** Values blocks of paths. Amounts are present values: a payoff knows when it pays. */
export type PathPayoff = {
  /** Uniform numbers that a path needs beyond those that make it. */
  readonly uniforms: number;
  /** out_p = present value along path p. */
  value(paths: PathBlock, out: Float64Array): void;
  /**
   * Element for element of `paths.spots`, the derivative of the present value by it, where the payoff is continuous
   * and depends on the market through these spots alone. @param out zero on entry.
   */
  readonly gradient?: (paths: PathBlock, out: Float64Array) => void;
  /** Why there is no likelihood ratio for this payoff, if there is none. */
  readonly refusesLikelihoodRatio?: string;
  /** Path by path, the step at which the last valued block was exercised; only of an American payoff. */
  readonly exerciseStep?: (path: number) => number;
};

/** @throws RangeError naming the field, its value and the allowed range. */
export function createPayoff(spec: PayoffSpec, plan: SimulationPlan): PathPayoff {
  requireRecord('payoff', spec);
  switch (spec.kind) {
    case 'european':
      return europeanPayoff(spec, plan);
    case 'asian':
      return asianPayoff(spec, plan);
    case 'basket':
      return basketPayoff(spec, plan);
    case 'barrier':
      return barrierPayoff(spec, plan);
    case 'lookback':
      return lookbackPayoff(spec, plan);
    case 'american':
      return americanPayoff(spec, plan);
    case 'custom':
      return customPayoff(spec, plan);
    default: {
      const { kind } = spec as { readonly kind: string };
      throw new UnsupportedError(
        `no payoff is named ${kind}; expected european, asian, basket, barrier, lookback, american or custom`,
        { kind },
      );
    }
  }
}
