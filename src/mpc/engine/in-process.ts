import { digestOf } from '../../base/digest.ts';
import type { RunOptions } from '../../base/progress.ts';
import { randomBytes } from '../../base/random.ts';
import { ELEMENT_BYTES } from '../../kernels/field-vector.ts';
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES, SESSION_BYTES } from '../frame.ts';
import { InProcessNetwork, type Traffic } from '../in-process-transport.ts';
import { Session } from '../session.ts';
import { checkScheme, type SharingScheme } from '../sharing.ts';
import { drive } from './drive.ts';
import { Party } from './party.ts';
import type { Context, Protocol, Security } from './protocol.ts';

/** What every party's protocol returned, and what was sent in all. */
export type InProcessRun<T> = {
  readonly results: readonly T[];
  readonly rounds: number;
  readonly traffic: Traffic;
};

/**
 * Runs a protocol with all n parties in this process: the same code, messages and checks as across a network, for rehearsal, tests and
 * benches. It protects nothing from this process.
 * @throws ProtocolError, TransportError, AbortError: the first failure of any party.
 */
export async function runProtocol<T>(
  scheme: SharingScheme,
  security: Security,
  protocol: (context: Context, self: number) => Protocol<T>,
  { signal }: Pick<RunOptions, 'signal'> = {},
): Promise<InProcessRun<T>> {
  checkScheme(scheme);
  const network = new InProcessNetwork(scheme.parties);
  const frameElements = Math.floor((MAX_FRAME_BYTES - FRAME_HEADER_BYTES) / ELEMENT_BYTES);
  const terms = {
    digest: digestOf('blindrisk/mpc-protocol/1', { ...scheme, security }),
    parties: scheme.parties,
    frameElements,
    owners: [],
    recipients: [],
  };
  const nonce = randomBytes(SESSION_BYTES);
  const everybody = Array.from({ length: scheme.parties }, (_, i) => i + 1);
  let rounds = 0;
  const results = await Promise.all(
    everybody.map(async (self) => {
      const session = new Session(terms, nonce, network.endpoint(self), { signal });
      try {
        const party = await Party.join(session, scheme, security);
        const result = await drive(protocol(party.context, self), party);
        rounds = party.rounds;
        return result;
      } catch (error) {
        await session.abandon(
          everybody.filter((party) => party !== self),
          error,
        );
        throw error;
      }
    }),
  );
  return { results, rounds, traffic: network.traffic() };
}
