import type { Digest, KeyId } from '../../base/brand.ts';
import { ringSizeOf } from '../../ckks/slots/circuit.ts';
import type { SlotInputs, SlotOutputs } from '../../ckks/slots/execute.ts';
import type { EvaluationKeyBytes } from '../../ckks/slots/keys.ts';
import {
  evaluationKeyLength,
  evaluationKeysOf,
  publicKeyBytes,
  slotCiphertextBytes,
} from '../../ckks/slots/keys.ts';
import type { EnvelopeExpectation, EnvelopeItem } from '../../trust/envelope.ts';
import { openEnvelope, sealEnvelope } from '../../trust/envelope.ts';
import type { Identity, PublicIdentity } from '../../trust/identity.ts';
import type { AnyAgreement } from './agreement.ts';

/** Who brings inputs. */
export type InputSide = 'contracts' | 'market';

/** Something of each owner of inputs; the market has none where it is public. */
export type BySide<T> = { readonly contracts: T; readonly market?: T | undefined };

/** Keys travel whole: evaluators of every kind read them. */
const KEY_FORM = 'full';
/** Label of batches; the terms say where they may be evaluated. */
const RESIDENCY = 'pricing';

/**
 * The messages of encrypted pricing. Each is a signed envelope whose header has the digest of the agreement in place of a circuit's: it
 * covers the circuit, the public reference and the batch. Receivers derive what they expect from their own agreement.
 */
type Message = Pick<EnvelopeExpectation, 'kind' | 'answers' | 'items'>;

const headerOf = ({ digest, plan }: AnyAgreement, key: KeyId, message: Message) =>
  ({
    ...message,
    parameters: plan.parameters.digest,
    key,
    circuit: digest,
    residency: RESIDENCY,
  }) as const;

const seal = (
  agreement: AnyAgreement,
  key: KeyId,
  message: Message,
  items: readonly Uint8Array[],
  sender: Identity,
): Uint8Array => sealEnvelope(headerOf(agreement, key, message), items, sender);

const open = (
  agreement: AnyAgreement,
  key: KeyId,
  message: Message,
  bytes: Uint8Array,
  sender: PublicIdentity,
): readonly Uint8Array[] =>
  openEnvelope(bytes, {
    ...headerOf(agreement, key, message),
    sender,
    mayBeAbsent: false,
  }) as readonly Uint8Array[];

function publicKeyMessage({ plan }: AnyAgreement): Message {
  const bytes = publicKeyBytes(ringSizeOf(plan));
  const level = plan.parameters.dataPrimeBits.length;
  return {
    kind: 'evaluationKeys',
    answers: '',
    items: [{ name: 'public key', length: 0, level, scaleBits: 0, bytes }],
  };
}

function evaluationKeyMessage({ plan }: AnyAgreement): Message {
  const { relinearisation, galois } = evaluationKeyLength(
    ringSizeOf(plan),
    evaluationKeysOf(plan.program),
    KEY_FORM,
  );
  const level = plan.parameters.dataPrimeBits.length;
  const items = Object.entries({ relinearisation, galois })
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => ({ name, length: 0, level, scaleBits: 0, bytes }));
  return { kind: 'evaluationKeys', answers: '', items };
}

function inputMessage({ plan, inputs }: AnyAgreement, side: InputSide): Message {
  const { degree } = plan.parameters;
  const items = inputs[side].flatMap((name) => {
    const { length, blocks, level, scale } = plan.program.inputs.find((input) => input.name === name)!;
    const bytes = slotCiphertextBytes(degree, level, 'full');
    return Array.from(
      { length: blocks },
      (_, block): EnvelopeItem => ({
        name: `${name} ${block}`,
        length,
        level,
        scaleBits: Math.log2(scale),
        bytes,
      }),
    );
  });
  return { kind: 'inputCiphertexts', answers: '', items };
}

