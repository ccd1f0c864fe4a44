import type { Segment } from '../../algebra/affine.ts';
import type { Circuit, InputSpec, Power } from '../../algebra/circuit.ts';
import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import { PlanError, PrecisionError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/progress.ts';
import type { ErrorBound } from '../../domain/report.ts';
import { ELEMENT_BYTES } from '../../kernels/field-vector.ts';
import { type BitsNeeded, STOCK_PAYLOADS, STOCK_ROUNDS } from '../engine/bit-stock.ts';
import { countCost, type ProtocolCost } from '../engine/count.ts';
import { KEY_ROUNDS } from '../engine/key-sets.ts';
import type { Context, Protocol, Security } from '../engine/protocol.ts';
import { shapeVector } from '../engine/shapes.ts';
import { keyPayloads, payloadBytes } from '../engine/traffic.ts';
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from '../frame.ts';
import { bitCount, inputRange } from '../input-range.ts';
import {
  bytesOnWire,
  frameCount,
  type MpcCost,
  type OutsideRole,
  outsideRoles,
  vectorBytes,
} from '../plan.ts';
import { dealtBytes, dealtRanges } from '../roles.ts';
import { checkScheme, type SharingScheme } from '../sharing.ts';
import type { CircuitFormat } from './run-circuit.ts';
import { runDealtCircuit } from './run-dealt.ts';

/**
 * Everything public about a session that computes a circuit with products or comparisons: as an {@link MpcPlan} is for a linear
 * one. All participants derive it from the same circuit and options, and their frames name its digest.
 */
export type CircuitPlan<I extends string = string, O extends string = string> = SharingScheme &
  MpcCost & {
    readonly circuit: Circuit<I, O, Power>;
    readonly digest: Digest;
    readonly security: Security;
    readonly format: CircuitFormat;
    /** Inputs and outputs, stacked in their order. */
    readonly inputs: readonly Segment[];
    readonly outputs: readonly Segment[];
    readonly owners: readonly OutsideRole[];
    readonly recipients: readonly OutsideRole[];
    /** Parties, owners and recipients; endpoints are numbered from 1 in that order. */
    readonly endpoints: number;
    readonly frameElements: number;
    readonly inputFracBits: Readonly<Record<I, number>>;
    readonly resultFracBits: Readonly<Record<O, number>>;
    /**
     * Distance from the circuit in exact arithmetic, for inputs within their bounds, in which each comparison of values nearer to each
     * other than their own errors may go either way.
     */
    readonly error: Readonly<Record<O, ErrorBound>>;
    /**
     * Whether rounds, messages, bytes and products are those of every run, or of a typical one: order statistics and sorts of 24 values or more, if a mask hides
     * them with their tie bits, take as many comparisons as the random order into which they are shuffled asks for, whatever the values are. docs/protocols.md says by how much.
     */
    readonly costKnown: 'exact' | 'typical';
    /** Random bits that comparisons take: what `prepareBits` can make ahead. With `prepared` they are not in the cost. */
    readonly comparisonBits: readonly BitsNeeded[];
    readonly prepared: boolean;
    /** Bytes that each party sends to other parties, headers included, in their order. */
    readonly bytesSent: readonly number[];
    /** Products of field elements that one party makes, outside of dealing and interpolating. */
    readonly fieldProducts: number;
  };

export type CircuitOptions<I extends string = string, O extends string = string> = {
  /** n, from 3 to 7. */
  readonly parties: number;
  /** t < n / 2. */
  readonly threshold: number;
  /** Default `malicious`. */
  readonly security?: Security;
  /** Fraction bits of values; default: as many as the declared bounds leave, at most 40. */
  readonly fractionBits?: number;
  /** Whether truncations round to the nearest, at the cost of a comparison each. Default false: by chance. */
  readonly exactTruncation?: boolean;
  /** Whether parties bring a stock of random bits that they made ahead. Default false. */
  readonly prepared?: boolean;
  /** The largest acceptable absolute error of any element of any output. Default: whatever the field gives. */
  readonly precision?: number;
  /** Who brings an input. Default: `owner` brings all. */
  readonly owners?: Readonly<Partial<Record<I, string>>>;
  /** Who learns an output. Default: `recipient` learns all. */
  readonly recipients?: Readonly<Partial<Record<O, readonly string[]>>>;
  /** Longest frame in bytes: longer messages travel in several. Default and maximum 16 MiB. */
  readonly frameBytes?: number;
  readonly signal?: AbortSignal | undefined;
};

const MOST_FRACTION_BITS = 40;

/**
 * Plans any circuit on Shamir shares: chooses the fraction bits, proves that nothing can overflow or outgrow its mask, bounds the error, and
 * counts rounds, bytes and products by running the protocols on lengths alone.
 *
 * Who learns what: recipients their outputs, rounded to the plan's fraction bits (of which the last few are by chance); up to t parties
 * nothing, however they deviate (`malicious`) or as long as they follow the protocol (`semiHonest`). See docs/protocols.md for
 * every protocol and its probabilities.
 * Cost: a few milliseconds; more for long sorting networks.
 * @throws ParametersError for n or t out of range; PlanError where the declared bounds leave no format; PrecisionError
 * where none is as precise as asked.
 */
export async function planCircuit<I extends string, O extends string>(
  circuit: Circuit<I, O, Power>,
  options: CircuitOptions<I, O>,
): Promise<CircuitPlan<I, O>> {
  const {
    parties,
    threshold,
    security = 'malicious',
    frameBytes = MAX_FRAME_BYTES,
    prepared = false,
  } = options;
  const scheme = { parties, threshold };
  checkScheme(scheme);
  const frameElements = Math.floor((frameBytes - FRAME_HEADER_BYTES) / ELEMENT_BYTES);
  if (!(frameElements >= 1 && frameBytes <= MAX_FRAME_BYTES)) {
    throw new PlanError(
      `expected frames of ${FRAME_HEADER_BYTES + ELEMENT_BYTES} to ${MAX_FRAME_BYTES} bytes, found ${frameBytes}`,
      { frameBytes },
    );
  }
  const ownerOf = (name: string): string => options.owners?.[name as I] ?? 'owner';
  const { format, cost, error, fracs } = await chooseFormat(circuit, scheme, security, ownerOf, options);
  const inputs = segmentsOf(
    Object.entries<InputSpec>(circuit.inputs).map(([name, { length }]) => [name, length]),
  );
  const outputs = segmentsOf(
    Object.entries<number>(circuit.outputs).map(([name, index]) => [name, circuit.nodes[index]!.length]),
  );
  const owners = outsideRoles(inputs, (name) => [ownerOf(name)], parties + 1);
  const recipients = outsideRoles(
    outputs,
    (name) => options.recipients?.[name as O] ?? ['recipient'],
    parties + 1 + owners.length,
  );
  const agreed = { circuit: circuit.digest, parties, threshold, security, frameElements, format, prepared };
  const traffic = trafficOf(scheme, security, cost, frameElements * ELEMENT_BYTES, prepared);
  const ranges = (role: OutsideRole) =>
    dealtRanges({ circuit, security, inputFracBits: inputFracBits(inputs, format.frac) }, role);
  const up = owners.map((role) => dealtBytes(role, ranges(role)));
  const down = recipients.map(vectorBytes);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const outsideBytes = (messages: readonly number[]) =>
    parties * sum(messages.map((bytes) => bytesOnWire(bytes, frameElements)));
  return {
    circuit,
    digest: digestOf('blindrisk/mpc-circuit-plan/1', { ...agreed, owners, recipients }),
    ...scheme,
    security,
    format,
    inputs,
    outputs,
    owners,
    recipients,
    endpoints: parties + up.length + down.length,
    frameElements,
    inputFracBits: inputFracBits(inputs, format.frac) as Record<I, number>,
    resultFracBits: fracs as Record<O, number>,
    error: error as Record<O, ErrorBound>,
    rounds: KEY_ROUNDS + (prepared ? STOCK_ROUNDS : 0) + cost.rounds.length + 1,
    messages:
      sum(traffic.map(({ messages }) => messages)) +
      parties * sum([...up, ...down].map((bytes) => frameCount(bytes, frameElements))),
    bytesUp: outsideBytes(up),
    bytesBetween: sum(traffic.map(({ bytes }) => bytes)),
    bytesDown: outsideBytes(down),
    comparisonBits: cost.bits,
    prepared,
    costKnown: cost.exact ? 'exact' : 'typical',
    bytesSent: traffic.map(({ bytes }) => bytes),
    fieldProducts: cost.products,
  };
}

type Chosen = {
  readonly format: CircuitFormat;
  readonly cost: ProtocolCost;
  readonly error: Record<string, ErrorBound>;
  readonly fracs: Record<string, number>;
};

/** The most fraction bits for which every value fits: what fits with some fits with fewer. */
async function chooseFormat<I extends string, O extends string>(
  circuit: Circuit<I, O, Power>,
  scheme: SharingScheme,
  security: Security,
  ownerOf: (input: string) => string,
  {
    fractionBits,
    exactTruncation = false,
    precision = Infinity,
    prepared = false,
    signal,
  }: CircuitOptions<I, O>,
): Promise<Chosen> {
  if (fractionBits !== undefined && !(Number.isInteger(fractionBits) && fractionBits >= 1)) {
    throw new PlanError(`expected a positive whole number of fraction bits, found ${fractionBits}`, {
      fractionBits,
    });
  }
  const attempt = (frac: number) =>
    tryFormat(circuit, scheme, security, ownerOf, prepared, { frac, exact: exactTruncation });
  let chosen: Chosen | undefined;
  if (fractionBits !== undefined) chosen = await attempt(fractionBits);
  else {
    let low = 1;
    let high = MOST_FRACTION_BITS;
    let refusal: unknown;
    while (low <= high) {
      throwIfAborted(signal, 'planning');
      const middle = (low + high) >> 1;
      try {
        chosen = await attempt(middle);
        low = middle + 1;
      } catch (error) {
        if (!(error instanceof PlanError)) throw error;
        refusal = error;
        high = middle - 1;
      }
    }
    if (chosen === undefined) throw refusal;
  }
  for (const [output, { absolute }] of Object.entries(chosen.error)) {
    // Written so that NaN fails it.
    if (!(absolute <= precision && absolute < Infinity)) {
      throw new PrecisionError(
        `output ${output}: expected an error of at most ${precision}, but ${chosen.format.frac} fraction bits allow ${absolute}; ` +
          'declare tighter input bounds or ask for less',
        { output, wanted: precision, reachable: absolute },
      );
    }
  }
  return chosen;
}

async function tryFormat(
  circuit: Circuit<string, string, Power>,
  scheme: SharingScheme,
  security: Security,
  ownerOf: (input: string) => string,
  prepared: boolean,
  format: CircuitFormat,
): Promise<Chosen> {
  const error: Record<string, ErrorBound> = {};
  const fracs: Record<string, number> = {};
  const inputs = Object.fromEntries(
    Object.entries(circuit.inputs).map(([name, spec]) => {
      const range = inputRange(spec, format.frac);
      const value = shapeVector(spec.length, 2);
      return [name, { owner: ownerOf(name), range, value, bits: shapeVector(bitCount(range), 1) }];
    }),
  );
  function* counted(context: Context): Protocol<void> {
    const outputs = yield* runDealtCircuit(context, circuit, format, inputs);
    for (const [name, value] of Object.entries(outputs)) {
      fracs[name] = value.frac;
      // Reading the integer back as a double rounds once.
      error[name] = { absolute: value.error + 2 ** -52 * value.magnitude, known: 'proved' };
    }
  }
  const cost = await countCost(scheme, security, counted, prepared);
  return { format, cost, error, fracs };
}

/** Messages and bytes that each party sends to the others, in their order. */
function trafficOf(
  scheme: SharingScheme,
  security: Security,
  { rounds }: ProtocolCost,
  frameBytes: number,
  prepared: boolean,
): { readonly messages: number; readonly bytes: number }[] {
  const parties = Array.from({ length: scheme.parties }, (_, i) => i + 1);
  return parties.map((from) => {
    let messages = 0;
    let bytes = 0;
    const send = (payload: number): void => {
      const frames = Math.ceil(payload / frameBytes);
      messages += frames;
      bytes += frames * FRAME_HEADER_BYTES + payload;
    };
    for (const to of parties) {
      if (to === from) continue;
      for (const payload of keyPayloads(scheme, from, to)) send(payload);
      if (prepared) for (const payload of STOCK_PAYLOADS) send(payload);
      for (const shape of rounds) send(payloadBytes(shape, scheme, security, from, to));
    }
    return { messages, bytes };
  });
}

function inputFracBits(inputs: readonly Segment[], frac: number): Record<string, number> {
  return Object.fromEntries(inputs.map(({ name }) => [name, frac]));
}

function segmentsOf(lengths: readonly (readonly [name: string, length: number])[]): Segment[] {
  let offset = 0;
  return lengths.map(([name, length]) => {
    const segment = { name, offset, length };
    offset += length;
    return segment;
  });
}
