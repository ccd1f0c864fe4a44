/** A command of the command line: its own arguments, and a signal that fires on interruption. */
export type Command = (args: readonly string[], signal: AbortSignal) => Promise<void>;
