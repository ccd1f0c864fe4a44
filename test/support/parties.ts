import type { Digest } from '../../src/base/brand.ts';
import { randomBytes } from '../../src/base/random.ts';
import type { FieldVector } from '../../src/kernels/field-vector.ts';
import { loadField61 } from '../../src/kernels/field61.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import { drive, type Host } from '../../src/mpc/engine/drive.ts';
import { Party } from '../../src/mpc/engine/party.ts';
import type { Context, Protocol, Security } from '../../src/mpc/engine/protocol.ts';
import { InProcessNetwork, type Intercept } from '../../src/mpc/in-process-transport.ts';
import { Session } from '../../src/mpc/session.ts';
import { dealShares, reconstruct, type SharingScheme } from '../../src/mpc/sharing.ts';

/** Shares of a vector, one a party in their order. */
export function sharesOf(secret: FieldVector, scheme: SharingScheme): FieldVector[] {
  return dealShares(secret.width === 1 ? loadField61() : loadField127(), secret, scheme);
}

/** The vector behind all shares, which have to be consistent. */
export function openShares(shares: readonly FieldVector[], scheme: SharingScheme): FieldVector {
  return reconstruct(
    shares[0]!.width === 1 ? loadField61() : loadField127(),
    shares.map((vector, i) => ({ party: i + 1, vector })),
    scheme,
  );
}

export type PartiesOptions = {
  readonly security?: Security;
  readonly intercept?: Intercept;
  readonly timeoutMs?: number;
  /** What a party runs instead of the protocol: an adversary that knows its own keys. */
  readonly corrupt?: (party: Party) => Host;
  readonly corrupted?: number;
};

export type PartyRun<T> = { readonly party: Party; readonly result: T };

export type Outcome<T> =
  | { readonly kind: 'result'; readonly value: T; readonly party: Party }
  | { readonly kind: 'failure'; readonly error: unknown };

/** Runs a protocol with all parties in this process; how it ended for each. */
export async function outcomes<T>(
  scheme: SharingScheme,
  protocol: (context: Context, self: number) => Protocol<T>,
  options: PartiesOptions = {},
): Promise<{ readonly parties: Outcome<T>[]; readonly network: InProcessNetwork }> {
  const { security = 'malicious', intercept, timeoutMs = 2000 } = options;
  const network = new InProcessNetwork(scheme.parties, intercept);
  const terms = {
    digest: '00' as Digest,
    parties: scheme.parties,
    frameElements: 2 ** 20,
    owners: [],
    recipients: [],
  };
  const nonce = randomBytes(16);
  const everybody = Array.from({ length: scheme.parties }, (_, i) => i + 1);
  const parties = await Promise.all(
    everybody.map(async (self): Promise<Outcome<T>> => {
      const session = new Session(terms, nonce, network.endpoint(self), { timeoutMs });
      try {
        const honest = await Party.join(session, scheme, security);
        const host = self === options.corrupted && options.corrupt ? options.corrupt(honest) : honest;
        return { kind: 'result', value: await drive(protocol(host.context, self), host), party: honest };
      } catch (error) {
        await session.abandon(everybody.filter((party) => party !== self));
        return { kind: 'failure', error };
      }
    }),
  );
  return { parties, network };
}

/** Runs a protocol with all parties in this process; their results in order. */
export async function runParties<T>(
  scheme: SharingScheme,
  protocol: (context: Context, self: number) => Protocol<T>,
  options: PartiesOptions = {},
): Promise<T[]> {
  const { parties } = await outcomes(scheme, protocol, options);
  return parties.map((outcome) => {
    if (outcome.kind === 'failure') throw outcome.error;
    return outcome.value;
  });
}
