import { PlanError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { processorCount } from '../base/worker.ts';
import type { CoefficientPlan } from './coefficient-plan.ts';
import { type EvaluatorChoice, evaluatorRoleOf } from './evaluator-choice.ts';
import type { ResultCiphertexts } from './key-holder.ts';
import type { CoefficientPacking } from './packing.ts';
import { type SlotCircuitEvaluator, type SlotEvaluatorOptions, slotEvaluator } from './slot-evaluator.ts';
import type { SlotCircuit } from './slots/circuit.ts';
import type { EvaluatorCommands } from './worker/messages.ts';
import { SupervisedWorker } from './worker/supervised.ts';

/** Serves one planned circuit to any number of clients; holds public data only. */
export interface CkksEvaluator extends Disposable {
  /** Non-zero plaintext products of one evaluation. */
  readonly products: number;
  /** What evaluates: `kernels, fused`, `kernels, unfused` or `node-seal`. */
  readonly runsOn: string;
  /**
   * Evaluates the circuit on authenticated ciphertexts: the caller has verified their envelope.
   * @throws IntegrityError for ciphertexts of other parameters, size or number.
   * @throws PlanError where the plan hides the matrix and no public key is given.
   */
  evaluate(ciphertexts: readonly Uint8Array[], options?: EvaluateOptions): Promise<Evaluation>;
  liveObjects(): Promise<number>;
}

export type EvaluateOptions = RunOptions & {
  /** The input owner's ({@link CkksKeyHolder.publicKey}), authenticated: where the plan hides the matrix. */
  readonly publicKey?: Uint8Array | undefined;
};

export type Evaluation = {
  /** Packed as `plan.response` says. */
  readonly ciphertexts: ResultCiphertexts;
  /** Milliseconds of products and sums alone, without loading and saving; of the slowest worker. */
  readonly productMs: number;
};

/** An encoded matrix beyond this is refused before it is allocated: an allocation that fails in the middle helps nobody. */
const MAX_MATRIX_BYTES = 2 ** 30;

export type EvaluatorOptions = RunOptions & {
  /** Default: kernels of our own. */
  readonly evaluator?: EvaluatorChoice | undefined;
  /** Workers that share the outputs, each with its own memory. Default: one a core, at most 4, and no more than there are outputs. */
  readonly workers?: number | undefined;
};

/**
 * An evaluator in workers of its own. Each worker encodes the matrix rows of its share of the outputs once, here, and multiplies
 * them by all inputs: shares depend on nothing of each other, so that time falls with the number of cores.
 * Cost: `plan.cost.products` transforms of N coefficients, `plan.cost.matrixBytes` of memory, and some milliseconds a worker to start.
 * @throws PlanError where the encoded matrix would exceed 1 GiB.
 */
export function ckksEvaluator(plan: CoefficientPlan, options?: EvaluatorOptions): Promise<CkksEvaluator>;
/** An evaluator of a circuit on slots: see {@link slotEvaluator}. */
export function ckksEvaluator(
  plan: SlotCircuit,
  options: SlotEvaluatorOptions,
): Promise<SlotCircuitEvaluator>;
export function ckksEvaluator(
  plan: CoefficientPlan | SlotCircuit,
  options: EvaluatorOptions | SlotEvaluatorOptions = {},
): Promise<CkksEvaluator | SlotCircuitEvaluator> {
  return 'program' in plan
    ? slotEvaluator(plan, options as SlotEvaluatorOptions)
    : coefficientEvaluator(plan, options);
}

async function coefficientEvaluator(
  plan: CoefficientPlan,
  options: EvaluatorOptions,
): Promise<CkksEvaluator> {
  const needed = plan.cost.matrixBytes;
  if (needed > MAX_MATRIX_BYTES) {
    const rows = Math.floor((plan.packing.rows * MAX_MATRIX_BYTES) / needed);
    throw new PlanError(
      `the encoded matrix needs ${needed} bytes, more than ${MAX_MATRIX_BYTES}; split the circuit by rows, at most ${rows} each`,
      { needed, limit: MAX_MATRIX_BYTES, rows },
    );
  }
  const wanted = options.workers ?? Math.min(processorCount(), MOST_DEFAULT_WORKERS);
  const shares = sharesOf(plan.packing, wanted);
  const { cols, data } = plan.map.matrix;
  const role = evaluatorRoleOf(plan.parameters, options.evaluator);
  const products: number[] = [];
  let runsOn = '';
  const workers = shares.map(
    ({ packing, firstRow }, w) =>
      new SupervisedWorker<EvaluatorCommands>(role, async (worker, run) => {
        await worker.call('open', { parameters: plan.parameters });
        const matrix = data.slice(firstRow * cols, (firstRow + packing.rows) * cols);
        const { matrixScaleBits, response: format, hiding } = plan;
        const request = { matrix, packing, matrixScaleBits, format, floodBits: hiding?.floodBits };
        const prepared = await worker.call('prepare', request, run, [matrix.buffer]);
        products[w] = prepared.products;
        runsOn = prepared.runsOn;
      }),
  );
  const dispose = () => {
    for (const worker of workers) worker[Symbol.dispose]();
  };
  try {
    await Promise.all(workers.map((worker) => worker.start(options)));
    return {
      products: products.reduce((sum, count) => sum + count, 0),
      runsOn,
      async evaluate(ciphertexts, { publicKey, ...run } = {}) {
        if (plan.hiding !== undefined && publicKey === undefined) {
          throw new PlanError("this plan hides the matrix: give the input owner's public key to evaluate");
        }
        const parts = await Promise.all(
          workers.map((worker) => worker.call('evaluate', { ciphertexts, publicKey }, run)),
        );
        return {
          ciphertexts: parts.flatMap((part) => part.ciphertexts),
          productMs: Math.max(...parts.map((part) => part.productMs)),
        };
      },
      async liveObjects() {
        const counts = await Promise.all(workers.map((worker) => worker.call('stats', null)));
        return counts.reduce((sum, { liveObjects }) => sum + liveObjects, 0);
      },
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** More workers than this are worth asking for only where many clients are served. */
const MOST_DEFAULT_WORKERS = 4;

/** Cuts the outputs into runs of nearly equal length, each a packing of its own rows. */
function sharesOf(
  packing: CoefficientPacking,
  wanted: number,
): { readonly packing: CoefficientPacking; readonly firstRow: number }[] {
  const count = Math.max(1, Math.min(Math.floor(wanted), packing.outputs));
  return Array.from({ length: count }, (_, w) => {
    const from = Math.floor((w * packing.outputs) / count);
    const to = Math.floor(((w + 1) * packing.outputs) / count);
    const firstRow = from * packing.rowsPerCiphertext;
    const rows = Math.min(to * packing.rowsPerCiphertext, packing.rows) - firstRow;
    return { firstRow, packing: { ...packing, rows, outputs: to - from } };
  });
}
