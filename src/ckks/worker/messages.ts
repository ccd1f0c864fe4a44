import type { ErrorCode, ErrorFacts } from '../../base/errors.ts';
import type { SharedConstants } from '../kernel/evaluator.ts';
import type { EncodedMatrix } from '../kernel/packed-evaluator.ts';
import type { RingPrime, RingRegion } from '../kernel/ring.ts';
import type { CoefficientPacking } from '../packing.ts';
import type { ResponseFormat } from '../response.ts';
import type { SealParameters } from '../seal.ts';
import type { SlotInputs, SlotOutputs } from '../slots/execute.ts';
import type { EvaluationKeyBytes, EvaluationKeyFiles, EvaluationKeySpec, KeyForm } from '../slots/keys.ts';
import type { SlotInput, SlotProgram } from '../slots/program.ts';

/** What a worker can be asked. The roles share `open`, `stats` and nothing else. */
export type SharedCommands = {
  /** Makes a context and forgets everything else. A context of the same parameters is kept: it is dear. */
  open: { readonly request: { readonly parameters: SealParameters }; readonly response: null };
  /** Objects alive, not counting the context's own and what was asked to be kept; bytes of the WebAssembly memory. */
  stats: {
    readonly request: null;
    readonly response: { readonly liveObjects: number; readonly memoryBytes: number };
  };
};

/** Encryption of slot vectors, an input a time: by the key holder (seeded), or under a public key (in full). */
export type EncryptSlotsCommand = {
  encryptSlots: {
    readonly request: {
      readonly inputs: readonly { readonly input: SlotInput; readonly values: Float64Array }[];
    };
    readonly response: { readonly inputs: SlotInputs };
  };
};

/** A result vector to be decrypted: its ciphertexts, a block each, and what the program says of them. */
export type EncryptedOutput = {
  readonly name: string;
  readonly length: number;
  readonly every?: number | undefined;
  readonly blocks: readonly { readonly bytes: Uint8Array; readonly level: number; readonly scale: number }[];
};

/** Commands of the side that holds the secret key. */
export type KeyHolderCommands = SharedCommands &
  EncryptSlotsCommand & {
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
        readonly format: ResponseFormat;
        readonly scaleBits: number;
      };
      readonly response: { readonly rows: Float64Array };
    };
    /** Exactly the keys named; nothing of them is secret. */
    evaluationKeys: {
      readonly request: { readonly spec: EvaluationKeySpec; readonly form: KeyForm };
      readonly response: EvaluationKeyBytes;
    };
    publicKey: { readonly request: null; readonly response: { readonly bytes: Uint8Array } };
    /** Decoded: only result slots leave. */
    decryptSlots: {
      readonly request: { readonly outputs: readonly EncryptedOutput[] };
      readonly response: { readonly outputs: Readonly<Record<string, Float64Array>> };
    };
  };

/** Commands of an input owner that encrypts under somebody else's key. */
export type EncryptorCommands = SharedCommands &
  EncryptSlotsCommand & {
    importPublicKey: { readonly request: { readonly bytes: Uint8Array }; readonly response: null };
  };

/** What evaluates, for reports. */
export type RunsOn = { readonly runsOn: string };

/** Of kernels alone. */
export type KernelKeyCommands = {
  /** Straight from files into kernel memory, a digit at a time. */
  importKeyFiles: {
    readonly request: { readonly spec: EvaluationKeySpec; readonly keys: EvaluationKeyFiles };
    readonly response: null;
  };
};

/** Of kernels on a memory that workers share: each is opened with its region, and takes what the first has written. */
export type KernelSharingCommands = {
  openRegion: {
    readonly request: { readonly parameters: SealParameters; readonly region: RingRegion };
    readonly response: null;
  };
  shareProgram: { readonly request: null; readonly response: SharedConstants };
  borrowProgram: {
    readonly request: { readonly program: SlotProgram; readonly shared: SharedConstants };
    readonly response: null;
  };
  shareMatrix: { readonly request: null; readonly response: SharedMatrix };
  borrowMatrix: { readonly request: SharedMatrix; readonly response: null };
};

/** What a host may ask a worker that evaluates, if the worker's role has it. */
export type AnyEvaluatorCommands = EvaluatorCommands & KernelKeyCommands & KernelSharingCommands;

/** An encoded matrix, how its results travel, and the tables of its ring. */
export type SharedMatrix = {
  readonly tables: readonly RingPrime[];
  readonly matrix: EncodedMatrix;
  readonly format: ResponseFormat;
  readonly floodBits: number | undefined;
};

/** Commands of the side that sees ciphertexts and public data only. */
export type EvaluatorCommands = SharedCommands & {
  prepare: {
    readonly request: {
      readonly matrix: Float64Array;
      readonly packing: CoefficientPacking;
      readonly matrixScaleBits: number;
      readonly format: ResponseFormat;
      /** Flooding of responses that hide the matrix; undefined where it is public. */
      readonly floodBits: number | undefined;
    };
    readonly response: { readonly products: number } & RunsOn;
  };
  evaluate: {
    readonly request: {
      readonly ciphertexts: readonly Uint8Array[];
      /** The owner's, where the matrix is hidden. */
      readonly publicKey: Uint8Array | undefined;
      /** Which outputs, from..to - 1: all if undefined. */
      readonly outputs?: readonly [from: number, to: number] | undefined;
    };
    readonly response: {
      readonly ciphertexts: readonly (Uint8Array | null)[];
      /** Milliseconds of products and sums alone, without loading and saving. */
      readonly productMs: number;
    };
  };
  importKeys: {
    readonly request: { readonly spec: EvaluationKeySpec; readonly keys: EvaluationKeyBytes };
    readonly response: null;
  };
  /** Checks the program and encodes its public operands. After `importKeys`. */
  prepareProgram: { readonly request: { readonly program: SlotProgram }; readonly response: RunsOn };
  /** The only command that can be interrupted without loss. */
  runProgram: {
    readonly request: { readonly inputs: SlotInputs };
    readonly response: { readonly outputs: SlotOutputs; readonly evaluationMs: number };
  };
};

export type CommandMap = Record<string, { readonly request: unknown; readonly response: unknown }>;
export type WorkerRole = 'keyHolder' | 'encryptor' | 'kernelEvaluator' | 'sealEvaluator';

/** Host to worker. */
export type RequestMessage = { readonly id: number; readonly command: string; readonly request: unknown };
export type AbortMessage = { readonly abort: number };

/** Worker to host. An error travels as its code, message and public facts. */
export type ResponseMessage =
  | { readonly id: number; readonly progress: { readonly done: number; readonly total: number } }
  | { readonly id: number; readonly response: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly facts: ErrorFacts };
    };

/** All that a host sends: the first message of a worker's life names its role. */
export type HostMessage = RequestMessage | AbortMessage | { readonly role: WorkerRole };
