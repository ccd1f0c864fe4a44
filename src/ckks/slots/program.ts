/**
 * A circuit lowered to the operations of leveled CKKS: what the planner writes and an evaluator runs. Straight-line,
 * public, serialisable, complete: levels, exact scales and component counts are decided here, so that an evaluator takes
 * no decision. A register is the index of the instruction that fills it.
 *
 * Level l means that data primes q_0 .. q_l are in use; `rescale` divides by q_l and leaves level l - 1. A ciphertext of
 * c components decrypts to sum_i c_i s^i; the value in a slot is what decodes from that, divided by the scale.
 * Scales are the true ones (a product of primes need not be a power of two) and are followed exactly, as double-precision
 * products and quotients: Kim, Papadimitriou and Polyakov, "Approximate Homomorphic Encryption with Reduced Approximation
 * Error" (ePrint 2020/1118).
 */
export type SlotProgram = {
  readonly instructions: readonly SlotInstruction[];
  /** Public operands, each at the level and scale at which it is used; equal ones occur once. */
  readonly plaintexts: readonly SlotPlaintext[];
  readonly inputs: readonly SlotInput[];
  readonly outputs: readonly SlotOutput[];
};

/** A vector longer than the slots of one ciphertext is cut into blocks, a ciphertext each, all at one level and scale. */
export type SlotInput = {
  readonly name: string;
  readonly length: number;
  readonly blocks: number;
  readonly level: number;
  readonly scale: number;
  /**
   * What the owner writes into the slots beyond `length`: zeros, the vector over and over (period a power of two), or runs of it,
   * each over and over within its own slots.
   */
  readonly padding: 'zero' | 'repeat' | SlotRuns;
};

/**
 * Slot k holds element floor(k / every) length + k mod length, cyclically: the first `length` elements fill the first `every` slots, the
 * next ones the next. Both are powers of two. A matrix with at most `every` rows then has only `length` diagonals.
 */
export type SlotRuns = { readonly length: number; readonly every: number };

export type SlotOutput = {
  readonly name: string;
  readonly length: number;
  /** Register of every block. Only the first `length` slots are results; the others must never be shown. */
  readonly registers: readonly number[];
  /** Result i is the sum of the slots i, i + every, i + 2 every ... of its one block, which who decrypts adds up. Absent: slot i. */
  readonly every?: number | undefined;
};

/** A number stands for itself in every slot: no transform is needed to encode it. */
export type SlotPlaintext = {
  readonly values: Float64Array | number;
  readonly level: number;
  readonly scale: number;
  /** Said of a vector that is made whenever `values` is read. */
  readonly made?: true;
};

/** Whether one number stands in every slot. Makes no vector. */
export function isUniform(plaintext: SlotPlaintext): boolean {
  return plaintext.made !== true && typeof plaintext.values === 'number';
}

export type SlotOperation =
  | { readonly op: 'input'; readonly args: readonly []; readonly name: string; readonly block: number }
  /** Equal levels and scales; component counts may differ. */
  | { readonly op: 'add' | 'sub'; readonly args: readonly [number, number] }
  | { readonly op: 'negate'; readonly args: readonly [number] }
  /** `plain` is an index into the program's plaintexts. */
  | {
      readonly op: 'addPlain' | 'subPlain' | 'mulPlain';
      readonly args: readonly [number];
      readonly plain: number;
    }
  /** sum_i args[i] plains[i]: one instruction, so that an evaluator may reduce and add lazily. */
  | { readonly op: 'innerProductPlain'; readonly args: readonly number[]; readonly plains: readonly number[] }
  /** Two components times two components: three. */
  | { readonly op: 'multiply'; readonly args: readonly [number, number] }
  | { readonly op: 'square'; readonly args: readonly [number] }
  /** sum_i args[2i] args[2i + 1]: three components, relinearised once by who reads it. */
  | { readonly op: 'innerProduct'; readonly args: readonly number[] }
  /** Three components to two, with the relinearisation key. */
  | { readonly op: 'relinearise'; readonly args: readonly [number] }
  | { readonly op: 'rescale'; readonly args: readonly [number] }
  /** Drops primes without dividing, down to the instruction's level; the scale stays. */
  | { readonly op: 'dropLevels'; readonly args: readonly [number] }
  /** Slot i of the result is slot (i + steps) mod (N / 2). Rotations of one register are adjacent, so that they can be hoisted. */
  | { readonly op: 'rotate'; readonly args: readonly [number]; readonly steps: number };

/** An operation and what its result looks like. */
export type SlotInstruction = SlotOperation & {
  readonly level: number;
  readonly scale: number;
  readonly components: 2 | 3;
};

/** Galois steps that a program rotates by, ascending: exactly the keys to be made. */
export function rotationsOf(program: SlotProgram): readonly number[] {
  const steps = new Set<number>();
  for (const instruction of program.instructions)
    if (instruction.op === 'rotate') steps.add(instruction.steps);
  return [...steps].sort((a, b) => a - b);
}

/** Whether a relinearisation key is needed. */
export function relinearises(program: SlotProgram): boolean {
  return program.instructions.some(({ op }) => op === 'relinearise');
}
