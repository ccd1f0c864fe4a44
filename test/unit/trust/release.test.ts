import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executePlain } from '../../../src/algebra/execute.ts';
import { record } from '../../../src/algebra/record.ts';
import type { PartyId } from '../../../src/base/brand.ts';
import { IntegrityError, PolicyError } from '../../../src/base/errors.ts';
import type { CoefficientPlan } from '../../../src/ckks/coefficient-plan.ts';
import { ckksEvaluator } from '../../../src/ckks/evaluator.ts';
import { CkksKeyHolder, type ResultCiphertexts } from '../../../src/ckks/key-holder.ts';
import { planCkks } from '../../../src/ckks/plan.ts';
import type { SlotOutputs } from '../../../src/ckks/slots/execute.ts';
import type { SlotPlan } from '../../../src/ckks/slots/plan.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { AuditLog } from '../../../src/trust/audit.ts';
import { ReleaseGuard, type ReleaseRequest } from '../../../src/trust/release.ts';

const SCENARIOS = 200;
const random = new SeededRandom(11);
const matrix = matrixOf(
  SCENARIOS,
  8,
  Float64Array.from({ length: SCENARIOS * 8 }, () => random.between(-1, 1)),
);
const circuit = record(
  (alg, { x }) => ({ pnl: alg.matVecPlain(matrix, x), value: alg.addPlain(alg.sum(x), Float64Array.of(3)) }),
  { x: { length: 8, bound: 1, l1: 1 } },
);
const x = Float64Array.of(0.3, -0.2, 0.1, 0, -0.25, 0.05, 0.05, -0.05);
const exact = executePlain(circuit, { x });

const owner = 'owner' as PartyId;
const request: ReleaseRequest<'pnl'> = {
  to: 'regulator' as PartyId,
  outputs: ['pnl'],
  purpose: 'stress test',
};
const largest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

type Packing = 'coefficients' | 'slots';
type Plan = CoefficientPlan<'x', 'pnl' | 'value'> | SlotPlan<'x', 'pnl' | 'value'>;

/** A key, and one encrypted result under it. */
type Setting = {
  readonly plan: Plan;
  readonly holder: CkksKeyHolder;
  readonly result: ResultCiphertexts | SlotOutputs;
  /** The same, encrypted again. */
  readonly again: ResultCiphertexts | SlotOutputs;
};

async function settingOf(packing: Packing, queries: number | undefined): Promise<Setting> {
  const release = queries === undefined ? undefined : { queries, statisticalBits: 40 };
  if (packing === 'slots') {
    const plan = planCkks(circuit, { packing, precision: 1e-2, release });
    const holder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan, { keys: await holder.evaluationKeys(plan) });
    const run = async () => (await evaluator.evaluate(await holder.encrypt(plan, { x }))).outputs;
    return { plan, holder, result: await run(), again: await run() };
  }
  const plan = planCkks(circuit, { packing, precision: 1e-2, release });
  const holder = await CkksKeyHolder.create(plan.parameters);
  using evaluator = await ckksEvaluator(plan);
  const run = async () => (await evaluator.evaluate(await holder.encrypt(plan, { x }))).ciphertexts;
  return { plan, holder, result: await run(), again: await run() };
}

/** A bit flipped in the middle of the last coefficient words. */
function damagedOf(result: ResultCiphertexts | SlotOutputs): ResultCiphertexts | SlotOutputs {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    copy[copy.length - 4_000]! ^= 0x40;
    return copy;
  };
  if (!('pnl' in result)) return (result as ResultCiphertexts).map((item) => item && flip(item));
  return Object.fromEntries(Object.entries(result).map(([name, blocks]) => [name, blocks.map(flip)]));
}

function guardOf({ holder, plan }: Setting) {
  const log = new AuditLog('test');
  return { log, guard: new ReleaseGuard(holder, plan, owner, log) };
}

describe.each(['coefficients', 'slots'] as const)('a plan on %s without a release budget', (packing) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await settingOf(packing, undefined);
  });
  afterAll(() => setting.holder[Symbol.dispose]());

  it('is read by the key owner, within its error bound, and that is logged', async () => {
    const { guard, log } = guardOf(setting);
    const read = await guard.readAsOwner(setting.result);
    expect(Object.keys(read)).toEqual(['pnl', 'value']);
    expect(largest(read.pnl, exact.pnl)).toBeLessThanOrEqual(setting.plan.error.pnl.absolute);
    expect(largest(read.value, exact.value)).toBeLessThanOrEqual(setting.plan.error.value.absolute);
    expect(log.entries.map(({ event, actor, subject }) => [event, actor, subject])).toEqual([
      ['opened', owner, circuit.digest],
    ]);
  });

  it('releases nothing to anybody, and logs the attempt', async () => {
    const { guard, log } = guardOf(setting);
    await expect(guard.releaseTo(request, setting.result)).rejects.toThrow(PolicyError);
    expect(log.entries.map(({ event }) => event)).toEqual(['refused']);
    expect(log.entries[0]!.detail).toContain('pnl to regulator');
  });

  it('does not read a ciphertext that was changed: no number comes out', async () => {
    const { guard, log } = guardOf(setting);
    await expect(guard.readAsOwner(damagedOf(setting.result))).rejects.toThrow(IntegrityError);
    expect(log.entries.map(({ event }) => event)).toEqual(['refused']);
  });
});

