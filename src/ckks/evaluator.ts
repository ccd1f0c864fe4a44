import { PlanError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import type { ResultCiphertexts } from './key-holder.ts';
import type { CkksPlan } from './plan.ts';
import { SealWorker } from './worker/client.ts';
import type { EvaluatorCommands } from './worker/messages.ts';

/** Serves one planned circuit to any number of clients; holds public data only. */
export interface CkksEvaluator extends Disposable {
  /** Non-zero plaintext products of one evaluation. */
  readonly products: number;
  /**
   * Evaluates the circuit on authenticated ciphertexts: the caller has verified their envelope.
   * @throws IntegrityError for ciphertexts of other parameters, size or number.
   */
  evaluate(ciphertexts: readonly Uint8Array[], options?: RunOptions): Promise<Evaluation>;
  liveObjects(): Promise<number>;
}

export type Evaluation = {
  readonly ciphertexts: ResultCiphertexts;
  /** Milliseconds of products and sums alone, without loading and saving. */
  readonly productMs: number;
};

/** An encoded matrix beyond this is refused before it is allocated: SEAL never returns from an allocation that fails. */
const MAX_MATRIX_BYTES = 2 ** 30;

/**
 * An evaluator on node-seal, in a worker of its own. Encoding the matrix is done once, here.
 * Cost: `plan.cost.products` transforms of N coefficients, and `plan.cost.matrixBytes` of memory.
 * @throws PlanError where the encoded matrix would exceed 1 GiB.
 */
export async function sealEvaluator(plan: CkksPlan, options: RunOptions = {}): Promise<CkksEvaluator> {
  if (plan.cost.matrixBytes > MAX_MATRIX_BYTES) {
    throw new PlanError(
      `the encoded matrix needs ${plan.cost.matrixBytes} bytes, more than ${MAX_MATRIX_BYTES}; split the circuit by rows`,
      { needed: plan.cost.matrixBytes, limit: MAX_MATRIX_BYTES },
    );
  }
  const worker = new SealWorker<EvaluatorCommands>('evaluator');
  try {
    const { packing, matrixScaleBits, parameters } = plan;
    await worker.call('open', { parameters }, options);
    const request = { matrix: plan.map.matrix.data, packing, matrixScaleBits };
    const { products } = await worker.call('prepare', request, options);
    return {
      products,
      evaluate: (ciphertexts, run) => worker.call('evaluate', { ciphertexts }, run),
      liveObjects: async () => (await worker.call('stats', null)).liveObjects,
      [Symbol.dispose]: () => worker[Symbol.dispose](),
    };
  } catch (error) {
    worker[Symbol.dispose]();
    throw error;
  }
}
