import type { ErrorCode, ErrorFacts } from '../../base/errors.ts';
import type { CoefficientPacking } from '../packing.ts';
import type { CkksParameters } from '../parameters.ts';

/** What a worker can be asked. The two roles share `open`, `stats` and nothing else. */
export type SharedCommands = {
  open: { readonly request: { readonly parameters: CkksParameters }; readonly response: null };
  /** SEAL objects alive, not counting the context's own. */
  stats: { readonly request: null; readonly response: { readonly liveObjects: number } };
};

/** Commands of the side that holds the secret key. */
export type KeyHolderCommands = SharedCommands & {
  createKey: { readonly request: null; readonly response: null };
  /** SEAL's serialization of the secret key: comes from custody only. */
  importKey: { readonly request: { readonly bytes: Uint8Array }; readonly response: null };
  /** For custody only, which seals it before it is written anywhere. */
  exportKey: { readonly request: null; readonly response: { readonly bytes: Uint8Array } };
  encrypt: {
    readonly request: {
      readonly x: Float64Array;
      readonly packing: CoefficientPacking;
      readonly inputScaleBits: number;
    };
    readonly response: { readonly ciphertexts: readonly Uint8Array[] };
  };
  decrypt: {
    readonly request: {
      /** null where the engine found all coefficients to be zero by construction. */
      readonly ciphertexts: readonly (Uint8Array | null)[];
      readonly packing: CoefficientPacking;
      readonly scaleBits: number;
    };
    readonly response: { readonly rows: Float64Array };
  };
};

/** Commands of the side that sees ciphertexts and public data only. */
export type EvaluatorCommands = SharedCommands & {
  prepare: {
    readonly request: {
      readonly matrix: Float64Array;
      readonly packing: CoefficientPacking;
      readonly matrixScaleBits: number;
    };
    readonly response: { readonly products: number };
  };
  evaluate: {
    readonly request: { readonly ciphertexts: readonly Uint8Array[] };
    readonly response: {
      readonly ciphertexts: readonly (Uint8Array | null)[];
      /** Milliseconds of products and sums alone, without loading and saving. */
      readonly productMs: number;
    };
  };
};

export type CommandMap = Record<string, { readonly request: unknown; readonly response: unknown }>;
export type WorkerRole = 'keyHolder' | 'evaluator';

/** Host to worker. */
export type RequestMessage = { readonly id: number; readonly command: string; readonly request: unknown };

/** Worker to host. An error travels as its code, message and public facts. */
export type ResponseMessage =
  | { readonly id: number; readonly progress: { readonly done: number; readonly total: number } }
  | { readonly id: number; readonly response: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly facts: ErrorFacts };
    };
