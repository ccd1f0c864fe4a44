import {
  AbortError,
  BackendError,
  type BlindRiskError,
  CustodyError,
  IntegrityError,
  ParametersError,
  RangeError,
} from '../../base/errors.ts';
import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import type { CommandMap, RequestMessage, ResponseMessage, WorkerRole } from './messages.ts';

/** What the host needs of a worker, under Node and in a browser. */
type WorkerHandle = {
  post(message: RequestMessage | { readonly role: WorkerRole }, transfer: readonly ArrayBuffer[]): void;
  terminate(): void;
  /** Whether the worker keeps the process alive: only while a request is pending. */
  holdProcess(hold: boolean): void;
};

type Pending = {
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: BlindRiskError) => void;
  readonly onProgress: RunOptions['onProgress'];
  readonly phase: string;
};

/**
 * A worker that holds one node-seal. Requests are answered in order. An abort or a failure to answer terminates the
 * worker, which is the only cure for a SEAL that has run out of memory; whatever it held is gone.
 */
export class SealWorker<Commands extends CommandMap> implements Disposable {
  readonly #handle: WorkerHandle;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #ended: BlindRiskError | undefined;

  constructor(role: WorkerRole) {
    this.#handle = spawn(
      (message) => this.#receive(message),
      (error) => this.#end(new BackendError(`the ${role} worker died: ${error}`)),
    );
    this.#handle.post({ role }, []);
    this.#handle.holdProcess(false);
  }

  /** @throws the worker's typed error; AbortError when the signal fires, after which this worker is gone. */
  async call<Name extends keyof Commands & string>(
    command: Name,
    request: Commands[Name]['request'],
    options: RunOptions = {},
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Commands[Name]['response']> {
    throwIfAborted(options.signal, `asking for ${command}`);
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#nextId++;
    const abort = () => {
      this.#end(
        new AbortError(
          `aborted during ${command}: its worker was stopped, nothing was opened or written`,
          { command },
          {
            cause: options.signal?.reason,
          },
        ),
      );
    };
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onProgress: options.onProgress, phase: command });
        this.#handle.holdProcess(true);
        this.#handle.post({ id, command, request }, transfer);
      });
    } finally {
      options.signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#handle.holdProcess(false);
    }
  }

  [Symbol.dispose](): void {
    this.#end(new BackendError('this worker was disposed'));
  }

  #receive(message: ResponseMessage): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if ('progress' in message) pending.onProgress?.({ phase: pending.phase, ...message.progress });
    else if ('error' in message) pending.reject(revive(message.error));
    else pending.resolve(message.response);
  }

  #end(reason: BlindRiskError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#handle.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
  }
}

function revive({
  code,
  message,
  facts,
}: Extract<ResponseMessage, { error: unknown }>['error']): BlindRiskError {
  const classes = {
    integrity: IntegrityError,
    custody: CustodyError,
    parameters: ParametersError,
    range: RangeError,
  };
  const Class = classes[code as keyof typeof classes] ?? BackendError;
  return new Class(message, facts);
}

function spawn(
  onMessage: (message: ResponseMessage) => void,
  onDeath: (error: string) => void,
): WorkerHandle {
  // Run from source or from the built package: the entry has the extension of this file.
  const here = import.meta.url;
  const entry = new URL(here.endsWith('.ts') ? './entry.ts' : './entry.js', here);
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (threads) {
    const worker = new threads.Worker(entry);
    worker.on('message', onMessage);
    worker.on('error', (error) => onDeath(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => onDeath(`exit code ${code}`));
    return {
      post: (message, transfer) => worker.postMessage(message, [...transfer]),
      terminate: () => void worker.terminate(),
      holdProcess: (hold) => (hold ? worker.ref() : worker.unref()),
    };
  }
  return spawnWebWorker(entry, onMessage, onDeath);
}

/** The part of the Web Worker API that is used; the library is compiled without the DOM's types. */
type WebWorker = {
  onmessage: ((event: { readonly data: ResponseMessage }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  terminate(): void;
};

function spawnWebWorker(
  entry: URL,
  onMessage: (message: ResponseMessage) => void,
  onDeath: (error: string) => void,
): WorkerHandle {
  const { Worker } = globalThis as unknown as {
    readonly Worker: new (url: URL, options: object) => WebWorker;
  };
  const worker = new Worker(entry, { type: 'module' });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = ({ message }) => onDeath(message);
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
    holdProcess: () => {},
  };
}
