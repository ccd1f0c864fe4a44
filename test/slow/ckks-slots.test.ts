import { describe, expect, it } from 'vitest';
import { record } from '../../src/algebra/record.ts';
import { seriesFor } from '../../src/algebra/series/library.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { DEFAULT_RELEASE_BUDGET } from '../../src/ckks/flooding.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { SealEvaluationKeys } from '../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../src/ckks/seal/slot-secrets.ts';
import { slotEvaluator } from '../../src/ckks/slot-evaluator.ts';
import { checkProgram } from '../../src/ckks/slots/check.ts';
import { runProgram } from '../../src/ckks/slots/execute.ts';
import { normalCdf } from '../../src/numeric/normal.ts';
import { sealPrimes } from '../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { measureMemory } from '../support/measured-memory.ts';
import { insecureContext, insecureParameters } from '../support/seal-contexts.ts';
import { computeSlots } from '../support/slot-interpreter.ts';
import { randomProgram } from '../support/slot-programs.ts';

describe('slots at full size', () => {
  it.each([2048, 4096, 8192, 16384])('random programs agree with plain slots, N = %i', async (degree) => {
    const slots = degree / 2;
    const steps = [1, 100, -7];
    const spec = { relinearise: true, rotations: steps, conjugate: false };
    using context = await insecureContext(insecureParameters(degree, [48, 42, 42, 42, 42, 42], 49));
    using key = context.newSecretKey();
    using holder = new SlotKeyHolder(context, key);
    using keys = new SealEvaluationKeys(context, spec, holder.evaluationKeys(spec, 'seeded'));
    using evaluator = new SealSlotEvaluator(context, keys);
    for (let seed = 0; seed < 12; seed++) {
      const random = new SeededRandom(seed);
      const program = randomProgram(random, context.primes, slots, 2 ** 42, steps, 24);
      checkProgram(program, { degree, primes: context.primes.map(Number) });
      const vector = () => Float64Array.from({ length: slots }, () => random.between(-1, 1));
      const [x, y] = [vector(), vector()];
      const inputs = Object.fromEntries(
        program.inputs.map((input) => [
          input.name,
          {
            form: 'seeded' as const,
            blocks: holder.encryptor.encrypt(input, input.name === 'x' ? x : y),
          },
        ]),
      );
      const outputs = await runProgram(program, evaluator, inputs);
      const plain = computeSlots(program, slots, { x, y }).outputs;
      for (const { name, registers } of program.outputs) {
        const { level, scale } = program.instructions[registers[0]!]!;
        const found = holder.decrypt({ bytes: outputs[name]![0]!, level, scale });
        let worst = 0;
        for (let i = 0; i < slots; i++) worst = Math.max(worst, Math.abs(found[i]! - plain[name]![i]!));
        expect(worst, `program ${seed}, ${name}`).toBeLessThan(2 ** -16);
      }
      expect(evaluator.liveObjects()).toBe(0);
    }
  });

  it.each([
    [16384, [48, 45, 45, 45], 2, 20],
    [16384, [48, 45, 45, 45, 45, 45, 45, 45], 6, 40],
    [8192, [48, 45, 45, 45, 45, 45, 45], 24, 30],
  ])(
    'memory is at least what N = %i, primes %j, %i rotations, %i operations take, at most twice',
    async (degree, bits, rotations, operations) => {
      const steps = Array.from({ length: rotations }, (_, i) => i + 1);
      const { keyHolder, evaluator } = await measureMemory(
        insecureParameters(degree, bits, 49),
        steps,
        operations,
      );
      for (const { predicted, measured } of [keyHolder, evaluator]) {
        expect(predicted.total).toBeGreaterThanOrEqual(measured);
        expect(predicted.total).toBeLessThanOrEqual(2 * measured);
      }
    },
  );

  it('runs N = 32768, two primes a level, through the workers', async () => {
    const series = seriesFor('normalCdf', [-6, 6], 1e-7);
    const length = 16384;
    const circuit = record((alg, { v }) => ({ phi: alg.poly(series, v) }), { v: { length, bound: 6 } });
    const plan = planCkks(circuit, { precision: 1e-6, packing: 'slots', release: DEFAULT_RELEASE_BUDGET });
    expect(plan.parameters.degree).toBe(32768);
    const random = new SeededRandom(4);
    const v = Float64Array.from({ length }, () => random.between(-6, 6));
    using holder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan, { keys: await holder.evaluationKeys(plan) });
    const { outputs } = await evaluator.evaluate(await holder.encrypt(plan, { v }));
    const { phi } = await holder.decryptRaw(plan, outputs);
    const worst = phi!.reduce((most, value, i) => Math.max(most, Math.abs(value - normalCdf(v[i]!))), 0);
    // Flooding comes later, and is most of what is promised.
    expect(worst).toBeLessThanOrEqual(plan.error.phi.absolute - plan.flooding!.error);
    const { memoryBytes, liveObjects, restarts } = await evaluator.stats();
    expect({ liveObjects, restarts }).toEqual({ liveObjects: 0, restarts: 0 });
    expect(memoryBytes).toBeLessThanOrEqual(evaluator.memory.total);
  }, 300_000);

  it('keeps no object and takes no more memory over a thousand evaluations', async () => {
    const degree = 4096;
    const slots = degree / 2;
    const parameters = insecureParameters(degree, [36, 30], 40);
    const primes = sealPrimes(degree, [36, 30, 40]).slice(0, 2).map(BigInt);
    const program = randomProgram(new SeededRandom(2), primes, slots, 2 ** 30, [1, 2], 12);
    const noise = { absolute: 1e-3 };
    const circuit = { parameters, program, resultBound: 2, error: { last: noise, middle: noise } };
    using holder = await CkksKeyHolder.create(parameters);
    using evaluator = await slotEvaluator(circuit, { keys: await holder.evaluationKeys(circuit) });
    const x = new Float64Array(slots).fill(0.5);
    let flat = 0;
    let rss = 0;
    for (let i = 0; i < 1000; i++) {
      const inputs = await holder.encrypt(circuit, { x, y: x });
      const { outputs } = await evaluator.evaluate(inputs);
      await holder.decryptRaw(circuit, outputs);
      if (i === 50) flat = (await evaluator.stats()).memoryBytes;
      if (i === 100) rss = process.memoryUsage().rss;
    }
    const { liveObjects, memoryBytes, restarts } = await evaluator.stats();
    expect({ liveObjects, memoryBytes, restarts }).toEqual({
      liveObjects: 0,
      memoryBytes: flat,
      restarts: 0,
    });
    expect(await holder.liveObjects()).toBe(0);
    // The garbage of JavaScript comes and goes; a leak of one ciphertext an evaluation would be 117 MB.
    expect(process.memoryUsage().rss - rss).toBeLessThan(64 * 2 ** 20);
  });
});
