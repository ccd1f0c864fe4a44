import { BlindRiskError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/progress.ts';
import { buffersOf } from '../../base/worker.ts';
import type { AbortMessage, CommandMap, RequestMessage, ResponseMessage } from './messages.ts';

/** @param transfer buffers that move: a handler keeps nothing that it returns. */
type Post = (message: ResponseMessage, transfer?: readonly ArrayBuffer[]) => void;

export type ReportProgress = (done: number, total: number) => void;

export type Handlers<Commands extends CommandMap> = {
  readonly [Name in keyof Commands]: (
    request: Commands[Name]['request'],
    progress: ReportProgress,
    signal: AbortSignal,
  ) => Commands[Name]['response'] | Promise<Commands[Name]['response']>;
};

/**
 * Answers requests with the handlers, one after the other, in the order in which they come. An abort reaches a handler
 * through its signal, where the handler lets messages in; a request that still waits is not begun.
 */
export function serve<Commands extends CommandMap>(
  handlers: Promise<Handlers<Commands>>,
  post: Post,
): (message: RequestMessage | AbortMessage) => void {
  const aborts = new Map<number, AbortController>();
  let last: Promise<void> = Promise.resolve();
  return (message) => {
    if ('abort' in message) {
      aborts.get(message.abort)?.abort();
      return;
    }
    const abort = new AbortController();
    aborts.set(message.id, abort);
    last = last.then(async () => {
      await answer(handlers, message, post, abort.signal);
      aborts.delete(message.id);
    });
  };
}

/** Answers one request; never throws. */
async function answer<Commands extends CommandMap>(
  handlers: Promise<Handlers<Commands>>,
  message: RequestMessage,
  post: Post,
  signal: AbortSignal,
): Promise<void> {
  const { id, command, request } = message;
  try {
    const handler = (await handlers)[command as keyof Commands];
    throwIfAborted(signal, `waiting to ${command}`);
    const progress: ReportProgress = (done, total) => post({ id, progress: { done, total } });
    const response = await handler(request as never, progress, signal);
    post({ id, response }, [...buffersOf(response)]);
  } catch (error) {
    post({ id, error: describe(error) });
  }
}

function describe(error: unknown): Extract<ResponseMessage, { error: unknown }>['error'] {
  if (error instanceof BlindRiskError)
    return { code: error.code, message: error.message, facts: error.facts };
  // Anything else is a defect of ours: its message may be shown, since no handler formats a secret.
  return {
    code: 'backend',
    message: `the worker failed: ${error instanceof Error ? error.message : String(error)}`,
    facts: {},
  };
}
