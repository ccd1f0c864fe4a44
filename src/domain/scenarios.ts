import type { Matrix } from '../numeric/matrix.ts';
import type { Factor } from './market.ts';

/**
 * Joint moves of the factors: row s of `moves` is one scenario, oldest first. A scenario maps a spot S to
 * S (1 + return) and every vol to max(vol + shift, 1e-4), without ageing. Factors that are absent do not move.
 */
export type ScenarioSet = {
  readonly labels: readonly string[];
  readonly factors: readonly Factor[];
  readonly moves: Matrix;
};

/** Volatilities are floored here after a shift. */
export const VOL_FLOOR = 1e-4;
