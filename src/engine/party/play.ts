import type { Digest } from '../../base/brand.ts';
import { ParametersError } from '../../base/errors.ts';
import { runCircuitParty } from '../../mpc/circuit/run-party.ts';
import type { Traffic } from '../../mpc/in-process-transport.ts';
import type { TlsCredentials } from '../../mpc/node/tls.ts';
import { type TlsPeer, TlsTransport } from '../../mpc/node/tls-transport.ts';
import type { OutsideRole } from '../../mpc/plan.ts';
import { runOwner, runParty, runRecipient } from '../../mpc/roles.ts';
import { Session } from '../../mpc/session.ts';
import type { ClientSeat, PartyConfig, PartySeat } from './config.ts';
import { FRAME_BYTES, type SessionPlan, type Vectors } from './program.ts';

/** What an endpoint needs to take part, but for its role. */
export type Network = {
  readonly session: string;
  readonly credentials: TlsCredentials;
  readonly parties: readonly PartySeat[];
  readonly clients: readonly ClientSeat[];
  readonly plan: SessionPlan;
  /** What all agreed on besides, in a digest that covers the plan; the plan's if absent. */
  readonly agreed?: Digest | undefined;
  readonly timeouts: PartyConfig['timeouts'];
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Told when a client has dealt its inputs. */
  readonly onDealt?: (() => void) | undefined;
};

/** What an endpoint counted: frames and bytes that it sent, and the last round. */
export type Counted = Traffic & { readonly rounds: number };

/**
 * A computing party in this process, from its first connection to its last word.
 * @throws TransportError, ProtocolError, AbortError: they name a peer and a round. Nothing is opened then.
 */
export async function playParty(network: Network, self: number): Promise<Counted> {
  const { plan, parties } = network;
  const peers = [...partyPeers(network), ...clientPeers(network)].filter(({ endpoint }) => endpoint !== self);
  return connected(network, { self, listen: parties[self - 1]!.address, peers }, async (transport) => {
    const session = sessionOf(network, transport);
    if ('map' in plan) await runParty(session, plan);
    else await runCircuitParty(session, plan);
    return { ...transport.traffic, rounds: session.round };
  });
}

/**
 * A client in this process: deals its inputs, if it brings any, and opens its outputs, if any are for it.
 * @throws as {@link playParty}; RangeError, ShapeError for inputs that are not as declared, before anything is sent.
 */
export async function playClient(
  network: Network,
  name: string,
  inputs: Vectors,
): Promise<Counted & { readonly opened: Vectors | undefined }> {
  const { plan } = network;
  const { owner, recipient } = rolesOf(plan, name);
  const self = (owner ?? recipient)!.endpoint;
  return connected(network, { self, peers: partyPeers(network) }, async (transport) => {
    const dealing = owner && sessionOf(network, transport);
    if (owner && dealing) {
      await runOwner(dealing, plan, owner, inputs);
      network.onDealt?.();
    }
    // One who deals and opens does both over the same connections, as two endpoints.
    const opening = recipient && sessionOf(network, transport, recipient.endpoint);
    const opened = recipient && opening && (await runRecipient(opening, plan, recipient));
    return { opened, ...transport.traffic, rounds: (opening ?? dealing)!.round };
  });
}

async function connected<T>(
  { session, credentials, parties, plan, agreed, timeouts, signal, onNotice }: Network,
  own: { readonly self: number; readonly listen?: PartySeat['address']; readonly peers: readonly TlsPeer[] },
  play: (transport: TlsTransport) => Promise<T>,
): Promise<T> {
  const transport = await TlsTransport.connect({
    ...own,
    parties: parties.length,
    credentials,
    session,
    plan: agreed ?? plan.digest,
    frameBytes: FRAME_BYTES,
    ...timeouts,
    signal,
    onNotice,
  });
  try {
    return await play(transport);
  } finally {
    await transport.close();
  }
}

function sessionOf(
  { plan, timeouts, signal }: Network,
  transport: TlsTransport,
  self = transport.self,
): Session {
  return new Session(plan, transport.nonce, transport.as(self), { signal, timeoutMs: timeouts.messageMs });
}

function partyPeers({ parties }: Network): TlsPeer[] {
  return parties.map(({ address, pin }, i) => ({ endpoint: i + 1, name: `party ${i + 1}`, pin, address }));
}

function clientPeers({ plan, clients }: Network): TlsPeer[] {
  return clients.map(({ name, pin }) => {
    const { owner, recipient } = rolesOf(plan, name);
    const alias = owner && recipient?.endpoint;
    return { endpoint: (owner ?? recipient)!.endpoint, alias, name, pin };
  });
}

/** A client's endpoints. @throws ParametersError if it has none. */
function rolesOf(
  plan: SessionPlan,
  name: string,
): { readonly owner: OutsideRole | undefined; readonly recipient: OutsideRole | undefined } {
  const owner = plan.owners.find((role) => role.name === name);
  const recipient = plan.recipients.find((role) => role.name === name);
  if (owner === undefined && recipient === undefined) {
    throw new ParametersError(
      `client ${name} neither brings an input of the program nor opens an output; leave it out`,
      { name },
    );
  }
  return { owner, recipient };
}
