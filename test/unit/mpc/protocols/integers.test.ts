import { describe, expect, test } from 'vitest';
import { bigintsOf, type FieldVector, fieldVectorOf, M127 } from '../../../../src/kernels/field-vector.ts';
import { type Context, keySetCount, type Protocol } from '../../../../src/mpc/engine/protocol.ts';
import { absolute, isNegative, isZeroShared, openNegative } from '../../../../src/mpc/protocols/compare.ts';
import { maskableBits } from '../../../../src/mpc/protocols/masking.ts';
import { mergeExchange } from '../../../../src/mpc/protocols/network.ts';
import { kthSmallest, smallest, sort, topSum } from '../../../../src/mpc/protocols/sort.ts';
import {
  innerProductsTruncated,
  truncate,
  truncateExactly,
  truncationError,
} from '../../../../src/mpc/protocols/truncate.ts';
import type { SharingScheme } from '../../../../src/mpc/sharing.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { openShares, runParties, sharesOf } from '../../../support/parties.ts';

const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
  { parties: 5, threshold: 2 },
  { parties: 7, threshold: 3 },
];
const random = new SeededRandom(9);
const signed = (v: bigint): bigint => (v > M127 / 2n ? v - M127 : v);
const draw = (bits: number): bigint => {
  const words = Array.from({ length: 4 }, () => BigInt(random.u32())).reduce((s, w) => (s << 32n) | w);
  return BigInt.asIntN(bits, words);
};

/** Runs a protocol on shared integers and returns the integers behind its result. */
async function compute(
  scheme: SharingScheme,
  inputs: readonly (readonly bigint[])[],
  protocol: (context: Context, x: readonly FieldVector[]) => Protocol<FieldVector>,
  security: 'malicious' | 'semiHonest' = 'malicious',
): Promise<bigint[]> {
  const shares = inputs.map((values) => sharesOf(fieldVectorOf(values), scheme));
  const results = await runParties(
    scheme,
    (context, self) =>
      protocol(
        context,
        shares.map((of) => of[self - 1]!),
      ),
    { security },
  );
  return bigintsOf(openShares(results, scheme)).map(signed);
}

describe.each(schemes)('n = $parties, t = $threshold', (scheme) => {
  const most = maskableBits(scheme);
  const edges = (bits: number): bigint[] => [
    0n,
    1n,
    -1n,
    2n ** BigInt(bits - 1) - 1n,
    -(2n ** BigInt(bits - 1)) + 1n,
    ...Array.from({ length: 20 }, () => draw(bits)),
  ];

  // Among three parties two protocols compare.
  const securities = scheme.parties === 3 ? (['malicious', 'semiHonest'] as const) : (['malicious'] as const);

  test.each([[2], [3], [8], [33], [64], [most]])('signs of %d bits', async (bits) => {
    const x = edges(bits);
    const negative = x.map((value) => (value < 0n ? 1n : 0n));
    for (const security of securities) {
      const run = (protocol: typeof isNegative) =>
        compute(scheme, [x], (context, [v]) => protocol(context, v!, bits), security);
      expect(await run(isNegative)).toEqual(negative);
    }
  });

  test('signs that are opened', async () => {
    const x = edges(50);
    const shares = sharesOf(fieldVectorOf(x), scheme);
    for (const security of securities) {
      const opened = await runParties(
        scheme,
        (context, self) => openNegative(context, shares[self - 1]!, 50),
        { security },
      );
      for (const bits of opened) expect(bigintsOf(bits)).toEqual(x.map((value) => (value < 0n ? 1n : 0n)));
    }
  });

  test('zero and magnitude', async () => {
    const x = edges(40);
    expect(await compute(scheme, [x], (context, [v]) => isZeroShared(context, v!, 40))).toEqual(
      x.map((value) => (value === 0n ? 1n : 0n)),
    );
    expect(await compute(scheme, [x], (context, [v]) => absolute(context, v!, 40), 'semiHonest')).toEqual(
      x.map((value) => (value < 0n ? -value : value)),
    );
  });

  test.each([
    [most, 30],
    [most, 1],
    [40, 20],
  ])('truncation of %d bits by %d', async (bits, shift) => {
    const x = edges(bits);
    const limit = truncationError(keySetCount(scheme));
    for (const security of ['malicious', 'semiHonest'] as const) {
      const y = await compute(scheme, [x], (context, [v]) => truncate(context, v!, bits, shift), security);
      y.forEach((value, i) => {
        const off = Number((value << BigInt(shift)) - x[i]!) / 2 ** shift;
        expect(Math.abs(off)).toBeLessThanOrEqual(limit);
      });
    }
  });

  test('exact truncation', async () => {
    const x = edges(50);
    for (const security of securities) {
      for (const shift of [1, 20]) {
        const run = (context: Context, [v]: readonly FieldVector[]) =>
          truncateExactly(context, v!, 50, shift);
        expect(await compute(scheme, [x], run, security)).toEqual(
          x.map((value) => (value + 2n ** BigInt(shift - 1)) >> BigInt(shift)),
        );
      }
    }
  });

  test.each(['malicious', 'semiHonest'] as const)('inner products truncated, %s', async (security) => {
    const a = Array.from({ length: 12 }, () => draw(30));
    const b = Array.from({ length: 12 }, () => draw(30));
    const limit = truncationError(keySetCount(scheme));
    for (const rows of [12, 3]) {
      const y = await compute(
        scheme,
        [a, b],
        (context, [v, w]) => innerProductsTruncated(context, v!, w!, rows, 64, 20),
        security,
      );
      const cols = 12 / rows;
      y.forEach((value, r) => {
        let exact = 0n;
        for (let c = 0; c < cols; c++) exact += a[r * cols + c]! * b[r * cols + c]!;
        expect(Math.abs(Number((value << 20n) - exact) / 2 ** 20)).toBeLessThanOrEqual(limit);
      });
    }
  });
});

