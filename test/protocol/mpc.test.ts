import { describe, expect, test } from 'vitest';
import { type Circuit, record } from '../../src/algebra/index.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { randomBytes } from '../../src/base/random.ts';
import { FieldVector } from '../../src/kernels/field-vector.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import { uniformVector } from '../../src/mpc/field.ts';
import { encodeFrame, FRAME_HEADER_BYTES, type Frame, parseFrame } from '../../src/mpc/frame.ts';
import { InProcessNetwork, type Intercept, type Transit } from '../../src/mpc/in-process-transport.ts';
import { planMpc } from '../../src/mpc/plan.ts';
import { runParty, runRecipient } from '../../src/mpc/roles.ts';
import { type InProcessOptions, runInProcess } from '../../src/mpc/run.ts';
import { Session } from '../../src/mpc/session.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';

const random = new SeededRandom(11);
const matrix = matrixOf(
  3,
  8,
  new Float64Array(24).map(() => random.between(-1, 1)),
);
const circuit: Circuit<'x', 'y'> = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
  x: { length: 8, bound: 1 },
});
// Three elements a frame: an owner sends three frames a party, a party one frame to the recipient.
const options = { parties: 3, threshold: 1, frameBytes: FRAME_HEADER_BYTES + 3 * 16 };
const plan = planMpc(circuit, options);
const x: Float64Array = new Float64Array(8).map(() => random.between(-1, 1));
const OWNER = 4;
const RECIPIENT = 5;

/** Runs the session and returns the error with which it ended; a number instead would be the failure. */
async function failureOf(options: InProcessOptions): Promise<BlindRiskError> {
  const error = await runInProcess(plan, { x }, { timeoutMs: 200, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BlindRiskError);
  return error as BlindRiskError;
}

/** Applies an edit to one frame of one link and leaves the others alone. */
function onFrame(
  from: number,
  to: number,
  at: number,
  edit: (transit: Transit) => readonly Transit[],
): Intercept {
  let seen = 0;
  return (transit) =>
    transit.from === from && transit.to === to && seen++ === at ? edit(transit) : [transit];
}

/** Rewrites fields of a frame. */
const rewrite =
  (change: (frame: Frame) => Partial<Frame>) =>
  (transit: Transit): readonly Transit[] => {
    const frame = parseFrame(transit.bytes, 2 ** 24);
    return [{ ...transit, bytes: encodeFrame({ ...frame, ...change(frame) }) }];
  };

const links: [what: string, from: number, to: number, peer: string, round: number][] = [
  ['from the owner to a party', OWNER, 2, 'owner', 1],
  ['from a party to the recipient', 3, RECIPIENT, 'party 3', 2],
];

test('undisturbed, it opens', async () => {
  const { outputs } = await runInProcess(plan, { x });
  expect(outputs.y).toHaveLength(3);
});

describe.each(links)('%s', (_, from, to, peer, round) => {
  const protocol = (check: string) => ({ code: 'protocol', facts: { peer, round, check } });
  const flipLast = (bytes: Uint8Array) => bytes.with(bytes.length - 16, bytes.at(-16)! ^ 1);

  test('a dropped frame', async () => {
    const error = await failureOf({ intercept: onFrame(from, to, 0, () => []) });
    // Of several frames the next one is out of sequence; of one there is nothing to see but silence.
    if (from === OWNER) expect(error).toMatchObject(protocol('sequence'));
    else expect(error).toMatchObject({ code: 'transport', facts: { peer, round } });
  });

  test('a dropped message', async () => {
    const intercept: Intercept = (transit) => (transit.from === from && transit.to === to ? [] : [transit]);
    expect(await failureOf({ intercept })).toMatchObject({ code: 'transport', facts: { peer, round } });
  });

  test('a repeated frame', async () => {
    const error = await failureOf({ intercept: onFrame(from, to, 0, (transit) => [transit, transit]) });
    expect(error).toMatchObject(protocol(from === OWNER ? 'sequence' : 'count'));
  });

  test('a repeated last frame', async () => {
    const last = from === OWNER ? 2 : 0;
    const error = await failureOf({ intercept: onFrame(from, to, last, (transit) => [transit, transit]) });
    expect(error).toMatchObject(protocol('count'));
  });

  test('a frame of another session', async () => {
    const intercept = onFrame(
      from,
      to,
      0,
      rewrite(() => ({ session: randomBytes(16) })),
    );
    expect(await failureOf({ intercept })).toMatchObject(protocol('session'));
  });

  test.each<[check: string, change: (frame: Frame) => Partial<Frame>]>([
    ['sender', () => ({ sender: 1 })],
    ['recipient', () => ({ recipient: 1 })],
    ['sequence', () => ({ sequence: 5 })],
    ['round', () => ({ round: 7 })],
    ['kind', (frame) => ({ kind: frame.kind === 'inputShare' ? 'outputShare' : 'inputShare' })],
    ['abort', () => ({ kind: 'abort', payload: new Uint8Array(0) })],
    ['size', (frame) => ({ payload: frame.payload.slice(16) })],
    ['size', (frame) => ({ payload: new Uint8Array(frame.payload.length + 16) })],
    ['size', () => ({ payload: new Uint8Array(2 ** 20) })],
    ['canonical', (frame) => ({ payload: new Uint8Array(frame.payload.length).fill(255) })],
  ])('a wrong %s', async (check, change) => {
    expect(await failureOf({ intercept: onFrame(from, to, 0, rewrite(change)) })).toMatchObject(
      protocol(check),
    );
  });

  test('bytes that are no frame', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(20), randomBytes(60)]) {
      const error = await failureOf({
        intercept: onFrame(from, to, 0, (transit) => [{ ...transit, bytes }]),
      });
      expect(error).toMatchObject(protocol('format'));
    }
  });

  test('one changed element of a share vector', async () => {
    const tampered = (transit: Transit) => [{ ...transit, bytes: flipLast(transit.bytes) }];
    const error = await failureOf({ intercept: onFrame(from, to, 0, tampered) });
    expect(error).toMatchObject({ code: 'protocol', facts: { check: 'degree', parties: 3, threshold: 1 } });
  });
});

