import { UnsupportedError } from '../base/errors.ts';
import { MAX_KERNEL_PRIME_BITS } from './parameters.ts';
import type { SealParameters } from './seal.ts';
import type { WorkerRole } from './worker/messages.ts';

/**
 * What evaluates: kernels of our own, which start in milliseconds and take primes of at most 49 bits; or node-seal, slower, their
 * oracle. Responses are the same to the bit for coefficient-packed products, and differ by less noise on slots.
 */
export type EvaluatorChoice = 'kernels' | 'node-seal';

/** The role of a worker that evaluates. @throws UnsupportedError for kernels and primes that they cannot do. */
export function evaluatorRoleOf(
  { dataPrimeBits, specialPrimeBits = 0 }: Pick<SealParameters, 'dataPrimeBits' | 'specialPrimeBits'>,
  choice: EvaluatorChoice = 'kernels',
): WorkerRole {
  if (choice === 'node-seal') return 'sealEvaluator';
  const most = Math.max(...dataPrimeBits, specialPrimeBits);
  if (most > MAX_KERNEL_PRIME_BITS) {
    throw new UnsupportedError(
      `expected primes of at most ${MAX_KERNEL_PRIME_BITS} bits, found ${most}: ask for the evaluator 'node-seal', or plan for kernels`,
      { found: most, limit: MAX_KERNEL_PRIME_BITS },
    );
  }
  return 'kernelEvaluator';
}
