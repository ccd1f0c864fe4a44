import { BlindRiskError, type ErrorCode } from '../base/errors.ts';

/** The command line itself is wrong. */
export class UsageError extends BlindRiskError {
  override readonly code = 'parse';
}

/** Exit statuses of the command line (a contract). */
export const EXIT = { done: 0, internal: 1, input: 2, refused: 3, aborted: 4 } as const;

const EXIT_OF_CODE: Readonly<Record<ErrorCode, number>> = {
  shape: EXIT.input,
  range: EXIT.input,
  unit: EXIT.input,
  parse: EXIT.input,
  plan: EXIT.input,
  unsupported: EXIT.input,
  parameters: EXIT.input,
  precision: EXIT.input,
  backend: EXIT.internal,
  transport: EXIT.aborted,
  protocol: EXIT.aborted,
  abort: EXIT.aborted,
  custody: EXIT.refused,
  policy: EXIT.refused,
  integrity: EXIT.refused,
};

export function exitStatusOf(error: unknown): number {
  return error instanceof BlindRiskError ? EXIT_OF_CODE[error.code] : EXIT.internal;
}
