import type { AnswerMessage, TaskMessage } from './messages.ts';

/** What the pool needs of a worker, under Node and in a browser. */
export type WorkerHandle = {
  post(message: TaskMessage): void;
  terminate(): void;
  /** Whether the worker keeps the process alive: only while it has work. */
  holdProcess(hold: boolean): void;
};

/** Whether this platform can start workers at all. */
export function hasWorkers(): boolean {
  return (
    globalThis.process?.getBuiltinModule?.('node:worker_threads') !== undefined ||
    typeof (globalThis as { readonly Worker?: unknown }).Worker === 'function'
  );
}

/** Processors of this machine, as far as it tells. */
export function processorCount(): number {
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? 1;
}

/** Starts a worker on `entry`, which has the extension of this file: run from source or from the built package. */
export function spawnWorker(
  onMessage: (message: AnswerMessage) => void,
  onDeath: (reason: string) => void,
): WorkerHandle {
  const here = import.meta.url;
  const entry = new URL(here.endsWith('.ts') ? './entry.ts' : './entry.js', here);
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (threads) {
    const worker = new threads.Worker(entry);
    worker.on('message', onMessage);
    worker.on('error', (error) => onDeath(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => onDeath(`exit code ${code}`));
    return {
      post: (message) => worker.postMessage(message),
      terminate: () => void worker.terminate(),
      holdProcess: (hold) => (hold ? worker.ref() : worker.unref()),
    };
  }
  const { Worker } = globalThis as unknown as {
    readonly Worker: new (url: URL, options: object) => WebWorker;
  };
  const worker = new Worker(entry, { type: 'module' });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = ({ message }) => onDeath(message);
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    holdProcess: () => {},
  };
}

/** The part of the Web Worker API that is used; the library is compiled without the DOM's types. */
type WebWorker = {
  onmessage: ((event: { readonly data: AnswerMessage }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
};
