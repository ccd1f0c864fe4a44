import { connect, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTls, listenTls, peerPin } from '../../../../src/mpc/node/tls.ts';
import { createTlsIdentity } from '../../../../src/trust/certificate.ts';
import { freePorts } from '../../../support/party-processes.ts';

const server = createTlsIdentity('server');
const client = createTlsIdentity('client');
let listening: Server;
let port: number;
const arrived: TLSSocket[] = [];

beforeAll(async () => {
  port = (await freePorts(1))[0]!;
  listening = await listenTls(server, { host: '127.0.0.1', port }, 20, (socket) => {
    socket.on('error', () => {}).resume();
    arrived.push(socket);
  });
});
afterAll(() => {
  for (const socket of arrived) socket.destroy();
  listening.close();
});

/** The server's side of the next connection. */
async function accepted(count: number): Promise<TLSSocket> {
  await expect.poll(() => arrived.length, { timeout: 10_000 }).toBe(count);
  return arrived[count - 1]!;
}

describe('a connection', () => {
  test('shows both sides the key of the other', async () => {
    const socket = await connectTls(client, { host: '127.0.0.1', port }, AbortSignal.timeout(10_000));
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(peerPin(socket)).toBe(server.pin);
    expect(peerPin(await accepted(1))).toBe(client.pin);
    socket.destroy();
  });

  test('is refused with an older TLS', async () => {
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      connect({ host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' }).once(
        'error',
        resolve,
      );
    });
    expect(error.code).toMatch(/ALERT_PROTOCOL_VERSION/);
  });

  test.each([
    ['without a certificate', { ALPNProtocols: ['blindrisk-mpc/1'] }],
    ['for another protocol', { cert: client.certificate, key: client.privateKey }],
  ])('%s has no pin', async (_, options) => {
    const before = arrived.length;
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }).on(
      'error',
      () => {},
    );
    expect(peerPin(await accepted(before + 1))).toBeUndefined();
    socket.destroy();
  });

  test('with a certificate of somebody else cannot even be tried without its key', async () => {
    const stolen = { certificate: client.certificate, privateKey: server.privateKey };
    await expect(
      connectTls(stolen, { host: '127.0.0.1', port }, AbortSignal.timeout(10_000)),
    ).rejects.toThrow();
  });

  test('waits for a listener until its time is up', async () => {
    const [free] = await freePorts(1);
    const started = performance.now();
    await expect(
      connectTls(client, { host: '127.0.0.1', port: free! }, AbortSignal.timeout(300)),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - started).toBeGreaterThan(250);
  });
});
