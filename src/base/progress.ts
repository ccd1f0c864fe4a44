import { AbortError } from './errors.ts';

/** A step of a long run. `done` and `total` count work units of the phase; `total` is 0 where it is not known. */
export type Progress = { readonly phase: string; readonly done: number; readonly total: number };

/** What every long-running function accepts. */
export type RunOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

/** @throws AbortError if the signal has fired; the signal's reason is its cause. */
export function throwIfAborted(signal: AbortSignal | undefined, during: string): void {
  if (signal?.aborted) {
    throw new AbortError(
      `aborted while ${during}: nothing was opened or written`,
      { during },
      { cause: signal.reason },
    );
  }
}

/**
 * Lets pending signals, timers and messages run: synchronous loops call this between blocks so that an abort can
 * reach them.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
