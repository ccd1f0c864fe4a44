import { describe, expect, test } from 'vitest';
import { recordOrdered } from '../../src/algebra/index.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { bigintsOf, type FieldVector, fieldVectorOf } from '../../src/kernels/field-vector.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import type { Host } from '../../src/mpc/engine/drive.ts';
import type { Context, ExchangeRequest, Protocol } from '../../src/mpc/engine/protocol.ts';
import { shuffle } from '../../src/mpc/protocols/shuffle.ts';
import { kthSmallest, smallest, sort, topSum } from '../../src/mpc/protocols/sort.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import type { SharingScheme } from '../../src/mpc/sharing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { type Deviation, deviating } from '../support/adversary.ts';
import { openShares, outcomes, runParties, sharesOf } from '../support/parties.ts';

const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
  { parties: 5, threshold: 2 },
];

describe.each(schemes)('n = $parties, t = $threshold', (scheme) => {
  test.each(['malicious', 'semiHonest'] as const)(
    'rows keep together in a new order, %s',
    async (security) => {
      const n = 40;
      const a = Array.from({ length: n }, (_, i) => BigInt(i));
      const shares = [a, a.map((v) => v * v)].map((values) => sharesOf(fieldVectorOf(values), scheme));
      const orders = new Set<string>();
      for (let run = 0; run < 3; run++) {
        const results = await runParties(
          scheme,
          (context, self) =>
            shuffle(
              context,
              shares.map((of) => of[self - 1]!),
            ),
          { security },
        );
        const [x, y] = [0, 1].map((c) =>
          bigintsOf(
            openShares(
              results.map((of) => of[c]!),
              scheme,
            ),
          ),
        );
        expect(x!.toSorted((p, q) => Number(p - q))).toEqual(a);
        expect(y).toEqual(x!.map((v) => v * v));
        orders.add(x!.join());
      }
      expect(orders.size).toBe(3);
    },
  );

  test('order statistics of many, ties among them', async () => {
    const random = new SeededRandom(scheme.parties);
    const values = Array.from({ length: 60 }, () => BigInt(random.integer(-20, 20)));
    const sorted = values.toSorted((p, q) => Number(p - q));
    const shares = sharesOf(fieldVectorOf(values), scheme);
    const p = 2n ** 127n - 1n;
    const compute = async (protocol: (context: Context, x: FieldVector) => Protocol<FieldVector>) => {
      const results = await runParties(scheme, (context, self) => protocol(context, shares[self - 1]!));
      return bigintsOf(openShares(results, scheme)).map((v) => (v > p / 2n ? v - p : v));
    };
    expect(await compute((context, x) => kthSmallest(context, x, 7, 12))).toEqual([sorted[6]]);
    expect(await compute((context, x) => smallest(context, x, 15, 12))).toEqual(sorted.slice(0, 15));
    expect(await compute((context, x) => topSum(context, x, 9, 12))).toEqual([
      sorted.slice(-9).reduce((sum, v) => sum + v, 0n),
    ]);
    if (scheme.parties === 3) expect(await compute((context, x) => sort(context, x, 12))).toEqual(sorted);
  }, 60_000);
});

/** Every position is as likely for every element: chi-square over runs. */
test('permutations are uniform, also for a party that knows all keys but one', async () => {
  const scheme = schemes[0]!;
  const n = 8;
  const shares = sharesOf(fieldVectorOf(Array.from({ length: n }, (_, i) => BigInt(i))), scheme);
  const counts = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const runs = 400;
  const results = await runParties(
    scheme,
    function* (context, self): Protocol<FieldVector[]> {
      const out: FieldVector[] = [];
      for (let i = 0; i < runs; i++) out.push((yield* shuffle(context, [shares[self - 1]!]))[0]!);
      return out;
    },
    { security: 'semiHonest' },
  );
  for (let run = 0; run < runs; run++) {
    bigintsOf(
      openShares(
        results.map((of) => of[run]!),
        scheme,
      ),
    ).forEach((v, place) => {
      counts[Number(v)]![place]!++;
    });
  }
  const expected = runs / n;
  const chi = counts.flat().reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  // 49 degrees of freedom: mean 49, deviation 10.
  expect(chi).toBeLessThan(110);
});

/** What parties see opened while values are sorted, as bits. */
async function openedBits(values: readonly bigint[]): Promise<number> {
  const scheme = schemes[0]!;
  const shares = sharesOf(fieldVectorOf(values), scheme);
  let ones = 0;
  let all = 0;
  await outcomes(scheme, (context, self) => kthSmallest(context, shares[self - 1]!, 20, 12), {
    security: 'semiHonest',
    corrupted: 1,
    corrupt: (party): Host => ({
      context: {
        ...party.context,
        read: (vector, typical) => {
          const elements = party.context.read(vector, typical);
          if (typical !== undefined) {
            ones += elements.filter((bit) => bit === 1n).length;
            all += elements.length;
          }
          return elements;
        },
      },
      local: (request) => party.local(request),
      exchange: (requests) => party.exchange(requests),
    }),
  });
  return ones / all;
}

