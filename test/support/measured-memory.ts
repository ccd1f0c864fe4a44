import { keyHolderMemory, type MemoryPrediction, sealEvaluatorMemory } from '../../src/ckks/memory.ts';
import { SealEvaluationKeys } from '../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../src/ckks/seal/slot-secrets.ts';
import type { SealParameters } from '../../src/ckks/seal.ts';
import { runProgram } from '../../src/ckks/slots/execute.ts';
import type { EvaluationKeySpec } from '../../src/ckks/slots/keys.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { insecureContext } from './seal-contexts.ts';
import { randomProgram } from './slot-programs.ts';

/** SEAL's memory after the work was done, and what was predicted. */
export type MeasuredMemory = { readonly predicted: MemoryPrediction; readonly measured: number };

/** Makes keys in one SEAL and runs a random program in another: as key holder and evaluator do. */
export async function measureMemory(
  parameters: SealParameters,
  rotations: readonly number[],
  operations: number,
): Promise<{ readonly keyHolder: MeasuredMemory; readonly evaluator: MeasuredMemory }> {
  const ring = { degree: parameters.degree, dataPrimes: parameters.dataPrimeBits.length };
  const spec: EvaluationKeySpec = { relinearise: true, rotations, conjugate: false };
  const slots = parameters.degree / 2;
  const secret = await insecureContext(parameters);
  using key = secret.newSecretKey();
  using holder = new SlotKeyHolder(secret, key);
  const bytes = holder.evaluationKeys(spec, 'seeded');
  const scale = 2 ** parameters.dataPrimeBits[1]!;
  const program = randomProgram(new SeededRandom(1), secret.primes, slots, scale, rotations, operations);
  const values = new Float64Array(slots).fill(0.5);
  const inputs = Object.fromEntries(
    program.inputs.map((input) => [
      input.name,
      { form: 'seeded' as const, blocks: holder.encryptor.encrypt(input, values) },
    ]),
  );
  const keyHolder = {
    predicted: keyHolderMemory(ring, spec, 'seeded'),
    measured: secret.native.seal.memoryBytes(),
  };
  const open = await insecureContext(parameters);
  using keys = new SealEvaluationKeys(open, spec, bytes);
  using evaluator = new SealSlotEvaluator(open, keys);
  await runProgram(program, evaluator, inputs);
  const measured = open.native.seal.memoryBytes();
  return { keyHolder, evaluator: { predicted: sealEvaluatorMemory(ring, program, spec), measured } };
}