test('reordered frames', async () => {
  const held: Transit[] = [];
  const intercept: Intercept = (transit) => {
    if (transit.from !== OWNER || transit.to !== 1 || held.length > 1) return [transit];
    held.push(transit);
    return held.length === 2 ? [held[1]!, held[0]!] : [];
  };
  const facts = { peer: 'owner', round: 1, check: 'sequence' };
  expect(await failureOf({ intercept })).toMatchObject({ code: 'protocol', facts });
});

test('a frame recorded in one session and played in another', async () => {
  const recorded: Transit[] = [];
  const intercept: Intercept = (transit) => {
    recorded.push(transit);
    return [transit];
  };
  await runInProcess(plan, { x }, { intercept });
  const old = recorded.find(({ from, to }) => from === 2 && to === RECIPIENT)!;
  const error = await failureOf({ intercept: onFrame(2, RECIPIENT, 0, () => [old]) });
  expect(error).toMatchObject({ code: 'protocol', facts: { peer: 'party 2', check: 'session' } });
});

test('a dealer whose polynomials have too high a degree', async () => {
  const network = new InProcessNetwork(plan.endpoints);
  const nonce = randomBytes(16);
  const join = (endpoint: number) => new Session(plan, nonce, network.endpoint(endpoint), { timeoutMs: 500 });
  const coefficients = [uniformVector(8), uniformVector(8), uniformVector(8)];
  const dealer = join(OWNER);
  for (const party of [1, 2, 3]) {
    await dealer.send(party, 1, 'inputShare', loadField127().evaluate(coefficients, party));
  }
  await Promise.all([1, 2, 3].map((party) => runParty(join(party), plan)));
  await expect(runRecipient(join(RECIPIENT), plan, plan.recipients[0]!)).rejects.toMatchObject({
    code: 'protocol',
    facts: { check: 'degree' },
  });
});

