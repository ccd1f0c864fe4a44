import type { Digest } from '../../src/base/brand.ts';
import { FRAME_HEADER_BYTES } from '../../src/mpc/frame.ts';
import { type TlsOptions, TlsTransport } from '../../src/mpc/node/index.ts';
import { createTlsIdentity } from '../../src/trust/certificate.ts';
import { freePorts } from './party-processes.ts';

/** Longest payload of a frame. */
export const PAYLOAD: number = 2 ** 20;

/** The transports of so many parties, all in this process, over TLS on the loopback interface. */
export async function connectParties(
  parties: number,
  options: Partial<TlsOptions> = {},
): Promise<readonly TlsTransport[]> {
  const numbers = Array.from({ length: parties }, (_, i) => i + 1);
  const ids = numbers.map((party) => createTlsIdentity(`party ${party}`));
  const ports = await freePorts(parties);
  const peers = numbers.map((endpoint, i) => ({
    endpoint,
    name: `party ${endpoint}`,
    pin: ids[i]!.pin,
    address: { host: '127.0.0.1', port: ports[i]! },
  }));
  return Promise.all(
    numbers.map((self, i) =>
      TlsTransport.connect({
        self,
        parties,
        credentials: ids[i]!,
        listen: peers[i]!.address,
        peers: peers.filter(({ endpoint }) => endpoint !== self),
        session: 'test',
        plan: 'ab'.repeat(32) as Digest,
        frameBytes: FRAME_HEADER_BYTES + PAYLOAD,
        connectMs: 60_000,
        silenceMs: 60_000,
        ...options,
      }),
    ),
  );
}
