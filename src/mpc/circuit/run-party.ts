import { FieldVector, type Width } from '../../kernels/field-vector.ts';
import { loadField127 } from '../../kernels/field127.ts';
import type { BitStock } from '../engine/bit-stock.ts';
import { drive } from '../engine/drive.ts';
import { Party } from '../engine/party.ts';
import { bitCount } from '../input-range.ts';
import type { OutsideRole } from '../plan.ts';
import { dealtBytes, dealtRanges, guarded, partiesOf } from '../roles.ts';
import type { Session } from '../session.ts';
import type { CircuitPlan } from './plan-circuit.ts';
import { type DealtInput, runDealtCircuit } from './run-dealt.ts';

/** Rounds and products that a party counted. */
export type PartyCount = { readonly rounds: number; readonly fieldProducts: number };

/** Owners deal in the first round, while parties agree on keys. */
const DEAL = 1;

/**
 * A party's whole part of a circuit: agree on keys with its peers, take its shares from every owner, prove with the peers that they lie within their bounds, run the circuit, and send
 * each recipient the shares of its outputs, once everything that was multiplied is verified.
 *
 * @param stock random bits that all parties made ahead together; for a plan with `prepared`.
 * Who learns what: as the plan says. Whatever fails ends the session, tells peers and recipients, and nothing is sent to a recipient.
 * @throws ProtocolError, TransportError, AbortError.
 */
export async function runCircuitParty(
  session: Session,
  plan: CircuitPlan,
  stock?: BitStock,
): Promise<PartyCount> {
  const peers = partiesOf(plan).filter((party) => party !== session.self);
  const recipients = plan.recipients.map(({ endpoint }) => endpoint);
  return guarded(session, [...peers, ...recipients], async () => {
    const dealt: Record<string, DealtInput> = {};
    const taking = plan.owners.map((owner) => takeInputs(session, plan, owner, dealt));
    const joining = Party.join(session, plan, plan.security, stock);
    // Both are awaited before either failure is thrown: no promise is left behind.
    const [joined, ...taken] = await Promise.allSettled([joining, ...taking]);
    for (const settled of [...taken, joined]) if (settled.status === 'rejected') throw settled.reason;
    const party = (joined as PromiseFulfilledResult<Party>).value;
    const outputs = await drive(runDealtCircuit(party.context, plan.circuit, plan.format, dealt), party);
    for (const { endpoint } of plan.owners) session.checkNothingFollows(endpoint);
    await Promise.all(
      plan.recipients.map(async ({ endpoint, vectors }) => {
        const mine = loadField127().concat(vectors.map(({ name }) => outputs[name]!.v));
        await session.send(endpoint, plan.rounds, 'outputShare', mine);
      }),
    );
    // Not before: an output may be an input.
    for (const { value, bits } of Object.values(dealt)) {
      value.wipe();
      bits?.wipe();
    }
    for (const { v } of Object.values(outputs)) v.wipe();
    return { rounds: party.rounds, fieldProducts: party.products };
  });
}

/** Takes one owner's message: its inputs, and the bits that prove their ranges. */
async function takeInputs(
  session: Session,
  plan: CircuitPlan,
  owner: OutsideRole,
  dealt: Record<string, DealtInput>,
): Promise<void> {
  const ranges = dealtRanges(plan, owner);
  const message = new Uint8Array(dealtBytes(owner, ranges));
  await session.receiveBytes(owner.endpoint, DEAL, 'inputShare', message, DEAL);
  session.checkNothingFollows(owner.endpoint);
  let at = 0;
  const take = (length: number, width: Width): FieldVector => {
    const vector = new FieldVector(length, width);
    vector.bytes.set(message.subarray(at, at + vector.bytes.length));
    at += vector.bytes.length;
    session.checkCanonical(owner.endpoint, DEAL, vector);
    return vector;
  };
  const values = owner.vectors.map(({ length }) => take(length, 2));
  owner.vectors.forEach(({ name }, i) => {
    const range = ranges[i];
    const proof = range && { range, bits: take(bitCount(range), 1) };
    dealt[name] = { owner: owner.name, value: values[i]!, ...proof };
  });
  message.fill(0);
}
