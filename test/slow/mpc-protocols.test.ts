import { describe, expect, test } from 'vitest';
import { BlindRiskError } from '../../src/base/errors.ts';
import { bigintsOf, type FieldVector, fieldVectorOf, M127 } from '../../src/kernels/field-vector.ts';
import { type Context, keySetCount, type Protocol, verify } from '../../src/mpc/engine/protocol.ts';
import { inputRange } from '../../src/mpc/input-range.ts';
import { absolute, choose, isNegative } from '../../src/mpc/protocols/compare.ts';
import { innerProducts, multiply } from '../../src/mpc/protocols/multiply.ts';
import { proveInputs } from '../../src/mpc/protocols/prove-inputs.ts';
import { shuffle } from '../../src/mpc/protocols/shuffle.ts';
import { truncate, truncationError } from '../../src/mpc/protocols/truncate.ts';
import type { SharingScheme } from '../../src/mpc/sharing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { deviating } from '../support/adversary.ts';
import { dealtInput } from '../support/dealt.ts';
import { openShares, outcomes, runParties, sharesOf } from '../support/parties.ts';

const RUNS = 10_000;
const BITS = 12;

/** A small protocol on two vectors of two signed integers, and whether what it gives is right. */
type Small = {
  readonly name: string;
  readonly weight: number;
  run(context: Context, x: FieldVector, y: FieldVector): Protocol<FieldVector>;
  right(z: readonly bigint[], x: readonly bigint[], y: readonly bigint[], sets: number): boolean;
};

const same = (z: readonly bigint[], expected: readonly bigint[]): boolean =>
  z.length === expected.length && z.every((value, i) => value === expected[i]);

const small: readonly Small[] = [
  {
    name: 'product',
    weight: 6,
    run: multiply,
    right: (z, x, y) =>
      same(
        z,
        x.map((v, i) => v * y[i]!),
      ),
  },
  {
    name: 'inner product',
    weight: 4,
    run: (context, x, y) => innerProducts(context, x, y, 1),
    right: (z, x, y) => same(z, [x[0]! * y[0]! + x[1]! * y[1]!]),
  },
  {
    name: 'truncated product',
    weight: 3,
    *run(context, x, y) {
      return yield* truncate(context, yield* multiply(context, x, y), 2 * BITS, 6);
    },
    right: (z, x, y, sets) =>
      z.every((value, i) => Math.abs(Number(value) - Number(x[i]! * y[i]!) / 64) <= truncationError(sets)),
  },
  {
    name: 'sign',
    weight: 1,
    run: (context, x) => isNegative(context, x, BITS),
    right: (z, x) =>
      same(
        z,
        x.map((v) => (v < 0n ? 1n : 0n)),
      ),
  },
  {
    name: 'magnitude',
    weight: 1,
    run: (context, x) => absolute(context, x, BITS),
    right: (z, x) =>
      same(
        z,
        x.map((v) => (v < 0n ? -v : v)),
      ),
  },
  {
    name: 'larger',
    weight: 1,
    *run(context, x, y) {
      const { k127 } = context;
      const less = yield* isNegative(context, k127.sub(x, y), BITS + 1);
      return yield* choose(context, less, y, x);
    },
    right: (z, x, y) =>
      same(
        z,
        x.map((v, i) => v + (v < y[i]! ? y[i]! - v : 0n)),
      ),
  },
  {
    name: 'shuffle',
    weight: 2,
    *run(context, x) {
      return (yield* shuffle(context, [x]))[0]!;
    },
    right: (z, x) => same(z.toSorted(), x.toSorted()),
  },
];
const drawn = small.flatMap((protocol) => new Array<Small>(protocol.weight).fill(protocol));
const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 3, threshold: 1 },
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
];
const signed = (v: bigint): bigint => (v > M127 / 2n ? v - M127 : v);

