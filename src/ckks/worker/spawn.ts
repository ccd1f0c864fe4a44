import type { AbortMessage, RequestMessage, ResponseMessage, WorkerRole } from './messages.ts';

/** What the host needs of a worker, under Node and in a browser. */
export type WorkerHandle = {
  post(
    message: RequestMessage | AbortMessage | { readonly role: WorkerRole },
    transfer: readonly ArrayBuffer[],
  ): void;
  terminate(): void;
  /** Whether the worker keeps the process alive: only while a request is pending. */
  holdProcess(hold: boolean): void;
};

/** Starts a worker, under Node and in a browser. */
export function spawn(
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
