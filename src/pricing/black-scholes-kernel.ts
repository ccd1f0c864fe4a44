import { BlackScholesKernel } from '../kernels/black-scholes.ts';
import { blackScholesModule } from '../kernels/black-scholes-memory.ts';
import { RevaluationKernel } from '../kernels/revaluation.ts';
import { EXP2_FRACTIONS, LOG_CENTRES } from '../numeric/exp-log-tables.ts';
import { SIGNED_MILLS } from '../numeric/mills-table.ts';

/** Options that {@link sharedKernel} takes at a time: thirteen columns of 16 KiB stay in the second-level cache. */
export const KERNEL_BLOCK = 2048;

const TABLES = { exp2Fractions: EXP2_FRACTIONS, logCentres: LOG_CENTRES, signedMills: SIGNED_MILLS };

let shared: BlackScholesKernel | undefined;

/**
 * A kernel for {@link KERNEL_BLOCK} options that every caller shares: what is in it is void as soon as the caller yields.
 * Undefined where WebAssembly with SIMD is not to be had.
 */
export function sharedKernel(): BlackScholesKernel | undefined {
  shared ??= newKernel(KERNEL_BLOCK);
  return shared;
}

/** A kernel with a memory of its own, or undefined as for {@link sharedKernel}. @throws RangeError for too many options. */
export function newKernel(capacity: number): BlackScholesKernel | undefined {
  const module = blackScholesModule();
  return module === null ? undefined : new BlackScholesKernel(module, TABLES, capacity);
}

/** A kernel for full revaluation, or undefined as for {@link sharedKernel}. @throws RangeError for too many options. */
export function newRevaluationKernel(capacity: number): RevaluationKernel | undefined {
  const module = blackScholesModule();
  return module === null ? undefined : new RevaluationKernel(module, TABLES, capacity);
}
