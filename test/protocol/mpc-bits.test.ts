import { describe, expect, test } from 'vitest';
import { bigintsOf, type FieldVector, fieldVectorOf } from '../../src/kernels/field-vector.ts';
import type { Host } from '../../src/mpc/engine/drive.ts';
import type { Party } from '../../src/mpc/engine/party.ts';
import { and, type Context, open, type Protocol, reveal, verify } from '../../src/mpc/engine/protocol.ts';
import { heldSets, SharedBits } from '../../src/mpc/engine/shared-bits.ts';
import { isNegative, openNegative } from '../../src/mpc/protocols/compare.ts';
import { truncateExactly } from '../../src/mpc/protocols/truncate.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { changedRequest, sizeOf } from '../support/adversary.ts';
import { outcomes, runParties, sharesOf } from '../support/parties.ts';

const scheme = { parties: 3, threshold: 1 };
const random = new SeededRandom(2016);

/** One party's shares of bits: parts of three that add up to them. */
function sharesOfBits(parts: readonly Uint32Array[], self: number): SharedBits {
  const sets = heldSets(self);
  return new SharedBits(parts[0]!.length, sets, [parts[sets[0]]!.slice(), parts[sets[1]]!.slice()]);
}

const wordsOf = (count: number): Uint32Array => Uint32Array.from({ length: count }, () => random.u32());
const dealt = (bits: Uint32Array): Uint32Array[] => {
  const [a, b] = [wordsOf(bits.length), wordsOf(bits.length)];
  return [a, b, bits.map((word, i) => word ^ a[i]! ^ b[i]!)];
};

describe.each(['malicious', 'semiHonest'] as const)('products of bits, %s', (security) => {
  test.each([1, 70, 5000])('%d words are right at all parties', async (count) => {
    const [x, y] = [wordsOf(count), wordsOf(count)];
    const [xs, ys] = [dealt(x), dealt(y)];
    const opened = await runParties(
      scheme,
      function* (context, self): Protocol<Uint32Array> {
        const z = yield* and(context, sharesOfBits(xs, self), sharesOfBits(ys, self));
        return (yield* reveal(z)).bits;
      },
      { security },
    );
    for (const bits of opened) expect(bits).toEqual(x.map((word, i) => word & y[i]!));
  });

  test('what a party has of a product is uniform, whatever the product is', async () => {
    const count = 4096;
    const all = dealt(new Uint32Array(count).fill(0xffff_ffff));
    const shares = await runParties(
      scheme,
      (context, self) => and(context, sharesOfBits(all, self), sharesOfBits(all, self)),
      { security },
    );
    for (const { parts } of shares) {
      for (const part of parts) {
        let ones = 0;
        for (const word of part) for (let b = 0; b < 32; b++) ones += (word >>> b) & 1;
        // Six standard deviations.
        expect(Math.abs(ones - 16 * count)).toBeLessThan(6 * Math.sqrt(8 * count));
      }
      expect(parts[0]).not.toEqual(parts[1]);
    }
  });
});

/** A party that computes, in one of the rounds with bits, a single wrong bit: in a product, or in what it reveals. */
function lyingOnce(party: Party, round: number, element: number, lied: (op: string) => void): Host {
  let at = 0;
  return {
    context: party.context,
    local: (request) => party.local(request),
    exchange: (requests) => {
      const onBits = requests.findIndex(({ op }) => op === 'and' || op === 'reveal');
      if (onBits < 0 || at++ !== round) return party.exchange(requests);
      lied(requests[onBits]!.op);
      return party.exchange(
        requests.map((request, i) =>
          i === onBits ? changedRequest(request, element % sizeOf(request), 1n) : request,
        ),
      );
    },
  };
}

const values = [-9n, 0n, 1234n, -(2n ** 38n), 2n ** 38n - 1n];
const protocols: Record<string, (context: Context, x: FieldVector) => Protocol<FieldVector>> = {
  'a sign': (context, x) => isNegative(context, x, 40),
  'a sign that is opened': (context, x) => openNegative(context, x, 40),
  'an exact truncation': (context, x) => truncateExactly(context, x, 40, 9),
};

describe.each(Object.entries(protocols))('one wrong bit in %s', (_, protocol) => {
  test('in any round and by any party: all others fail before anything else is opened', async () => {
    const shares = sharesOf(fieldVectorOf(values), scheme);
    const ops = new Set<string>();
    let rounds = 0;
    for (let round = 0; round < 12; round++) {
      for (const corrupted of [1, 2, 3]) {
        let lied = false;
        const opened: bigint[] = [];
        const { parties } = await outcomes(
          scheme,
          function* (context, self): Protocol<void> {
            const result = yield* protocol(context, shares[self - 1]!);
            yield* verify();
            const values = result.width === 2 ? yield* open(result) : result;
            if (self !== corrupted) opened.push(...bigintsOf(values));
          },
          {
            corrupted,
            corrupt: (party) =>
              lyingOnce(party, round, random.integer(0, 10_000), (op) => {
                ops.add(op);
                lied = true;
              }),
          },
        );
        if (!lied) continue;
        rounds++;
        expect(opened, `round ${round}, party ${corrupted}`).toEqual([]);
        parties.forEach((outcome, i) => {
          if (i + 1 === corrupted) return;
          expect(outcome.kind).toBe('failure');
        });
        const checks = parties.map((outcome) =>
          outcome.kind === 'failure' ? (outcome.error as { facts: { check?: string } }).facts.check : '',
        );
        expect(checks.some((check) => check === 'product' || check === 'bits')).toBe(true);
      }
    }
    expect(rounds).toBeGreaterThan(15);
    expect(ops).toEqual(new Set(['and', 'reveal']));
  }, 60_000);
});

test('many wrong bits of one party do not make up for each other', async () => {
  // One bit of every word: an even number of errors.
  const count = 64;
  const [xs, ys] = [dealt(wordsOf(count)), dealt(wordsOf(count))];
  const { parties } = await outcomes(
    scheme,
    function* (context, self): Protocol<void> {
      const z = yield* and(context, sharesOfBits(xs, self), sharesOfBits(ys, self));
      yield* reveal(z);
    },
    {
      corrupted: 2,
      corrupt: (party): Host => ({
        context: party.context,
        local: (request) => party.local(request),
        exchange: (requests) =>
          party.exchange(
            requests.map((request) => {
              let changed = request;
              if (request.op !== 'and') return request;
              for (let i = 0; i < count; i++) changed = changedRequest(changed, i, 1n);
              return changed;
            }),
          ),
      }),
    },
  );
  for (const i of [0, 2]) {
    expect(parties[i]).toMatchObject({ kind: 'failure', error: { facts: { check: 'product' } } });
  }
});
