import type { FieldVector, Width } from '../../kernels/field-vector.ts';
import type { SharingScheme } from '../sharing.ts';
import { wordsOf } from './bit-round.ts';
import { dealersOf, sentPeers } from './dealing.ts';
import { KEY_CHECK_BYTES, keyMessageBytes } from './key-sets.ts';
import { permutationDealers } from './permutation.ts';
import type { ExchangeAnswer, ExchangeRequest, Security } from './protocol.ts';

/** Elements of a round by what is done with them. Messages carry them in this order. */
export type RoundShape = {
  readonly reshared: Readonly<Record<Width, number>>;
  /** Openings of degree t. */
  readonly opened: Readonly<Record<Width, number>>;
  /** Openings of degree 2t. */
  readonly openedDouble: Readonly<Record<Width, number>>;
  /** Elements of every permutation, and whose members do not learn it. */
  readonly permuted: readonly { readonly set: number; readonly length: number }[];
  /** 32-bit words of products of bits, and of bits that are revealed. */
  readonly bits: { readonly products: number; readonly revealed: number };
};

/** What elements of a width are done with, permutations aside. */
export type Group = Exclude<keyof RoundShape, 'permuted' | 'bits'>;

const WIDTHS: readonly Width[] = [1, 2];

export function shapeOf(requests: readonly ExchangeRequest[]): RoundShape {
  const shape = { reshared: { 1: 0, 2: 0 }, opened: { 1: 0, 2: 0 }, openedDouble: { 1: 0, 2: 0 } };
  for (const request of requests) {
    if (isGrouped(request)) shape[groupOf(request)][request.vector.width] += request.vector.length;
  }
  const permuted = requests.filter(isPermute).map(({ set, vector: { length } }) => ({ set, length }));
  return { ...shape, permuted, bits: wordsOf(requests) };
}

type PermuteRequest = Extract<ExchangeRequest, { op: 'permute' }>;

export function isPermute(request: ExchangeRequest): request is PermuteRequest {
  return request.op === 'permute';
}

type GroupedRequest = Extract<ExchangeRequest, { op: 'reshare' | 'open' }>;

export function isGrouped(request: ExchangeRequest): request is GroupedRequest {
  return request.op === 'reshare' || request.op === 'open';
}

export function groupOf(request: GroupedRequest): Group {
  if (request.op === 'reshare') return 'reshared';
  return request.degree === 1 ? 'opened' : 'openedDouble';
}

/**
 * Peers to which a party sends its share of an opening of degree `degree` t: to all, so that everybody can check all shares;
 * among semi-honest parties to so many as need it.
 */
export function openingPeers(
  scheme: SharingScheme,
  security: Security,
  degree: 1 | 2,
  from: number,
): number[] {
  const { parties, threshold } = scheme;
  const count = security === 'malicious' ? parties - 1 : degree * threshold;
  return Array.from({ length: count }, (_, i) => ((from - 2 - i + 2 * parties) % parties) + 1);
}

/** Payload bytes from one party to another in a round. */
export function payloadBytes(
  shape: RoundShape,
  scheme: SharingScheme,
  security: Security,
  from: number,
  to: number,
): number {
  const deals = dealersOf(scheme).includes(from) && sentPeers(scheme, from).includes(to);
  const opens = openingPeers(scheme, security, 1, from).includes(to);
  const opensDouble = openingPeers(scheme, security, 2, from).includes(to);
  let elements = 0;
  for (const width of WIDTHS) {
    if (deals) elements += width * shape.reshared[width];
    if (opens) elements += width * shape.opened[width];
    if (opensDouble) elements += width * shape.openedDouble[width];
  }
  for (const { set, length } of shape.permuted) {
    if (permutationDealers(scheme, set).includes(from) && sentPeers(scheme, from).includes(to)) {
      elements += 2 * length;
    }
  }
  return 8 * elements + 4 * wordsBetween(shape, security, from, to);
}

/** Words of bits from one of three parties to another: all to the previous one, and what is revealed to the next where all is checked. */
function wordsBetween({ bits }: RoundShape, security: Security, from: number, to: number): number {
  if ((to + 1 - from) % 3 === 0) return bits.products + bits.revealed;
  return security === 'malicious' ? bits.revealed : 0;
}

/** Payload bytes of the agreement on keys, by round, from one party to another. */
export function keyPayloads(scheme: SharingScheme, from: number, to: number): readonly number[] {
  return [keyMessageBytes(scheme, from, to), KEY_CHECK_BYTES];
}

/** Rebuilds requests' answers from the vectors of their groups. */
export function split(
  requests: readonly ExchangeRequest[],
  answers: Readonly<Record<Group, Readonly<Record<Width, FieldVector | undefined>>>>,
  permuted: readonly FieldVector[],
  onBits: readonly ExchangeAnswer[],
): ExchangeAnswer[] {
  let next = 0;
  let nextBits = 0;
  const at: Record<Group, Record<Width, number>> = {
    reshared: { 1: 0, 2: 0 },
    opened: { 1: 0, 2: 0 },
    openedDouble: { 1: 0, 2: 0 },
  };
  return requests.map((request) => {
    if (isPermute(request)) return permuted[next++]!;
    if (!isGrouped(request)) return onBits[nextBits++]!;
    const group = groupOf(request);
    const { width, length } = request.vector;
    const start = at[group][width];
    at[group][width] = start + length;
    const whole = answers[group][width]!;
    return start === 0 && length === whole.length ? whole : whole.part(start, start + length);
  });
}
