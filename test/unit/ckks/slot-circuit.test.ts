import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/base/brand.ts';
import {
  AbortError,
  BackendError,
  CustodyError,
  IntegrityError,
  PlanError,
  RangeError,
  ShapeError,
} from '../../../src/base/errors.ts';
import {
  CkksEncryptor,
  CkksKeyHolder,
  ckksEvaluator,
  type EvaluationKeyBytes,
  evaluationKeyLength,
  evaluationKeysOf,
  publicKeyBytes,
  type SlotCircuit,
  type SlotCircuitEvaluator,
  type SlotInputs,
  slotCiphertextBytes,
} from '../../../src/ckks/index.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { insecureParameters } from '../../support/seal-contexts.ts';
import { computeSlots } from '../../support/slot-interpreter.ts';
import { ProgramWriter } from '../../support/slot-programs.ts';

const DEGREE = 4096;
const SLOTS = DEGREE / 2;
const SCALE = 2 ** 30;
/** Small, but up to the security limit of the 2018 table that SEAL checks: 106 of 109 bits. */
const PARAMETERS = insecureParameters(DEGREE, [36, 30], 40);
const PRIMES = sealPrimes(DEGREE, [36, 30, 40]).slice(0, 2).map(BigInt);

/** u v + rotations of w, for u and w of one owner and v of another. */
function circuitOf(rotations: readonly number[]): SlotCircuit {
  const writer = new ProgramWriter(PRIMES);
  const [u] = writer.input('u', SLOTS, SCALE);
  const [v] = writer.input('v', 100, SCALE);
  const product = writer.rescale(writer.relinearise(writer.multiply(u!, v!)));
  const [w] = writer.input('w', SLOTS, writer.at(product).scale, { level: 0 });
  const total = rotations.reduce((sum, step) => writer.add(sum, writer.rotate(w!, step)), product);
  writer.output('total', SLOTS, [total]);
  writer.output('head', 10, [product]);
  const error = { total: { absolute: 1e-4 }, head: { absolute: 1e-4 } };
  return { parameters: PARAMETERS, program: writer.program, resultBound: 1 + rotations.length, error };
}

const circuit = circuitOf([3, -1]);
const random = new SeededRandom(1);
const uniform = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
const values = { u: uniform(SLOTS), v: uniform(100), w: uniform(SLOTS) };
const truth = computeSlots(circuit.program, SLOTS, values).outputs;

function expectTrue(results: Readonly<Record<string, Float64Array>>): void {
  expect(Object.keys(results)).toEqual(['total', 'head']);
  expect(results['head']).toHaveLength(10);
  for (const [name, found] of Object.entries(results)) {
    found.forEach((value, i) => {
      if (!(Math.abs(value - truth[name]![i]!) < 1e-4)) expect(value).toBe(truth[name]![i]);
    });
  }
}

