import { beforeAll, describe, expect, it } from 'vitest';
import { IntegrityError, PlanError, ShapeError } from '../../../src/base/errors.ts';
import { coefficientFormat } from '../../../src/ckks/compression.ts';
import { PackedEvaluator } from '../../../src/ckks/kernel/packed-evaluator.ts';
import {
  type CoefficientPacking,
  coefficientPacking,
  resultCoefficients,
} from '../../../src/ckks/packing.ts';
import { ckksParameters } from '../../../src/ckks/parameters.ts';
import {
  exactFormat,
  packRequest,
  packResponse,
  type ResponseFormat,
  responseFormats,
  unpackResponse,
} from '../../../src/ckks/response.ts';
import { Seal, SealContext } from '../../../src/ckks/seal.ts';
import { residuesOfIntegers } from '../../../src/ckks/worker/residues.ts';
import { sealEvaluatorHandlers } from '../../../src/ckks/worker/seal-evaluator.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { checkedRing } from '../../support/ring.ts';

const SETS = [
  ['2048 [49]', ckksParameters(2048, [49]), 70, 300, 5],
  ['4096 [43, 43]', ckksParameters(4096, [43, 43], 20), 40, 500, 3],
  ['8192 [49, 49, 49]', ckksParameters(8192, [49, 49, 49], 49), 9, 4000, 2],
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
  let requests: Uint8Array[];
  let expected: readonly (Uint8Array | null)[];
  let primes: number[];
  let format: ResponseFormat;
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
    const seal = await sealEvaluatorHandlers();
    const none = () => {};
    const { signal } = new AbortController();
    await seal.open({ parameters }, none, signal);
    primes = context.primes.map(Number);
    format = { primes: primes.length, coefficients: primes.map(exactFormat) };
    const plan = { matrix, packing, matrixScaleBits: 12, format, floodBits: undefined };
    await seal.prepare(plan, none, signal);
    requests = ciphertexts.map((bytes) => packRequest(bytes, primes, parameters.degree));
    const answer = await seal.evaluate({ ciphertexts: requests, publicKey: undefined }, none, signal);
    expected = answer.ciphertexts;
    const options = { degree: parameters.degree, dataPrimes: primes };
    kernels = new PackedEvaluator(options, rows === 70 ? { kernels: checkedRing('fused') } : {});
    let last = 0;
    kernels.prepare(matrix, packing, 12, {
      onOutput: (done) => {
        last = done;
      },
    });
    expect(last).toBe(packing.outputs);
  });

  it('are those of SEAL to the bit, outputs of zeros left out', () => {
    const results = kernels.multiply(ciphertexts.map((bytes) => kernels.load(bytes, 'seeded')));
    expect(results.map((result) => result === null)).toEqual(expected.map((result) => result === null));
    results.forEach((result, output) => {
      if (result === null) return;
      // As it travels, and through SEAL's serialization.
      const sent = kernels.compress(result, output, format);
      expect(Buffer.compare(sent, expected[output]!)).toBe(0);
      using loaded = context.loadCiphertext(kernels.save(result), 'full');
      const bytes = context.coefficientsOf(loaded, primes.length);
      const positions = resultCoefficients(packing, output);
      const resent = packResponse(bytes, parameters.degree, format, positions);
      expect(Buffer.compare(resent, expected[output]!)).toBe(0);
    });
  });

  it('are the same from an upload as it travels, and divided by every number of primes', () => {
    const results = kernels.multiply(requests.map((bytes) => kernels.loadRequest(bytes)));
    results.forEach((result, output) => {
      if (result === null) return;
      for (const some of responseFormats(primes)) {
        using loaded = context.loadCiphertext(kernels.save(result), 'full');
        const positions = resultCoefficients(packing, output);
        const bytes = context.coefficientsOf(loaded, some.primes);
        const resent = packResponse(bytes, parameters.degree, some, positions);
        expect(Buffer.compare(kernels.compress(result, output, some), resent)).toBe(0);
      }
    });
    for (const bytes of [requests[0]!.subarray(1), new Uint8Array(0), requests[0]!.map(() => 255)])
      expect(() => kernels.loadRequest(bytes)).toThrow(IntegrityError);
  });

  it('are sent with their leading bits, each within half of what was dropped', () => {
    const results = kernels.multiply(ciphertexts.map((bytes) => kernels.load(bytes, 'seeded')));
    results.forEach((result, output) => {
      if (result === null) return;
      const positions = resultCoefficients(packing, output);
      const read = (bytes: Uint8Array, of: ResponseFormat) =>
        unpackResponse(bytes, primes, parameters.degree, of, positions);
      const leading = { primes: primes.length, coefficients: primes.map((p) => coefficientFormat(p, 4)) };
      const short = read(kernels.compress(result, output, leading), leading);
      const exact = read(expected[output]!, format);
      short.forEach((words, component) => {
        words.forEach((word, i) => {
          const p = Math.floor(i / parameters.degree);
          const apart = Math.abs(Number(word - exact[component]![i]!));
          const rounding = 2 ** Math.max(0, leading.coefficients[p]!.droppedBits - 1);
          if (Math.min(apart, primes[p]! - apart) > rounding)
            expect.fail(`${word} for ${exact[component]![i]}`);
        });
      });
    });
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
