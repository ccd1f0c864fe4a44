import { describe, expect, test } from 'vitest';
import {
  bigintsOf,
  type FieldVector,
  fieldVectorOf,
  modulusOf,
} from '../../../../src/kernels/field-vector.ts';
import { countCost } from '../../../../src/mpc/engine/count.ts';
import { type Context, join, open, type Protocol, verify } from '../../../../src/mpc/engine/protocol.ts';
import { shapeVector } from '../../../../src/mpc/engine/shapes.ts';
import { matrixProduct, multiply } from '../../../../src/mpc/protocols/multiply.ts';
import { deviating } from '../../../support/adversary.ts';
import { openShares, outcomes, runParties, sharesOf } from '../../../support/parties.ts';

const ROWS = 5;
const INNER = 7;
const COLS = 3;
const values = (length: number, seed: bigint): bigint[] =>
  Array.from({ length }, (_, i) => (BigInt(i) * seed + 11n) ** 5n);

describe.each([
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
  { parties: 5, threshold: 2 },
])('n = $parties, t = $threshold', (scheme) => {
  test.each([
    [1, 'malicious'],
    [2, 'malicious'],
    [2, 'semiHonest'],
  ] as const)('products of matrices beside others, width %d, %s', async (width, security) => {
    const p = modulusOf(width);
    const [a, b] = [values(ROWS * INNER, 3n), values(INNER * COLS, 5n)];
    const shares = [a, b].map((of) => sharesOf(fieldVectorOf(of, width), scheme));
    function* protocol(context: Context, self: number): Protocol<FieldVector> {
      const [x, y] = [shares[0]![self - 1]!, shares[1]![self - 1]!];
      const [c, d] = yield* join<[FieldVector, FieldVector, FieldVector]>([
        matrixProduct(context, x, y, ROWS),
        matrixProduct(context, y, y.part(0, COLS), INNER * COLS),
        multiply(context, x, x),
      ]);
      yield* open(d);
      return c;
    }
    const results = await runParties(scheme, protocol, { security });
    const c = bigintsOf(openShares(results, scheme));
    for (let i = 0; i < ROWS; i++) {
      for (let j = 0; j < COLS; j++) {
        let sum = 0n;
        for (let k = 0; k < INNER; k++) sum += a[i * INNER + k]! * b[k * COLS + j]!;
        expect(c[i * COLS + j]).toBe(sum % p);
      }
    }
  });
});

test('a wrong element of a product of matrices is found', async () => {
  const scheme = { parties: 3, threshold: 1 };
  const shares = [values(ROWS * INNER, 3n), values(INNER * COLS, 5n)].map((of) =>
    sharesOf(fieldVectorOf(of), scheme),
  );
  for (let element = 0; element < ROWS * COLS; element++) {
    const { parties } = await outcomes(
      scheme,
      function* (context, self): Protocol<FieldVector> {
        const c = yield* matrixProduct(context, shares[0]![self - 1]!, shares[1]![self - 1]!, ROWS);
        yield* verify();
        return c;
      },
      { corrupted: 2, corrupt: (party) => deviating(party, { round: 0, element, by: 1n }) },
    );
    expect([parties[0]!.kind, parties[2]!.kind]).toEqual(['failure', 'failure']);
  }
});

test('one element is reshared a result, and verification is as long as the operands', async () => {
  const of = async (size: number) =>
    countCost({ parties: 3, threshold: 1 }, 'malicious', function* (context) {
      const [a, b] = [shapeVector(size * size, 2), shapeVector(size * size, 2)];
      yield* open(yield* matrixProduct(context, a, b, size));
    });
  const { rounds, products } = await of(64);
  expect(rounds[0]!.reshared[2]).toBe(64 * 64);
  expect(products).toBeLessThan(64 ** 3 + 8 * 64 ** 2);
});
