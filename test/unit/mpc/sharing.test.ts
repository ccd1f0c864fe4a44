import { describe, expect, test } from 'vitest';
import { bigintsOf, FieldVector, fieldVectorOf } from '../../../src/kernels/field-vector.ts';
import { loadField127 } from '../../../src/kernels/field127.ts';
import { dealShares, lagrangeFactors, reconstruct, type Share } from '../../../src/mpc/sharing.ts';
import { flipped } from '../../support/field-vectors.ts';

const kernels = loadField127();
const secret = fieldVectorOf([0n, 1n, 12345678901234567890n]);

function deal(parties: number, threshold: number): Share[] {
  const vectors = dealShares(kernels, secret, { parties, threshold });
  return vectors.map((vector, i) => ({ party: i + 1, vector }));
}

const codeOf = (code: string) => expect.objectContaining({ code });

describe('reconstruct', () => {
  test('takes shares in any order', () => {
    const shares = deal(5, 2).toReversed();
    expect(bigintsOf(reconstruct(kernels, shares, { parties: 5, threshold: 2 }))).toEqual(bigintsOf(secret));
  });

  test('refuses a changed share of any party, without naming a suspect where n < 3t + 1', () => {
    for (const [parties, threshold] of [
      [3, 1],
      [5, 2],
      [6, 2],
    ] as const) {
      for (let party = 1; party <= parties; party++) {
        const shares = deal(parties, threshold).map((share) =>
          share.party === party ? { party, vector: flipped(share.vector, 1) } : share,
        );
        expect(() => reconstruct(kernels, shares, { parties, threshold })).toThrowError(
          expect.objectContaining({ code: 'protocol', facts: { check: 'degree', parties, threshold } }),
        );
      }
    }
  });

  test('names the parties off the polynomial where n >= 3t + 1', () => {
    for (const [parties, threshold, stray] of [
      [4, 1, [3]],
      [7, 2, [1, 6]],
      [7, 2, [7]],
    ] as const) {
      const shares = deal(parties, threshold).map((share) =>
        (stray as readonly number[]).includes(share.party)
          ? { party: share.party, vector: flipped(share.vector, 2) }
          : share,
      );
      expect(() => reconstruct(kernels, shares, { parties, threshold })).toThrowError(
        expect.objectContaining({ facts: { check: 'degree', parties, threshold, stray: stray.join(',') } }),
      );
    }
  });

  test('names nobody when the dealing itself has too high a degree', () => {
    const coefficients = [secret, secret, secret, secret];
    const shares = [1, 2, 3, 4].map((party) => ({ party, vector: kernels.evaluate(coefficients, party) }));
    expect(() => reconstruct(kernels, shares, { parties: 4, threshold: 1 })).toThrowError(
      expect.objectContaining({ code: 'protocol', facts: { check: 'degree', parties: 4, threshold: 1 } }),
    );
  });

  test('refuses what is not one share of equal length from each party', () => {
    const scheme = { parties: 3, threshold: 1 };
    const [a, b, c] = deal(3, 1) as [Share, Share, Share];
    expect(() => reconstruct(kernels, [a, b], scheme)).toThrowError(codeOf('shape'));
    expect(() => reconstruct(kernels, [a, b, c, c], scheme)).toThrowError(codeOf('shape'));
    expect(() => reconstruct(kernels, [a, b, b], scheme)).toThrowError(codeOf('range'));
    expect(() => reconstruct(kernels, [a, b, { party: 0, vector: c.vector }], scheme)).toThrowError(
      codeOf('range'),
    );
    expect(() => reconstruct(kernels, [a, b, { party: 3, vector: new FieldVector(2) }], scheme)).toThrowError(
      codeOf('shape'),
    );
  });
});

test.each([
  [2, 0],
  [3, 0],
  [4, 2],
  [8, 1],
  [3, 1.5],
  [Number.NaN, 1],
])('dealShares refuses %s parties with threshold %s', (parties, threshold) => {
  expect(() => dealShares(kernels, secret, { parties, threshold })).toThrowError(codeOf('parameters'));
});

test('lagrangeFactors at a point of the set select it', () => {
  expect(lagrangeFactors([1, 2, 3], 2)).toEqual([0n, 1n, 0n]);
});
