import type { Digest } from '../../base/brand.ts';
import { SealWorker } from './client.ts';
import type { EvaluatorCommands } from './messages.ts';
import type { WorkerSource } from './supervised.ts';

/**
 * Evaluator workers that outlive their evaluators, each with the context that it has made: the next evaluator of the same
 * parameters starts without making one (16 s at N = 32768). They hold no secret; keys and programs of the last evaluator are
 * dropped when the next one opens its parameters. Workers that hold keys are never pooled: a key ends with its worker.
 */
export class EvaluatorPool implements Disposable {
  readonly #size: number;
  /** The one given back last stands last. */
  readonly #idle: { readonly parameters: Digest; readonly worker: SealWorker<EvaluatorCommands> }[] = [];
  #disposed = false;

  /** @param size idle workers kept at most, the latest ones. */
  constructor(size = 2) {
    this.#size = size;
  }

  /** Idle workers. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Workers for these parameters. */
  sourceOf(parameters: Digest): WorkerSource<EvaluatorCommands> {
    return {
      take: () => {
        const at = this.#idle.findLastIndex((kept) => kept.parameters === parameters);
        const kept = at >= 0 ? this.#idle.splice(at, 1)[0]!.worker : undefined;
        return kept === undefined || kept.hasEnded ? new SealWorker<EvaluatorCommands>('evaluator') : kept;
      },
      giveBack: (worker) => {
        if (this.#disposed || worker.hasEnded || !worker.isIdle) {
          worker[Symbol.dispose]();
          return;
        }
        this.#idle.push({ parameters, worker });
        while (this.#idle.length > this.#size) this.#idle.shift()!.worker[Symbol.dispose]();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const { worker } of this.#idle.splice(0)) worker[Symbol.dispose]();
  }
}
