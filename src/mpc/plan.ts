import { type AffineMap, affineMapOf, type Segment } from '../algebra/affine.ts';
import type { Circuit, Operation, Power } from '../algebra/circuit.ts';
import type { Digest } from '../base/brand.ts';
import { digestOf } from '../base/digest.ts';
import { PlanError, PrecisionError, UnsupportedError } from '../base/errors.ts';
import type { ErrorBound } from '../domain/report.ts';
import { ELEMENT_BYTES } from '../kernels/field-vector.ts';
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from './frame.ts';
import { choosePrecision } from './precision.ts';
import { checkScheme, type SharingScheme } from './sharing.ts';

/**
 * Against whom a session keeps its inputs private. `semiHonest`: against any t parties (together with any
 * recipient, to whom they add nothing) that follow the protocol and put together all they saw. Correctness
 * holds against more: see {@link planMpc}.
 */
export type MpcSecurity = 'semiHonest';

/** An outside endpoint and the vectors that it brings or opens. */
export type OutsideRole = {
  readonly name: string;
  readonly endpoint: number;
  readonly vectors: readonly Segment[];
};

/**
 * Communication of a session, headers included. A round is one wave of messages that wait for nothing of
 * their own wave.
 */
export type MpcCost = {
  readonly rounds: number;
  readonly messages: number;
  /** From the owners to the parties. */
  readonly bytesUp: number;
  /** Among the parties, all together. */
  readonly bytesBetween: number;
  /** From the parties to the recipients. */
  readonly bytesDown: number;
};

/**
 * Everything public about a session: what is computed, by how many, who brings and who learns what, in which
 * formats, at which cost and with which error. All participants derive it from the same circuit and options,
 * and their frames name its digest.
 */
export type MpcPlan<I extends string = string, O extends string = string> = SharingScheme &
  MpcCost & {
    readonly circuit: Circuit<I, O, Power>;
    readonly digest: Digest;
    /** p = 2^127 - 1. */
    readonly field: 'M127';
    readonly security: MpcSecurity;
    /** The circuit in normal form: y = M x + b. */
    readonly map: AffineMap;
    readonly owners: readonly OutsideRole[];
    readonly recipients: readonly OutsideRole[];
    /** Parties, owners and recipients; endpoints are numbered from 1 in that order. */
    readonly endpoints: number;
    /** Elements that one frame carries at most. */
    readonly frameElements: number;
    /** f_i: input i is shared as round(x 2^f_i). */
    readonly inputFracBits: Readonly<Record<I, number>>;
    /**
     * F_o: output o is opened over 2^F_o; the matrix block from i to o is rounded to F_o - f_i fraction bits.
     */
    readonly resultFracBits: Readonly<Record<O, number>>;
    /** Distance from the circuit in exact arithmetic, for inputs within their declared bounds. */
    readonly error: Readonly<Record<O, ErrorBound>>;
  };

export type MpcOptions<I extends string = string, O extends string = string> = {
  /** n, from 3 to 7. */
  readonly parties: number;
  /** t < n / 2: so many parties together learn nothing. */
  readonly threshold: number;
  /** The only model of this version, and therefore its default. */
  readonly security?: MpcSecurity;
  /**
   * The largest acceptable absolute error of any element of any output. Default: whatever the field gives.
   */
  readonly precision?: number;
  /** Who brings an input. Default: `owner` brings all. */
  readonly owners?: Readonly<Partial<Record<I, string>>>;
  /** Who learns an output. Default: `recipient` learns all. */
  readonly recipients?: Readonly<Partial<Record<O, readonly string[]>>>;
  /** Longest frame in bytes: longer vectors travel in several. Default and maximum 16 MiB. */
  readonly frameBytes?: number;
};

/**
 * Plans a linear circuit on Shamir shares (Ben-Or, Goldwasser, Wigderson, "Completeness theorems for
 * non-cryptographic fault-tolerant distributed computation", STOC 1988, section 2: linear functions need no
 * interaction). Owners deal shares to n parties, each party applies the public matrix to its share alone, and
 * each recipient interpolates what the parties send it.
 *
 * Who learns what: a recipient learns its outputs, every digit of the integers behind them, and the
 * combination of masks that belongs to them, which is independent of the inputs; up to t semi-honest parties
 * learn nothing; the transport's observers learn sizes. Correctness: a recipient checks all n shares against
 * degree t, so that up to t parties that send wrong shares, in any way, cause an abort and never a wrong
 * number. An owner can always choose its own inputs.
 *
 * Cost: two rounds; parties x (owners + recipients) messages where a vector fits in a frame; 16 bytes an
 * element and party each way. Planning takes a few passes over the matrix.
 * @throws UnsupportedError for a circuit that is not linear; ParametersError for n or t out of range.
 * @throws PlanError where no fixed-point format fits; PrecisionError where none is as precise as asked.
 */
