import { describe, expect, test } from 'vitest';
import { bigintsOf, fieldVectorOf, M127 } from '../../../src/kernels/field-vector.ts';
import { decodeFixed, encodeFixed, indexOfNonCanonical, uniformVector } from '../../../src/mpc/field.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const signed = (value: bigint): bigint => (value > M127 / 2n ? value - M127 : value);

describe('encodeFixed', () => {
  test('is the exact integer of a double', () => {
    const random = new SeededRandom(3);
    for (let trial = 0; trial < 2000; trial++) {
      const fracBits = random.integer(0, 73);
      // A whole number of 2^-fracBits, so that BigInt can say what to expect.
      const integer = Math.round(random.between(-1, 1) * 2 ** 53) * 2 ** random.integer(0, 47);
      const [encoded] = bigintsOf(encodeFixed(Float64Array.of(integer * 2 ** -fracBits), fracBits));
      expect(signed(encoded!)).toBe(BigInt(integer));
    }
  });

  test('rounds to nearest', () => {
    const x = Float64Array.of(0.4, -0.4, 0.6, -0.6, 0, -0, 1e-300, -1e-300, 1.5);
    expect(bigintsOf(encodeFixed(x, 0)).map(signed)).toEqual([0n, 0n, 1n, -1n, 0n, 0n, 0n, 0n, 2n]);
  });

  test.each([Number.NaN, Infinity, -Infinity, 2 ** 126, -(2 ** 126)])(
    'refuses %s without showing it',
    (x) => {
      expect(() => encodeFixed(Float64Array.of(0, x), 0)).toThrowError(
        expect.objectContaining({ code: 'range', facts: { index: 1, fracBits: 0 } }),
      );
    },
  );
});

describe('decodeFixed', () => {
  test('is within 2^-52, relatively, of the integer, and exact below 2^53', () => {
    const random = new SeededRandom(4);
    for (let trial = 0; trial < 5000; trial++) {
      const bits = random.integer(1, 126);
      let integer = 0n;
      for (let i = 0; i < 4; i++) integer = (integer << 32n) | BigInt(random.u32());
      integer >>= BigInt(128 - bits);
      if (random.uniform() < 0.2) integer = 2n ** BigInt(bits) - 1n;
      if (random.uniform() < 0.5) integer = -integer;
      const [value] = decodeFixed(fieldVectorOf([integer]), 0);
      const difference = BigInt(value!) - integer;
      const magnitude = integer < 0n ? -integer : integer;
      expect((difference < 0n ? -difference : difference) * 2n ** 52n <= magnitude).toBe(true);
      if (bits <= 53) expect(difference).toBe(0n);
    }
  });

  test('takes back what encodeFixed gave', () => {
    const x = Float64Array.of(0, 1, -1, Math.PI, -Math.E, 1e-12, 12345.678);
    expect(decodeFixed(encodeFixed(x, 100), 100)).toEqual(x);
  });
});

describe('uniformVector', () => {
  test('rejects p, which is not an element', () => {
    let calls = 0;
    const fill = <T extends Uint32Array>(words: T): T => {
      calls++;
      words.fill(calls < 3 ? 0xffffffff : 7);
      return words;
    };
    const [value] = bigintsOf(uniformVector(1, 2, fill));
    expect(calls).toBe(3);
    expect(value).toBe(7n | (7n << 32n) | (7n << 64n) | (7n << 96n));
  });

  test('keeps zero', () => {
    const zeros = uniformVector(5, 2, (words) => words.fill(0));
    expect(bigintsOf(zeros)).toEqual([0n, 0n, 0n, 0n, 0n]);
  });
});

test('indexOfNonCanonical finds p and what is above', () => {
  const v = fieldVectorOf([0n, M127 - 1n, 5n]);
  expect(indexOfNonCanonical(v)).toBe(-1);
  v.limbs.set([2n ** 64n - 1n, 2n ** 63n - 1n], 2);
  expect(indexOfNonCanonical(v)).toBe(1);
  v.limbs.set([0n, 2n ** 63n], 0);
  expect(indexOfNonCanonical(v)).toBe(0);
});
