import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../src/base/errors.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { CkksEngine, CkksOwner } from '../../src/engine/ckks.ts';
import { PhaseClock } from '../../src/engine/clock.ts';
import { prepareTask } from '../../src/engine/rehearse.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { mutate, openMutations } from '../support/envelopes.ts';
import { smallRequest } from '../support/small-risk.ts';

describe('ten thousand random mutations of a signed envelope', () => {
  // A verification takes some milliseconds, hence not among the default tests.
  it.each(Array.from({ length: 10 }, (_, seed) => seed))('seed %d: a thousand are refused', (seed) => {
    const survivors = openMutations(seed, 1000).filter(({ error }) => !(error instanceof IntegrityError));
    expect(survivors).toEqual([]);
  });
});

describe('ten thousand mutations of real envelopes, sent to a running engine and back to its owner', () => {
  it('are refused before SEAL or the key sees them', async () => {
    const task = await prepareTask(smallRequest(), new PhaseClock());
    const plan = planCkks(task.circuit, { packing: 'coefficients', precision: 1e-5 });
    const logs = { owner: new AuditLog('owner'), engine: new AuditLog('engine') };
    using owner = await CkksOwner.create(plan, logs.owner);
    using engine = await CkksEngine.create(plan, logs.engine);
    const request = await owner.protect(task.book.z);
    const { answer } = await engine.serve(request, owner);
    const before = [logs.owner.entries.length, logs.engine.entries.length];
    const random = new SeededRandom(5);
    const survivors: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      const { what, bytes } = mutate(i % 2 === 0 ? request : answer, random);
      const attempt = i % 2 === 0 ? engine.serve(bytes, owner) : owner.read(bytes, engine.identity);
      await attempt.then(
        () => survivors.push(what),
        (error: unknown) => error instanceof IntegrityError || survivors.push(`${what}: ${error}`),
      );
    }
    expect(survivors).toEqual([]);
    // The engine logs what it has received before it evaluates, the owner every decryption, refused or not.
    expect([logs.owner.entries.length, logs.engine.entries.length]).toEqual(before);
    expect((await owner.read(answer, engine.identity)).pnl).toHaveLength(60);
  }, 300_000);
});
