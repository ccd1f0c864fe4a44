import { beforeAll, describe, expect, it } from 'vitest';
import { KernelEvaluator } from '../../../src/ckks/kernel/evaluator.ts';
import { SealEvaluationKeys } from '../../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../../src/ckks/seal/slot-secrets.ts';
import type { SealContext } from '../../../src/ckks/seal.ts';
import { checkProgram } from '../../../src/ckks/slots/check.ts';
import { runProgram } from '../../../src/ckks/slots/execute.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { insecureContext, insecureParameters } from '../../support/seal-contexts.ts';
import { computeSlots } from '../../support/slot-interpreter.ts';
import { randomProgram } from '../../support/slot-programs.ts';

const STEPS = [1, 100, -7];
const SPEC = { relinearise: true, rotations: STEPS, conjugate: false };

describe.each([
  [2048, [48, 42, 42, 42, 42, 42], 49],
  [4096, [47, 40, 40, 40], 48],
  // As plans have it whose scales need all the modulus: a special prime below the others.
  [2048, [49, 44, 44, 44, 44], 41],
] as const)('slot programs on kernels at degree %d, %j', (degree, bits, special) => {
  const slots = degree / 2;
  let context: SealContext;
  let holder: SlotKeyHolder;
  let seal: SealSlotEvaluator;
  let kernels: KernelEvaluator;

  beforeAll(async () => {
    context = await insecureContext(insecureParameters(degree, [...bits], special));
    const key = context.newSecretKey();
    holder = new SlotKeyHolder(context, key);
    const bytes = holder.evaluationKeys(SPEC, 'seeded');
    seal = new SealSlotEvaluator(context, new SealEvaluationKeys(context, SPEC, bytes));
    kernels = new KernelEvaluator({ degree, primes: sealPrimes(degree, [...bits, special]) });
    kernels.importKeys(SPEC, bytes);
  });

  it('give what the clear interpreter gives, as precisely as node-seal', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const random = new SeededRandom(seed);
      const program = randomProgram(random, context.primes, slots, 2 ** bits[1], STEPS, 20);
      checkProgram(program, { degree, primes: context.primes.map(Number) });
      const vector = () => Float64Array.from({ length: slots }, () => random.between(-1, 1));
      const values: Record<string, Float64Array> = { x: vector(), y: vector() };
      const inputs = Object.fromEntries(
        program.inputs.map((input) => [
          input.name,
          { form: 'seeded' as const, blocks: holder.encryptor.encrypt(input, values[input.name]!) },
        ]),
      );
      const plain = computeSlots(program, slots, values).outputs;
      const errorsOf = (outputs: Awaited<ReturnType<typeof runProgram>>) =>
        program.outputs.map(({ name, registers }) => {
          const found = holder.decrypt({
            bytes: outputs[name]![0]!,
            ...program.instructions[registers[0]!]!,
          });
          return found.reduce((sum, v, i) => sum + (v - plain[name]![i]!) ** 2, 0);
        });
      const ours = errorsOf(await runProgram(program, kernels, inputs));
      const theirs = errorsOf(await runProgram(program, seal, inputs));
      ours.forEach((error, i) => {
        expect(Math.sqrt(error / slots), `program ${seed}`).toBeLessThan(2 ** -18);
        expect(error, `program ${seed}`).toBeLessThan(3 * theirs[i]! + 1e-18);
      });
      expect(kernels.liveObjects()).toBe(0);
    }
  });
});
