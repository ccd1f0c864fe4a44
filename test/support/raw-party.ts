import type { TLSSocket } from 'node:tls';
import { randomBytes } from '../../src/base/random.ts';
import { FRAME_BYTES } from '../../src/engine/party/program.ts';
import type { CircuitPlan } from '../../src/mpc/circuit/plan-circuit.ts';
import { runCircuitParty } from '../../src/mpc/circuit/run-party.ts';
import {
  encodeGreeting,
  nonceOf,
  parseGreeting,
  readGreeting,
  termsOf,
} from '../../src/mpc/node/greeting.ts';
import { Link } from '../../src/mpc/node/link.ts';
import { connectTls, listenTls } from '../../src/mpc/node/tls.ts';
import { Session } from '../../src/mpc/session.ts';
import type { Transport } from '../../src/mpc/transport.ts';
import { type TestSession, TIMEOUTS } from './party-processes.ts';

/** A frame that the deviating party is about to send. */
export type Outgoing = {
  readonly to: number;
  /** Counts its frames to this peer, from 0. */
  readonly index: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly socket: TLSSocket;
  /** Sends a frame as an honest party would. */
  readonly pass: (header?: Uint8Array, payload?: Uint8Array) => Promise<void>;
};

/** The record of a frame, as it travels. */
export function recordOf(header: Uint8Array, payload: Uint8Array): Buffer {
  const record = Buffer.alloc(4 + header.length + payload.length);
  record.writeUInt32LE(header.length + payload.length);
  record.set(header, 4);
  record.set(payload, 4 + header.length);
  return record;
}

/**
 * Party 3 as an adversary that holds its real key: it greets, joins and computes as the protocol says, over the same TLS connections, and may
 * do anything to the bytes that it sends. Rejects as the party itself fails.
 */
export async function playDeviatingParty(
  test: TestSession,
  deviate: (frame: Outgoing) => Promise<void> | void,
): Promise<void> {
  const self = 3;
  const plan = test.program.plan as CircuitPlan;
  const [owner] = plan.owners;
  const [recipient] = plan.recipients;
  const over = new AbortController();
  const credentials = test.ids['party 3'];
  const address = (i: number) => ({ host: '127.0.0.1', port: test.ports[i - 1]! });
  const terms = termsOf('test', plan.digest);
  const contribution = randomBytes(16);
  const client = Promise.withResolvers<TLSSocket>();
  const server = await listenTls(credentials, address(3), 10, (socket) => client.resolve(socket));
  const sockets = new Map<number, TLSSocket>();
  const links = new Map<number, Link>();
  const greet = async (endpoint: number, socket: TLSSocket, nonce: Uint8Array): Promise<Uint8Array> => {
    socket.on('error', () => {});
    sockets.set(endpoint, socket);
    socket.write(encodeGreeting({ endpoint: self, terms, nonce }));
    const greeting = parseGreeting(await readGreeting(socket, over.signal), endpoint, terms);
    // No heartbeat of its own gets between the bytes of its deviation.
    links.set(endpoint, new Link(socket, { frameBytes: FRAME_BYTES, silenceMs: 10 * 60_000 }));
    return greeting.nonce;
  };
  try {
    const nonces = await Promise.all(
      [1, 2].map(async (party) =>
        greet(party, await connectTls(credentials, address(party), over.signal), contribution),
      ),
    );
    const nonce = nonceOf(terms, [...nonces, contribution]);
    await greet(owner!.endpoint, await client.promise, nonce);
    links.set(recipient!.endpoint, links.get(owner!.endpoint)!);
    sockets.set(recipient!.endpoint, sockets.get(owner!.endpoint)!);
    const sent = new Map<number, number>();
    const transport: Transport = {
      self,
      send: async (to, header, payload, signal) => {
        const index = sent.get(to) ?? 0;
        sent.set(to, index + 1);
        const link = links.get(to)!;
        const pass = (h = header, p = payload) => link.send(h, p, signal);
        await deviate({ to, index, header, payload, socket: sockets.get(to)!, pass });
      },
      receive: (from, signal) => links.get(from)!.receive(signal),
      waiting: (from) => links.get(from)!.waiting,
    };
    await runCircuitParty(new Session(plan, nonce, transport, { timeoutMs: TIMEOUTS.messageMs }), plan);
  } finally {
    over.abort();
    server.close();
    for (const link of links.values()) link.destroy();
  }
}
