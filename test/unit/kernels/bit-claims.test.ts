import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type BitClaimKernels, type BitSide, loadBitClaims } from '../../../src/kernels/bit-claims.ts';
import { base64, sha256 } from '../../../src/kernels/bit-claims.wasm.ts';
import { bitClaimsTwinVartime as twin } from '../../../src/kernels/bit-claims-twin.ts';
import { bigintsOf, FieldVector, fieldVectorOf, M61 } from '../../../src/kernels/field-vector.ts';
import { uniformVector } from '../../../src/mpc/field.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const random = new SeededRandom(33);
const kernels = loadBitClaims();
const folded = (by: BitClaimKernels, side: BitSide, isRight: boolean, factors: FieldVector): bigint[] => {
  const out = new FieldVector((128 * side.s.length) / factors.length, 1);
  by.fold(side, isRight, factors, out);
  return bigintsOf(out);
};
const sideOf = (length: number, word: () => number): BitSide => {
  const words = () => Uint32Array.from({ length }, word);
  return { s: words(), x: words(), y: words() };
};

test('the committed module is the one that is embedded', () => {
  const bytes = readFileSync(new URL('../../../wasm/bit-claims.wasm', import.meta.url));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  expect(bytes.toString('base64')).toBe(base64);
});

describe.each([
  [16, 4],
  [32, 8],
  [64, 4],
  [16, 68],
])('%d rows of %d words', (pieces, words) => {
  const left = sideOf(pieces * words, () => random.u32());
  const right = sideOf(pieces * words, () => random.u32());
  const factors = uniformVector(pieces, 1);

  test('agrees with the twin', () => {
    expect(kernels.mismatches(left, right, pieces)).toEqual(twin.mismatches(left, right, pieces));
    for (const isRight of [false, true]) {
      for (const weights of [factors, fieldVectorOf(new Array<bigint>(pieces).fill(M61 - 1n), 1)]) {
        const side = isRight ? right : left;
        expect(folded(kernels, side, isRight, weights)).toEqual(folded(twin, side, isRight, weights));
      }
    }
    for (const word of [0, 0xffff_ffff]) {
      const same = sideOf(pieces * words, () => word);
      expect(folded(kernels, same, true, factors)).toEqual(folded(twin, same, true, factors));
    }
  });

  test('half of the product of folded sides is what mismatches say', () => {
    const counts = kernels.mismatches(left, right, pieces);
    const [a, b] = [bigintsOf(factors), bigintsOf(uniformVector(pieces, 1))];
    const u = folded(kernels, left, false, factors);
    const v = folded(kernels, right, true, fieldVectorOf(b, 1));
    const product = u.reduce((sum, value, i) => (sum + value * v[i]!) % M61, 0n);
    let expected = 0n;
    a.forEach((f, i) => {
      b.forEach((g, j) => {
        expected += f * g * (2n * BigInt(32 * words) - 4n * BigInt(counts[i * pieces + j]!));
      });
    });
    expect(product).toBe(((expected % M61) + M61) % M61);
  });
});

test('claims that hold have no mismatch', () => {
  const left = sideOf(64, () => random.u32());
  const { x, y } = sideOf(64, () => random.u32());
  const s = left.s.map((word, i) => word ^ (left.x[i]! & y[i]!) ^ (left.y[i]! & x[i]!));
  const counts = kernels.mismatches(left, { s, x, y }, 16);
  for (let i = 0; i < 16; i++) expect(counts[17 * i]).toBe(0);
  s[20]! ^= 8;
  expect(kernels.mismatches(left, { s, x, y }, 16)[17 * 5]).toBe(1);
});
