import { AbortError } from '../base/errors.ts';
import { breathe, type RunOptions, throwIfAborted } from '../base/progress.ts';
import {
  type AmericanProblem,
  type AmericanResult,
  americanResult,
  americanSimulation,
  fitExerciseRule,
} from '../pricing/montecarlo/longstaff-schwartz.ts';
import type { BlockSums } from '../pricing/montecarlo/moments.ts';
import { mergeBlocks, type SimulationResult } from '../pricing/montecarlo/result.ts';
import { createSimulator } from '../pricing/montecarlo/simulate.ts';
import type { SimulationSpec } from '../pricing/montecarlo/specification.ts';
import type { WorkerPool } from './pool.ts';
import { TASKS } from './tasks.ts';

/** A chunk is long against a message between threads and short against the patience of who aborts. */
const NUMBERS_A_CHUNK = 2 ** 20;

/**
 * Runs a simulation on the workers of a pool, to the same result, to the last bit, as `simulate` on one thread and
 * for any number of workers.
 *
 * On a platform without workers the blocks run here, with a pause between chunks in which an abort can arrive.
 * @throws ShapeError, RangeError or UnsupportedError as `simulate`, whichever thread found it.
 * @throws AbortError when the signal fires: at once; the workers finish the chunk they are at, some 50 ms, and stay
 * usable. @throws BackendError if a worker died.
 */
export async function simulateOnWorkers(
  spec: SimulationSpec,
  pool: WorkerPool,
  { signal, onProgress }: RunOptions = {},
): Promise<SimulationResult> {
  throwIfAborted(signal, 'starting a simulation');
  // What is wrong with the specification is found here, before any worker starts.
  const { plan } = createSimulator(spec);
  const blockNumbers = plan.steps * plan.assets * plan.blockSamples * (plan.antithetic ? 2 : 1);
  const blocksAChunk = Math.max(1, Math.floor(NUMBERS_A_CHUNK / blockNumbers));
  const chunks = Array.from({ length: Math.ceil(plan.blocks / blocksAChunk) }, (_, i) => ({
    spec,
    from: i * blocksAChunk,
    to: Math.min((i + 1) * blocksAChunk, plan.blocks),
  }));
  let done = 0;
  const report = (sums: readonly BlockSums[]): readonly BlockSums[] => {
    done += sums.length;
    if (signal?.aborted !== true) onProgress?.({ phase: 'simulating', done, total: plan.blocks });
    return sums;
  };
  if (pool.size === 0) {
    const sums: BlockSums[] = [];
    for (const chunk of chunks) {
      sums.push(...report(TASKS.simulateBlocks(chunk)));
      await breathe();
      throwIfAborted(signal, 'simulating');
    }
    return mergeBlocks(spec, sums);
  }
  let wanted = true;
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    wanted = false;
    const facts = { blocksDone: done, blocks: plan.blocks };
    abort(
      new AbortError('aborted while simulating: nothing was opened or written', facts, {
        cause: signal?.reason,
      }),
    );
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const runs = chunks.map((chunk) => pool.run('simulateBlocks', chunk, () => wanted).then(report));
    const sums = await Promise.race([Promise.all(runs), aborted]);
    return mergeBlocks(spec, sums.flat());
  } finally {
    // After a failure too: what is still queued is of no use.
    wanted = false;
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Prices an American option as `simulateAmerican` does, its pricing paths on the workers of a pool. The exercise
 * rule is learnt on this thread.
 * @throws RangeError as `simulateAmerican`; AbortError and BackendError as {@link simulateOnWorkers}.
 */
export async function simulateAmericanOnWorkers(
  problem: AmericanProblem,
  pool: WorkerPool,
  options: RunOptions = {},
): Promise<AmericanResult> {
  throwIfAborted(options.signal, 'starting a simulation');
  const rule = fitExerciseRule(problem);
  return americanResult(
    problem,
    rule,
    await simulateOnWorkers(americanSimulation(problem, rule), pool, options),
  );
}
