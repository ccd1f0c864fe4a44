import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { playClient } from '../../src/engine/party/play.ts';
import { FRAME_BYTES, type Vectors } from '../../src/engine/party/program.ts';
import type { CircuitPlan } from '../../src/mpc/circuit/plan-circuit.ts';
import { encodeFixed } from '../../src/mpc/field.ts';
import { TlsTransport } from '../../src/mpc/node/index.ts';
import { connectTls } from '../../src/mpc/node/tls.ts';
import type { OutsideRole } from '../../src/mpc/plan.ts';
import { runOwner, runRecipient } from '../../src/mpc/roles.ts';
import { Session } from '../../src/mpc/session.ts';
import type { Transport } from '../../src/mpc/transport.ts';
import { denormalise, figuresOf } from '../../src/risk/finish.ts';
import { riskCircuit } from '../../src/risk/program.ts';
import { createTlsIdentity } from '../../src/trust/certificate.ts';
import { dealtInput } from '../support/dealt.ts';
import { DEVIATIONS, expectAborted, expectAllAbort, expectNoNumber } from '../support/deviations.ts';
import { sharesOf } from '../support/parties.ts';
import { type EndpointName, PARTIES, TestSession, TIMEOUTS } from '../support/party-processes.ts';

/** Processes start slowly where others compute. */
const LIMIT = 300_000;

let session: TestSession;
beforeEach(async () => {
  session = await TestSession.create('figures');
}, LIMIT);
afterEach(() => session.end(), LIMIT);

describe('honest processes', () => {
  test(
    'open the figures of the plaintext engine, and turn strangers away',
    async () => {
      const parties = (['party 1', 'party 2', 'party 3'] as const).map((name) => session.start(name));
      const { vectors, l1 } = session.inputs;
      const closed = (socket: Socket) =>
        new Promise((resolve) =>
          socket
            .on('error', () => {})
            .resume()
            .once('close', resolve),
        );
      const address = { host: '127.0.0.1', port: session.ports[0]! };
      await closed(await connectTls(createTlsIdentity('party 2'), address, AbortSignal.timeout(LIMIT)));
      const withoutTls = connect(address);
      withoutTls.write('GET / HTTP/1.1\r\n\r\n');
      await closed(withoutTls);
      const { opened } = await playClient(session.network('owner'), 'owner', vectors);
      const { valuation, plan } = session.program;
      const exact = { absolute: 0, known: 'proved' } as const;
      const plain = executePlain(riskCircuit(valuation), { book: Object.values(vectors)[0]! });
      const expected = figuresOf(
        denormalise(valuation, plain, { pnl: exact, value: exact, greeks: exact }, l1),
      );
      for (const name of ['var_95', 'var_99', 'es_975', 'worst'] as const) {
        const bound = (plan.error as Record<string, { absolute: number }>)[name]!.absolute;
        expect(Math.abs(opened![name]![0]! * l1 - expected[name].value)).toBeLessThanOrEqual(bound * l1);
      }
      expect(Object.keys(opened!)).not.toContain('pnl');
      for (const party of parties) {
        const { status, stdout, stderr } = await party.ended;
        expect(status, stderr).toBe(0);
        expect(stdout).toBe('');
      }
      expect((await parties[0]!.ended).stderr).toMatch(
        /turned away 127\.0\.0\.1: it shows the key [0-9a-f]{64}, which is nobody's here/,
      );
    },
    LIMIT,
  );
});

