import type { SealParameters } from '../seal.ts';
import type { RingSize } from './keys.ts';
import type { SlotProgram } from './program.ts';

/** A planned circuit on slots: all that keys, encryption, evaluation and decryption need of a plan. */
export type SlotCircuit = {
  readonly parameters: SealParameters;
  readonly program: SlotProgram;
  /** |result| of an output never exceeds this, errors included: larger ones mean a wrong key or a damaged ciphertext. */
  readonly resultBounds?: Readonly<Record<string, number>> | undefined;
};

export function ringSizeOf({ parameters }: SlotCircuit): RingSize {
  return { degree: parameters.degree, dataPrimes: parameters.dataPrimeBits.length };
}
