import { expect, test } from 'vitest';
import { bitPlanes, elementsOfBits, wordsFor } from '../../../src/kernels/bit-planes.ts';
import { bigintsOf, type Width } from '../../../src/kernels/field-vector.ts';
import { uniformVector } from '../../../src/mpc/field.ts';

test.each<[Width, number, number]>([
  [2, 1, 1],
  [2, 31, 33],
  [2, 32, 64],
  [2, 100, 127],
  [1, 65, 61],
])('planes of width %d, %d elements, %d rows, and back', (width, length, rows) => {
  const v = uniformVector(length, width);
  const planes = bitPlanes(v, rows);
  const words = wordsFor(length);
  expect(planes.length).toBe(rows * words);
  const values = bigintsOf(v);
  for (let row = 0; row < rows; row++) {
    const bits = planes.subarray(row * words, (row + 1) * words);
    expect(bigintsOf(elementsOfBits(bits, length))).toEqual(
      values.map((value) => (value >> BigInt(row)) & 1n),
    );
    // Nothing behind the last element.
    if (length % 32 > 0) expect(bits.at(-1)! >>> (length % 32)).toBe(0);
  }
});
