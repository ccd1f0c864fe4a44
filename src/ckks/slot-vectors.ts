import { checkInput } from '../algebra/plain.ts';
import { IntegrityError, RangeError, ShapeError } from '../base/errors.ts';
import type { SlotCircuit } from './slots/circuit.ts';
import type { SlotOutputs } from './slots/execute.ts';
import type { SlotInput, SlotProgram } from './slots/program.ts';
import type { EncryptedOutput } from './worker/messages.ts';

/**
 * An owner's vectors with the inputs that they fill, copied: the worker wipes what it is sent.
 * @throws ShapeError for a vector that the circuit does not read, or of another length; RangeError for values that are
 * not finite or exceed their declared bounds.
 */
export function slotVectors(
  { program, circuit }: SlotCircuit,
  vectors: Readonly<Record<string, Float64Array>>,
): readonly { readonly input: SlotInput; readonly values: Float64Array }[] {
  const names = Object.keys(vectors);
  if (names.length === 0) throw new ShapeError('expected at least one input vector, found none');
  return names.map((name) => {
    const input = program.inputs.find((candidate) => candidate.name === name);
    const values = vectors[name]!;
    if (input === undefined) {
      const known = program.inputs.map((candidate) => candidate.name).join(', ');
      throw new ShapeError(`the circuit reads ${known}, not ${name}`, { input: name });
    }
    if (values.length !== input.length) {
      throw new ShapeError(`input ${name}: expected ${input.length} values, found ${values.length}`, {
        input: name,
        expected: input.length,
        found: values.length,
      });
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(`input ${name}: value ${bad} is not finite; nothing was encrypted`, {
        input: name,
        index: bad,
      });
    }
    const declared = circuit?.inputs[name];
    if (declared !== undefined) checkInput(name, values, declared);
    return { input, values: values.slice() };
  });
}

/** Ciphertexts of results with what the program says of them. @throws IntegrityError unless they are all there. */
export function encryptedOutputs(program: SlotProgram, outputs: SlotOutputs): readonly EncryptedOutput[] {
  return program.outputs.map(({ name, length, registers, every }) => {
    const found = outputs[name]?.length ?? 0;
    if (found !== registers.length) {
      throw new IntegrityError(`output ${name}: expected ${registers.length} ciphertexts, found ${found}`, {
        output: name,
        expected: registers.length,
        found,
      });
    }
    const blocks = registers.map((register, block) => {
      const { level, scale } = program.instructions[register]!;
      return { bytes: outputs[name]![block]!, level, scale };
    });
    return { name, length, every, blocks };
  });
}
