import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { record } from '../../src/algebra/record.ts';
import { PlanError } from '../../src/base/errors.ts';
import { CkksKeyHolder, ckksEvaluator, planCkks } from '../../src/ckks/index.ts';
import { type Matrix, matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';

/** Entries of three kinds: dense, sparse, and all zero. */
type Filling = 'dense' | 'sparse' | 'zero';

function matrixWith(rows: number, cols: number, filling: Filling, scale: number, seed: number): Matrix {
  const random = new SeededRandom(seed);
  const entry = (): number =>
    filling === 'zero' || (filling === 'sparse' && random.integer(0, 9) > 0)
      ? 0
      : scale * random.between(-1, 1);
  return matrixOf(rows, cols, Float64Array.from({ length: rows * cols }, entry));
}

/** Encrypts, multiplies and decrypts; the worst error over what was promised. */
async function errorOverBound(
  matrix: Matrix,
  relative: number,
  seed: number,
  hides: boolean,
): Promise<number> {
  const random = new SeededRandom(seed);
  const x = Float64Array.from({ length: matrix.cols }, () => random.between(-1, 1));
  const circuit = record((alg, { x: vector }) => ({ y: alg.matVecPlain(matrix, vector) }), {
    x: { length: matrix.cols, bound: 1 },
  });
  const truth = executePlain(circuit, { x }).y;
  const rowL1 = Math.max(
    ...Array.from({ length: matrix.rows }, (_, r) =>
      matrix.data.subarray(r * matrix.cols, (r + 1) * matrix.cols).reduce((sum, v) => sum + Math.abs(v), 0),
    ),
  );
  const precision = relative * (rowL1 || 1);
  const hideMatrix = hides ? { statisticalBits: 30 } : undefined;
  const plan = planCkks(circuit, { packing: 'coefficients', precision, hideMatrix });
  using holder = await CkksKeyHolder.create(plan.parameters);
  using evaluator = await ckksEvaluator(plan, { workers: 1 });
  const upload = await holder.encrypt(plan, { x });
  expect(upload.reduce((sum, { length }) => sum + length, 0)).toBe(plan.cost.bytesUp);
  const publicKey = hides ? await holder.publicKey() : undefined;
  const { ciphertexts } = await evaluator.evaluate(upload, { publicKey });
  const down = ciphertexts.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  if (ciphertexts.includes(null)) expect(down).toBeLessThan(plan.cost.bytesDown);
  else expect(down).toBe(plan.cost.bytesDown);
  const y = await holder.decryptRaw(plan, ciphertexts);
  expect(y.length).toBe(matrix.rows);
  expect([await holder.liveObjects(), await evaluator.liveObjects()]).toEqual([0, 0]);
  const worst = y.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i]!)), 0);
  // The plain engine itself rounds.
  return worst / (plan.error.y.absolute + rowL1 * 1e-13);
}

describe('matrix times encrypted vector', { timeout: 120_000 }, () => {
  it.each([
    [1, 1, 'dense'],
    [1, 5000, 'dense'],
    [5000, 1, 'dense'],
    [9000, 2, 'sparse'],
    [2, 20_000, 'sparse'],
    [1, 140_000, 'dense'],
    [30, 40, 'zero'],
    [2048, 64, 'zero'],
  ] as const)('of shape %d x %d, %s, is within its bound', async (rows, cols, filling) => {
    const matrix = matrixWith(rows, cols, filling, 1, rows + cols);
    expect(await errorOverBound(matrix, 1e-4, 1, false)).toBeLessThanOrEqual(1);
  });

  it('of any shape, scale and precision, hidden or not, is within its bound', async () => {
    const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2500 }));
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, side).filter(([rows, cols]) => rows * cols <= 200_000),
        fc.constantFrom<Filling>('dense', 'dense', 'sparse', 'zero'),
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: 2, max: 9 }),
        fc.integer(),
        fc.integer({ min: 0, max: 4 }),
        async ([rows, cols], filling, scaleBits, digits, seed, hidden) => {
          const hides = hidden === 0;
          const matrix = matrixWith(rows, cols, filling, 2 ** scaleBits, seed);
          const relative = 10 ** -(hides ? Math.min(digits, 4) : digits);
          expect(await errorOverBound(matrix, relative, seed + 1, hides)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 8, seed: 20_261_125 },
    );
  });

  it('of too many columns is refused with the number that fits', () => {
    const cols = 64 * 8192 + 1;
    const circuit = record((alg, { x }) => ({ y: alg.sum(x) }), { x: { length: cols, bound: 1 } });
    const plan = () => planCkks(circuit, { packing: 'coefficients', precision: 1 });
    expect(plan).toThrow(PlanError);
    expect(plan).toThrow(/524288 fit; split the circuit by inputs into 2/);
  });

  it('that would not fit in memory is refused with the rows that do', async () => {
    const matrix = matrixWith(4, 4, 'dense', 1, 1);
    const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
      x: { length: 4, bound: 1 },
    });
    const plan = planCkks(circuit, { packing: 'coefficients', precision: 1e-3 });
    const huge = { ...plan, cost: { ...plan.cost, matrixBytes: 2 ** 31 } };
    await expect(ckksEvaluator(huge)).rejects.toThrow(/at most 2 each/);
  });
});
