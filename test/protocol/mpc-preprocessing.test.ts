import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Circuit, executePlain, recordOrdered } from '../../src/algebra/index.ts';
import { hex } from '../../src/base/bytes.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { randomBytes } from '../../src/base/random.ts';
import { type CircuitPlan, planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import { prepareBits } from '../../src/mpc/circuit/prepare-bits.ts';
import { runCircuitParty } from '../../src/mpc/circuit/run-party.ts';
import type { BitStock, BitsNeeded } from '../../src/mpc/engine/bit-stock.ts';
import { uniformVector } from '../../src/mpc/field.ts';
import { InProcessNetwork } from '../../src/mpc/in-process-transport.ts';
import { BitStore, writeBitStore } from '../../src/mpc/node/bit-store.ts';
import { partiesOf, runOwner, runRecipient } from '../../src/mpc/roles.ts';
import { Session } from '../../src/mpc/session.ts';

const CONSUMER = fileURLToPath(new URL('../support/consume-bits.ts', import.meta.url));
// Three parties compare without such bits.
const scheme = { parties: 4, threshold: 1 };
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stock-'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const circuit: Circuit<'x' | 'y', 'most', 'ordered'> = recordOrdered(
  (alg, { x, y }) => ({ most: alg.max(x, y) }),
  {
    x: { length: 5, bound: 8 },
    y: { length: 5, bound: 8 },
  },
);
const inputs = { x: Float64Array.of(1, -2, 3, 4.5, 0), y: Float64Array.of(0.5, 2, -3, 4.25, -0.125) };

/** Every party makes bits with the others and stores its own; the stores' folders and keys. */
async function makeStores(needed: readonly BitsNeeded[], security: 'malicious' | 'semiHonest' = 'malicious') {
  const network = new InProcessNetwork(scheme.parties);
  const nonce = randomBytes(16);
  const terms = {
    digest: '00' as never,
    parties: scheme.parties,
    frameElements: 2 ** 20,
    owners: [],
    recipients: [],
  };
  const base = mkdtempSync(join(root, 'run-'));
  return Promise.all(
    partiesOf(scheme).map(async (party) => {
      const session = new Session(terms, nonce, network.endpoint(party));
      const { run, chunks } = await prepareBits(session, scheme, security, needed);
      const folder = join(base, `party-${party}`);
      const key = randomBytes(32);
      writeBitStore(folder, key, party, run, chunks);
      return { folder, key };
    }),
  );
}

/** A session in which parties bring stocks. */
async function run(plan: CircuitPlan<'x' | 'y', 'most'>, stocks: readonly BitStock[]) {
  const network = new InProcessNetwork(plan.endpoints);
  const nonce = randomBytes(16);
  const session = (endpoint: number) =>
    new Session(plan, nonce, network.endpoint(endpoint), { timeoutMs: 2000 });
  const [outputs, ...counts] = await Promise.all([
    runRecipient(session(plan.recipients[0]!.endpoint), plan, plan.recipients[0]!),
    ...stocks.map((stock, i) => runCircuitParty(session(i + 1), plan, stock)),
    runOwner(session(plan.owners[0]!.endpoint), plan, plan.owners[0]!, inputs),
  ] as const);
  const isParty = (endpoint: number) => endpoint <= plan.parties;
  const { bytes } = network.traffic((from, to) => isParty(from) && isParty(to));
  return { outputs: outputs as Record<'most', Float64Array>, count: counts[0]!, bytes };
}

describe.each(['malicious', 'semiHonest'] as const)('%s', (security) => {
  test('a session with a stock gives the same, at the cost that the plan says, and uses the stock up', async () => {
    const online = await planCircuit(circuit, { ...scheme, security });
    const plan = await planCircuit(circuit, { ...scheme, security, prepared: true });
    expect(plan.comparisonBits).toEqual(online.comparisonBits);
    expect(plan.fieldProducts).toBeLessThan(online.fieldProducts / 1.5);
    // Twice what one session takes.
    const made = await makeStores([...plan.comparisonBits, ...plan.comparisonBits], security);
    const opened = () => made.map(({ folder, key }) => BitStore.open(folder, key));
    for (let i = 0; i < 2; i++) {
      const { outputs, count, bytes } = await run(plan, opened());
      executePlain(circuit, inputs).most.forEach((value, j) => {
        expect(Math.abs(outputs.most[j]! - value)).toBeLessThanOrEqual(plan.error.most.absolute);
      });
      expect(count).toMatchObject({ rounds: plan.rounds - 1, fieldProducts: plan.fieldProducts });
      expect(bytes).toBe(plan.bytesBetween);
      for (const store of opened())
        expect([...store.consumed()]).toEqual(Array.from({ length: i + 1 }, (_, c) => c));
    }
    // Nothing is left: bits are made as they are needed.
    const { outputs, count } = await run(plan, opened());
    expect(count.fieldProducts).toBe(online.fieldProducts);
    expect(outputs.most[0]).toBeCloseTo(1, 6);
  });
});

