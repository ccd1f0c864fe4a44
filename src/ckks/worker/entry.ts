import { BackendError } from '../../base/errors.ts';
import { portOfThisThread } from '../../base/worker.ts';
import type {
  AbortMessage,
  CommandMap,
  HostMessage,
  RequestMessage,
  ResponseMessage,
  WorkerRole,
} from './messages.ts';
import { type Handlers, serve } from './serve.ts';

// Entry point of a worker, under Node's worker_threads and as a browser's module worker. The first message names the
// role; a worker plays one role for its whole life.

/** What a role answers with. Only what the role needs is loaded: an evaluator on kernels never loads SEAL's code. */
async function handlersOf(role: WorkerRole): Promise<Handlers<CommandMap>> {
  switch (role) {
    case 'keyHolder':
      return (await import('./key-holder.ts')).keyHolderHandlers() as Promise<Handlers<CommandMap>>;
    case 'encryptor':
      return (await import('./encryptor.ts')).encryptorHandlers() as Promise<Handlers<CommandMap>>;
    case 'kernelEvaluator':
      return (await import('./kernel-evaluator.ts')).kernelEvaluatorHandlers() as Handlers<CommandMap>;
    case 'sealEvaluator':
      return (await import('./seal-evaluator.ts')).sealEvaluatorHandlers() as Promise<Handlers<CommandMap>>;
  }
}

const port = portOfThisThread<HostMessage, ResponseMessage>();
let receive: ((message: RequestMessage | AbortMessage) => void) | undefined;

port.onMessage((message) => {
  if (receive === undefined) {
    const handlers = handlersOf((message as { readonly role: WorkerRole }).role).catch((error: unknown) => {
      throw new BackendError(`the worker did not start: ${String(error)}`, {}, { cause: error });
    });
    // Whoever asks next is told; until then nobody listens.
    handlers.catch(() => {});
    receive = serve(handlers, (response, transfer) => port.post(response, transfer));
    return;
  }
  receive(message as RequestMessage | AbortMessage);
});
