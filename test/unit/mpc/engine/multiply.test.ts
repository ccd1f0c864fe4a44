import { describe, expect, test } from 'vitest';
import {
  bigintsOf,
  type FieldVector,
  fieldVectorOf,
  modulusOf,
  type Width,
} from '../../../../src/kernels/field-vector.ts';
import { countCost } from '../../../../src/mpc/engine/count.ts';
import {
  type Context,
  join,
  kernelsOf,
  open,
  type Protocol,
  uniform,
} from '../../../../src/mpc/engine/protocol.ts';
import { innerProducts, multiply, productOfRows } from '../../../../src/mpc/protocols/multiply.ts';
import type { SharingScheme } from '../../../../src/mpc/sharing.ts';
import { openShares, runParties, sharesOf } from '../../../support/parties.ts';

const schemes: SharingScheme[] = [3, 4, 5, 6, 7].flatMap((parties) =>
  [1, 2, 3].filter((threshold) => 2 * threshold < parties).map((threshold) => ({ parties, threshold })),
);
const random = (length: number, width: Width): FieldVector =>
  fieldVectorOf(
    Array.from({ length }, (_, i) => 7n ** BigInt(i % 97) * 123456789n + BigInt(i) * 2n ** 100n),
    width,
  );

describe.each(schemes)('n = $parties, t = $threshold', (scheme) => {
  test.each([
    [1, 'malicious'],
    [2, 'malicious'],
    [1, 'semiHonest'],
    [2, 'semiHonest'],
  ] as const)('products, inner products and openings, width %d, %s', async (width, security) => {
    const p = modulusOf(width);
    const a = random(130, width);
    const b = random(130, width).slice(0, 130);
    const sharesA = sharesOf(a, scheme);
    const sharesB = sharesOf(b, scheme);
    function* protocol(context: Context, self: number): Protocol<FieldVector[]> {
      const [x, y] = [sharesA[self - 1]!, sharesB[self - 1]!];
      const [z, dots, all] = yield* join<[FieldVector, FieldVector, FieldVector]>([
        multiply(context, x, y),
        innerProducts(context, x, y, 13),
        productOfRows(context, x, 26),
      ]);
      return [z, dots, all, yield* open(kernelsOf(context, width).add(z, z))];
    }
    const results = await runParties(scheme, protocol, { security });
    const opened = [0, 1, 2].map((i) =>
      bigintsOf(
        openShares(
          results.map((r) => r[i]!),
          scheme,
        ),
      ),
    );
    const products = bigintsOf(a).map((x, i) => (x * bigintsOf(b)[i]!) % p);
    expect(opened[0]).toEqual(products);
    expect(opened[1]).toEqual(
      Array.from({ length: 13 }, (_, r) =>
        products.slice(10 * r, 10 * r + 10).reduce((s, v) => (s + v) % p, 0n),
      ),
    );
    expect(opened[2]).toEqual(
      Array.from({ length: 5 }, (_, i) =>
        Array.from({ length: 26 }, (_, r) => bigintsOf(a)[5 * r + i]!).reduce((s, v) => (s * v) % p, 1n),
      ),
    );
    for (const result of results) expect(bigintsOf(result[3]!)).toEqual(products.map((v) => (2n * v) % p));
  });

  test('long verification', async () => {
    const a = random(3000, 1);
    const shares = sharesOf(a, scheme);
    function* protocol(context: Context, self: number): Protocol<FieldVector> {
      const x = shares[self - 1]!;
      yield* multiply(context, x, x);
      return yield* open(yield* uniform(1, 2));
    }
    const results = await runParties(scheme, protocol);
    for (const result of results) expect(bigintsOf(result)).toEqual(bigintsOf(results[0]!));
    const { rounds } = await countCost(scheme, 'malicious', (context) => protocol(context, 1));
    expect(rounds.length).toBeGreaterThan(4);
  });
});