test('what one party has used, no party uses again', async () => {
  const plan = await planCircuit(circuit, { ...scheme, prepared: true });
  const made = await makeStores([...plan.comparisonBits, ...plan.comparisonBits, ...plan.comparisonBits]);
  // Party 2 had handed out the first chunk when its session crashed; the others had not.
  BitStore.open(made[1]!.folder, made[1]!.key).consume(0);
  await run(
    plan,
    made.map(({ folder, key }) => BitStore.open(folder, key)),
  );
  const used = made.map(({ folder, key }) => [...BitStore.open(folder, key).consumed()]);
  expect(used).toEqual([[1], [0, 1], [1], [1]]);
  // A stock of another making does not fit.
  const other = await makeStores(plan.comparisonBits);
  const mixed = [...made.slice(0, 3), other[3]!].map(({ folder, key }) => BitStore.open(folder, key));
  await expect(run(plan, mixed)).rejects.toBeInstanceOf(BlindRiskError);
});

describe('on disk', () => {
  const bitsOf = (length: number) => ({
    rows: 8,
    length,
    bits: { signs: uniformVector(9 * length, 1), values: uniformVector(2 * length) },
  });

  test('a chunk opens once, for its party, place and key only', () => {
    const folder = join(root, 'once');
    const key = randomBytes(32);
    const chunks = [bitsOf(3), bitsOf(4)];
    const plain = chunks[0]!.bits.signs.bytes.slice();
    writeBitStore(folder, key, 1, hex(randomBytes(16)), chunks);
    expect(() => writeBitStore(folder, key, 1, hex(randomBytes(16)), chunks)).toThrow(BlindRiskError);
    // Encrypted, and known by its owner only.
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes(Buffer.from(plain.subarray(0, 16)))).toBe(false);
    }
    expect(() => BitStore.open(folder, randomBytes(16))).toThrow(BlindRiskError);
    const sealed = readFileSync(join(folder, 'chunk-1'));
    expect(() => BitStore.open(folder, randomBytes(32)).consume(1)).toThrow(BlindRiskError);
    // That was an attempt: the chunk is gone all the same. Put back, it is not handed out again.
    writeFileSync(join(folder, 'chunk-1'), sealed);
    const store = BitStore.open(folder, key);
    expect(() => store.consume(1)).toThrow(/before/);
    expect(Buffer.from(store.consume(0).signs.bytes).equals(Buffer.from(plain))).toBe(true);
    expect(() => store.consume(0)).toThrow(BlindRiskError);
    expect(() => BitStore.open(folder, key).consume(0)).toThrow(BlindRiskError);
  });

  test('chunks that were exchanged or changed do not open; a torn journal leaves nothing', () => {
    const folder = join(root, 'changed');
    const key = randomBytes(32);
    writeBitStore(folder, key, 1, hex(randomBytes(16)), [bitsOf(3), bitsOf(3), bitsOf(3)]);
    const sealed = readFileSync(join(folder, 'chunk-1'));
    writeFileSync(join(folder, 'chunk-0'), sealed);
    expect(() => BitStore.open(folder, key).consume(0)).toThrow(BlindRiskError);
    writeFileSync(join(folder, 'chunk-1'), sealed.with(40, sealed[40]! ^ 1));
    expect(() => BitStore.open(folder, key).consume(1)).toThrow(BlindRiskError);
    appendFileSync(join(folder, 'journal'), Uint8Array.of(2, 0, 0));
    expect(BitStore.open(folder, key).consumed().size).toBe(3);
    rmSync(join(folder, 'manifest.json'));
    expect(() => BitStore.open(folder, key)).toThrow(/interrupted/);
  });

  test('a process that is killed while it consumes never leads to a chunk being handed out twice', async () => {
    const folder = join(root, 'killed');
    const key = randomBytes(32);
    const count = 240;
    writeBitStore(
      folder,
      key,
      1,
      hex(randomBytes(16)),
      Array.from({ length: count }, () => bitsOf(2)),
    );
    const seen: string[] = [];
    let kills = 0;
    while (BitStore.open(folder, key).consumed().size < count) {
      const child = spawn(process.execPath, [CONSUMER, folder, hex(key)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      const limit = kills < 4 ? 20 + 11 * kills : Infinity;
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (data: Buffer) => {
          text += data;
          if (text.split('\n').length > limit && !child.killed) {
            child.kill('SIGKILL');
            kills++;
          }
        });
        child.on('close', () => resolve());
      });
      seen.push(...text.split('\n').slice(0, -1));
    }
    expect(kills).toBe(4);
    const chunks = seen.map((line) => line.split(' ')[0]);
    const contents = seen.map((line) => line.split(' ')[1]);
    expect(new Set(chunks).size).toBe(seen.length);
    expect(new Set(contents).size).toBe(seen.length);
    // Killed between the journal and the line, a chunk is lost: one a kill at most.
    expect(seen.length).toBeGreaterThanOrEqual(count - 4);
  }, 60_000);
});
