import { describeError } from './errors.ts';
import type { AnswerMessage, TaskMessage } from './messages.ts';
import { TASKS } from './tasks.ts';

// Entry point of a worker of the pool, under Node's worker_threads and as a browser's module worker.

type Port = {
  postMessage(message: AnswerMessage): void;
  onMessage(listener: (message: TaskMessage) => void): void;
};

function portOfThisThread(): Port {
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort;
  if (node) {
    return {
      postMessage: (message) => node.postMessage(message),
      onMessage: (listener) => node.on('message', listener),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: AnswerMessage): void;
    addEventListener(type: 'message', listener: (event: { readonly data: TaskMessage }) => void): void;
  };
  return {
    postMessage: (message) => scope.postMessage(message),
    onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  };
}

const port = portOfThisThread();
port.onMessage(({ id, task, request }) => {
  try {
    port.postMessage({ id, response: TASKS[task](request as never) });
  } catch (error) {
    port.postMessage({ id, error: describeError(error) });
  }
});