test(`${RUNS} seeded runs of small protocols: right, or an error at every honest party`, async () => {
  const random = new SeededRandom(20_26);
  const draw = () => [0, 1].map(() => BigInt(random.integer(-(2 ** (BITS - 1)) + 1, 2 ** (BITS - 1) - 1)));
  let honestRuns = 0;
  let noticed = 0;
  let harmless = 0;
  for (let run = 0; run < RUNS; run++) {
    const scheme = random.pick(schemes);
    const protocol = random.pick(drawn);
    const [x, y] = [draw(), draw()];
    const shares = [x, y].map((values) => sharesOf(fieldVectorOf(values!), scheme));
    const corrupted = random.pick([0, ...Array.from({ length: scheme.parties }, (_, i) => i + 1)]);
    const deviation = {
      round: random.integer(0, 14),
      element: random.integer(0, 10_000),
      by: random.pick([1n, -1n, 2n ** 60n, (1n << 126n) + 3n, BigInt(random.u32())]),
    };
    let deviated = false;
    function* whole(context: Context, self: number): Protocol<FieldVector> {
      const z = yield* protocol.run(context, shares[0]![self - 1]!, shares[1]![self - 1]!);
      yield* verify();
      return z;
    }
    const { parties } = await outcomes(scheme, whole, {
      ...(corrupted > 0 && { corrupted }),
      corrupt: (party) => {
        const host = deviating(party, deviation);
        Object.defineProperty(host, 'done', {
          set: () => {
            deviated = true;
          },
        });
        return host;
      },
    });
    const where = `run ${run}: ${protocol.name}, n = ${scheme.parties}, party ${corrupted}, round ${deviation.round}, element ${deviation.element}`;
    const honest = parties.filter((_, i) => i + 1 !== corrupted);
    if (honest.some(({ kind }) => kind === 'failure')) {
      expect(deviated, where).toBe(true);
      noticed++;
      for (const outcome of honest) {
        expect(outcome.kind, where).toBe('failure');
        if (outcome.kind === 'failure') expect(outcome.error, where).toBeInstanceOf(BlindRiskError);
      }
      continue;
    }
    if (deviated) harmless++;
    else honestRuns++;
    // The corrupted party's share may be wrong at its own expense: t + 1 honest ones determine what came out.
    const results = parties.map((outcome) => {
      if (outcome.kind === 'failure') throw outcome.error;
      return outcome.value;
    });
    const z = bigintsOf(openShares(results, scheme)).map(signed);
    expect(protocol.right(z, x!, y!, keySetCount(scheme)), where).toBe(true);
  }
  console.log(`${honestRuns} honest, ${noticed} noticed, ${harmless} without effect`);
  expect(honestRuns).toBeGreaterThan(RUNS / 10);
  expect(noticed).toBeGreaterThan(RUNS / 10);
  // Only where a party deals nothing, or its part is replaced by what others hold.
  expect(harmless).toBeLessThan(noticed);
});

test('a thousand seeded proofs of inputs: what is outside never passes, what is inside always', async () => {
  const random = new SeededRandom(7);
  const scheme = schemes[0]!;
  const spec = { length: 3, bound: 1, l1: 2 };
  const range = inputRange(spec, 10);
  for (let run = 0; run < 1000; run++) {
    const x = [0, 1, 2].map(() => BigInt(random.integer(-1200, 1200)));
    const sum = x.reduce((total, v) => total + (v < 0n ? -v : v), 0n);
    const inside = x.every((v) => v >= range.low && v <= range.high) && sum <= range.l1!;
    const dealt = dealtInput(spec, 10, fieldVectorOf(x), scheme, { owner: 'owner' });
    const { parties } = await outcomes(scheme, function* (context, self): Protocol<boolean> {
      yield* proveInputs(context, [dealt[self - 1]!]);
      return true;
    });
    expect(parties.every(({ kind }) => kind === (inside ? 'result' : 'failure'))).toBe(true);
  }
});

/** Chi-square of 256 buckets against the uniform distribution; mean 255, deviation 22.6. */
function chiSquare(values: readonly number[]): number {
  const counts = new Array<number>(256).fill(0);
  for (const value of values) counts[value]!++;
  const expected = values.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('statistics', () => {
  const scheme = schemes[0]!;
  const COUNT = 200_000;

  test('shares that a product leaves are uniform in every byte, whatever the product', async () => {
    for (const [width, value] of [
      [1, 0n],
      [1, 3n],
      [2, -5n],
    ] as const) {
      const shares = sharesOf(fieldVectorOf(new Array<bigint>(COUNT).fill(value), width), scheme);
      const z = await runParties(
        scheme,
        (context, self) => multiply(context, shares[self - 1]!, shares[self - 1]!),
        {
          security: 'semiHonest',
        },
      );
      for (const share of z) {
        for (const shift of width === 1 ? [0n, 24n, 53n] : [0n, 40n, 64n, 119n]) {
          const bytes = bigintsOf(share).map((v) => Number((v >> shift) & 255n));
          expect(chiSquare(bytes)).toBeLessThan(255 + 8 * 22.6);
        }
      }
    }
  });

  test.each([
    [3, 1],
    [5, 2],
  ])('truncation has no bias and keeps its bound: n = %d, t = %d', async (parties, threshold) => {
    const at = { parties, threshold };
    const sets = keySetCount(at);
    for (const value of [0n, 1n, 2n ** 19n, 2n ** 20n - 1n, -123_456_789n]) {
      const shares = sharesOf(fieldVectorOf(new Array<bigint>(COUNT).fill(value)), at);
      const y = await runParties(at, (context, self) => truncate(context, shares[self - 1]!, 60, 20), {
        security: 'semiHonest',
      });
      const off = bigintsOf(openShares(y, at)).map((v) => Number(signed(v)) - Number(value) / 2 ** 20);
      expect(Math.max(...off.slice(0, 50_000).map(Math.abs))).toBeLessThan(truncationError(sets));
      const mean = off.reduce((sum, v) => sum + v, 0) / COUNT;
      const variance = off.reduce((sum, v) => sum + v * v, 0) / COUNT;
      // Six standard errors: with 200,000 samples a bias of a hundredth of a unit would show.
      expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(variance / COUNT));
      expect(6 * Math.sqrt(variance / COUNT)).toBeLessThan(0.015);
    }
  });
});
