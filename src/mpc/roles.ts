import type { AffineMap } from '../algebra/affine.ts';
import type { Circuit, InputSpec, Power } from '../algebra/circuit.ts';
import { checkInput } from '../algebra/plain.ts';
import { concatBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { concatVectors, FieldVector } from '../kernels/field-vector.ts';
import { loadField61 } from '../kernels/field61.ts';
import { loadField127 } from '../kernels/field127.ts';
import { evaluateShares } from './evaluate.ts';
import { decodeFixed, encodeFixed } from './field.ts';
import { bitCount, type InputRange, inputRange, rangeBits } from './input-range.ts';
import { elementsOf, type MpcPlan, type OutsideRole, vectorBytes } from './plan.ts';
import type { Session } from './session.ts';
import { dealShares, reconstruct, reconstructRobust, type Share, type SharingScheme } from './sharing.ts';

/** The round in which owners deal. Recipients open in the last one of the plan. */
const DEAL = 1;

/** What an owner or a recipient needs of a plan, linear or not. */
export type RolePlan = SharingScheme & {
  readonly circuit: Circuit<string, string, Power>;
  /** Against parties and owners that deviate, inputs come with the bits that prove their range. */
  readonly security: 'malicious' | 'semiHonest';
  readonly inputFracBits: Readonly<Record<string, number>>;
  readonly resultFracBits: Readonly<Record<string, number>>;
  readonly rounds: number;
  /** Where the opened integers are only M x. */
  readonly map?: AffineMap;
};

/** The ranges that an owner proves of its inputs, in their order; none among semi-honest parties. */
export function dealtRanges(
  { circuit, security, inputFracBits }: Pick<RolePlan, 'circuit' | 'security' | 'inputFracBits'>,
  { vectors }: OutsideRole,
): readonly InputRange[] {
  if (security !== 'malicious') return [];
  return vectors.map(({ name }) => inputRange(circuit.inputs[name]!, inputFracBits[name]!));
}

/** Bytes of the message that an owner sends a party: the elements of all its inputs, then the bits of all. */
export function dealtBytes(owner: OutsideRole, ranges: readonly InputRange[]): number {
  return vectorBytes(owner) + BIT_BYTES * ranges.reduce((bits, range) => bits + bitCount(range), 0);
}

/** A bit is shared modulo 2^61 - 1. */
const BIT_BYTES = 8;

/**
 * An owner's whole part: check its vectors against their declared bounds while they are clear, deal them,
 * where `malicious` with the bits that prove these bounds, and leave.
 *
 * Secrecy: parties learn nothing from up to t shares; nobody else receives any. The owner learns nothing.
 * Cost: one message a party, 16 bytes an element and, where it proves its range, 8 bytes a bit.
 * @throws ShapeError, RangeError for what is not as declared, before anything is sent.
 */
export async function runOwner(
  session: Session,
  plan: RolePlan,
  owner: OutsideRole,
  inputs: Readonly<Record<string, Float64Array>>,
): Promise<void> {
  const parties = partiesOf(plan);
  await guarded(session, parties, async () => {
    const encoded = owner.vectors.map(({ name }) => {
      const x = inputs[name] ?? new Float64Array(0);
      const spec = plan.circuit.inputs[name]!;
      checkInput(name, x, spec);
      return encodeFixed(withinBounds(x, spec), plan.inputFracBits[name]!);
    });
    const ranges = dealtRanges(plan, owner);
    const bits = ranges.map((range, i) => rangeBits(encoded[i]!, range));
    const secrets = [concatVectors(encoded), ...(bits.length > 0 ? [concatVectors(bits)] : [])];
    const shares = secrets.map((secret) =>
      dealShares(secret.width === 1 ? loadField61() : loadField127(), secret, plan),
    );
    wipe([...encoded, ...bits, ...secrets]);
    try {
      await Promise.all(
        parties.map((party) => {
          const message = concatBytes(shares.map((of) => of[party - 1]!.bytes));
          return session.sendBytes(party, DEAL, 'inputShare', message).finally(() => message.fill(0));
        }),
      );
    } finally {
      wipe(shares.flat());
    }
  });
}

/** What {@link checkInput} lets pass beyond a bound is rounding: it is rounded back. */
function withinBounds(
  x: Float64Array,
  { bound, range: [low, high] = [-bound, bound] }: InputSpec,
): Float64Array {
  return x.map((value) => Math.min(Math.max(value, low, -bound), high, bound));
}

/**
 * A party's whole part: take its shares from every owner, apply the public matrix, send each recipient the
 * shares of its outputs.
 *
 * Secrecy: it sees one share of everything, which is uniform; output shares go to the plan's recipients only.
 * Cost: one message a recipient, 16 bytes an element; the matrix product is local.
 */
export async function runParty(session: Session, plan: MpcPlan): Promise<void> {
  await guarded(
    session,
    plan.recipients.map(({ endpoint }) => endpoint),
    async () => {
      const x = new FieldVector(plan.map.matrix.cols);
      await Promise.all(
        plan.owners.map(async (owner) => {
          const received = await session.receive(owner.endpoint, DEAL, 'inputShare', elementsOf(owner));
          let start = 0;
          for (const { offset, length } of owner.vectors) {
            x.limbs.set(received.limbs.subarray(2 * start, 2 * (start + length)), 2 * offset);
            start += length;
          }
          received.wipe();
        }),
      );
      const y = await evaluateShares(plan, x, (during) => session.check(during));
      x.wipe();
      for (const { endpoint } of plan.owners) session.checkNothingFollows(endpoint);
      await Promise.all(
        plan.recipients.map(async ({ endpoint, vectors }) => {
          const mine = concatVectors(vectors.map(({ offset, length }) => y.slice(offset, offset + length)));
          await session.send(endpoint, plan.rounds, 'outputShare', mine);
          mine.wipe();
        }),
      );
      y.wipe();
    },
  );
}

/**
 * A recipient's whole part: take all n parties' shares of its outputs, check that they are consistent, and
 * only then read them.
 *
 * Who learns what: the recipient learns its outputs as exact integers over 2^F, that is, with all digits,
 * which says more than the rounded figure does (a single exact combination of few-valued inputs may identify
 * them); release policy is the caller's. Semi-honest parties learn nothing. Integrity: up to t parties that
 * send wrong shares are noticed, see {@link reconstruct}; with `onWrong` and n >= 3t + 1 they are corrected, as are parties that send nothing or
 * nonsense, and named to it: the outputs are then right in spite of them ({@link reconstructRobust}).
 * @throws ProtocolError with `facts.check` = 'degree' for inconsistent shares that are not corrected; nothing is returned then.
 */
export async function runRecipient(
  session: Session,
  plan: RolePlan,
  recipient: OutsideRole,
  { onWrong }: { readonly onWrong?: (parties: readonly number[]) => void } = {},
): Promise<Record<string, Float64Array>> {
  return guarded(session, [], async () => {
    const correcting = onWrong !== undefined && plan.parties >= 3 * plan.threshold + 1;
    const taking = partiesOf(plan).map(async (party): Promise<Share> => {
      const vector = await session.receive(party, plan.rounds, 'outputShare', elementsOf(recipient));
      return { party, vector };
    });
    const shares = correcting
      ? (await Promise.allSettled(taking)).flatMap((of) => (of.status === 'fulfilled' ? [of.value] : []))
      : await Promise.all(taking);
    session.check('opening');
    // Who is silent deviates: with more than t of them the others may be wrong as well, and nothing would show it.
    if (shares.length < plan.parties - plan.threshold) {
      throw new ProtocolError(
        `expected shares of at least ${plan.parties - plan.threshold} parties, found ${shares.length}; nothing was opened: start a new session`,
        { check: 'count', expected: plan.parties - plan.threshold, found: shares.length },
      );
    }
    if (!correcting) for (const { party } of shares) session.checkNothingFollows(party);
    const { secret: opened, wrong } = correcting
      ? reconstructRobust(loadField127(), shares, plan)
      : { secret: reconstruct(loadField127(), shares, plan), wrong: [] };
    if (wrong.length > 0) onWrong?.(wrong);
    for (const { vector } of shares) vector.wipe();
    let start = 0;
    const outputs = recipient.vectors.map(({ name, offset, length }) => {
      const y = decodeFixed(opened.slice(start, start + length), plan.resultFracBits[name]!);
      start += length;
      const { map } = plan;
      return [name, map ? y.map((value, i) => value + map.constant[offset + i]!) : y] as const;
    });
    opened.wipe();
    return Object.fromEntries(outputs);
  });
}

/** The numbers of the parties. */
export function partiesOf({ parties }: { readonly parties: number }): number[] {
  return Array.from({ length: parties }, (_, i) => i + 1);
}

function wipe(vectors: readonly FieldVector[]): void {
  for (const vector of vectors) vector.wipe();
}

/** Runs a role; whatever fails ends the session and tells those who wait for this endpoint. */
export async function guarded<T>(
  session: Session,
  dependents: readonly number[],
  role: () => Promise<T>,
): Promise<T> {
  try {
    return await role();
  } catch (error) {
    await session.abandon(dependents, error);
    throw error;
  }
}
