import { BackendError } from '../../base/errors.ts';
import { encryptorHandlers } from './encryptor.ts';
import { evaluatorHandlers } from './evaluator.ts';
import { keyHolderHandlers } from './key-holder.ts';
import type { AbortMessage, CommandMap, RequestMessage, ResponseMessage, WorkerRole } from './messages.ts';
import { type Handlers, serve } from './serve.ts';

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

/** What a role answers with. */
function handlersOf(role: WorkerRole): Promise<Handlers<CommandMap>> {
  switch (role) {
    case 'keyHolder':
      return keyHolderHandlers() as Promise<Handlers<CommandMap>>;
    case 'encryptor':
      return encryptorHandlers() as Promise<Handlers<CommandMap>>;
    case 'evaluator':
      return evaluatorHandlers() as Promise<Handlers<CommandMap>>;
  }
}

const port = portOfThisThread();
let receive: ((message: RequestMessage | AbortMessage) => void) | undefined;

port.onMessage((message) => {
  if (receive === undefined) {
    const handlers = handlersOf((message as { readonly role: WorkerRole }).role).catch((error: unknown) => {
      throw new BackendError(`SEAL did not load: ${String(error)}`, {}, { cause: error });
    });
    // Whoever asks next is told; until then nobody listens.
    handlers.catch(() => {});
    receive = serve(handlers, (response) => port.postMessage(response));
    return;
  }
  receive(message as RequestMessage | AbortMessage);
});
