import { ciphertextLength, publicKeyLength, switchingKeyLength } from '../wire.ts';
import { conjugationElement, galoisElement } from './galois.ts';
import { relinearises, rotationsOf, type SlotProgram } from './program.ts';

/** Which evaluation keys a program needs: exactly those are made. */
export type EvaluationKeySpec = {
  readonly relinearise: boolean;
  /** Rotation steps. */
  readonly rotations: readonly number[];
  readonly conjugate: boolean;
};

/** How evaluation keys are written: `seeded` is half the size, its random half is drawn again by who loads it. */
export type KeyForm = 'seeded' | 'full';

/** Evaluation keys in SEAL's serialization. Public. */
export type EvaluationKeyBytes = {
  readonly form: KeyForm;
  readonly relinearisation?: Uint8Array | undefined;
  readonly galois?: Uint8Array | undefined;
};

/** A file of keys in SEAL's serialization and its SHA-256 in hex, which an envelope has said. */
export type KeyFile = { readonly path: string; readonly sha256: string };

/** Evaluation keys that are read from files, for keys that are large. Public. */
export type EvaluationKeyFiles = {
  readonly form: KeyForm;
  readonly files: { readonly relinearisation?: KeyFile | undefined; readonly galois?: KeyFile | undefined };
};

/** Degree and number of data primes: all that sizes depend on. */
export type RingSize = { readonly degree: number; readonly dataPrimes: number };

export function evaluationKeysOf(program: SlotProgram): EvaluationKeySpec {
  return { relinearise: relinearises(program), rotations: rotationsOf(program), conjugate: false };
}

/** Automorphisms for which a key is needed, ascending, each once. */
export function galoisElementsOf(spec: EvaluationKeySpec, degree: number): readonly number[] {
  const elements = new Set(spec.rotations.map((steps) => galoisElement(steps, degree)));
  elements.delete(1);
  if (spec.conjugate) elements.add(conjugationElement(degree));
  return [...elements].sort((a, b) => a - b);
}

/** Exact bytes of evaluation keys, before any is made. */
export function evaluationKeyLength(
  { degree, dataPrimes }: RingSize,
  spec: EvaluationKeySpec,
  form: KeyForm,
): { readonly relinearisation: number; readonly galois: number; readonly total: number } {
  const keyLevel = { degree, primes: dataPrimes + 1 };
  const elements = galoisElementsOf(spec, degree).length;
  const relinearisation = spec.relinearise ? switchingKeyLength(keyLevel, 1, 1, form) : 0;
  const galois = elements > 0 ? switchingKeyLength(keyLevel, degree, elements, form) : 0;
  return { relinearisation, galois, total: relinearisation + galois };
}

/** Exact bytes of the public key. */
export function publicKeyBytes({ degree, dataPrimes }: RingSize): number {
  return publicKeyLength({ degree, primes: dataPrimes + 1 });
}

/** Exact bytes of a ciphertext at a level. */
export function slotCiphertextBytes(
  degree: number,
  level: number,
  form: 'seeded' | 'full',
  components: 2 | 3 = 2,
): number {
  return ciphertextLength({ degree, primes: level + 1, components }, form);
}
