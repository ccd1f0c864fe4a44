import { PlanError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { buffersOf, processorCount } from '../base/worker.ts';
import type { CoefficientPlan } from './coefficient-plan.ts';
import { type EvaluatorChoice, evaluatorRoleOf } from './evaluator-choice.ts';
import { matrixRegions } from './kernel/regions.ts';
import type { ResultCiphertexts } from './key-holder.ts';
import type { CoefficientPacking } from './packing.ts';
import { type SlotCircuitEvaluator, type SlotEvaluatorOptions, slotEvaluator } from './slot-evaluator.ts';
import type { SlotCircuit } from './slots/circuit.ts';
import type { CkksWorker } from './worker/client.ts';
import { Kept } from './worker/kept.ts';
import type { AnyEvaluatorCommands, SharedMatrix } from './worker/messages.ts';
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
  /** Default: what the plan was made for, kernels of our own unless it says otherwise. */
  readonly evaluator?: EvaluatorChoice | undefined;
  /** Workers. Default: one a core, at most 4, and no more than there are outputs. */
  readonly workers?: number | undefined;
};

/**
 * An evaluator in workers of its own. The matrix is encoded once, here, into a memory that the workers share: a request is cut by
 * outputs where workers are idle, since that moves nothing but its ciphertexts; where all are busy, each serves requests whole.
 * Without shared memory each worker encodes the rows of its outputs, and multiplies them by all requests. Cost: `plan.cost.products` transforms of N coefficients, `plan.cost.matrixBytes` of memory, and some milliseconds a worker to start.
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
  const { packing, parameters } = plan;
  const role = evaluatorRoleOf(parameters, options.evaluator ?? plan.evaluator);
  const wanted = options.workers ?? Math.min(processorCount(), MOST_DEFAULT_WORKERS);
  const count = Math.max(1, Math.min(Math.floor(wanted), packing.outputs));
  const primes = parameters.dataPrimeBits.length;
  const regions =
    role === 'kernelEvaluator' ? matrixRegions(parameters.degree, packing, primes, count) : undefined;
  const products: number[] = [];
  let runsOn = '';
  const prepare = async (worker: EvaluatorWorker, share: Share, w: number, run: RunOptions) => {
    const { cols, data } = plan.map.matrix;
    const matrix = data.slice(share.firstRow * cols, (share.firstRow + share.packing.rows) * cols);
    const { matrixScaleBits, response: format, hiding } = plan;
    const request = { matrix, packing: share.packing, matrixScaleBits, format, floodBits: hiding?.floodBits };
    const prepared = await worker.call('prepare', request, run, [matrix.buffer]);
    products[w] = prepared.products;
    runsOn = prepared.runsOn;
  };
  const shared = new Kept<SharedMatrix>();
  const shares = sharesOf(packing, count);
  const workers = shares.map(
    (share, w) =>
      new SupervisedWorker<AnyEvaluatorCommands>(role, async (worker, run) => {
        if (regions === undefined) {
          await worker.call('open', { parameters });
          await prepare(worker, share, w, run);
          return;
        }
        const matrix = await shared.get(async () => {
          await worker.call('openRegion', { parameters, region: regions.constants });
          await prepare(worker, { packing, firstRow: 0 }, 0, run);
          return worker.call('shareMatrix', null);
        });
        await worker.call('openRegion', { parameters, region: regions.own[w]! });
        await worker.call('borrowMatrix', matrix);
      }),
  );
  const busy = new Map(workers.map((worker) => [worker, 0]));
  /** Who computes which outputs of a request: everyone its own; or idle workers a part each, and a busy one all of it. */
  const tasks = (): readonly (readonly [
    worker: (typeof workers)[0],
    outputs?: readonly [number, number],
  ])[] => {
    if (regions === undefined) return workers.map((worker) => [worker]);
    const ranked = [...workers].sort((a, b) => busy.get(a)! - busy.get(b)!);
    const idle = ranked.filter((worker) => busy.get(worker) === 0);
    return cut(packing.outputs, Math.max(1, idle.length)).map((outputs, i) => [ranked[i]!, outputs]);
  };
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
          tasks().map(async ([worker, outputs]) => {
            busy.set(worker, busy.get(worker)! + 1);
            try {
              // A copy that moves is faster than one that is cloned; the caller's stays.
              const moving = ciphertexts.map((bytes) => new Uint8Array(bytes));
              const request = { ciphertexts: moving, publicKey, outputs };
              return await worker.call('evaluate', request, run, [...buffersOf(moving)]);
            } finally {
              busy.set(worker, busy.get(worker)! - 1);
            }
          }),
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

type EvaluatorWorker = CkksWorker<AnyEvaluatorCommands>;

/** More workers than this are worth asking for only where many clients are served. */
const MOST_DEFAULT_WORKERS = 4;

/** Consecutive ranges of nearly equal length that make up 0..length - 1. */
function cut(length: number, parts: number): (readonly [from: number, to: number])[] {
  return Array.from({ length: parts }, (_, i) => [
    Math.floor((i * length) / parts),
    Math.floor(((i + 1) * length) / parts),
  ]);
}

/** Some of the rows of a matrix, packed as all of them are. */
type Share = { readonly packing: CoefficientPacking; readonly firstRow: number };

/** Cuts the outputs into runs of nearly equal length, each a packing of its own rows. */
function sharesOf(packing: CoefficientPacking, count: number): Share[] {
  return cut(packing.outputs, count).map(([from, to]) => {
    const firstRow = from * packing.rowsPerCiphertext;
    const rows = Math.min(to * packing.rowsPerCiphertext, packing.rows) - firstRow;
    return { firstRow, packing: { ...packing, rows, outputs: to - from } };
  });
}
