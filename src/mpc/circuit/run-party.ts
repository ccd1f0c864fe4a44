import type { FieldVector } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import { drive } from '../engine/drive.ts';
import { Party } from '../engine/party.ts';
import { elementsOf } from '../plan.ts';
import { guarded, partiesOf } from '../roles.ts';
import type { Session } from '../session.ts';
import type { CircuitPlan } from './plan-circuit.ts';
import { runCircuit } from './run-circuit.ts';

/** Rounds and products that a party counted. */
export type PartyCount = { readonly rounds: number; readonly fieldProducts: number };

/** Owners deal in the first round, while parties agree on keys. */
const DEAL = 1;

/**
 * A party's whole part of a circuit: agree on keys with its peers, take its shares from every owner, run the circuit with the peers, and send
 * each recipient the shares of its outputs, once everything that was multiplied is verified.
 *
 * Who learns what: as the plan says. Whatever fails ends the session, tells peers and recipients, and nothing is sent to a recipient.
 * @throws ProtocolError, TransportError, AbortError.
 */
export async function runCircuitParty(session: Session, plan: CircuitPlan): Promise<PartyCount> {
  const peers = partiesOf(plan).filter((party) => party !== session.self);
  const recipients = plan.recipients.map(({ endpoint }) => endpoint);
  return guarded(session, [...peers, ...recipients], async () => {
    const inputs: Record<string, FieldVector> = {};
    const taking = plan.owners.map(async (owner) => {
      const received = await session.receive(owner.endpoint, DEAL, 'inputShare', elementsOf(owner));
      let start = 0;
      for (const { name, length } of owner.vectors) {
        inputs[name] = received.slice(start, start + length);
        start += length;
      }
      received.wipe();
    });
    const joining = Party.join(session, plan, plan.security);
    // Both are awaited before either failure is thrown: no promise is left behind.
    const [joined, ...taken] = await Promise.allSettled([joining, ...taking]);
    for (const settled of [...taken, joined]) if (settled.status === 'rejected') throw settled.reason;
    const party = (joined as PromiseFulfilledResult<Party>).value;
    const outputs = await drive(runCircuit(party.context, plan.circuit, plan.format, inputs), party);
    for (const { endpoint } of plan.owners) session.checkNothingFollows(endpoint);
    await Promise.all(
      plan.recipients.map(async ({ endpoint, vectors }) => {
        const mine = loadField127().concat(vectors.map(({ name }) => outputs[name]!.v));
        await session.send(endpoint, plan.rounds, 'outputShare', mine);
      }),
    );
    // Not before: an output may be an input.
    for (const vector of Object.values(inputs)) vector.wipe();
    for (const { v } of Object.values(outputs)) v.wipe();
    return { rounds: party.rounds, fieldProducts: party.products };
  });
}
