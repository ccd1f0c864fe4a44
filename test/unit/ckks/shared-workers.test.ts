import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { record } from '../../../src/algebra/record.ts';
import { AbortError } from '../../../src/base/errors.ts';
import {
  CkksKeyHolder,
  ckksEvaluator,
  type EvaluationKeyBytes,
  planCkks,
  type SlotInputs,
} from '../../../src/ckks/index.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const random = new SeededRandom(1);
const uniform = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
const without = async <T>(run: () => Promise<T>): Promise<T> => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  try {
    return await run();
  } finally {
    vi.unstubAllGlobals();
  }
};

describe('a packed matrix, served by workers on one memory', { timeout: 60_000 }, () => {
  const x = uniform(700);
  const matrix = matrixOf(60, 700, uniform(60 * 700));
  const circuit = record((alg, { v }) => ({ y: alg.matVecPlain(matrix, v) }), {
    v: { length: 700, bound: 1 },
  });
  const plan = planCkks(circuit, { packing: 'coefficients', precision: 1e-4 });
  let holder: CkksKeyHolder;
  let requests: (readonly Uint8Array[])[];
  let expected: (readonly (Uint8Array | null)[])[];

  beforeAll(async () => {
    holder = await CkksKeyHolder.create(plan.parameters);
    requests = await Promise.all(Array.from({ length: 5 }, () => holder.encrypt(plan, { v: x })));
    using one = await ckksEvaluator(plan, { workers: 1 });
    expected = [];
    for (const request of requests) expected.push((await one.evaluate(request)).ciphertexts);
  });
  afterAll(() => holder[Symbol.dispose]());

  it.each([2, 3])('gives the same bytes on %d workers, one request at a time or many', async (workers) => {
    using evaluator = await ckksEvaluator(plan, { workers });
    for (const [i, request] of requests.entries())
      expect((await evaluator.evaluate(request)).ciphertexts).toEqual(expected[i]);
    const all = await Promise.all(requests.map((request) => evaluator.evaluate(request)));
    expect(all.map(({ ciphertexts }) => ciphertexts)).toEqual(expected);
    expect(await evaluator.liveObjects()).toBe(0);
  });

  it('gives the same where memory cannot be shared', async () => {
    using evaluator = await without(() => ckksEvaluator(plan, { workers: 2 }));
    const all = await Promise.all(requests.map((request) => evaluator.evaluate(request)));
    expect(all.map(({ ciphertexts }) => ciphertexts)).toEqual(expected);
  });

  it('replaces workers that an abort has ended, and they take over what was written', async () => {
    using evaluator = await ckksEvaluator(plan, { workers: 2 });
    for (let i = 0; i < 3; i++) {
      const abort = new AbortController();
      const run = evaluator.evaluate(requests[0]!, { signal: abort.signal });
      setTimeout(() => abort.abort(new Error('enough')), 0);
      await expect(run).rejects.toThrow(AbortError);
      expect((await evaluator.evaluate(requests[0]!)).ciphertexts).toEqual(expected[0]);
    }
  });

  it('is decrypted to the product', async () => {
    using evaluator = await ckksEvaluator(plan, { workers: 2 });
    const y = await holder.decryptRaw(plan, (await evaluator.evaluate(requests[0]!)).ciphertexts);
    expect(y).toHaveLength(60);
    y.forEach((value, row) => {
      const truth = x.reduce((sum, v, c) => sum + v * matrix.data[row * 700 + c]!, 0);
      expect(Math.abs(value - truth)).toBeLessThanOrEqual(plan.error.y.absolute);
    });
  });
});

describe('a program on slots, run by workers on one memory', { timeout: 60_000 }, () => {
  const circuit = record((alg, { u, v }) => ({ y: alg.mul(alg.mul(u, v), alg.addPlain(u, uniform(64))) }), {
    u: { length: 64, bound: 1 },
    v: { length: 64, bound: 1 },
  });
  const plan = planCkks(circuit, { packing: 'slots', precision: 1e-4 });
  let holder: CkksKeyHolder;
  let keys: EvaluationKeyBytes;
  let inputs: SlotInputs;

  beforeAll(async () => {
    holder = await CkksKeyHolder.create(plan.parameters);
    keys = await holder.evaluationKeys(plan);
    inputs = await holder.encrypt(plan, { u: uniform(64), v: uniform(64) });
  });
  afterAll(() => holder[Symbol.dispose]());

  it('gives the same bytes on every worker, with one copy of the keys', async () => {
    using one = await ckksEvaluator(plan, { keys });
    using three = await ckksEvaluator(plan, { keys, workers: 3 });
    using copies = await without(() => ckksEvaluator(plan, { keys, workers: 3 }));
    const { outputs } = await one.evaluate(inputs);
    for (const evaluator of [three, copies]) {
      const all = await Promise.all(Array.from({ length: 7 }, () => evaluator.evaluate(inputs)));
      for (const { outputs: found } of all) expect(found).toEqual(outputs);
    }
    const [single, shared, copied] = await Promise.all([one, three, copies].map((e) => e.stats()));
    expect(shared!.liveObjects).toBe(0);
    expect(copied!.memoryBytes).toBeGreaterThanOrEqual(3 * single!.memoryBytes);
    const { keys: keyBytes } = one.memory;
    expect(shared!.memoryBytes).toBeLessThan(copied!.memoryBytes - 1.9 * keyBytes);
  });

  it('replaces a worker that exceeds its time, and the next takes over what was written', async () => {
    using hurried = await ckksEvaluator(plan, { keys, workers: 2, budgetMs: 1e-3 });
    for (let i = 0; i < 4; i++) await expect(hurried.evaluate(inputs)).rejects.toThrow(/took longer/);
    expect((await hurried.stats()).restarts).toBeGreaterThan(0);
  });

  it('lets an abort in between two operations', async () => {
    using two = await ckksEvaluator(plan, { keys, workers: 2 });
    const abort = new AbortController();
    const run = two.evaluate(inputs, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(run).rejects.toThrow(AbortError);
    await two.evaluate(inputs);
    expect(await two.stats()).toMatchObject({ restarts: 0, liveObjects: 0 });
  });
});
