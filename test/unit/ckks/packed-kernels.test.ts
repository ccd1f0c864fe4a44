import { beforeAll, describe, expect, it } from 'vitest';
import { IntegrityError, PlanError, ShapeError } from '../../../src/base/errors.ts';
import { coefficientFormat, unpackResidues } from '../../../src/ckks/compression.ts';
import { PackedEvaluator } from '../../../src/ckks/kernel/packed-evaluator.ts';
import { type CoefficientPacking, coefficientPacking } from '../../../src/ckks/packing.ts';
import { ckksParameters } from '../../../src/ckks/parameters.ts';
import { Seal, SealContext } from '../../../src/ckks/seal.ts';
import { evaluatorHandlers } from '../../../src/ckks/worker/evaluator.ts';
import { residuesOfIntegers } from '../../../src/ckks/worker/residues.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { checkedRing } from '../../support/ring.ts';

const SETS = [
  ['2048 [49]', ckksParameters(2048, [49]), 70, 300, 5],
  ['4096 [43, 43]', ckksParameters(4096, [43, 43], 20), 40, 500, 3],
  ['8192 [49, 49]', ckksParameters(8192, [49, 49], 49), 9, 4000, 2],
  ['2048 [49], one chunk', ckksParameters(2048, [49]), 5, 2048, 1],
] as const;

describe.each(SETS)('packed products at %s', (_, parameters, rows, cols, chunks) => {
  const packing = coefficientPacking(rows, cols, parameters.degree, chunks) as CoefficientPacking;
  const random = new SeededRandom(rows);
  const matrix = Float64Array.from({ length: rows * cols }, () => random.u32() * 2 ** -31 - 1);
  // A whole output of zeros, and a whole chunk.
  matrix.fill(0, 0, packing.rowsPerCiphertext * cols);
  for (let r = 0; r < rows; r++) matrix.fill(0, r * cols, r * cols + packing.width);
  let context: SealContext;
  let kernels: PackedEvaluator;
  let ciphertexts: Uint8Array[];
  let expected: (Uint8Array | null)[];
  let key: ReturnType<SealContext['newSecretKey']>;

  beforeAll(async () => {
    context = new SealContext(await Seal.load(), parameters);
    key = context.newSecretKey();
    const inputs = Array.from({ length: packing.chunks }, () =>
      residuesOfIntegers(
        Float64Array.from({ length: parameters.degree }, (_, i) =>
          i < packing.width ? random.u32() - 2 ** 31 : 0,
        ),
        context.primes,
      ),
    );
    ciphertexts = context.encryptSeeded(context.plaintexts(inputs), key);
    const seal = await evaluatorHandlers();
    const none = () => {};
    const { signal } = new AbortController();
    await seal.open({ parameters }, none, signal);
    await seal.prepare({ matrix, packing, matrixScaleBits: 12 }, none, signal);
    expected = (await seal.evaluate({ ciphertexts }, none, signal)).ciphertexts as (Uint8Array | null)[];
    const options = { degree: parameters.degree, dataPrimes: context.primes.map(Number) };
    kernels = new PackedEvaluator(options, rows === 70 ? { kernels: checkedRing('fused') } : {});
    let last = 0;
    kernels.prepare(matrix, packing, 12, (done) => {
      last = done;
    });
    expect(last).toBe(packing.outputs);
  });

  it('are those of SEAL to the bit, outputs of zeros left out', () => {
    const results = kernels.multiply(ciphertexts.map((bytes) => kernels.load(bytes, 'seeded')));
    expect(results.map((result) => result === null)).toEqual(expected.map((result) => result === null));
    results.forEach((result, output) => {
      if (result !== null) expect(Buffer.compare(kernels.save(result), expected[output]!)).toBe(0);
    });
  });

  it('are compressed to what their receiver can decrypt', () => {
    const results = kernels.multiply(ciphertexts.map((bytes) => kernels.load(bytes, 'seeded')));
    const primes = context.primes.map(Number);
    const output = results.findIndex((result) => result !== null);
    if (output < 0) return;
    for (const bytes of [4, 7]) {
      const formats = primes.map((p) => coefficientFormat(p, bytes));
      const { c0, c1 } = kernels.compress(results[output]!, output, formats);
      const [exact] = kernelsCoefficients(kernels, results[output]!.components[1]!);
      primes.forEach((p, j) => {
        const back = unpackResidues(c1[j]!, p, parameters.degree, formats[j]!);
        const rounding = 2 ** Math.max(0, formats[j]!.droppedBits - 1);
        back.forEach((value, i) => {
          const apart = Math.abs(value - exact![j]![i]!);
          if (Math.min(apart, p - apart) > rounding) expect.fail(`${value} for ${exact![j]![i]}`);
        });
        const rowsHere = Math.min(packing.rowsPerCiphertext, rows - output * packing.rowsPerCiphertext);
        expect(c0[j]!.length).toBe(rowsHere * bytes);
      });
    }
  });

  it('refuse other counts, sizes and matrices, and leave no ciphertext behind', () => {
    const live = kernels.liveObjects();
    expect(() => kernels.multiply([])).toThrow(IntegrityError);
    expect(() => kernels.load(ciphertexts[0]!, 'full')).toThrow(IntegrityError);
    expect(() => kernels.load(ciphertexts[0]!.subarray(8), 'seeded')).toThrow(IntegrityError);
    expect(kernels.liveObjects()).toBe(live);
    const degree = parameters.degree;
    const small = new PackedEvaluator(
      { degree, dataPrimes: context.primes.map(Number) },
      { maxBytes: 2 ** 18 + 8 * degree * 12 },
    );
    expect(() => small.prepare(matrix.subarray(1), packing, 12)).toThrow(ShapeError);
    expect(() => small.multiply([])).toThrow(ShapeError);
    const wide = coefficientPacking(600, cols, degree, chunks)!;
    expect(() => small.prepare(new Float64Array(600 * cols).fill(1), wide, 12)).toThrow(PlanError);
  });
});

/** Coefficients 0..p - 1 of a component, a vector a prime. */
function kernelsCoefficients(kernels: PackedEvaluator, component: readonly number[]): Float64Array[][] {
  const { ring } = kernels;
  return [
    component.map((page, j) =>
      ring.withPages(1, ([work]) => {
        ring.inverse(work!, page, ring.primes[j]!, 'canonical');
        return ring.pool.view(work!).slice();
      }),
    ),
  ];
}
