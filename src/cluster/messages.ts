import type { ErrorCode, ErrorFacts } from '../base/errors.ts';
import type { BlockSums } from '../pricing/montecarlo/moments.ts';
import type { SimulationSpec } from '../pricing/montecarlo/specification.ts';

/** What a worker of the pool can be asked. Everything here is plain data. */
export type Tasks = {
  /** Blocks `from` to `to - 1` of a simulation. */
  simulateBlocks: {
    readonly request: { readonly spec: SimulationSpec; readonly from: number; readonly to: number };
    readonly response: readonly BlockSums[];
  };
};

export type TaskName = keyof Tasks;

/** Host to worker. */
export type TaskMessage = { readonly id: number; readonly task: TaskName; readonly request: unknown };

/** An error travels as its code, message and public facts. */
export type ErrorMessage = { readonly code: ErrorCode; readonly message: string; readonly facts: ErrorFacts };

/** Worker to host. */
export type AnswerMessage =
  | { readonly id: number; readonly response: unknown }
  | { readonly id: number; readonly error: ErrorMessage };