export function planMpc<I extends string, O extends string, P extends Power>(
  circuit: Circuit<I, O, P>,
  options: MpcOptions<I, O>,
): MpcPlan<I, O> {
  const {
    parties,
    threshold,
    security = 'semiHonest',
    precision = Infinity,
    frameBytes = MAX_FRAME_BYTES,
  } = options;
  checkScheme({ parties, threshold });
  if (security !== 'semiHonest') {
    throw new UnsupportedError(`security ${security} is not available yet; ask for 'semiHonest'`);
  }
  requireLinear(circuit);
  const frameElements = Math.floor((frameBytes - FRAME_HEADER_BYTES) / ELEMENT_BYTES);
  if (!(frameElements >= 1 && frameBytes <= MAX_FRAME_BYTES)) {
    throw new PlanError(
      `expected frames of ${FRAME_HEADER_BYTES + ELEMENT_BYTES} to ${MAX_FRAME_BYTES} bytes, found ${frameBytes}`,
      { frameBytes },
    );
  }
  const map = affineMapOf(circuit);
  const { inputFracBits, resultFracBits, error } = choosePrecision(circuit, map);
  for (const [output, { absolute }] of Object.entries(error)) {
    // Written so that NaN fails it.
    if (!(absolute <= precision && absolute < Infinity)) {
      throw new PrecisionError(
        `output ${output}: expected an error of at most ${precision}, but the field of 2^127 - 1 allows ${absolute}; ` +
          'declare tighter input bounds or ask for less',
        { output, wanted: precision, reachable: absolute },
      );
    }
  }
  const owners = outsideRoles(map.inputs, (name) => [options.owners?.[name as I] ?? 'owner'], parties + 1);
  const recipients = outsideRoles(
    map.outputs,
    (name) => options.recipients?.[name as O] ?? ['recipient'],
    parties + 1 + owners.length,
  );
  const agreed = {
    circuit: circuit.digest,
    parties,
    threshold,
    security,
    frameElements,
    inputFracBits,
    resultFracBits,
  };
  const links = [...owners, ...recipients];
  return {
    circuit,
    digest: digestOf('blindrisk/mpc-plan/1', { ...agreed, owners, recipients }),
    field: 'M127',
    security,
    parties,
    threshold,
    map,
    owners,
    recipients,
    endpoints: parties + links.length,
    frameElements,
    inputFracBits: inputFracBits as Record<I, number>,
    resultFracBits: resultFracBits as Record<O, number>,
    error: error as Record<O, ErrorBound>,
    rounds: 2,
    messages: parties * sum(links.map((role) => frameCount(vectorBytes(role), frameElements))),
    bytesUp: parties * sum(owners.map((role) => bytesOnWire(vectorBytes(role), frameElements))),
    bytesBetween: 0,
    bytesDown: parties * sum(recipients.map((role) => bytesOnWire(vectorBytes(role), frameElements))),
  };
}

/** Elements of all vectors of a role, which travel as one message. */
export function elementsOf({ vectors }: OutsideRole): number {
  return sum(vectors.map(({ length }) => length));
}

/** Bytes of these elements. */
export function vectorBytes(role: OutsideRole): number {
  return ELEMENT_BYTES * elementsOf(role);
}

/** Frames in which a message of so many bytes travels. */
export function frameCount(bytes: number, frameElements: number): number {
  return Math.ceil(bytes / (frameElements * ELEMENT_BYTES));
}

/** Bytes of a message, headers included. */
export function bytesOnWire(bytes: number, frameElements: number): number {
  return frameCount(bytes, frameElements) * FRAME_HEADER_BYTES + bytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const LINEAR: ReadonlySet<Operation['op']> = new Set([
  'input',
  'constant',
  'add',
  'sub',
  'scale',
  'addPlain',
  'mulPlain',
  'sum',
  'replicate',
  'within',
  'matVecPlain',
]);

/** Whether {@link planMpc} takes a circuit: its parties need not speak to each other. */
export function isLinear(circuit: Circuit<string, string, Power>): boolean {
  return circuit.nodes.every(({ op }) => LINEAR.has(op));
}

function requireLinear(circuit: Circuit<string, string, Power>): void {
  const others = [...new Set(circuit.nodes.map(({ op }) => op))].filter((op) => !LINEAR.has(op));
  if (others.length > 0) {
    throw new UnsupportedError(
      `on shares this version evaluates linear circuits (${[...LINEAR].join(', ')}), found ${others.join(', ')}; ` +
        'open the linear part and finish in the clear',
      { found: others.join(',') },
    );
  }
}

/** The endpoints of owners or recipients, numbered in the order of their first vector. */
export function outsideRoles(
  segments: readonly Segment[],
  namesOf: (vector: string) => readonly string[],
  firstEndpoint: number,
): OutsideRole[] {
  const roles = new Map<string, Segment[]>();
  for (const segment of segments) {
    const names = new Set(namesOf(segment.name));
    if (names.size === 0)
      throw new PlanError(`nobody is named for ${segment.name}`, { vector: segment.name });
    for (const name of names) roles.set(name, [...(roles.get(name) ?? []), segment]);
  }
  return [...roles].map(([name, vectors], i) => ({ name, endpoint: firstEndpoint + i, vectors }));
}
