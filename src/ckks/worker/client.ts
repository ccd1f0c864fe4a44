import {
  AbortError,
  BackendError,
  type BlindRiskError,
  CustodyError,
  IntegrityError,
  ParametersError,
  PlanError,
  RangeError,
  ShapeError,
} from '../../base/errors.ts';
import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import { moduleBeside, startWorker, type WorkerHandle } from '../../base/worker.ts';
import type { CommandMap, HostMessage, ResponseMessage, WorkerRole } from './messages.ts';

export type CallOptions = RunOptions & {
  /** Milliseconds that the worker may take, from when it begins. Past that it is stopped. */
  readonly budgetMs?: number | undefined;
  /** The command lets an abort in, so that the worker survives it. */
  readonly interruptible?: boolean;
};

type Pending = {
  readonly command: string;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: BlindRiskError) => void;
  readonly budgetMs: number;
  onProgress: RunOptions['onProgress'];
  timer: Timer | undefined;
};

/** Nothing that a worker is asked takes this long: not even a context at the largest degree on a busy machine. */
const LONGEST_CALL_MS = 600_000;
/** How long a worker may take to notice an abort: the longest single operation, many times over. */
const ABORT_GRACE_MS = 10_000;

/**
 * A worker of one role. Requests are answered in order. One that takes longer than its budget, dies, or is
 * aborted where it cannot be interrupted ends the worker, the only cure for a SEAL that has run out of memory;
 * whatever it held is gone.
 */
export class CkksWorker<Commands extends CommandMap> implements Disposable {
  readonly #handle: WorkerHandle<HostMessage>;
  readonly #role: WorkerRole;
  /** In the order asked, which is the order answered. */
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #ended: BlindRiskError | undefined;

  constructor(role: WorkerRole) {
    this.#role = role;
    this.#handle = startWorker<HostMessage, ResponseMessage>(
      moduleBeside(import.meta.url, 'entry'),
      (message) => this.#receive(message),
      (error) => this.#end(new BackendError(`the ${role} worker died: ${error}`)),
    );
    this.#handle.post({ role });
    this.#handle.holdProcess(false);
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether nothing is asked that has not been answered. */
  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /**
   * @throws the worker's typed error; AbortError when the signal fires, after which this worker is gone unless the command
   * is interruptible; BackendError when the budget is spent.
   */
  async call<Name extends keyof Commands & string>(
    command: Name,
    request: Commands[Name]['request'],
    options: CallOptions = {},
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Commands[Name]['response']> {
    throwIfAborted(options.signal, `asking for ${command}`);
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#nextId++;
    const abort = () => this.#abort(id, options);
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        const { onProgress, budgetMs = LONGEST_CALL_MS } = options;
        this.#pending.set(id, { command, resolve, reject, onProgress, budgetMs, timer: undefined });
        this.#watch();
        this.#handle.holdProcess(true);
        this.#handle.post({ id, command, request }, transfer);
      });
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  }

  [Symbol.dispose](): void {
    this.#end(new BackendError('this worker was disposed'));
  }

  #receive(message: ResponseMessage): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if ('progress' in message) {
      pending.onProgress?.({ phase: pending.command, ...message.progress });
      return;
    }
    this.#settle(message.id, pending);
    if ('error' in message) pending.reject(revive(message.error));
    else pending.resolve(message.response);
  }

  #settle(id: number, { timer }: Pending): void {
    stopTimer(timer);
    this.#pending.delete(id);
    if (this.isIdle) this.#handle.holdProcess(false);
    else this.#watch();
  }

  #abort(id: number, { interruptible, signal }: CallOptions): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const { command } = pending;
    const error = new AbortError(
      interruptible
        ? `aborted during ${command}: nothing was opened or written`
        : `aborted during ${command}: its worker was stopped, nothing was opened or written`,
      { command },
      { cause: signal?.reason },
    );
    if (!interruptible) {
      this.#end(error);
      return;
    }
    pending.reject(error);
    pending.onProgress = undefined;
    this.#handle.post({ abort: id }, []);
    stopTimer(pending.timer);
    pending.timer = startTimer(ABORT_GRACE_MS, () =>
      this.#end(new BackendError(`the ${this.#role} worker did not stop ${command}: it was ended`)),
    );
  }

  /** Starts the clock of the request that the worker is at. */
  #watch(): void {
    const [current] = this.#pending.values();
    if (current === undefined || current.timer !== undefined) return;
    const { command, budgetMs } = current;
    current.timer = startTimer(budgetMs, () =>
      this.#end(
        new BackendError(
          `${command} took longer than its ${Math.round(budgetMs)} ms: the ${this.#role} worker was ended; ask again for a fresh one`,
          { command, budgetMs },
        ),
      ),
    );
  }

  #end(reason: BlindRiskError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#handle.terminate();
    for (const { reject, timer } of this.#pending.values()) {
      stopTimer(timer);
      reject(reason);
    }
    this.#pending.clear();
  }
}

function revive({
  code,
  message,
  facts,
}: Extract<ResponseMessage, { error: unknown }>['error']): BlindRiskError {
  const classes = {
    abort: AbortError,
    custody: CustodyError,
    integrity: IntegrityError,
    parameters: ParametersError,
    plan: PlanError,
    range: RangeError,
    shape: ShapeError,
  };
  const Class = classes[code as keyof typeof classes] ?? BackendError;
  return new Class(message, facts);
}

type Timer = ReturnType<typeof setTimeout>;

/** A timer that does not keep a Node process alive. */
function startTimer(ms: number, action: () => void): Timer {
  const timer = setTimeout(action, ms);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

function stopTimer(timer: Timer | undefined): void {
  if (timer !== undefined) clearTimeout(timer);
}
