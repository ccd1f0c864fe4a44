import { AbortError, BackendError } from '../../base/errors.ts';
import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import { type CallOptions, CkksWorker } from './client.ts';
import type { CommandMap, WorkerRole } from './messages.ts';

/** Brings a fresh worker to where its predecessor was. */
export type SetUp<Commands extends CommandMap> = (
  worker: CkksWorker<Commands>,
  options: RunOptions & { readonly isRestart: boolean },
) => Promise<void>;

/**
 * A worker that is replaced when it has ended: killed for exceeding its budget, aborted, out of memory. The call that it
 * ended with fails; the next one starts another and sets it up again.
 */
export class SupervisedWorker<Commands extends CommandMap> implements Disposable {
  readonly #role: WorkerRole;
  readonly #setUp: SetUp<Commands>;
  #current: { readonly worker: CkksWorker<Commands>; readonly ready: Promise<void> } | undefined;
  #starts = 0;
  #disposed = false;

  constructor(role: WorkerRole, setUp: SetUp<Commands>) {
    this.#role = role;
    this.#setUp = setUp;
  }

  /** How often a worker had to be replaced. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Sets a worker up now, instead of with the first call. */
  async start(options: RunOptions = {}): Promise<void> {
    await this.#ready(options);
  }

  /** See {@link CkksWorker.call}. */
  async call<Name extends keyof Commands & string>(
    command: Name,
    request: Commands[Name]['request'],
    options: CallOptions = {},
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Commands[Name]['response']> {
    const worker = await this.#ready(options);
    return worker.call(command, request, options, transfer);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#current?.worker[Symbol.dispose]();
    this.#current = undefined;
  }

  async #ready(options: RunOptions): Promise<CkksWorker<Commands>> {
    throwIfAborted(options.signal, 'waiting for a worker');
    if (this.#disposed) throw new BackendError('this worker was disposed');
    if (this.#current === undefined || this.#current.worker.hasEnded) {
      const worker = new CkksWorker<Commands>(this.#role);
      const isRestart = this.#starts++ > 0;
      const ready = this.#setUp(worker, { onProgress: options.onProgress, isRestart });
      ready.catch(() => worker[Symbol.dispose]());
      this.#current = { worker, ready };
    }
    const { worker, ready } = this.#current;
    await unlessAborted(ready, options.signal);
    return worker;
  }
}

/** Waits, but no longer than until the signal fires; what is waited for goes on for others. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(
        new AbortError(
          'aborted while waiting for a worker: nothing was opened or written',
          {},
          { cause: signal.reason },
        ),
      );
    };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