describe('a circuit on slots, from owners to result', () => {
  let holder: CkksKeyHolder;
  let keys: EvaluationKeyBytes;
  let evaluator: SlotCircuitEvaluator;
  let inputs: SlotInputs;

  beforeAll(async () => {
    holder = await CkksKeyHolder.create(PARAMETERS);
    keys = await holder.evaluationKeys(circuit);
    evaluator = await ckksEvaluator(circuit, { keys });
    inputs = await holder.encrypt(circuit, values);
  });

  afterAll(async () => {
    expect(await holder.liveObjects()).toBe(0);
    expect((await evaluator.stats()).liveObjects).toBe(0);
    holder[Symbol.dispose]();
    evaluator[Symbol.dispose]();
  });

  it('gives the key holder the results, and only result slots', async () => {
    const { outputs, evaluationMs } = await evaluator.evaluate(inputs);
    expectTrue(await holder.decryptRaw(circuit, outputs));
    expect(evaluationMs).toBeGreaterThan(0);
    expect((await evaluator.stats()).liveObjects).toBe(0);
    expect(await holder.liveObjects()).toBe(0);
  });

  it('knows every size before anything is made', async () => {
    const ring = { degree: DEGREE, dataPrimes: 2 };
    const spec = evaluationKeysOf(circuit.program);
    for (const form of ['seeded', 'full'] as const) {
      const made = await holder.evaluationKeys(circuit, { form });
      const length = evaluationKeyLength(ring, spec, form);
      expect(made.relinearisation).toHaveLength(length.relinearisation);
      expect(made.galois).toHaveLength(length.galois);
      expect(length.total).toBe(length.relinearisation + length.galois);
    }
    expect(await holder.publicKey()).toHaveLength(publicKeyBytes(ring));
    expect(inputs['u']!.blocks[0]).toHaveLength(slotCiphertextBytes(DEGREE, 1, 'seeded'));
    // At the level at which it is used: half the bytes.
    expect(inputs['w']!.blocks[0]).toHaveLength(slotCiphertextBytes(DEGREE, 0, 'seeded'));
  });

  it('takes inputs of several owners, of whom one holds the key', async () => {
    using owner = await CkksEncryptor.create(PARAMETERS, await holder.publicKey());
    const theirs = await owner.encrypt(circuit, { v: values.v });
    expect(theirs['v']!.form).toBe('full');
    const ours = await holder.encrypt(circuit, { u: values.u, w: values.w });
    const { outputs } = await evaluator.evaluate({ ...ours, ...theirs });
    expectTrue(await holder.decryptRaw(circuit, outputs));
    expect(await owner.liveObjects()).toBe(0);
  });

  it('works with keys in full, as with seeded ones', async () => {
    using full = await ckksEvaluator(circuit, {
      keys: await holder.evaluationKeys(circuit, { form: 'full' }),
    });
    expectTrue(await holder.decryptRaw(circuit, (await full.evaluate(inputs)).outputs));
  });

  it('encrypts the same vector to other bytes every time', async () => {
    const again = await holder.encrypt(circuit, { u: values.u });
    expect(again['u']!.blocks[0]).not.toEqual(inputs['u']!.blocks[0]);
  });

  it('refuses vectors before they are encrypted', async () => {
    const encrypt = (vectors: Record<string, Float64Array>) => holder.encrypt(circuit, vectors);
    await expect(encrypt({})).rejects.toThrow(ShapeError);
    await expect(encrypt({ z: values.u })).rejects.toThrow(/reads u, v, w, not z/);
    await expect(encrypt({ v: values.u })).rejects.toThrow(ShapeError);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await encrypt({ v: values.v.map((x, i) => (i === 7 ? bad : x)) }).catch(
        (e) => e as Error,
      );
      expect(error).toBeInstanceOf(RangeError);
      expect((error as Error).message).toBe('input v: value 7 is not finite; nothing was encrypted');
    }
  });

  it('refuses vectors beyond their declared bounds: one slot too large would destroy all of them', async () => {
    const declared = { ...circuit, circuit: { inputs: { v: { length: 100, bound: 0.5 } } } };
    await expect(holder.encrypt(declared, { v: values.v })).rejects.toThrow(RangeError);
    await holder.encrypt(declared, { v: values.v.map((x) => x / 2) });
  });

  it('does not change the vectors that it is given', async () => {
    const mine = values.v.slice();
    await holder.encrypt(circuit, { v: mine });
    expect(mine).toEqual(values.v);
  });

  it('refuses keys, ciphertexts and public keys that were damaged, cut or swapped', async () => {
    const { outputs } = await evaluator.evaluate(inputs);
    const total = outputs['total']![0]!;
    for (const bytes of [total.subarray(1), total.subarray(0, 100), new Uint8Array(), outputs['head']![0]!]) {
      const read = holder.decryptRaw(circuit, { ...outputs, total: [bytes] });
      // 'head' has the same level and scale as 'total' and is a genuine ciphertext: only its meaning is another.
      if (bytes === outputs['head']![0]) expect(Object.keys(await read)).toEqual(['total', 'head']);
      else await expect(read).rejects.toThrow(IntegrityError);
    }
    const { head } = outputs as Record<'head', Uint8Array[]>;
    await expect(holder.decryptRaw(circuit, { head })).rejects.toThrow(/expected 1 ciphertexts, found 0/);
    await expect(evaluator.evaluate({ ...inputs, u: inputs['w']! })).rejects.toThrow(IntegrityError);
    const publicKey = await holder.publicKey();
    for (const bytes of [publicKey.subarray(8), publicKey.map((b, i) => (i === 20 ? b ^ 1 : b))])
      await expect(CkksEncryptor.create(PARAMETERS, bytes)).rejects.toThrow(IntegrityError);
    const other = { ...keys, galois: keys.relinearisation! };
    await expect(ckksEvaluator(circuit, { keys: other })).rejects.toThrow(IntegrityError);
    await expect(ckksEvaluator(circuitOf([3, -1, 4]), { keys })).rejects.toThrow(IntegrityError);
  });

  it('notices another key: on decryption, and where keys of two holders are mixed', async () => {
    using stranger = await CkksKeyHolder.create(PARAMETERS);
    const { outputs } = await evaluator.evaluate(inputs);
    await expect(stranger.decryptRaw(circuit, outputs)).rejects.toThrow(/wrong key/);
    using confused = await ckksEvaluator(circuit, { keys: await stranger.evaluationKeys(circuit) });
    const wrong = await confused.evaluate(inputs);
    await expect(holder.decryptRaw(circuit, wrong.outputs)).rejects.toThrow(/wrong key/);
  });

  it('refuses results beyond what the circuit can produce', async () => {
    const { outputs } = await evaluator.evaluate(inputs);
    const tight = { ...circuit, resultBound: 1e-3 };
    await expect(holder.decryptRaw(tight, outputs)).rejects.toThrow(IntegrityError);
  });

  it('refuses plans of other parameters, and programs that cannot run', async () => {
    const elsewhere = { ...circuit, parameters: { ...PARAMETERS, digest: 'other' as Digest } };
    await expect(holder.encrypt(elsewhere, values)).rejects.toThrow(ShapeError);
    await expect(holder.evaluationKeys(elsewhere)).rejects.toThrow(ShapeError);
    const instructions = circuit.program.instructions.map((i) =>
      i.op === 'rescale' ? { ...i, level: 1 } : i,
    );
    const broken = { ...circuit, program: { ...circuit.program, instructions } };
    await expect(ckksEvaluator(broken, { keys })).rejects.toThrow(PlanError);
  });

  it('refuses what would not fit in memory, before it allocates, and says what would', async () => {
    const rotations = Array.from({ length: 40 }, (_, i) => i + 1);
    const greedy = circuitOf(rotations);
    const limit = 32 * 2 ** 20;
    const made = ckksEvaluator(greedy, { keys, memoryLimit: limit / 4 });
    await expect(made).rejects.toThrow(PlanError);
    await expect(made).rejects.toThrow(/fewer distinct steps/);
    // The keys are made one by one and fit.
    const { galois } = await holder.evaluationKeys(greedy, { memoryLimit: limit });
    expect(galois!.length).toBeGreaterThan(limit / 8);
    await expect(holder.evaluationKeys(greedy, { memoryLimit: 2 ** 20 })).rejects.toThrow(PlanError);
    expect(evaluator.memory.total).toBeLessThan(limit);
    await expect(ckksEvaluator(circuit, { keys, workers: 0 })).rejects.toThrow(ShapeError);
  });

  it('stops between two operations when aborted, and keeps its worker', async () => {
    const abort = new AbortController();
    const run = evaluator.evaluate(inputs, {
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow(AbortError);
    expectTrue(await holder.decryptRaw(circuit, (await evaluator.evaluate(inputs)).outputs));
    const { restarts, liveObjects } = await evaluator.stats();
    expect({ restarts, liveObjects }).toEqual({ restarts: 0, liveObjects: 0 });
    const early = evaluator.evaluate(inputs, { signal: AbortSignal.abort() });
    await expect(early).rejects.toThrow(AbortError);
  });

  it('shares workers among evaluations made at once', async () => {
    using pair = await ckksEvaluator(circuit, { keys, workers: 2 });
    const all = await Promise.all(Array.from({ length: 5 }, () => pair.evaluate(inputs)));
    for (const { outputs } of all) expectTrue(await holder.decryptRaw(circuit, outputs));
    expect(await pair.stats()).toMatchObject({ liveObjects: 0, restarts: 0 });
  });

  it('replaces an evaluator that exceeds its time, and the next call works', async () => {
    // Nothing can be evaluated in a thousandth of a millisecond.
    using hurried = await ckksEvaluator(circuit, { keys, budgetMs: 1e-3 });
    await expect(hurried.evaluate(inputs)).rejects.toThrow(BackendError);
    expect(await hurried.stats()).toMatchObject({ liveObjects: 0, restarts: 1 });
    await expect(hurried.evaluate(inputs)).rejects.toThrow(/ask again for a fresh one/);
    expect((await hurried.stats()).restarts).toBe(2);
  });

  it('evaluates on kernels, or on node-seal where asked', async () => {
    expect(evaluator.runsOn).toMatch(/^kernels, (fused|unfused)$/);
    using oracle = await ckksEvaluator(circuit, { keys, evaluator: 'node-seal' });
    expect(oracle.runsOn).toBe('node-seal');
    expectTrue(await holder.decryptRaw(circuit, (await oracle.evaluate(inputs)).outputs));
    expect(evaluator.memory.total).toBeLessThan(oracle.memory.total);
  });

  it('takes no more memory than predicted, and nearly as much', async () => {
    const { memoryBytes } = await evaluator.stats();
    expect(memoryBytes).toBeLessThanOrEqual(evaluator.memory.total);
    expect(memoryBytes).toBeGreaterThan(0.9 * evaluator.memory.total);
  });

  describe('a key holder whose worker is stopped', () => {
    const killed = async (victim: CkksKeyHolder) => {
      const abort = new AbortController();
      const call = victim.publicKey({ signal: abort.signal });
      // After the message was sent.
      setTimeout(() => abort.abort(new Error('enough')), 0);
      await expect(call).rejects.toThrow(AbortError);
    };

    it('gets its key back where custody has it', async () => {
      const bytes = await holder.exportKey();
      let fetched = 0;
      const recover = async () => {
        fetched++;
        return bytes;
      };
      using again = await CkksKeyHolder.import(holder.keyId, PARAMETERS, bytes, { recover });
      await killed(again);
      const { outputs } = await evaluator.evaluate(inputs);
      expectTrue(await again.decryptRaw(circuit, outputs));
      expect(fetched).toBe(1);
    });

    it('says that the key is lost where custody has it not', async () => {
      using alone = await CkksKeyHolder.create(PARAMETERS);
      await killed(alone);
      await expect(alone.publicKey()).rejects.toThrow(CustodyError);
      await expect(alone.publicKey()).rejects.toThrow(/import it from custody/);
    });
  });

  it('leaves nothing behind and no memory growing, however often it runs', async () => {
    const sizes: number[] = [];
    for (let i = 0; i < 40; i++) {
      const fresh = i % 10 === 0 ? await holder.encrypt(circuit, values) : inputs;
      const { outputs } = await evaluator.evaluate(fresh);
      await holder.decryptRaw(circuit, outputs);
      const { liveObjects, memoryBytes } = await evaluator.stats();
      expect(liveObjects).toBe(0);
      sizes.push(memoryBytes);
    }
    expect(await holder.liveObjects()).toBe(0);
    expect(sizes[0]).toBeGreaterThan(0);
    expect(new Set(sizes.slice(5)).size).toBe(1);
  });
});
