import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/base/errors.ts';
import { matrixOf, matVec, rowOf, selectionMatrix } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

describe('matrixOf', () => {
  it('keeps the data by reference and fills zeros without it', () => {
    const data = Float64Array.of(1, 2);
    expect(matrixOf(1, 2, data).data).toBe(data);
    expect(matrixOf(2, 3)).toEqual({ rows: 2, cols: 3, data: new Float64Array(6) });
    expect(matrixOf(0, 3).data.length).toBe(0);
  });

  it.each([
    [2, 3, 5],
    [2, 3, 7],
    [-1, -6, 6],
    [1.5, 4, 6],
    [Number.NaN, 1, 0],
  ])('refuses %d x %d with %d numbers', (rows, cols, length) => {
    expect(() => matrixOf(rows, cols, new Float64Array(length))).toThrow(ShapeError);
  });
});

describe('rowOf', () => {
  it('is a view of the row', () => {
    const matrix = matrixOf(2, 3, Float64Array.of(1, 2, 3, 4, 5, 6));
    const row = rowOf(matrix, 1);
    expect([...row]).toEqual([4, 5, 6]);
    row[0] = 7;
    expect(matrix.data[3]).toBe(7);
  });
});

describe('matVec', () => {
  it('known answer', () => {
    const matrix = matrixOf(2, 3, Float64Array.of(1, 2, 3, -4, 5, 0.5));
    expect([...matVec(matrix, Float64Array.of(1, 10, 100))]).toEqual([321, 96]);
  });

  it('is exact on integers for every length around the unrolled four', () => {
    const random = new SeededRandom(2);
    for (let cols = 0; cols <= 13; cols++) {
      const rows = 1 + (cols % 3);
      const integers = (n: number): Float64Array =>
        Float64Array.from({ length: n }, () => random.integer(-1000, 1000));
      const matrix = matrixOf(rows, cols, integers(rows * cols));
      const x = integers(cols);
      const expected = Array.from({ length: rows }, (_, r) =>
        [...rowOf(matrix, r)].reduce((sum, value, c) => sum + value * x[c]!, 0),
      );
      // + 0: a sum without terms may be either zero.
      expect(
        [...matVec(matrix, x)].map((value) => value + 0),
        `${cols} columns`,
      ).toEqual(expected);
    }
  });

  it('hands NaN and infinities on instead of hiding them', () => {
    const y = matVec(matrixOf(2, 5, new Float64Array(10).fill(1)), Float64Array.of(1, 1, 1, 1, Number.NaN));
    expect([...y]).toEqual([Number.NaN, Number.NaN]);
  });

  it('refuses a vector of another length, longer or shorter', () => {
    const matrix = matrixOf(2, 3);
    expect(() => matVec(matrix, new Float64Array(2))).toThrow(ShapeError);
    expect(() => matVec(matrix, new Float64Array(4))).toThrow(ShapeError);
  });
});

describe('selectionMatrix', () => {
  it('takes elements in any order, and as often as asked', () => {
    const x = Float64Array.of(3, 5, 7);
    expect([...matVec(selectionMatrix([2, 0, 2], 3), x)]).toEqual([7, 3, 7]);
    expect(selectionMatrix([], 3)).toEqual(matrixOf(0, 3));
  });
});