describe('before the start', () => {
  const shortly = { timeouts: { ...TIMEOUTS, connectMs: 8_000 } };

  async function expectNobodyStarts(
    changes: Record<string, unknown>,
    expected: Partial<Record<EndpointName, RegExp>>,
  ): Promise<void> {
    const parties = {
      'party 1': session.start('party 1', shortly),
      'party 2': session.start('party 2', shortly),
      'party 3': session.start('party 3', { ...shortly, ...changes }),
    };
    for (const [name, pattern] of Object.entries(expected)) {
      await expectAborted(parties[name as 'party 1'], pattern);
    }
  }

  test(
    'a party with another key than its pin',
    async () => {
      const { certificate, privateKey } = createTlsIdentity('party 3');
      await expectNobodyStarts(
        { certificate, key: privateKey },
        {
          'party 1': /(party 3|owner|recipient), round 0: it did not connect/,
          'party 2': /(party 3|owner|recipient), round 0: it did not connect|party 1, round 0/,
          'party 3': /party [12], round 0: it closed the connection instead of greeting/,
        },
      );
    },
    LIMIT,
  );

  test(
    'a party that expects another key of its peer',
    async () => {
      const config = JSON.parse(session.config('party 3')) as { parties: { pin: string }[] };
      config.parties[0]!.pin = 'ab'.repeat(32);
      await expectNobodyStarts(
        { parties: config.parties },
        {
          'party 3': /party 1, round 0: expected the key abab\w+ at 127\.0\.0\.1:\d+, found [0-9a-f]{64}/,
          // Whoever gives up first is missed by the others, the clients included.
          'party 1': /(party [23]|owner|recipient), round 0/,
          'party 2': /(party [13]|owner|recipient), round 0/,
        },
      );
    },
    LIMIT,
  );

  test(
    'a party of another session',
    async () => {
      const pattern = /(party \d|owner|recipient), round 0/;
      await expectNobodyStarts(
        { session: 'another' },
        { 'party 1': pattern, 'party 2': pattern, 'party 3': /expected the same session and plan/ },
      );
    },
    LIMIT,
  );

  test(
    'a party that never comes',
    async () => {
      const parties = [session.start('party 1', shortly), session.start('party 2', shortly)];
      for (const party of parties)
        await expectAborted(party, /party \d, round 0: it did not connect within 8000 ms/);
    },
    LIMIT,
  );
});

describe('one party deviates in the middle: all others abort, and nothing is opened', () => {
  // The others are in test/slow.
  const sample = [
    'replays an old frame',
    'announces more than it may',
    'sends garbage',
    'says nothing',
    'changes a share',
  ];
  test.each(DEVIATIONS.filter(([what]) => sample.includes(what)))(
    'it %s',
    (_, deviate, named) => expectAllAbort(session, deviate, named),
    LIMIT,
  );
});

describe('a process fails in the middle', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    '%s',
    async (signal) => {
      // Many comparisons: the run takes long enough for a signal to hit it.
      await session.end();
      session = await TestSession.create('figures', 120);
      const parties = (['party 1', 'party 2', 'party 3'] as const).map((name) => session.start(name));
      let dealt = () => {};
      const running = new Promise<void>((resolve) => {
        dealt = resolve;
      });
      const client = playClient(
        session.network('owner', { onDealt: () => dealt() }),
        'owner',
        session.inputs.vectors,
      ).then(
        ({ opened }) => opened,
        (error: unknown) => error,
      );
      await running;
      await new Promise((resolve) => setTimeout(resolve, 150));
      const failed = performance.now();
      process.kill(parties[2]!.pid, signal);
      expectNoNumber(await client);
      for (const party of parties.slice(0, 2)) {
        await expectAborted(
          party,
          /party 3, round [1-9]\d*: |party [12], round [1-9]\d*: the peer ended the session and names party 3/,
        );
      }
      expect(performance.now() - failed).toBeLessThan(2 * TIMEOUTS.silenceMs + 15_000);
    },
    LIMIT,
  );
});

