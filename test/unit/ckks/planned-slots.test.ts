import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../src/algebra/circuit.ts';
import { executePlain } from '../../../src/algebra/execute.ts';
import { record } from '../../../src/algebra/record.ts';
import { CkksEncryptor } from '../../../src/ckks/encryptor.ts';
import { ckksEvaluator } from '../../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../../src/ckks/key-holder.ts';
import { planCkks } from '../../../src/ckks/plan.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const random = new SeededRandom(1);
const vector = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
const matrix = matrixOf(12, 40, vector(480));
const x40 = { x: { length: 40, bound: 1 } };
const xy = (length: number) => ({ x: { length, bound: 1 }, y: { length, bound: 1 } });

/** Circuits as the planner lowers them, from the owner's vectors to its results. */
const CIRCUITS: Readonly<Record<string, Circuit<string, string>>> = {
  'products and a dot product': record(
    (alg, { x, y }) => ({ z: alg.add(alg.mul(x, y), alg.scale(x, 0.5)), d: alg.dot(x, y) }),
    xy(100),
  ),
  'a public matrix, then a square': record((alg, { x }) => {
    const y = alg.scale(alg.matVecPlain(matrix, x), 1 / 16);
    return { z: alg.mul(y, y) };
  }, x40),
  'a public matrix': record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), x40),
  'a product of secret matrices, 3 x 4 times 4 x 2': record((alg, { x, y }) => ({ z: alg.matMul(x, y, 3) }), {
    x: { length: 12, bound: 1 },
    y: { length: 8, bound: 1 },
  }),
  'vectors of two blocks': record((alg, { x, y }) => ({ z: alg.mul(alg.sub(x, y), y) }), xy(5000)),
};

describe('circuits planned on slots', () => {
  it.each([
    ['products and a dot product', 'symmetric'],
    ['a public matrix, then a square', 'symmetric'],
    ['a public matrix', 'symmetric'],
    ['a product of secret matrices, 3 x 4 times 4 x 2', 'symmetric'],
    ['a public matrix', 'public'],
    ['vectors of two blocks', 'public'],
  ] as const)(
    '%s: within the predicted error, %s encryption',
    { timeout: 120_000 },
    async (name, encryption) => {
      const circuit = CIRCUITS[name]!;
      const plan = planCkks(circuit, { precision: 1e-3, packing: 'slots', encryption });
      using holder = await CkksKeyHolder.create(plan.parameters);
      using evaluator = await ckksEvaluator(plan, { keys: await holder.evaluationKeys(plan) });
      const inputs = Object.fromEntries(
        Object.entries(circuit.inputs).map(([name, { length }]) => [name, vector(length)]),
      );
      const encrypt = async () => {
        if (encryption === 'symmetric') return holder.encrypt(plan, inputs);
        using owner = await CkksEncryptor.create(plan.parameters, await holder.publicKey());
        return await owner.encrypt(plan, inputs);
      };
      const { outputs } = await evaluator.evaluate(await encrypt());
      const results = await holder.decryptRaw(plan, outputs);
      const truth = executePlain(circuit, inputs);
      for (const [name, found] of Object.entries(results)) {
        expect(found).toHaveLength(truth[name]!.length);
        const off = found.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[name]![i]!)), 0);
        expect(off).toBeLessThanOrEqual(plan.error[name]!.absolute);
      }
      expect(await holder.liveObjects()).toBe(0);
      expect(await evaluator.stats()).toMatchObject({ liveObjects: 0, restarts: 0 });
      const { memoryBytes } = await evaluator.stats();
      expect(memoryBytes).toBeLessThanOrEqual(evaluator.memory.total);
    },
  );
});
