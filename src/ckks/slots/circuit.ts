import type { InputSpec } from '../../algebra/circuit.ts';
import type { SealParameters } from '../seal.ts';
import type { RingSize } from './keys.ts';
import type { SlotProgram } from './program.ts';

/** A planned circuit on slots: all that keys, encryption, evaluation and decryption need of a plan. */
export type SlotCircuit = {
  readonly parameters: SealParameters;
  readonly program: SlotProgram;
  /** |result| never exceeds this by more than the output's error: larger ones mean a wrong key or a damaged ciphertext. */
  readonly resultBound: number;
  readonly error: Readonly<Record<string, { readonly absolute: number }>>;
  /** Declared bounds of inputs, which owners are held to where they are given. */
  readonly circuit?: { readonly inputs: Readonly<Record<string, InputSpec>> } | undefined;
};

export function ringSizeOf({ parameters }: SlotCircuit): RingSize {
  return { degree: parameters.degree, dataPrimes: parameters.dataPrimeBits.length };
}
