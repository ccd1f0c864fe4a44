import type { FieldVector } from '../../src/kernels/field-vector.ts';
import { loadField61 } from '../../src/kernels/field61.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import type { Host } from '../../src/mpc/engine/drive.ts';
import type { ExchangeRequest } from '../../src/mpc/engine/protocol.ts';

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
      let at = deviation.element % requests.reduce((total, { vector }) => total + vector.length, 0);
      return party.exchange(
        requests.map((request) => {
          const { length } = request.vector;
          const here = at >= 0 && at < length;
          const changed = here
            ? { ...request, vector: changedAt(request.vector, at, deviation.by) }
            : request;
          at -= length;
          return changed;
        }),
      );
    },
  };
  return host;
}

function changedAt(vector: FieldVector, place: number, by: bigint): FieldVector {
  const k = vector.width === 1 ? loadField61() : loadField127();
  return k.concat([
    vector.part(0, place),
    k.addConstant(vector.part(place, place + 1), by),
    vector.part(place + 1, vector.length),
  ]);
}
