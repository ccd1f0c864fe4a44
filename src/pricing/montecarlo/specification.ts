import type { PayoffSpec } from './payoff.ts';

/**
 * Lognormal underlyings under the pricing measure (F115): dS/S = (r - q) dt + v dW, correlated. Element i of every
 * list is underlying i.
 */
export type SimulationMarket = {
  readonly spots: readonly number[];
  /** Volatilities, per square root of a year, decimal. */
  readonly vols: readonly number[];
  /** Dividend, borrow or foreign yields, continuous, per year, decimal. */
  readonly dividendYields: readonly number[];
  /** Risk-free rate, continuous, per year, decimal. */
  readonly rate: number;
  /** Correlation of the log returns, row by row; may be absent for one underlying. Positive definite, diagonal 1. */
  readonly correlation?: readonly (readonly number[])[];
};

/** Where the random numbers come from, and how many. The same sampling gives the same result to the last bit. */
export type Sampling =
  | {
      /** Pseudo-random numbers: xoshiro128**, a stream of the seed for each block of paths. */
      readonly kind: 'pseudo';
      /** An integer from 0 to 2^32 - 1. */
      readonly seed: number;
      /** Paths in all; an even number if antithetic. */
      readonly paths: number;
      /** Pairs of paths with opposite normals, averaged before anything is estimated. */
      readonly antithetic?: boolean;
      /** How a path comes from its numbers; `increments` unless said otherwise. */
      readonly construction?: PathConstruction;
    }
  | {
      /** Independent random scramblings of a Sobol' sequence; the standard error comes from their spread. */
      readonly kind: 'sobol';
      readonly seed: number;
      /** A power of two. */
      readonly pathsPerScrambling: number;
      /** At least 2; 16 unless said otherwise. */
      readonly scramblings?: number;
      /** `bridge` unless said otherwise. */
      readonly construction?: PathConstruction;
    };

/** Step after step, or the end first and then midpoints (Brownian bridge). */
export type PathConstruction = 'increments' | 'bridge';

/** Known expectations that take variance out of an estimate: see `createControls`. */
export type ControlName = 'spot' | 'european' | 'geometric' | 'exercise';

/** How Greeks are estimated: see `pathwise` and `likelihoodRatio` in greeks.ts. */
export type GreekMethod = 'pathwise' | 'likelihoodRatio';

/** A simulation as plain data: nothing in it is a function, so that it can travel to a worker. */
export type SimulationSpec = {
  readonly market: SimulationMarket;
  /** Times at which paths are observed, in years, ascending, the first at least 0. The last is the expiry. */
  readonly times: readonly number[];
  readonly payoff: PayoffSpec;
  readonly sampling: Sampling;
  /** Control variates; their coefficients are estimated by regression from the same paths. */
  readonly controls?: readonly ControlName[];
  readonly greeks?: GreekMethod;
};