function resultMessage({ plan }: AnyAgreement, answers: Digest): Message {
  const { degree } = plan.parameters;
  const items = plan.program.outputs.flatMap(({ name, length, registers }) =>
    registers.map((register, block): EnvelopeItem => {
      const { level, scale, components } = plan.program.instructions[register]!;
      const bytes = slotCiphertextBytes(degree, level, 'full', components);
      return { name: `${name} ${block}`, length, level, scaleBits: Math.log2(scale), bytes };
    }),
  );
  return { kind: 'resultCiphertexts', answers, items };
}

/** The key owner's word to owners of inputs. */
export function sealPublicKey(
  agreement: AnyAgreement,
  key: KeyId,
  bytes: Uint8Array,
  sender: Identity,
): Uint8Array {
  return seal(agreement, key, publicKeyMessage(agreement), [bytes], sender);
}

/** @throws IntegrityError for another sender, key or agreement. */
export function openPublicKey(
  agreement: AnyAgreement,
  key: KeyId,
  bytes: Uint8Array,
  sender: PublicIdentity,
): Uint8Array {
  return open(agreement, key, publicKeyMessage(agreement), bytes, sender)[0]!;
}

export const EVALUATION_KEY_FORM: typeof KEY_FORM = KEY_FORM;

/** The key owner's word to the evaluator. */
export function sealEvaluationKeys(
  agreement: AnyAgreement,
  key: KeyId,
  { relinearisation, galois }: EvaluationKeyBytes,
  sender: Identity,
): Uint8Array {
  const items = [relinearisation, galois].filter((item) => item !== undefined);
  return seal(agreement, key, evaluationKeyMessage(agreement), items, sender);
}

/** @throws IntegrityError for another sender, key or agreement. */
export function openEvaluationKeys(
  agreement: AnyAgreement,
  key: KeyId,
  bytes: Uint8Array,
  sender: PublicIdentity,
): EvaluationKeyBytes {
  const message = evaluationKeyMessage(agreement);
  const items = open(agreement, key, message, bytes, sender);
  return {
    form: KEY_FORM,
    ...Object.fromEntries(message.items.map(({ name }, i) => [name, items[i]!])),
  };
}

/** An input owner's ciphertexts. */
export function sealInputs(
  agreement: AnyAgreement,
  key: KeyId,
  side: InputSide,
  inputs: SlotInputs,
  sender: Identity,
): Uint8Array {
  const items = agreement.inputs[side].flatMap((name) => inputs[name]!.blocks);
  return seal(agreement, key, inputMessage(agreement, side), items, sender);
}

/** @throws IntegrityError for another sender, key, agreement or side. */
export function openInputs(
  agreement: AnyAgreement,
  key: KeyId,
  side: InputSide,
  bytes: Uint8Array,
  sender: PublicIdentity,
): SlotInputs {
  const items = [...open(agreement, key, inputMessage(agreement, side), bytes, sender)];
  return Object.fromEntries(
    agreement.inputs[side].map((name) => {
      const { blocks } = agreement.plan.program.inputs.find((input) => input.name === name)!;
      return [name, { form: 'full', blocks: items.splice(0, blocks) }];
    }),
  );
}

/** The evaluator's answer. @param answers what was evaluated, see {@link requestOf}. */
export function sealResults(
  agreement: AnyAgreement,
  key: KeyId,
  answers: Digest,
  outputs: SlotOutputs,
  sender: Identity,
): Uint8Array {
  const items = agreement.plan.program.outputs.flatMap(({ name }) => outputs[name]!);
  return seal(agreement, key, resultMessage(agreement, answers), items, sender);
}

/** @throws IntegrityError for another sender, key or agreement, or an answer to other inputs. */
export function openResults(
  agreement: AnyAgreement,
  key: KeyId,
  answers: Digest,
  bytes: Uint8Array,
  sender: PublicIdentity,
): SlotOutputs {
  const items = [...open(agreement, key, resultMessage(agreement, answers), bytes, sender)];
  return Object.fromEntries(
    agreement.plan.program.outputs.map(({ name, registers }) => [name, items.splice(0, registers.length)]),
  );
}
