import { BackendError } from '../../base/errors.ts';
import type { PreparedProgram } from '../slots/execute.ts';
import type { EvaluatorCommands } from './messages.ts';
import type { ReportProgress } from './serve.ts';

/** Runs a program that a worker has prepared, and says how long that took. @throws BackendError where it has none. */
export async function runPrepared<C extends Disposable, P extends Disposable>(
  prepared: PreparedProgram<C, P> | undefined,
  { inputs }: EvaluatorCommands['runProgram']['request'],
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<EvaluatorCommands['runProgram']['response']> {
  const started = performance.now();
  const outputs = await (prepared ?? missing('program')).run(inputs, {
    signal,
    onProgress: ({ done, total }) => progress(done, total),
  });
  return { outputs, evaluationMs: performance.now() - started };
}

/** @throws BackendError for a command that needs what an earlier one would have brought. */
export function missing(what: string): never {
  throw new BackendError(`the evaluator has no ${what} yet`);
}
