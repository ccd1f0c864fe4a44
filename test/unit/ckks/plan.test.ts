import { describe, expect, it } from 'vitest';
import { record, recordOrdered } from '../../../src/algebra/record.ts';
import { PlanError, PrecisionError, UnsupportedError } from '../../../src/base/errors.ts';
import { explain } from '../../../src/ckks/explain.ts';
import { planCkks } from '../../../src/ckks/plan.ts';
import { type Matrix, matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

function randomMatrix(rows: number, cols: number, seed = 1): Matrix {
  const random = new SeededRandom(seed);
  return matrixOf(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.between(-1, 1)),
  );
}

const product = (m: Matrix, l1 = 1) =>
  record((alg, { x }) => ({ y: alg.matVecPlain(m, x) }), { x: { length: m.cols, bound: 1, l1 } });

describe('planCkks', () => {
  it('chooses a larger degree for a higher precision', () => {
    const circuit = product(randomMatrix(500, 2000));
    const degrees = [1e-5, 1e-8, 1e-12].map(
      (precision) => planCkks(circuit, { packing: 'coefficients', precision }).parameters.degree,
    );
    expect(degrees).toEqual([2048, 4096, 8192]);
  });

  it('promises an error within the wanted one', () => {
    const circuit = product(randomMatrix(100, 300));
    for (const precision of [1e-4, 1e-6, 1e-9, 1e-12]) {
      const plan = planCkks(circuit, { packing: 'coefficients', precision });
      expect(plan.error.y).toEqual({ absolute: expect.any(Number), known: 'proved' });
      expect(plan.error.y.absolute).toBeLessThanOrEqual(precision);
    }
  });

  it('leaves head-room above the largest result', () => {
    for (const l1 of [1, 1000, 1e6]) {
      const plan = planCkks(product(randomMatrix(20, 50), l1), {
        packing: 'coefficients',
        precision: l1 * 1e-4,
      });
      const bits = plan.parameters.dataPrimeBits.reduce((sum, b) => sum + b, 0);
      const used = plan.inputScaleBits + plan.matrixScaleBits + Math.log2(plan.resultBound);
      expect(used).toBeLessThanOrEqual(bits - 2);
    }
  });

  it('predicts bytes and products of the packing', () => {
    const plan = planCkks(product(randomMatrix(500, 2000)), { packing: 'coefficients', precision: 1e-5 });
    const { chunks, outputs } = plan.packing;
    const polynomial = 8 * plan.parameters.degree;
    expect(plan.cost).toEqual({
      products: chunks * outputs,
      rotations: 0,
      bytesUp: chunks * polynomial,
      bytesDown: 2 * outputs * polynomial,
      matrixBytes: chunks * outputs * polynomial,
    });
  });

  it('makes room for flooding, and accounts for it in the error', () => {
    const circuit = product(randomMatrix(100, 300));
    const owner = planCkks(circuit, { packing: 'coefficients', precision: 1e-9 });
    const released = planCkks(circuit, {
      packing: 'coefficients',
      precision: 1e-9,
      release: { queries: 1024, statisticalBits: 40 },
    });
    expect(owner.flooding).toBeUndefined();
    expect(released.parameters.dataPrimeBits.length).toBeGreaterThan(owner.parameters.dataPrimeBits.length);
    const { sigma, grid, error } = released.flooding!;
    // sigma >= sqrt(12 tau) 2^(s/2) |e|_2
    expect(sigma).toBeGreaterThanOrEqual(
      Math.sqrt(12 * 1024) * 2 ** 20 * released.errorParts.noise * Math.sqrt(100),
    );
    expect(grid).toBeLessThanOrEqual(sigma / 8);
    expect(released.error.y.absolute).toBeGreaterThan(error);
  });

  it('refuses what it cannot do, and says what would', () => {
    const m = randomMatrix(3, 4);
    const spec = { x: { length: 4, bound: 1 } };
    expect(() => planCkks(product(m), { packing: 'coefficients', precision: 1e-18 })).toThrow(PrecisionError);
    expect(() => planCkks(product(m), { packing: 'coefficients', precision: 1e-18 })).toThrow(
      /finest attainable is \d/,
    );
    expect(() => planCkks(product(m), { packing: 'coefficients', precision: 0 })).toThrow(PlanError);
    expect(() => planCkks(product(m), { packing: 'coefficients', precision: Number.NaN })).toThrow(PlanError);
    expect(() =>
      planCkks(
        record((alg, { x }) => ({ y: alg.mul(x, x) }), spec),
        { packing: 'coefficients', precision: 1 },
      ),
    ).toThrow(UnsupportedError);
    const ordered = recordOrdered((alg, { x }) => ({ y: alg.kthSmallest(x, 1) }), spec);
    // @ts-expect-error an ordered circuit cannot be planned for CKKS
    expect(() => planCkks(ordered, { packing: 'coefficients', precision: 1 })).toThrow(/cannot compare/);
    const long = product(randomMatrix(1, 64 * 8192 + 1));
    expect(() => planCkks(long, { packing: 'coefficients', precision: 1e-3 })).toThrow(
      /more than 64 ciphertexts/,
    );
  });
});

describe('packing', () => {
  it('of a matrix is by coefficients, of an elementwise product by slots, unless one is asked for', () => {
    const matrix = product(randomMatrix(100, 300));
    expect(planCkks(matrix, { precision: 1e-6 }).kind).toBe('coefficients');
    const slots = planCkks(matrix, { precision: 1e-6, packing: 'slots' });
    expect(slots.kind).toBe('slots');
    const w = Float64Array.from({ length: 4000 }, (_, i) => Math.sin(i));
    const elementwise = record((alg, { x }) => ({ y: alg.mulPlain(x, w) }), {
      x: { length: 4000, bound: 1 },
    });
    expect(planCkks(elementwise, { precision: 1e-6 }).kind).toBe('slots');
    // Thousands of ciphertexts by coefficients, a few dozen by slots.
    const long = product(randomMatrix(1, 64 * 8192 + 1));
    expect(planCkks(long, { precision: 1e-3 }).kind).toBe('slots');
  });

  it('of products of secrets can only be by slots', () => {
    const square = record((alg, { x }) => ({ y: alg.mul(x, x) }), { x: { length: 4, bound: 1 } });
    expect(planCkks(square, { precision: 1e-3 }).kind).toBe('slots');
    expect(() => planCkks(square, { precision: 1e-3, packing: 'coefficients' })).toThrow(UnsupportedError);
  });

  it('is explained', () => {
    const text = explain(planCkks(product(randomMatrix(100, 300)), { precision: 1e-6 }));
    expect(text).toMatch(/coefficients of N = \d+, primes of .* bits: \d+ of at most \d+/);
    expect(text).toMatch(/100 x 300 matrix/);
  });
});
