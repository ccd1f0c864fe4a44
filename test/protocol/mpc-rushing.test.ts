import { expect, test } from 'vitest';
import {
  bigintsOf,
  type FieldVector,
  fieldVectorOf,
  M61,
  FieldVector as Vector,
} from '../../src/kernels/field-vector.ts';
import { loadField61 } from '../../src/kernels/field61.ts';
import { type Context, type Protocol, verify } from '../../src/mpc/engine/protocol.ts';
import { encodeFrame, parseFrame } from '../../src/mpc/frame.ts';
import type { Intercept, Transit } from '../../src/mpc/in-process-transport.ts';
import { multiply } from '../../src/mpc/protocols/multiply.ts';
import { lagrangeFactors } from '../../src/mpc/sharing.ts';
import { outcomes, sharesOf } from '../support/parties.ts';

/** The round of the products, after two for the keys. */
const PRODUCTS = 3;

/**
 * Party 3 holds back what it owes party 2 in the round of the products, while party 1 has all it needs and goes on. What party 1 opens next, together with
 * party 3's own share, would be the coin that judges the products, were coins not opened a round later: party 3 could add errors (-g d, d) to two products,
 * which the coin g weighs as zero.
 */
test('a party that waits for the coin before it sends its products gains nothing', async () => {
  const scheme = { parties: 3, threshold: 1 };
  const k = loadField61();
  const shares = sharesOf(fieldVectorOf([3n, 5n], 1), scheme);
  let mine: bigint | undefined;
  let theirs: bigint | undefined;
  const held: Transit[] = [];
  let attacked = false;

  const released = (): Transit[] => {
    if (mine === undefined || theirs === undefined || held.length === 0) return [];
    attacked = true;
    const [f1, f3] = lagrangeFactors([1, 3], 0, M61);
    const coin = (f1! * theirs + f3! * mine) % M61;
    const [first, ...rest] = held.splice(0);
    const frame = parseFrame(first!.bytes, 2 ** 20);
    const sent = new Vector(2, 1);
    sent.bytes.set(frame.payload);
    const changed = k.add(sent, fieldVectorOf([-coin * 7n, 7n], 1));
    return [{ ...first!, bytes: encodeFrame({ ...frame, payload: changed.bytes }) }, ...rest];
  };
  const intercept: Intercept = (transit) => {
    const { round, payload } = parseFrame(transit.bytes, 2 ** 20);
    if (transit.from === 1 && transit.to === 3 && round === PRODUCTS + 1 && theirs === undefined) {
      const opened = new Vector(payload.length / 8, 1);
      opened.bytes.set(payload);
      // What is reshared comes first, if anything is; what is opened comes last.
      theirs = bigintsOf(opened).at(-1)!;
      return [transit, ...released()];
    }
    if (transit.from === 3 && transit.to === 2 && round >= PRODUCTS && !attacked) {
      held.push(transit);
      return released();
    }
    return [transit];
  };

  function* protocol(context: Context, self: number): Protocol<FieldVector> {
    const z = yield* multiply(context, shares[self - 1]!, shares[self - 1]!);
    yield* verify();
    return z;
  }
  const { parties } = await outcomes(scheme, protocol, {
    intercept,
    timeoutMs: 500,
    corrupted: 3,
    corrupt: (party) => ({
      context: party.context,
      local: (request) => party.local(request),
      exchange: (requests) => {
        const opened = requests.filter((request) => request.op === 'open').at(-1);
        if (opened !== undefined) mine ??= bigintsOf(opened.vector).at(-1)!;
        return party.exchange(requests);
      },
    }),
  });
  expect(attacked).toBe(true);
  for (const outcome of parties.slice(0, 2)) expect(outcome.kind).toBe('failure');
});
