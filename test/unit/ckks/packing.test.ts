import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coefficientPacking,
  columnsOfChunk,
  fillMatrixPolynomial,
  resultCoefficient,
  rowsOfOutput,
} from '../../../src/ckks/packing.ts';

/** a b mod X^N + 1, the long way. */
function negacyclicProduct(a: Float64Array, b: Float64Array): Float64Array {
  const n = a.length;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const k = i + j;
      if (k < n) out[k]! += a[i]! * b[j]!;
      else out[k - n]! -= a[i]! * b[j]!;
    }
  }
  return out;
}

describe('coefficient packing', () => {
  it('puts every inner product where it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 2 ** 31 }),
        (rows, cols, chunks, seed) => {
          const degree = 32;
          const packing = coefficientPacking(rows, cols, degree, Math.min(chunks, cols));
          fc.pre(packing !== undefined);
          let state = seed;
          const draw = () => {
            state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
            return (state % 19) - 9;
          };
          const matrix = Float64Array.from({ length: rows * cols }, draw);
          const x = Float64Array.from({ length: cols }, draw);
          const found = new Float64Array(rows);
          for (let output = 0; output < packing.outputs; output++) {
            const total = new Float64Array(degree);
            for (let chunk = 0; chunk < packing.chunks; chunk++) {
              const [from, to] = columnsOfChunk(packing, chunk);
              const vector = new Float64Array(degree);
              vector.set(x.subarray(from, to));
              const polynomial = new Float64Array(degree);
              fillMatrixPolynomial(packing, matrix, output, chunk, 1, polynomial);
              negacyclicProduct(vector, polynomial).forEach((value, i) => {
                total[i]! += value;
              });
            }
            const [from, to] = rowsOfOutput(packing, output);
            for (let row = from; row < to; row++) found[row] = total[resultCoefficient(packing, row - from)]!;
          }
          const expected = Float64Array.from({ length: rows }, (_, r) =>
            x.reduce((sum, value, c) => sum + value * matrix[r * cols + c]!, 0),
          );
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('needs k uploads and ceil(rows / floor(N / ceil(cols / k))) downloads', () => {
    expect(coefficientPacking(500, 2000, 2048, 16)).toEqual({
      rows: 500,
      cols: 2000,
      chunks: 16,
      width: 125,
      rowsPerCiphertext: 16,
      outputs: 32,
    });
  });

  it('refuses a chunk that does not fit the degree', () => {
    expect(coefficientPacking(1, 4096, 2048, 1)).toBeUndefined();
  });

  it('reports a block of zeros, and rounds to the scale', () => {
    const packing = coefficientPacking(1, 4, 8, 2)!;
    const out = new Float64Array(8).fill(9);
    const matrix = Float64Array.of(0, 0, 0.3, -0.3);
    expect(fillMatrixPolynomial(packing, matrix, 0, 0, 16, out)).toBe(false);
    expect(out.every((value) => value === 0)).toBe(true);
    expect(fillMatrixPolynomial(packing, matrix, 0, 1, 16, out)).toBe(true);
    expect(Array.from(out)).toEqual([-5, 5, 0, 0, 0, 0, 0, 0]);
  });
});
