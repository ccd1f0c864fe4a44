import type { CkksParameters } from '../parameters.ts';
import { expiringRegisters } from './execute.ts';
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
  /** Public operands, encoded. */
  readonly plaintextBytes: number;
  /** Most bytes of ciphertexts alive at once. */
  readonly ciphertextBytes: number;
  /** Keys, public operands and ciphertexts at the engine, at most. */
  readonly peakBytes: number;
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
  const polynomial = (level: number): number => 8 * degree * (level + 1);
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
  const plaintextBytes = program.plaintexts.reduce((sum, { level }) => sum + polynomial(level), 0);
  const ciphertextBytes = mostAlive(program, polynomial);
  const loaded = evaluationKeyLength(ring, spec, 'full').total;
  return {
    bytesUp,
    bytesDown,
    keyBytes: evaluationKeyLength(ring, spec, 'seeded').total,
    keys: { relinearisation: spec.relinearise ? 1 : 0, galois: spec.rotations.length },
    plaintextBytes,
    ciphertextBytes,
    peakBytes: loaded + plaintextBytes + ciphertextBytes,
  };
}

/** Registers live from the instruction that fills them to the last that reads them. */
function mostAlive(program: SlotProgram, polynomial: (level: number) => number): number {
  const expiring = expiringRegisters(program);
  const bytes = program.instructions.map(({ level, components }) => components * polynomial(level));
  let alive = 0;
  let most = 0;
  bytes.forEach((size, index) => {
    alive += size;
    most = Math.max(most, alive);
    for (const register of expiring[index]!) alive -= bytes[register]!;
  });
  return most;
}