test('a participant with another plan', async () => {
  const other = planMpc(circuit, { ...options, recipients: { y: ['somebody else'] } });
  const network = new InProcessNetwork(plan.endpoints);
  const nonce = randomBytes(16);
  const dealer = new Session(other, nonce, network.endpoint(OWNER));
  await dealer.send(1, 1, 'inputShare', new FieldVector(8));
  const party = new Session(plan, nonce, network.endpoint(1), { timeoutMs: 200 });
  await expect(runParty(party, plan)).rejects.toMatchObject({ facts: { check: 'session' } });
});

test('after a failure nothing is sent or taken, and peers are told', async () => {
  const network = new InProcessNetwork(plan.endpoints);
  const nonce = randomBytes(16);
  const party = new Session(plan, nonce, network.endpoint(1), { timeoutMs: 20 });
  await expect(runParty(party, plan)).rejects.toMatchObject({ code: 'transport' });
  await expect(party.send(RECIPIENT, 2, 'outputShare', new FieldVector(3))).rejects.toMatchObject({
    code: 'protocol',
  });
  await expect(party.receive(OWNER, 1, 'inputShare', 8)).rejects.toMatchObject({ code: 'protocol' });
  const recipient = new Session(plan, nonce, network.endpoint(RECIPIENT), { timeoutMs: 5000 });
  await expect(runRecipient(recipient, plan, plan.recipients[0]!)).rejects.toMatchObject({
    code: 'protocol',
    facts: { peer: 'party 1', check: 'abort' },
  });
});

describe('abort', () => {
  test('before the start', async () => {
    expect(await failureOf({ signal: AbortSignal.abort() })).toMatchObject({ code: 'abort' });
  });

  test.each([
    ['while dealing', OWNER, 3],
    ['while opening', 2, RECIPIENT],
  ])('%s', async (_, from, to) => {
    const controller = new AbortController();
    const intercept = onFrame(from, to, 0, (transit) => {
      controller.abort(new Error('the user pressed a key'));
      return [transit];
    });
    const error = await failureOf({ signal: controller.signal, intercept });
    expect(error).toMatchObject({ code: 'abort' });
    expect(error.cause).toMatchObject({ message: 'the user pressed a key' });
  });

  test('while waiting for a peer that is silent', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const error = await failureOf({ signal: controller.signal, timeoutMs: 20_000, intercept: () => [] });
    expect(error).toMatchObject({ code: 'abort' });
  });
});

test('inputs that are not as declared are refused before anything is sent', async () => {
  let frames = 0;
  const intercept: Intercept = (transit) => {
    if (parseFrame(transit.bytes, 2 ** 24).kind !== 'abort') frames++;
    return [transit];
  };
  const wrong: [Float64Array, string][] = [
    [x.map((v) => 2 + v), 'range'],
    [x.with(3, Number.NaN), 'range'],
    [new Float64Array(7), 'shape'],
  ];
  for (const [input, code] of wrong) {
    await expect(runInProcess(plan, { x: input }, { intercept })).rejects.toMatchObject({ code });
  }
  expect(frames).toBe(0);
});

test('no message holds a share or a secret', async () => {
  const payloads: string[] = [];
  const spy =
    (edit: Intercept): Intercept =>
    (transit) => {
      payloads.push(
        Buffer.from(transit.bytes.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + 8)).toString('hex'),
      );
      return edit(transit);
    };
  const flip = onFrame(1, RECIPIENT, 0, (t) => [{ ...t, bytes: t.bytes.with(60, t.bytes[60]! ^ 1) }]);
  const error = await failureOf({ intercept: spy(flip) });
  const said = `${error.message} ${JSON.stringify(error.facts)} ${error.stack}`;
  for (const payload of payloads) expect(said).not.toContain(payload);
  for (const value of x) expect(said).not.toContain(String(value).slice(0, 8));
});
