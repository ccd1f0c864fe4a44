import { coefficientFormat } from '../../../src/ckks/compression.ts';
import type { KernelCiphertext } from '../../../src/ckks/kernel/kernel-ciphertext.ts';
import { PackedEvaluator } from '../../../src/ckks/kernel/packed-evaluator.ts';
import { type CoefficientPacking, coefficientPacking } from '../../../src/ckks/packing.ts';
import { ckksParameters } from '../../../src/ckks/parameters.ts';
import { packRequest, type ResponseFormat } from '../../../src/ckks/response.ts';
import { Seal, SealContext } from '../../../src/ckks/seal.ts';
import { residuesOfIntegers } from '../../../src/ckks/worker/residues.ts';
import { sealEvaluatorHandlers } from '../../../src/ckks/worker/seal-evaluator.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { median } from '../../harness/interleave.ts';
import type { BenchRow } from '../../harness/row.ts';
import { sampled } from '../../harness/sampled.ts';

const [ROWS, COLS, CHUNKS] = [500, 2000, 16] as const;
const ROUNDS = 40;
/** Bits of a response's coefficients. */
const RESPONSE_BYTES = 4;

/** 500 scenarios x 2000 coordinates at N = 2048 with one prime of 49 bits: products alone, and the whole service of a client. */
export async function runPacked(report: (row: BenchRow) => void): Promise<void> {
  const parameters = ckksParameters(2048, [49]);
  const packing = coefficientPacking(ROWS, COLS, parameters.degree, CHUNKS) as CoefficientPacking;
  const random = new SeededRandom(1);
  const matrix = Float64Array.from({ length: ROWS * COLS }, () => random.u32() * 2 ** -31 - 1);
  const context = new SealContext(await Seal.load(), parameters);
  const key = context.newSecretKey();
  const inputs = Array.from({ length: packing.chunks }, () => {
    const values = new Float64Array(parameters.degree);
    for (let i = 0; i < packing.width; i++) values[i] = random.u32() / 4;
    return residuesOfIntegers(values, context.primes);
  });
  const ciphertexts = context.encryptSeeded(context.plaintexts(inputs), key);
  const none = () => {};
  const { signal } = new AbortController();
  const seal = await sealEvaluatorHandlers();
  await seal.open({ parameters }, none, signal);
  const primes = context.primes.map(Number);
  const format: ResponseFormat = { primes: 1, coefficients: [coefficientFormat(primes[0]!, RESPONSE_BYTES)] };
  await seal.prepare({ matrix, packing, matrixScaleBits: 17, format, floodBits: undefined }, none, signal);
  const kernels = new PackedEvaluator({ degree: parameters.degree, dataPrimes: primes });
  kernels.prepare(matrix, packing, 17);
  const request = {
    ciphertexts: ciphertexts.map((bytes) => packRequest(bytes, primes, parameters.degree)),
    publicKey: undefined,
  };

  const load = () => request.ciphertexts.map((bytes) => kernels.loadRequest(bytes));
  const release = (list: readonly (KernelCiphertext | null)[]) => {
    for (const ciphertext of list) ciphertext?.[Symbol.dispose]();
  };
  const expected = (await seal.evaluate(request, none, signal)).ciphertexts;
  const found = kernels.multiply(load());
  found.forEach((result, i) => {
    const sent = kernels.compress(result!, i, format);
    if (Buffer.compare(sent, expected[i]!) !== 0) throw new Error('results differ: not timed');
  });
  release(found);

  const times: Record<'sealProducts' | 'sealService' | 'products' | 'service', number[]> = {
    sealProducts: [],
    sealService: [],
    products: [],
    service: [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    let start = performance.now();
    const { productMs } = await seal.evaluate(request, none, signal);
    times.sealService.push(performance.now() - start);
    times.sealProducts.push(productMs);
    start = performance.now();
    const loaded = load();
    const before = performance.now();
    const results = kernels.multiply(loaded);
    times.products.push(performance.now() - before);
    results.forEach((result, output) => {
      if (result !== null) kernels.compress(result, output, format);
    });
    times.service.push(performance.now() - start);
    release([...loaded, ...results]);
  }
  const emit = (name: string, ms: readonly number[], baseline: string, seal: readonly number[]) =>
    report(
      sampled(ms, {
        suite: 'ckks-kernels',
        case: `500 x 2000 packed, N = 2048: ${name}`,
        metric: 'time',
        unit: 'ms',
        baseline,
        ratio: median(seal) / median(ms),
        parameters: {
          degree: parameters.degree,
          primes: '49',
          chunks: packing.chunks,
          outputs: packing.outputs,
        },
      }),
    );
  emit('products', times.products, 'node-seal, products', times.sealProducts);
  emit(
    'service: load, expand, products, compress',
    times.service,
    'node-seal: load, products, compress',
    times.sealService,
  );
}
