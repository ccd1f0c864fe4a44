import { describe, expect, it } from 'vitest';
import { executePlain } from '../../../src/algebra/execute.ts';
import { record, recordOrdered } from '../../../src/algebra/record.ts';
import { PlanError, PrecisionError, UnsupportedError } from '../../../src/base/errors.ts';
import { contractOf } from '../../../src/ckks/coefficient-plan.ts';
import { ckksEvaluator } from '../../../src/ckks/evaluator.ts';
import { explain } from '../../../src/ckks/explain.ts';
import { CkksKeyHolder } from '../../../src/ckks/key-holder.ts';
import { FRESH_NOISE_DEVIATION } from '../../../src/ckks/noise.ts';
import { MAX_KERNEL_PRIME_BITS } from '../../../src/ckks/parameters.ts';
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

  it('takes a prime of 53 bits where node-seal is asked for, and no other evaluator', async () => {
    const circuit = product(randomMatrix(500, 2000));
    const options = { packing: 'coefficients', precision: 2e-6 } as const;
    const ofKernels = planCkks(circuit, options);
    const plan = planCkks(circuit, { ...options, evaluator: 'node-seal' });
    expect([ofKernels.evaluator, plan.evaluator]).toEqual(['kernels', 'node-seal']);
    expect(Math.max(...ofKernels.parameters.dataPrimeBits)).toBeLessThanOrEqual(MAX_KERNEL_PRIME_BITS);
    expect([plan.parameters.degree, plan.parameters.dataPrimeBits]).toEqual([2048, [53]]);
    expect(plan.error.y.absolute).toBeLessThanOrEqual(options.precision);
    const bytes = ({ cost }: typeof plan): number => cost.bytesUp + cost.bytesDown;
    expect(bytes(plan)).toBeLessThan(0.75 * bytes(ofKernels));
    // Nobody who works from a contract needs to know.
    expect(contractOf(plan)).not.toHaveProperty('evaluator');
    await expect(ckksEvaluator(plan, { evaluator: 'kernels' })).rejects.toThrow(/at most 49 bits, found 53/);
    expect(() => planCkks(circuit, { packing: 'slots', precision: 1e-3, evaluator: 'node-seal' })).toThrow(
      PlanError,
    );
  });

  it('runs on what it was planned for, within its bound', async () => {
    const m = randomMatrix(60, 40);
    const circuit = product(m);
    const precision = 1e-5;
    const plan = planCkks(circuit, { packing: 'coefficients', precision, evaluator: 'node-seal' });
    expect(plan.parameters.dataPrimeBits).toEqual([53]);
    using holder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan);
    expect(evaluator.runsOn).toBe('node-seal');
    const x = Float64Array.from({ length: 40 }, (_, i) => Math.sin(i) / 40);
    const { ciphertexts } = await evaluator.evaluate(await holder.encrypt(plan, { x }));
    const found = await holder.decryptRaw(plan, ciphertexts);
    const { y } = executePlain(circuit, { x });
    for (const [i, value] of found.entries())
      expect(Math.abs(value - y[i]!)).toBeLessThanOrEqual(plan.error.y.absolute);
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
    const [format] = plan.response.coefficients;
    expect(plan.parameters.dataPrimeBits).toEqual([49]);
    expect(plan.cost).toEqual({
      products: chunks * outputs,
      rotations: 0,
      // Seven bytes a residue and the seed up; down all of c1, and of c0 the results.
      bytesUp: chunks * (7 * plan.parameters.degree + 64),
      bytesDown: format!.bytes * (outputs * plan.parameters.degree + 500),
      matrixBytes: chunks * outputs * 8 * plan.parameters.degree,
    });
  });

  it('sends as few bytes as the precision lets it', () => {
    const circuit = product(randomMatrix(500, 2000));
    const bytesOf = (precision: number): number[] => {
      const { response } = planCkks(circuit, { packing: 'coefficients', precision });
      return response.coefficients.map(({ bytes }) => bytes);
    };
    expect(bytesOf(1e-4)[0]).toBeLessThan(bytesOf(1e-5)[0]!);
    // Rescaled to one prime where that is precise enough, both primes where it is not.
    expect(bytesOf(1e-9)).toHaveLength(1);
    expect(bytesOf(1e-12)).toEqual([7, 7]);
    const fast = planCkks(circuit, { packing: 'coefficients', precision: 1e-5 });
    expect(fast.cost.bytesUp + fast.cost.bytesDown).toBeLessThan(0.6e6);
  });

  it('accounts for the flooding that hides a matrix', () => {
    const circuit = product(randomMatrix(100, 300));
    const shown = planCkks(circuit, { precision: 1e-6, packing: 'coefficients' });
    const hidden = planCkks(circuit, {
      precision: 1e-6,
      hideMatrix: { statisticalBits: 40 },
    }) as typeof shown;
    expect(shown.hiding).toBeUndefined();
    expect(hidden.cost.bytesUp + hidden.cost.bytesDown).toBeGreaterThan(
      shown.cost.bytesUp + shown.cost.bytesDown,
    );
    const { errorParts, hiding, error } = hidden;
    const scale = 2 ** (hidden.inputScaleBits + hidden.matrixScaleBits);
    // 2^40 times all of the noise that any result may have.
    expect(errorParts.hiding * scale).toBe(2 ** (hiding!.floodBits - 1));
    expect(errorParts.hiding).toBeGreaterThan(
      2 ** 39 * 100 * 8 * FRESH_NOISE_DEVIATION * 2 ** -hidden.inputScaleBits,
    );
    expect(error.y.absolute).toBeGreaterThan(errorParts.hiding);
    expect(error.y.absolute).toBeLessThanOrEqual(1e-6);
    for (const statisticalBits of [0, 0.5, Number.NaN, 1000])
      expect(() => planCkks(circuit, { precision: 1e-6, hideMatrix: { statisticalBits } })).toThrow(
        PlanError,
      );
    expect(() => planCkks(circuit, { precision: 1e-12, hideMatrix: { statisticalBits: 128 } })).toThrow(
      /hide the matrix with less than 128 bits/,
    );
    expect(() =>
      planCkks(circuit, { precision: 1e-3, packing: 'slots', hideMatrix: { statisticalBits: 40 } }),
    ).toThrow(/slots shows its matrices/);
  });

  it('gives owners a contract without the matrix, whose digest does not depend on it', () => {
    const planOf = (seed: number) => {
      const matrix = randomMatrix(10, 20, seed);
      // The same norms: only the order of entries differs.
      matrix.data.sort((a, b) => (seed === 1 ? a - b : b - a));
      const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
        x: { length: 20, bound: 1 },
      });
      const hideMatrix = { statisticalBits: 40 };
      return planCkks(circuit, { packing: 'coefficients', precision: 1e-3, hideMatrix });
    };
    const contract = contractOf(planOf(1));
    const numbers = JSON.stringify(contract, (_, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
    );
    expect(numbers).not.toContain('nodes');
    for (const entry of planOf(1).map.matrix.data) expect(numbers).not.toContain(String(entry).slice(0, 12));
    expect(contract.circuit.digest).not.toBe(planOf(1).circuit.digest);
    expect(contract.circuit.digest).toBe(contractOf(planOf(1)).circuit.digest);
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
      /more than 64 ciphertexts: 524288 fit; split the circuit by inputs into 2/,
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
