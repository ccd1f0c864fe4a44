import { ShapeError, UnsupportedError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { type EvaluatorChoice, evaluatorRoleOf } from './evaluator-choice.ts';
import type { SharedConstants } from './kernel/evaluator.ts';
import { kernelMemory, programPages, ringPages } from './kernel/memory.ts';
import { bytesOf, programRegions } from './kernel/regions.ts';
import { checkMemory, type MemoryPrediction, sealEvaluatorMemory } from './memory.ts';
import { ringSizeOf, type SlotCircuit } from './slots/circuit.ts';
import type { SlotInputs, SlotOutputs } from './slots/execute.ts';
import { type EvaluationKeyBytes, type EvaluationKeyFiles, evaluationKeysOf } from './slots/keys.ts';
import { patienceMs } from './slots/patience.ts';
import type { CkksWorker } from './worker/client.ts';
import { Kept } from './worker/kept.ts';
import type { AnyEvaluatorCommands } from './worker/messages.ts';
import { Staging } from './worker/staging.ts';
import { SupervisedWorker } from './worker/supervised.ts';

/** Serves one planned circuit on slots, under one key's evaluation keys; holds public data only. */
export interface SlotCircuitEvaluator extends Disposable {
  /** Peak of the WebAssembly memory, a worker, as predicted before anything was allocated. */
  readonly memory: MemoryPrediction;
  /** What evaluates: `kernels, fused`, `kernels, unfused` or `node-seal`. */
  readonly runsOn: string;
  /**
   * Evaluates the circuit on authenticated ciphertexts: the caller has verified their envelope. Calls made at once share
   * the workers. An abort takes effect between two operations and leaves the worker as it was.
   * @throws IntegrityError for ciphertexts of another level, scale, size or number.
   * @throws BackendError when the worker died or hung: it is replaced with the next call.
   */
  evaluate(inputs: SlotInputs, options?: RunOptions): Promise<SlotEvaluation>;
  stats(): Promise<WorkerStats>;
}

export type SlotEvaluation = {
  readonly outputs: SlotOutputs;
  /** Milliseconds in the worker, loading and saving included. */
  readonly evaluationMs: number;
};

/** Sums over the workers. */
export type WorkerStats = {
  /** Objects that a call has forgotten to free: zero, always. */
  readonly liveObjects: number;
  /** WebAssembly memory; 0 where the platform does not show it. */
  readonly memoryBytes: number;
  /** Workers that were replaced. */
  readonly restarts: number;
};

export type SlotEvaluatorOptions = RunOptions & {
  /**
   * Evaluation keys of the key holder, as {@link CkksKeyHolder.evaluationKeys} makes them; their envelope was verified. On kernels they
   * may be files, which are read into place a digit at a time: no second copy of them stands anywhere.
   */
  readonly keys: EvaluationKeyBytes | EvaluationKeyFiles;
  /** Default: kernels of our own. */
  readonly evaluator?: EvaluatorChoice | undefined;
  /**
   * Evaluations that run at once, each in a worker. On kernels they share one memory with keys and operands in it, where the platform
   * lets them; else each has its own copy. Default 1.
   */
  readonly workers?: number | undefined;
  /** Bytes that all workers together may take. Default 3 GiB. */
  readonly memoryLimit?: number | undefined;
  /** Milliseconds of one evaluation after which its worker is taken to hang. Default: 30 times what it should take, and 30 s. */
  readonly budgetMs?: number | undefined;
};

type EvaluatorWorker = CkksWorker<AnyEvaluatorCommands>;

/**
 * An evaluator of a slot program. Keys and encoded operands are read once, here.
 * Cost: on kernels a pass over the keys, on node-seal a context too (0.3 / 1.8 / 16 s at N = 8192 / 16384 / 32768); `memory.total`
 * bytes a worker.
 * @throws PlanError where the memory would exceed its limit, or the program cannot run in its ring; IntegrityError for
 * keys that are not exactly those of the program.
 */
export async function slotEvaluator(
  circuit: SlotCircuit,
  options: SlotEvaluatorOptions,
): Promise<SlotCircuitEvaluator> {
  const { parameters, program } = circuit;
  const { keys, workers: count = 1, memoryLimit } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new ShapeError(`expected a positive number of workers, found ${count}`, { workers: count });
  }
  const spec = evaluationKeysOf(program);
  if ('files' in keys && options.evaluator === 'node-seal') {
    throw new UnsupportedError('node-seal reads keys from bytes: give the keys themselves');
  }
  const ring = ringSizeOf(circuit);
  const role = evaluatorRoleOf(parameters, options.evaluator);
  const isKernels = role === 'kernelEvaluator';
  const memoryOf = isKernels ? kernelMemory : sealEvaluatorMemory;
  const memory = memoryOf(ring, program, spec);
  const regions = isKernels
    ? programRegions(ring.degree, ringPages(ring, spec), programPages(program), count)
    : undefined;
  const total = regions === undefined ? count * memory.total : bytesOf(regions);
  checkMemory({ ...memory, total }, memoryLimit, `${count} evaluators`);
  const budgetMs = options.budgetMs ?? patienceMs(program, parameters.degree);
  let runsOn = '';
  const prepare = async (worker: EvaluatorWorker) => {
    if ('files' in keys) await worker.call('importKeyFiles', { spec, keys });
    else await worker.call('importKeys', { spec, keys: isKernels ? stagedKeys(keys) : keys });
    ({ runsOn } = await worker.call('prepareProgram', { program }));
  };
  const shared = new Kept<SharedConstants>();
  const workers = Array.from(
    { length: count },
    (_, w) =>
      new SupervisedWorker<AnyEvaluatorCommands>(role, async (worker) => {
        if (regions === undefined) {
          await worker.call('open', { parameters });
          await prepare(worker);
          return;
        }
        const constants = await shared.get(async () => {
          await worker.call('openRegion', { parameters, region: regions.constants });
          await prepare(worker);
          return worker.call('shareProgram', null);
        });
        await worker.call('openRegion', { parameters, region: regions.own[w]! });
        await worker.call('borrowProgram', { program, shared: constants });
      }),
  );
  const busy = new Map(workers.map((worker) => [worker, 0]));
  const staging = new Staging();
  const dispose = () => {
    for (const worker of workers) worker[Symbol.dispose]();
  };
  try {
    await Promise.all(workers.map((worker) => worker.start(options)));
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    memory,
    runsOn,
    async evaluate(inputs, run = {}) {
      const [worker] = [...busy.keys()].sort((a, b) => busy.get(a)! - busy.get(b)!) as [(typeof workers)[0]];
      const staged = isKernels ? stagedInputs(staging, inputs) : inputs;
      busy.set(worker, busy.get(worker)! + 1);
      try {
        return await worker.call('runProgram', { inputs: staged }, { ...run, budgetMs, interruptible: true });
      } finally {
        busy.set(worker, busy.get(worker)! - 1);
        // A run that was aborted may still read them.
        if (!run.signal?.aborted) staging.release(Object.values(staged).flatMap(({ blocks }) => blocks));
      }
    },
    async stats() {
      const all = await Promise.all(workers.map((worker) => worker.call('stats', null)));
      return {
        liveObjects: all.reduce((sum, { liveObjects }) => sum + liveObjects, 0),
        memoryBytes:
          regions === undefined
            ? all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
            : bytesOf(regions),
        restarts: workers.reduce((sum, { restarts }) => sum + restarts, 0),
      };
    },
    [Symbol.dispose]: dispose,
  };
}

function stagedInputs(staging: Staging, inputs: SlotInputs): SlotInputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { form, blocks }]) => [
      name,
      { form, blocks: blocks.map((bytes) => staging.stage(bytes)) },
    ]),
  );
}

/** Keys are read once: their copies are nobody's afterwards. */
function stagedKeys({ form, relinearisation, galois }: EvaluationKeyBytes): EvaluationKeyBytes {
  const staging = new Staging();
  return {
    form,
    ...(relinearisation && { relinearisation: staging.stage(relinearisation) }),
    ...(galois && { galois: staging.stage(galois) }),
  };
}
