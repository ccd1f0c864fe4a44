import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executePlain } from '../../../src/algebra/execute.ts';
import type { KeyId } from '../../../src/base/brand.ts';
import { AbortError, IntegrityError, PolicyError, PrecisionError } from '../../../src/base/errors.ts';
import type { CoefficientPlan } from '../../../src/ckks/coefficient-plan.ts';
import { planCkks } from '../../../src/ckks/plan.ts';
import { CkksEngine, CkksOwner } from '../../../src/engine/ckks.ts';
import { PhaseClock } from '../../../src/engine/clock.ts';
import { prepareTask, rehearse } from '../../../src/engine/rehearse.ts';
import type { RiskTask } from '../../../src/engine/task.ts';
import type { RiskInput, RiskOutput } from '../../../src/risk/program.ts';
import { createIdentity } from '../../../src/trust/identity.ts';
import { smallRequest } from '../../support/small-risk.ts';

describe('owner and engine', () => {
  let task: RiskTask;
  let plan: CoefficientPlan<RiskInput, RiskOutput>;
  let owner: CkksOwner;
  let engine: CkksEngine;
  let envelope: Uint8Array;
  let answer: Uint8Array;

  beforeAll(async () => {
    task = await prepareTask(smallRequest(), new PhaseClock());
    plan = planCkks(task.circuit, { packing: 'coefficients', precision: 1e-5 });
    owner = await CkksOwner.create(plan, task.log);
    engine = await CkksEngine.create(plan, task.log);
    envelope = await owner.protect(task.book.z);
    answer = (await engine.serve(envelope, owner)).answer;
  });

  afterAll(() => {
    owner[Symbol.dispose]();
    engine[Symbol.dispose]();
  });

  it('gives the owner its results', async () => {
    const { pnl } = await owner.read(answer, engine.identity);
    expect(pnl).toHaveLength(60);
  });

  it('never reads an envelope that is truncated, changed or extended', async () => {
    const wrong = [
      envelope.subarray(0, envelope.length - 1),
      envelope.subarray(0, 10),
      new Uint8Array(0),
      Uint8Array.of(...envelope, 0),
      ...[20, 200, 5000, envelope.length - 3].map((at) =>
        envelope.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      ),
    ];
    for (const bytes of wrong) await expect(engine.serve(bytes, owner)).rejects.toThrow(IntegrityError);
    for (const bytes of [
      answer.subarray(0, answer.length - 1),
      answer.map((b, i) => (i === 4000 ? b ^ 1 : b)),
    ]) {
      await expect(owner.read(bytes, engine.identity)).rejects.toThrow(IntegrityError);
    }
  });

  it('hides the matrix from an owner who works from the contract alone', async () => {
    const hiding = planCkks(task.circuit, {
      packing: 'coefficients',
      precision: 1e-5,
      hideMatrix: { statisticalBits: 40 },
    });
    using server = await CkksEngine.create(hiding, task.log);
    const { contract } = server;
    expect(contract.map).not.toHaveProperty('matrix');
    expect(contract.circuit.digest).not.toBe(hiding.circuit.digest);
    using client = await CkksOwner.create(contract, task.log);
    const asked = await client.protect(task.book.z);
    const { pnl } = await client.read((await server.serve(asked, client)).answer, server.identity);
    const truth = executePlain(task.circuit, { book: task.book.z }).pnl;
    const off = pnl.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i]!)), 0);
    expect(off).toBeLessThanOrEqual(contract.error.pnl.absolute);
    // The public key is signed with the request: no other passes.
    const at = asked.length - 64 - 1000;
    await expect(
      server.serve(
        asked.map((byte, i) => (i === at ? byte ^ 1 : byte)),
        client,
      ),
    ).rejects.toThrow(IntegrityError);
    expect(await server.liveObjects()).toBe(0);
  }, 60_000);

  it('refuses an older answer to an earlier request', async () => {
    using another = await CkksOwner.create(plan, task.log);
    const old = (await engine.serve(await another.protect(task.book.z), another)).answer;
    const fresh = (await engine.serve(await another.protect(task.book.z), another)).answer;
    await expect(another.read(old, engine.identity)).rejects.toThrow(/answered request/);
    expect((await another.read(fresh, engine.identity)).pnl).toHaveLength(60);
  });

  it('refuses an envelope from somebody else', async () => {
    const stranger = { identity: createIdentity('owner'), keyId: owner.keyId };
    await expect(engine.serve(envelope, stranger)).rejects.toThrow(/signature/);
    await expect(owner.read(answer, createIdentity('engine'))).rejects.toThrow(/signature/);
  });

  it('refuses ciphertexts under another key or other parameters', async () => {
    const otherKey = { identity: owner.identity, keyId: '0'.repeat(32) as KeyId };
    await expect(engine.serve(envelope, otherKey)).rejects.toThrow(/expected key/);
    const precise = planCkks(task.circuit, { packing: 'coefficients', precision: 1e-9 });
    expect(precise.parameters.digest).not.toBe(plan.parameters.digest);
    using preciseEngine = await CkksEngine.create(precise, task.log);
    await expect(preciseEngine.serve(envelope, owner)).rejects.toThrow(IntegrityError);
  });

  it('refuses a result that was made under another key, even where its envelope lies about that', async () => {
    using other = await CkksOwner.create(plan, task.log);
    // The engine signs whatever it is told the key is; decryption notices.
    const theirs = await engine.serve(await other.protect(task.book.z), other);
    const items = other.open(theirs.answer, engine.identity);
    await expect(owner.guard.readAsOwner(items)).rejects.toThrow(/wrong key/);
  });

  it('does not release without a budget', async () => {
    const items = owner.open(answer, engine.identity);
    const request = { to: createIdentity('regulator').name, outputs: ['value'] as const, purpose: 'test' };
    await expect(owner.guard.releaseTo(request, items)).rejects.toThrow(PolicyError);
    expect(task.log.entries.some(({ event }) => event === 'refused')).toBe(true);
  });

  it('forgets no SEAL object, however often it is used', async () => {
    for (let i = 0; i < 20; i++)
      await owner.read((await engine.serve(envelope, owner)).answer, engine.identity);
    expect([await owner.liveObjects(), await engine.liveObjects()]).toEqual([0, 0]);
  });
});

describe('rehearse with ckks', () => {
  it('shows figures only, when asked', async () => {
    const report = await rehearse('ckks', { ...smallRequest(), open: 'figures' });
    expect(report.pnl).toBeNull();
    expect(report.opened).toContain('var_99');
    expect(report.opened).not.toContain('pnl');
  });

  it('gives the wanted precision or refuses', async () => {
    await expect(rehearse('ckks', { ...smallRequest(), precision: 1e-17 })).rejects.toThrow(PrecisionError);
  });

  it('stops at once when aborted, wherever it is', async () => {
    for (const phase of ['prepare', 'evaluate']) {
      const abort = new AbortController();
      const run = rehearse('ckks', {
        ...smallRequest(200, 300),
        signal: abort.signal,
        onProgress: (progress) => {
          if (progress.phase === phase || phase === 'evaluate') abort.abort(new Error('enough'));
        },
      });
      await expect(run).rejects.toThrow(AbortError);
    }
    const early = AbortSignal.abort(new Error('never mind'));
    for (const engine of ['plain', 'ckks', 'mpc'] as const) {
      await expect(rehearse(engine, { ...smallRequest(), signal: early })).rejects.toThrow(AbortError);
    }
  });
});