test('truncation has no bias', async () => {
  for (const scheme of schemes.slice(0, 3)) {
    const sets = keySetCount(scheme);
    for (const value of [0n, 12345n, 2n ** 20n - 1n, -777777n]) {
      const x = new Array<bigint>(4000).fill(value);
      const y = await compute(scheme, [x], (context, [v]) => truncate(context, v!, 60, 20), 'semiHonest');
      const mean = y.reduce((sum, v) => sum + Number(v), 0) / y.length - Number(value) / 2 ** 20;
      // Variance of C uniform low parts and one rounding: at most (C + 1) / 12 + 1 / 4; six standard errors.
      expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(((sets + 1) / 12 + 0.25) / 4000));
    }
  }
});

describe('sorting', () => {
  test('networks sort every sequence of zeros and ones', () => {
    for (let n = 1; n <= 12; n++) {
      const layers = mergeExchange(n);
      for (let mask = 0; mask < 2 ** n; mask++) {
        const values = Array.from({ length: n }, (_, i) => (mask >> i) & 1);
        for (const layer of layers) {
          for (const [low, high] of layer) {
            if (values[low]! > values[high]!) [values[low], values[high]] = [values[high]!, values[low]!];
          }
        }
        expect(values).toEqual(values.toSorted());
      }
    }
  });

  test('sort, order statistics and sums of the largest', async () => {
    const scheme = { parties: 3, threshold: 1 };
    for (const n of [1, 2, 5, 13]) {
      const x = Array.from({ length: n }, () => draw(20));
      const sorted = x.toSorted((a, b) => (a < b ? -1 : 1));
      expect(await compute(scheme, [x], (context, [v]) => sort(context, v!, 22))).toEqual(sorted);
      for (const k of new Set([1, Math.ceil(n / 2), n])) {
        expect(
          await compute(scheme, [x], (context, [v]) => kthSmallest(context, v!, k, 22), 'semiHonest'),
        ).toEqual([sorted[k - 1]]);
        expect(
          await compute(scheme, [x], (context, [v]) => smallest(context, v!, k, 22), 'semiHonest'),
        ).toEqual(sorted.slice(0, k));
        expect(
          await compute(scheme, [x], (context, [v]) => topSum(context, v!, k, 22), 'semiHonest'),
        ).toEqual([sorted.slice(n - k).reduce((s, v) => s + v, 0n)]);
      }
    }
  });
});
