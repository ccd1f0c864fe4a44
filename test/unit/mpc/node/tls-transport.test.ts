import { afterEach, describe, expect, test } from 'vitest';
import type { Digest } from '../../../../src/base/brand.ts';
import { randomBytes } from '../../../../src/base/random.ts';
import { bigintsOf, fieldVectorOf } from '../../../../src/kernels/field-vector.ts';
import { drive } from '../../../../src/mpc/engine/drive.ts';
import { Party } from '../../../../src/mpc/engine/party.ts';
import { open } from '../../../../src/mpc/engine/protocol.ts';
import { FRAME_HEADER_BYTES } from '../../../../src/mpc/frame.ts';
import type { TlsTransport } from '../../../../src/mpc/node/index.ts';
import { multiply } from '../../../../src/mpc/protocols/multiply.ts';
import { Session } from '../../../../src/mpc/session.ts';
import type { Incoming } from '../../../../src/mpc/transport.ts';
import { sharesOf } from '../../../support/parties.ts';
import { connectParties, PAYLOAD } from '../../../support/tls-network.ts';

const never = new AbortController().signal;
let transports: readonly TlsTransport[] = [];
afterEach(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  transports = [];
});

async function contentOf(incoming: Incoming): Promise<Uint8Array> {
  const bytes = new Uint8Array(incoming.length);
  await incoming.read(bytes, never);
  return bytes;
}

test('all parties of a run have the same nonce, and those of another run another', async () => {
  transports = await connectParties(3);
  const [first, ...others] = transports;
  for (const { nonce } of others) expect(nonce).toEqual(first!.nonce);
  const again = await connectParties(3);
  expect(again[0]!.nonce).not.toEqual(first!.nonce);
  transports = [...transports, ...again];
});

describe('back-pressure', () => {
  test('a sender waits for a peer that takes nothing, and everything arrives when it does', async () => {
    transports = await connectParties(3);
    const [one, two] = transports;
    const header = new Uint8Array(FRAME_HEADER_BYTES);
    const payloads = Array.from({ length: 24 }, () => randomBytes(PAYLOAD));
    let sent = 0;
    const sending = (async () => {
      for (const payload of payloads) {
        await one!.send(2, header, payload, never);
        sent++;
      }
    })();
    await expect.poll(() => sent, { timeout: 10_000 }).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Two frames are kept, and the kernel's buffers hold some more.
    expect(sent).toBeLessThan(payloads.length);
    expect(two!.waiting(1)).toBeLessThan(5);
    for (const payload of payloads) {
      const bytes = await contentOf(await two!.receive(1, never));
      expect(Buffer.compare(bytes.subarray(FRAME_HEADER_BYTES), payload)).toBe(0);
    }
    await sending;
  }, 60_000);

  test('two parties that send each other more than any buffer holds do not wait for ever', async () => {
    transports = await connectParties(3);
    const length = 3_000_000;
    const values = Array.from({ length: 4 }, (_, i) => BigInt(i + 1));
    const shares = sharesOf(fieldVectorOf(values, 1), { parties: 3, threshold: 1 });
    const terms = {
      digest: 'ab'.repeat(32) as Digest,
      parties: 3,
      frameElements: PAYLOAD / 16,
      owners: [],
      recipients: [],
    };
    const results = await Promise.all(
      transports.map(async (transport, i) => {
        const party = await Party.join(
          new Session(terms, transport.nonce, transport, { timeoutMs: 20_000 }),
          { parties: 3, threshold: 1 },
          'malicious',
        );
        const places = Uint32Array.from({ length }, (_, k) => k % 4);
        return drive(open(party.context.k61.gather(shares[i]!, places)), party);
      }),
    );
    for (const result of results) expect(bigintsOf(result.slice(length - 4, length))).toEqual(values);
  }, 60_000);
});

test('an abort ends a send that waits, and the connection with it', async () => {
  transports = await connectParties(3);
  const [one, two] = transports;
  const controller = new AbortController();
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  const sending = (async () => {
    for (;;) await one!.send(2, header, new Uint8Array(PAYLOAD), controller.signal);
  })();
  setTimeout(() => controller.abort(new Error('enough')), 300);
  await expect(sending).rejects.toThrow('enough');
  const receiving = (async () => {
    for (;;) await contentOf(await two!.receive(1, never));
  })();
  await expect(receiving).rejects.toThrow(/without a farewell|broke/);
}, 60_000);

test('silence and farewells are told apart', async () => {
  transports = await connectParties(3, { silenceMs: 800 });
  const [one, two, three] = transports;
  const waiting = two!.receive(1, never);
  // Heartbeats keep an idle connection alive.
  await new Promise((resolve) => setTimeout(resolve, 1600));
  const left = expect(two!.receive(3, never)).rejects.toThrow('it left before its part was done');
  await three!.close();
  await left;
  await one!.send(2, new Uint8Array(FRAME_HEADER_BYTES), new Uint8Array(0), never);
  expect((await waiting).length).toBe(FRAME_HEADER_BYTES);
}, 60_000);

test('five parties multiply, as in one process', async () => {
  const scheme = { parties: 5, threshold: 2 };
  transports = await connectParties(5);
  const terms = {
    digest: 'cd'.repeat(32) as Digest,
    parties: 5,
    frameElements: 2,
    owners: [],
    recipients: [],
  };
  const x = sharesOf(fieldVectorOf([3n, -5n, 7n, 11n, 13n]), scheme);
  const results = await Promise.all(
    transports.map(async (transport, i) => {
      const party = await Party.join(new Session(terms, transport.nonce, transport), scheme, 'malicious');
      return drive(
        (function* () {
          return yield* open(yield* multiply(party.context, x[i]!, x[i]!));
        })(),
        party,
      );
    }),
  );
  for (const result of results) expect(bigintsOf(result)).toEqual([9n, 25n, 49n, 121n, 169n]);
}, 60_000);