test('ties do not show in what is opened', async () => {
  const repeated = async (values: readonly bigint[]): Promise<number> => {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += (await openedBits(values)) / 12;
    return sum;
  };
  const equal = await repeated(new Array<bigint>(40).fill(5n));
  const different = await repeated(Array.from({ length: 40 }, (_, i) => BigInt(i * 7)));
  // About 2500 comparisons each, which a random order decides.
  expect(Math.abs(equal - different)).toBeLessThan(0.1);
}, 60_000);

test('a party that deviates anywhere in a shuffle is noticed before anything is compared', async () => {
  for (const scheme of schemes.slice(0, 2)) {
    const n = 6;
    const shares = sharesOf(fieldVectorOf(Array.from({ length: n }, (_, i) => BigInt(i))), scheme);
    for (let round = 0; round < 10; round++) {
      for (const corrupted of [1, 2]) {
        const deviation: Deviation = { round, element: 3 * round, by: 1n };
        let deviated = false;
        const { parties } = await outcomes(scheme, (context, self) => shuffle(context, [shares[self - 1]!]), {
          corrupted,
          corrupt: (party) => {
            const host = deviating(party, deviation);
            Object.defineProperty(host, 'done', { set: () => (deviated = true) });
            return host;
          },
        });
        if (!deviated) continue;
        const honest = parties.filter((_, i) => i + 1 !== corrupted);
        // In a pass in which it neither knows the permutation nor deals, a party has nothing to deviate in.
        if (honest.every(({ kind }) => kind === 'result')) {
          const results = parties.map((outcome) => {
            if (outcome.kind === 'failure') throw outcome.error;
            return outcome.value[0]!;
          });
          expect(bigintsOf(openShares(results, scheme)).toSorted()).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
          expect(round).toBeLessThan(scheme.parties);
          continue;
        }
        for (const outcome of honest) {
          expect(outcome.kind).toBe('failure');
          if (outcome.kind === 'failure') expect(outcome.error).toBeInstanceOf(BlindRiskError);
        }
      }
    }
  }
}, 60_000);

test('exchanging two elements that the adversary knows is noticed: tags are exchanged as well', async () => {
  const scheme = schemes[0]!;
  const k = loadField127();
  const shares = sharesOf(fieldVectorOf([10n, 20n, 30n, 40n]), scheme);
  let passes = 0;
  for (let attempt = 0; attempt < 6; attempt++) {
    const { parties } = await outcomes(scheme, (context, self) => shuffle(context, [shares[self - 1]!]), {
      corrupted: 2,
      corrupt: (party): Host => {
        let done = false;
        return {
          context: party.context,
          local: (request) => party.local(request),
          // Before the first permutation places are known: 10 and 20 trade places in the first column.
          exchange: (requests: readonly ExchangeRequest[]) =>
            party.exchange(
              requests.map((request) => {
                if (request.op !== 'permute' || done) return request;
                done = true;
                const { length } = request.vector;
                const trade = fieldVectorOf([10n, -10n, ...new Array<bigint>(length - 2).fill(0n)]);
                // Its share counts with a Lagrange factor at zero: of parties 2 and 3, that of 2 is 3.
                const third = k.scale(trade, inverse3);
                return { ...request, vector: k.add(request.vector, third) };
              }),
            ),
        };
      },
    });
    for (const outcome of [parties[0]!, parties[2]!]) if (outcome.kind === 'result') passes++;
  }
  expect(passes).toBe(0);
});

/** 1 / 3 modulo 2^127 - 1. */
const inverse3: bigint = (2n * (2n ** 127n - 1n) + 1n) / 3n;

test('circuits say whether their cost is exact or typical', async () => {
  const circuit = recordOrdered((alg, { x }) => ({ y: alg.kthSmallest(x, 5) }), {
    x: { length: 100, bound: 10 },
  });
  const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
  expect(plan.costKnown).toBe('typical');
  const x = Float64Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) / 10);
  const { outputs, cost, fieldProducts } = await runInProcess(plan, { x });
  expect(Math.abs(outputs.y[0]! - 0.4)).toBeLessThan(plan.error.y.absolute);
  expect(cost.bytesUp).toBe(plan.bytesUp);
  expect(Math.abs(Math.log2(cost.bytesBetween / plan.bytesBetween))).toBeLessThan(1);
  expect(Math.abs(Math.log2(fieldProducts / plan.fieldProducts))).toBeLessThan(1);
  const few = recordOrdered((alg, { x: v }) => ({ y: alg.kthSmallest(v, 5) }), {
    x: { length: 10, bound: 10 },
  });
  expect((await planCircuit(few, { parties: 3, threshold: 1 })).costKnown).toBe('exact');
});
