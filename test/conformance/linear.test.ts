import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { splitOutputs } from '../../src/ckks/coefficient-plan.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { planMpc } from '../../src/mpc/plan.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { linearCircuits, type RandomCircuit } from '../support/random-circuits.ts';

/** Runs a circuit on a back end; returns its outputs and the error it promised. */
type Backend = (of: RandomCircuit) => Promise<{
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly error: Readonly<Record<string, { readonly absolute: number }>>;
}>;

const BACKENDS: Readonly<Record<string, Backend>> = {
  ckks: async ({ circuit, inputs }) => {
    // Bounds of results vary by orders of magnitude: ask for six digits of the largest.
    const plan = planCkks(circuit, {
      packing: 'coefficients',
      precision:
        1e-6 *
        Math.max(planCkks(circuit, { packing: 'coefficients', precision: Infinity }).resultBound, 1e-12),
    });
    using keyHolder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan, { workers: 3 });
    const { ciphertexts } = await evaluator.evaluate(await keyHolder.encrypt(plan, inputs));
    const outputs = splitOutputs<string>(plan.map.outputs, await keyHolder.decryptRaw(plan, ciphertexts));
    expect([await keyHolder.liveObjects(), await evaluator.liveObjects()]).toEqual([0, 0]);
    return { outputs, error: plan.error };
  },
  mpc: async ({ circuit, inputs }) => {
    const plan = planMpc(circuit, { parties: 5, threshold: 2 });
    return { outputs: (await runInProcess(plan, inputs)).outputs, error: plan.error };
  },
};

const RUNS = { ckks: 12, mpc: 60 } as const;

describe.each(['ckks', 'mpc'] as const)('random linear circuits on %s', (name) => {
  it('agree with the plaintext interpreter within the promised error', async () => {
    await fc.assert(
      fc.asyncProperty(linearCircuits(), async (random) => {
        const truth = executePlain(random.circuit, random.inputs);
        const { outputs, error } = await BACKENDS[name]!(random);
        for (const [output, values] of Object.entries(truth)) {
          expect(outputs[output]).toHaveLength(values.length);
          // The interpreter itself rounds at every step.
          const rounding = 1e-12 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          values.forEach((value, i) => {
            expect(Math.abs(outputs[output]![i]! - value)).toBeLessThanOrEqual(
              error[output]!.absolute + rounding,
            );
          });
        }
      }),
      { numRuns: RUNS[name], seed: 20_261_121 },
    );
  });
});
