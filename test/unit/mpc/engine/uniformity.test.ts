import { describe, expect, test } from 'vitest';
import { elementsOfBits } from '../../../../src/kernels/bit-planes.ts';
import {
  bigintsOf,
  type FieldVector,
  fieldVectorOf,
  modulusOf,
  type Width,
} from '../../../../src/kernels/field-vector.ts';
import type { Host } from '../../../../src/mpc/engine/drive.ts';
import {
  bounded,
  type Context,
  doubleZero,
  dual,
  type ExchangeRequest,
  keySetCount,
  type Protocol,
  signs,
  uniform,
} from '../../../../src/mpc/engine/protocol.ts';
import { isNegative } from '../../../../src/mpc/protocols/compare.ts';
import { multiply } from '../../../../src/mpc/protocols/multiply.ts';
import { innerProductsTruncated, truncate } from '../../../../src/mpc/protocols/truncate.ts';
import { lagrangeFactors, type SharingScheme } from '../../../../src/mpc/sharing.ts';
import { openShares, outcomes, runParties, sharesOf } from '../../../support/parties.ts';

const COUNT = 8192;
const BUCKETS = 16;
const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 5, threshold: 2 },
];

const topBits = (v: FieldVector): number[] => {
  const shift = BigInt(modulusOf(v.width).toString(2).length - 4);
  return bigintsOf(v).map((value) => Number(value >> shift));
};
const lowBits = (v: FieldVector): number[] => bigintsOf(v).map((value) => Number(value & 15n));

/** Chi-square of 16 buckets against the uniform distribution; 15 degrees of freedom exceed 60 with probability 2e-7. */
function chiSquare(values: readonly number[]): number {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const value of values) counts[value]!++;
  const expected = values.length / BUCKETS;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Chi-square of two samples of equal size having one distribution. */
function twoSamples(a: readonly number[], b: readonly number[]): number {
  const counts = Array.from({ length: BUCKETS }, () => [0, 0] as [number, number]);
  for (const value of a) counts[value]![0]++;
  for (const value of b) counts[value]![1]++;
  return counts.reduce((sum, [x, y]) => (x + y === 0 ? sum : sum + (x - y) ** 2 / (x + y)), 0);
}

describe.each(schemes)('n = $parties, t = $threshold', (scheme) => {
  test.each([1, 2] as const)(
    'shares of a product are uniform whatever the product is, width %d',
    async (width: Width) => {
      const shares = sharesOf(fieldVectorOf(new Array<bigint>(COUNT).fill(3n), width), scheme);
      const z = await runParties(
        scheme,
        (context, self) => multiply(context, shares[self - 1]!, shares[self - 1]!),
        { security: 'semiHonest' },
      );
      for (const share of z) {
        expect(chiSquare(topBits(share))).toBeLessThan(60);
        expect(chiSquare(lowBits(share))).toBeLessThan(60);
      }
      expect(new Set(bigintsOf(openShares(z, scheme)))).toEqual(new Set([9n]));
    },
  );

  test('joint randomness is what it should be', async () => {
    const sets = keySetCount(scheme);
    const made = await runParties(
      scheme,
      function* (): Protocol<Record<string, FieldVector>> {
        const { whole, shifted } = yield* bounded(50, 20, COUNT);
        const { narrow, wide } = yield* dual(40, COUNT);
        const all = yield* signs(COUNT);
        return {
          uniform: yield* uniform(2, COUNT),
          zero: yield* doubleZero(1, COUNT),
          whole,
          shifted,
          narrow,
          wide,
          sign: all[sets - 1]!,
        };
      },
      { security: 'semiHonest' },
    );
    const openedOf = (name: string): FieldVector =>
      openShares(
        made.map((of) => of[name]!),
        scheme,
      );
    expect(chiSquare(topBits(openedOf('uniform')))).toBeLessThan(60);
    expect(chiSquare(lowBits(openedOf('uniform')))).toBeLessThan(60);
    const whole = bigintsOf(openedOf('whole'));
    const shifted = bigintsOf(openedOf('shifted'));
    whole.forEach((value, i) => {
      expect(value < BigInt(sets) * 2n ** 50n).toBe(true);
      const lost = (value >> 20n) - shifted[i]!;
      expect(lost >= 0n && lost < BigInt(sets)).toBe(true);
    });
    expect(bigintsOf(openedOf('narrow'))).toEqual(bigintsOf(openedOf('wide')));
    expect(new Set(bigintsOf(openedOf('sign')))).toEqual(new Set([1n, 2n ** 61n - 2n]));
    // A sharing of zero of degree 2t: its value is zero from 2t + 1 shares, and from t + 1 of them it is not.
    const zeros = made.map((of) => bigintsOf(of['zero']!)[0]!);
    const from = (count: number): bigint => {
      const points = Array.from({ length: count }, (_, i) => i + 1);
      const p = 2n ** 61n - 1n;
      return lagrangeFactors(points, 0, p).reduce((sum, factor, i) => (sum + factor * zeros[i]!) % p, 0n);
    };
    expect(from(2 * scheme.threshold + 1)).toBe(0n);
    expect(from(scheme.threshold + 1)).not.toBe(0n);
  });

  /** What party 1 sees opened while a protocol runs on a constant. */
  async function openings(
    value: bigint,
    count: number,
    protocol: (context: Context, x: FieldVector) => Protocol<FieldVector>,
  ): Promise<FieldVector[]> {
    const shares = sharesOf(fieldVectorOf(new Array<bigint>(count).fill(value)), scheme);
    const seen: FieldVector[] = [];
    await outcomes(scheme, (context, self) => protocol(context, shares[self - 1]!), {
      security: 'semiHonest',
      corrupted: 1,
      corrupt: (party): Host => ({
        context: party.context,
        local: (request) => party.local(request),
        exchange: async (requests: readonly ExchangeRequest[]) => {
          const answers = await party.exchange(requests);
          requests.forEach(({ op }, i) => {
            const answer = answers[i]!;
            if (op === 'open' && 'width' in answer) seen.push(answer.slice(0, answer.length));
            // Padding of the last word is left out.
            if (op === 'reveal' && 'bits' in answer) seen.push(elementsOfBits(answer.bits, count));
          });
          return answers;
        },
      }),
    });
    return seen;
  }

  test.each<[string, number, (context: Context, x: FieldVector) => Protocol<FieldVector>]>([
    ['truncation', COUNT, (context, x) => truncate(context, x, 60, 20)],
    ['products truncated', COUNT, (context, x) => innerProductsTruncated(context, x, x, COUNT, 60, 20)],
    ['comparison', COUNT / 16, (context, x) => isNegative(context, x, 40)],
  ])('what is opened during %s does not depend on the secret', async (_, count, protocol) => {
    const small = await openings(1n, count, protocol);
    const large = await openings(-(2n ** 29n) + 1n, count, protocol);
    expect(small.length).toBeGreaterThan(0);
    expect(small.length).toBe(large.length);
    small.forEach((opened, i) => {
      // Bits 96..99 of wide masks lie in their high part; where they are 0, so are both samples.
      for (const shift of [0n, 19n, 30n, 57n, 96n, 99n]) {
        const bits = (v: FieldVector) => bigintsOf(v).map((value) => Number((value >> shift) & 15n));
        expect(twoSamples(bits(opened), bits(large[i]!))).toBeLessThan(60);
      }
      // Whether a product of comparison terms is zero is a fair coin.
      const zeros = bigintsOf(opened).filter((value) => value === 0n).length;
      if (zeros > 0) expect(Math.abs(zeros - count / 2)).toBeLessThan(6 * Math.sqrt(count / 4));
    });
  });
});
