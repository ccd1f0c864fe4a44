import { BlindRiskError } from '../../base/errors.ts';
import type { CommandMap, RequestMessage, ResponseMessage } from './messages.ts';

export type ReportProgress = (done: number, total: number) => void;

export type Handlers<Commands extends CommandMap> = {
  readonly [Name in keyof Commands]: (
    request: Commands[Name]['request'],
    progress: ReportProgress,
  ) => Commands[Name]['response'];
};

/** Answers one request with the handlers; never throws. */
export function answer<Commands extends CommandMap>(
  handlers: Handlers<Commands>,
  message: RequestMessage,
  post: (message: ResponseMessage) => void,
): void {
  const { id, command, request } = message;
  try {
    const handler = handlers[command as keyof Commands];
    const response = handler(request as never, (done, total) => post({ id, progress: { done, total } }));
    post({ id, response });
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
