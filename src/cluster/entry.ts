import { portOfThisThread } from '../base/worker.ts';
import { describeError } from './errors.ts';
import type { AnswerMessage, TaskMessage } from './messages.ts';
import { TASKS } from './tasks.ts';

// Entry point of a worker of the pool, under Node's worker_threads and as a browser's module worker.

const port = portOfThisThread<TaskMessage, AnswerMessage>();
port.onMessage(({ id, task, request }) => {
  try {
    port.post({ id, response: TASKS[task](request as never) });
  } catch (error) {
    port.post({ id, error: describeError(error) });
  }
});
