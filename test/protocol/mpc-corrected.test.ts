import { describe, expect, test } from 'vitest';
import { executePlain, record } from '../../src/algebra/index.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { randomBytes } from '../../src/base/random.ts';
import { encodeFrame, parseFrame } from '../../src/mpc/frame.ts';
import { InProcessNetwork, type Intercept, type Transit } from '../../src/mpc/in-process-transport.ts';
import { planMpc, runOwner, runParty, runRecipient } from '../../src/mpc/index.ts';
import { Session } from '../../src/mpc/session.ts';

const circuit = record((alg, { x }) => ({ y: alg.add(x, alg.scale(x, 0.5)) }), {
  x: { length: 3, bound: 4 },
});
const x = Float64Array.of(1, -2, 3.25);

const edits: Record<string, (transit: Transit) => readonly Transit[]> = {
  'a wrong share': (transit) => {
    const frame = parseFrame(transit.bytes, 2 ** 20);
    const payload = frame.payload.slice();
    payload[0]! ^= 1;
    return [{ ...transit, bytes: encodeFrame({ ...frame, payload }) }];
  },
  nothing: () => [],
  garbage: (transit) => [{ ...transit, bytes: randomBytes(transit.bytes.length) }],
};

/** A session of which parties `wrong` send the recipient something else; what it opens, and whom it names. */
async function open(
  parties: number,
  threshold: number,
  wrong: readonly number[],
  edit: (transit: Transit) => readonly Transit[],
) {
  const plan = planMpc(circuit, { parties, threshold });
  const recipient = plan.recipients[0]!;
  const intercept: Intercept = (transit) =>
    transit.to === recipient.endpoint && wrong.includes(transit.from) ? edit(transit) : [transit];
  const network = new InProcessNetwork(plan.endpoints, intercept);
  const nonce = randomBytes(16);
  const join = (endpoint: number) => new Session(plan, nonce, network.endpoint(endpoint), { timeoutMs: 150 });
  let named: readonly number[] = [];
  const opening = runRecipient(join(recipient.endpoint), plan, recipient, {
    onWrong: (who) => {
      named = who;
    },
  });
  const [outputs] = await Promise.all([
    opening,
    ...Array.from({ length: parties }, (_, i) => runParty(join(i + 1), plan)),
    runOwner(join(plan.owners[0]!.endpoint), plan, plan.owners[0]!, { x }),
  ]);
  return { outputs: outputs as Record<string, Float64Array>, named, plan };
}

describe.each(Object.entries(edits))('%s', (_, edit) => {
  test.each([
    [4, 1, [3]],
    [7, 2, [1, 6]],
  ])('is corrected and named where n = %d, t = %d', async (parties, threshold, wrong) => {
    const { outputs, named, plan } = await open(parties, threshold, wrong, edit);
    expect(named).toEqual(wrong);
    executePlain(circuit, { x }).y.forEach((value, i) => {
      expect(Math.abs(outputs['y']![i]! - value)).toBeLessThanOrEqual(plan.error.y.absolute);
    });
  });

  test('is an error where three parties are too few, and where more than t deviate', async () => {
    await expect(open(3, 1, [2], edit)).rejects.toBeInstanceOf(BlindRiskError);
    await expect(open(4, 1, [2, 3], edit)).rejects.toBeInstanceOf(BlindRiskError);
  });
});

test('nobody is named where nobody is wrong', async () => {
  expect((await open(4, 1, [], (transit) => [transit])).named).toEqual([]);
});
