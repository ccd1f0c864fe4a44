import { kernelMemory } from '../kernel/memory.ts';
import type { MemoryPrediction } from '../memory.ts';
import type { CkksParameters } from '../parameters.ts';
import { evaluationKeyLength, evaluationKeysOf, slotCiphertextBytes } from './keys.ts';
import type { SlotEncryption } from './noise.ts';
import type { SlotProgram } from './program.ts';

/** Bytes that a slot program needs, before any of them is allocated. */
export type SlotResources = {
  /** Ciphertexts of inputs, as their owner sends them: seeded ones are half as large. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Relinearisation and Galois keys as they are sent, seeded. */
  readonly keyBytes: number;
  /** Relinearisation key, 0 or 1, and Galois keys. */
  readonly keys: { readonly relinearisation: number; readonly galois: number };
  /** Memory at the engine, at most. */
  readonly memory: MemoryPrediction;
};

export function resourcesOf(
  program: SlotProgram,
  parameters: CkksParameters,
  encryption: SlotEncryption,
): SlotResources {
  const { degree } = parameters;
  const form = encryption === 'symmetric' ? 'seeded' : 'full';
  const spec = evaluationKeysOf(program);
  const ring = { degree, dataPrimes: parameters.dataPrimeBits.length };
  const bytesUp = program.inputs.reduce(
    (sum, { blocks, level }) => sum + blocks * slotCiphertextBytes(degree, level, form),
    0,
  );
  const bytesDown = program.outputs
    .flatMap(({ registers }) => registers)
    .reduce((sum, register) => {
      const { level } = program.instructions[register]!;
      return sum + slotCiphertextBytes(degree, level, 'full');
    }, 0);
  return {
    bytesUp,
    bytesDown,
    keyBytes: evaluationKeyLength(ring, spec, 'seeded').total,
    keys: { relinearisation: spec.relinearise ? 1 : 0, galois: spec.rotations.length },
    memory: kernelMemory(ring, program, spec),
  };
}