describe.each(['coefficients', 'slots'] as const)(
  'a plan on %s with a budget of five releases',
  (packing) => {
    const QUERIES = 5;
    let setting: Setting;
    let raw: Float64Array;
    let first: Float64Array;
    let second: Float64Array;
    let log: AuditLog;
    let guard: ReleaseGuard<Plan>;

    beforeAll(async () => {
      setting = await settingOf(packing, QUERIES);
      ({ log, guard } = guardOf(setting));
      raw = (await guard.readAsOwner(setting.result)).pnl;
      first = (await guard.releaseTo(request, setting.result)).pnl;
      second = (await guard.releaseTo(request, setting.result)).pnl;
    });
    afterAll(() => setting.holder[Symbol.dispose]());

    it('releases values on the grid, which is at most an eighth of sigma', () => {
      const { grid, sigma } = setting.plan.flooding!;
      expect(grid).toBeLessThanOrEqual(sigma / 8);
      for (const value of first) expect(Number.isInteger(value / grid)).toBe(true);
      expect(raw.some((value) => !Number.isInteger(value / grid))).toBe(true);
    });

    it("releases values within the plan's error bound", () => {
      expect(largest(first, exact.pnl)).toBeLessThanOrEqual(setting.plan.error.pnl.absolute);
      expect(largest(second, exact.pnl)).toBeLessThanOrEqual(setting.plan.error.pnl.absolute);
    });

    it('never releases the raw decryption, nor the same noise twice', () => {
      expect(first).not.toEqual(raw);
      expect(second).not.toEqual(first);
    });

    it('adds noise of the planned deviation, fresh for every value and every release', async () => {
      const { sigma } = setting.plan.flooding!;
      const deviation = (a: Float64Array, b: Float64Array): number =>
        Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / SCENARIOS);
      // A sample deviation of 200 normals is off by 5 %: these bounds are six of them.
      expect(Math.abs(deviation(first, raw) / sigma - 1)).toBeLessThan(0.3);
      expect(Math.abs(deviation(second, raw) / sigma - 1)).toBeLessThan(0.3);
      expect(Math.abs(deviation(second, first) / (Math.SQRT2 * sigma) - 1)).toBeLessThan(0.3);
      // And drowns the encryption noise by the statistical security that was asked for: 2^(s/2) sqrt(12 tau).
      const drowns = 2 ** 20 * Math.sqrt(12 * QUERIES);
      const other = (await guard.readAsOwner(setting.again)).pnl;
      const noise = Math.hypot(...raw.map((value, i) => value - other[i]!)) / Math.SQRT2;
      expect(noise).toBeGreaterThan(0);
      expect(sigma).toBeGreaterThanOrEqual(drowns * noise);
      if (setting.plan.kind === 'coefficients') {
        const most = setting.plan.errorParts.noise * Math.sqrt(SCENARIOS);
        expect(sigma).toBeGreaterThanOrEqual(drowns * most);
      }
    });

    it('releases the requested outputs only, then ends with its budget, whoever asks', async () => {
      const value = await guard.releaseTo({ ...request, outputs: ['value'] }, setting.result);
      expect(Object.keys(value)).toEqual(['value']);
      expect(largest(value.value, exact.value)).toBeLessThanOrEqual(setting.plan.error.value.absolute);
      const unknown = { ...request, outputs: ['secret' as 'pnl'] };
      await expect(guard.releaseTo(unknown, setting.result)).rejects.toThrow(/no output secret/);
      // Three at once count as three; a refusal counts as none.
      const atOnce = await Promise.allSettled([1, 2, 3].map(() => guard.releaseTo(request, setting.result)));
      expect(atOnce.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      await expect(guard.releaseTo(request, setting.result)).rejects.toThrow(PolicyError);
      // The budget is the key's: a new guard does not renew it.
      const { guard: another, log: otherLog } = guardOf(setting);
      await expect(another.releaseTo(request, setting.result)).rejects.toThrow(/budget of 5/);
      expect(otherLog.entries.map(({ event }) => event)).toEqual(['refused']);
      // Owners may always read.
      expect((await guard.readAsOwner(setting.result)).pnl).toEqual(raw);
    });

    it('has logged every opening with recipient and purpose, and no value', () => {
      const events = log.entries.map(({ event }) => event);
      expect(events.filter((event) => event === 'released').length).toBe(QUERIES);
      expect(events.filter((event) => event === 'opened').length).toBe(3);
      expect(events.filter((event) => event === 'refused').length).toBe(3);
      const [released] = log.entries.filter(({ event }) => event === 'released');
      expect(released!.detail).toBe('pnl to regulator, purpose: stress test');
      expect(JSON.stringify(log.entries)).not.toContain(String(first[0]).slice(0, 8));
    });

    it('leaves no SEAL object behind', async () => {
      expect(await setting.holder.liveObjects()).toBe(0);
    });
  },
);

describe.each(['coefficients', 'slots'] as const)(
  'a key that a ciphertext on %s was not made for',
  (packing) => {
    it('opens nothing, and the release is counted all the same', async () => {
      const [mine, theirs] = await Promise.all([settingOf(packing, 1), settingOf(packing, 1)]);
      try {
        const { guard } = guardOf(mine);
        await expect(guard.readAsOwner(theirs.result)).rejects.toThrow(IntegrityError);
        await expect(guard.releaseTo(request, theirs.result)).rejects.toThrow(IntegrityError);
        await expect(guard.releaseTo(request, mine.result)).rejects.toThrow(PolicyError);
      } finally {
        mine.holder[Symbol.dispose]();
        theirs.holder[Symbol.dispose]();
      }
    });
  },
);
