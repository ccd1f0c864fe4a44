import { loadField61 } from '../../src/kernels/field61.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import type { Host } from '../../src/mpc/engine/drive.ts';
import type { ExchangeRequest } from '../../src/mpc/engine/protocol.ts';
import { SharedBits } from '../../src/mpc/engine/shared-bits.ts';

/** What a deviating party puts instead of an element of its share: the true share plus this. */
export type Deviation = { readonly round: number; readonly element: number; readonly by: bigint };

/**
 * A party that follows the protocol but for one round, in which it computes with a changed share: a wrong product where it
 * reshares, a wrong opening where it opens. It deals and sends consistently, so that nothing but the protocols' checks can notice.
 * `done` tells whether it came to deviate.
 */
export function deviating(party: Host, deviation: Deviation): Host & { done: boolean } {
  let round = 0;
  const host = {
    context: party.context,
    done: false,
    local: (request: Parameters<Host['local']>[0]) => party.local(request),
    exchange: (requests: readonly ExchangeRequest[]) => {
      if (round++ !== deviation.round) return party.exchange(requests);
      host.done = true;
      let at = deviation.element % requests.reduce((total, request) => total + sizeOf(request), 0);
      return party.exchange(
        requests.map((request) => {
          const size = sizeOf(request);
          const changed = at >= 0 && at < size ? changedRequest(request, at, deviation.by) : request;
          at -= size;
          return changed;
        }),
      );
    },
  };
  return host;
}

/** Elements, or words of bits. */
export function sizeOf(request: ExchangeRequest): number {
  if (request.op === 'and') return request.x.words;
  return request.op === 'reveal' ? request.bits.words : request.vector.length;
}

/** A request with one element, or word of bits, of it changed. */
export function changedRequest(request: ExchangeRequest, place: number, by: bigint): ExchangeRequest {
  if (request.op === 'and') return { ...request, x: withWrongProduct(request.x, request.y, place) };
  if (request.op === 'reveal') return { ...request, bits: flippedAt(request.bits, place, 1, 1) };
  const { vector } = request;
  const k = vector.width === 1 ? loadField61() : loadField127();
  return {
    ...request,
    vector: k.concat([
      vector.part(0, place),
      k.addConstant(vector.part(place, place + 1), by),
      vector.part(place + 1, vector.length),
    ]),
  };
}

/** Another x, by which some product of the party is wrong: in the first word from `place` on where that can be. */
function withWrongProduct(x: SharedBits, y: SharedBits, place: number): SharedBits {
  for (let i = 0; i < x.words; i++) {
    const at = (place + i) % x.words;
    const matters = y.parts[0][at]! ^ y.parts[1][at]!;
    if (matters !== 0) return flippedAt(x, at, matters & -matters, 0);
  }
  return x;
}

/** Bits of a word of a party's parts flipped. */
function flippedAt(
  { words, sets, parts }: SharedBits,
  place: number,
  first: number,
  second: number,
): SharedBits {
  const changed = [parts[0].slice(), parts[1].slice()] as const;
  changed[0][place]! ^= first;
  changed[1][place]! ^= second;
  return new SharedBits(words, sets, changed);
}
