/** A worker as its host sees it, under Node's worker_threads and as a browser's module worker. */
export type WorkerHandle<Sent> = {
  /** @param transfer buffers that move instead of being copied. */
  post(message: Sent, transfer?: readonly ArrayBuffer[]): void;
  terminate(): void;
  /** Whether the worker keeps the process alive: only while it has work. A browser's never does. */
  holdProcess(hold: boolean): void;
};

/** The host as a worker sees it. */
export type HostPort<Received, Sent> = {
  /** @param transfer buffers that move instead of being copied. */
  post(message: Sent, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: Received) => void): void;
};

const nodeThreads = () => globalThis.process?.getBuiltinModule?.('node:worker_threads');

/** `name` beside the module at `here`, with its extension: run from source or from the built package. */
export function moduleBeside(here: string, name: string): URL {
  return new URL(`./${name}${here.endsWith('.ts') ? '.ts' : '.js'}`, here);
}

/** Whether this platform can start workers at all. */
export function hasWorkers(): boolean {
  return (
    nodeThreads() !== undefined || typeof (globalThis as { readonly Worker?: unknown }).Worker === 'function'
  );
}

/** Processors of this machine, as far as it tells. */
export function processorCount(): number {
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? 1;
}

/** Starts a worker. @param onDeath called when it fails or ends, which a terminated one does too. */
export function startWorker<Sent, Received>(
  entry: URL,
  onMessage: (message: Received) => void,
  onDeath: (reason: string) => void,
): WorkerHandle<Sent> {
  const threads = nodeThreads();
  if (threads) {
    const worker = new threads.Worker(entry);
    worker.on('message', onMessage);
    worker.on('error', (error) => onDeath(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => onDeath(`exit code ${code}`));
    return {
      post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
      terminate: () => void worker.terminate(),
      holdProcess: (hold) => (hold ? worker.ref() : worker.unref()),
    };
  }
  const { Worker } = globalThis as unknown as {
    readonly Worker: new (url: URL, options: object) => WebWorker<Received>;
  };
  const worker = new Worker(entry, { type: 'module' });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = ({ message }) => onDeath(message);
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
    holdProcess: () => {},
  };
}

/** For a worker's entry: the way to its host. */
export function portOfThisThread<Received, Sent>(): HostPort<Received, Sent> {
  const node = nodeThreads()?.parentPort;
  if (node) {
    return {
      post: (message, transfer = []) => node.postMessage(message, [...transfer]),
      onMessage: (listener) => node.on('message', listener),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: Sent, transfer: readonly ArrayBuffer[]): void;
    addEventListener(type: 'message', listener: (event: { readonly data: Received }) => void): void;
  };
  return {
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  };
}

/**
 * Buffers of a message that nobody else will read: of all its typed arrays that fill theirs. Moving them takes no time; a message of dozens of
 * arrays is copied at a few hundred megabytes a second, and its secrets stay behind.
 */
export function buffersOf(message: unknown): Set<ArrayBuffer> {
  const found = new Set<ArrayBuffer>();
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if (ArrayBuffer.isView(part)) {
      const { buffer, byteLength } = part;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) found.add(buffer);
    } else if (Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype) {
      Object.values(part).forEach(look);
    }
  };
  look(message);
  return found;
}

/** The part of the Web Worker API that is used; the library is compiled without the DOM's types. */
type WebWorker<Received> = {
  onmessage: ((event: { readonly data: Received }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  terminate(): void;
};