describe('an outside client', () => {
  /** The owner's connections, with which it may do as it likes. */
  async function owner(): Promise<{
    transport: TlsTransport;
    plan: CircuitPlan;
    role: OutsideRole;
    vectors: Vectors;
  }> {
    const network = session.network('owner');
    const plan = network.plan as CircuitPlan;
    const role = plan.owners[0]!;
    const transport = await TlsTransport.connect({
      self: role.endpoint,
      parties: PARTIES,
      credentials: network.credentials,
      peers: network.parties.map(({ address, pin }, i) => ({
        endpoint: i + 1,
        name: `party ${i + 1}`,
        pin,
        address,
      })),
      session: network.session,
      plan: plan.digest,
      frameBytes: FRAME_BYTES,
      ...TIMEOUTS,
    });
    return { transport, plan, role, vectors: session.inputs.vectors };
  }
  const startAll = () => (['party 1', 'party 2', 'party 3'] as const).map((name) => session.start(name));

  test(
    'leaves half-way',
    async () => {
      const parties = startAll();
      const { transport, plan, role, vectors } = await owner();
      // It deals to party 1 and forgets the others.
      const forgetful: Transport = {
        ...transport.as(role.endpoint),
        send: async (to, header, payload, signal) => {
          if (to === 1) await transport.send(to, header, payload, signal);
        },
      };
      await runOwner(new Session(plan, transport.nonce, forgetful), plan, role, vectors);
      await transport.close();
      for (const party of parties) {
        await expectAborted(
          party,
          /owner, round 1: it left before its part was done|party \d, round \d+: the peer ended the session and names owner/,
        );
      }
    },
    LIMIT,
  );

  test(
    'submits twice',
    async () => {
      const parties = startAll();
      const { transport, plan, role, vectors } = await owner();
      for (let i = 0; i < 2; i++) {
        await runOwner(new Session(plan, transport.nonce, transport), plan, role, vectors);
      }
      for (const party of parties) {
        await expectAborted(
          party,
          /owner, round \d+: expected one message, found another|party \d, round \d+: the peer ended the session and names owner/,
        );
      }
      await transport.close();
    },
    LIMIT,
  );

  test(
    'brings what is not as declared: nothing is sent, and nobody goes on',
    async () => {
      const parties = startAll();
      const { vectors } = session.inputs;
      const tooLarge = Object.fromEntries(
        Object.entries(vectors).map(([name, x]) => [name, x.map((v) => 3 * v)]),
      );
      await expect(playClient(session.network('owner'), 'owner', tooLarge)).rejects.toMatchObject({
        code: 'range',
      });
      for (const party of parties)
        await expectAborted(
          party,
          /owner, round 1: the peer ended the session|party \d, round \d+: the peer ended the session/,
        );
    },
    LIMIT,
  );

  test(
    'deals more than it may behind the bits of something else: its proof fails, and it is named',
    async () => {
      const parties = startAll();
      const { transport, plan, role, vectors } = await owner();
      const { name } = role.vectors[0]!;
      const frac = plan.inputFracBits[name]!;
      const integers = (factor: number) =>
        encodeFixed(
          vectors[name]!.map((value) => factor * value),
          frac,
        );
      const scheme = { parties: PARTIES, threshold: 1 };
      const dealt = dealtInput(plan.circuit.inputs[name]!, frac, integers(1), scheme);
      const larger = sharesOf(integers(3), scheme);
      const dealing = new Session(plan, transport.nonce, transport);
      for (const party of [1, 2, 3]) {
        const message = Buffer.concat([larger[party - 1]!.bytes, dealt[party - 1]!.bits.bytes]);
        await dealing.sendBytes(party, 1, 'inputShare', message);
      }
      const opening = new Session(plan, transport.nonce, transport.as(plan.recipients[0]!.endpoint));
      await expect(runRecipient(opening, plan, plan.recipients[0]!)).rejects.toMatchObject({
        code: 'protocol',
      });
      for (const party of parties) {
        await expectAborted(
          party,
          /round \d+: expected every input to be proved within its declared bounds; owner did not keep to it|party \d, round \d+: the peer ended the session/,
        );
      }
      await transport.close();
    },
    LIMIT,
  );
});
