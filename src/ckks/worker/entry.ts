import { evaluatorHandlers } from './evaluator.ts';
import { keyHolderHandlers } from './key-holder.ts';
import type { CommandMap, RequestMessage, ResponseMessage, WorkerRole } from './messages.ts';
import { answer, type Handlers } from './serve.ts';

// Entry point of a worker, under Node's worker_threads and as a browser's module worker. The first message names the
// role; a worker plays one role for its whole life.

type Port = {
  postMessage(message: ResponseMessage): void;
  onMessage(listener: (message: unknown) => void): void;
};

function portOfThisThread(): Port {
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort;
  if (node)
    return { postMessage: (m) => node.postMessage(m), onMessage: (listener) => node.on('message', listener) };
  const scope = globalThis as unknown as {
    postMessage(message: ResponseMessage): void;
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  };
  return {
    postMessage: (message) => scope.postMessage(message),
    onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  };
}

const port = portOfThisThread();
let handlers: Promise<Handlers<CommandMap>> | undefined;

port.onMessage((message) => {
  if (handlers === undefined) {
    const { role } = message as { readonly role: WorkerRole };
    const load = role === 'keyHolder' ? keyHolderHandlers() : evaluatorHandlers();
    handlers = load as Promise<Handlers<CommandMap>>;
    return;
  }
  handlers.then(
    (ready) => answer(ready, message as RequestMessage, (response) => port.postMessage(response)),
    (error: unknown) =>
      port.postMessage({
        id: (message as RequestMessage).id,
        error: { code: 'backend', message: `SEAL did not load: ${String(error)}`, facts: {} },
      }),
  );
});
