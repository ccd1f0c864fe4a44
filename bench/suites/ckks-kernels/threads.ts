import { record } from '../../../src/algebra/record.ts';
import { CkksKeyHolder, ckksEvaluator, planCkks } from '../../../src/ckks/index.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { encryptedBlackScholes } from '../../../src/risk/pricing/encrypted-black-scholes.ts';
import { featuresOf, randomOptions } from '../../../test/support/pricing-batches.ts';
import { median } from '../../harness/interleave.ts';
import type { BenchRow } from '../../harness/row.ts';
import { sampled } from '../../harness/sampled.ts';

const OPTIONS = 8192;
/** Batches of prices, and clients of a matrix, that wait at once. */
const BATCHES = 4;
const CLIENTS = 48;
const ROUNDS = 7;

type Run = () => Promise<unknown>;

/** One worker against two on one memory, in turns: batches of encrypted prices, and clients of a packed matrix. */
export async function runThreads(report: (row: BenchRow) => void): Promise<void> {
  await runPriceBatches(report);
  await runClients(report);
}

async function runPriceBatches(report: (row: BenchRow) => void): Promise<void> {
  const circuit = encryptedBlackScholes({ length: OPTIONS });
  const plan = planCkks(circuit, { precision: 1e-5, packing: 'slots' });
  using holder = await CkksKeyHolder.create(plan.parameters);
  const keys = await holder.evaluationKeys(plan);
  const features: Readonly<Record<string, Float64Array>> = featuresOf(
    randomOptions(new SeededRandom(1), OPTIONS),
  );
  // Of the features, those that a price needs.
  const wanted = Object.keys(circuit.inputs).map((name) => [name, features[name]!] as const);
  const inputs = await holder.encrypt(plan, Object.fromEntries(wanted));
  using one = await ckksEvaluator(plan, { keys, workers: 1 });
  using two = await ckksEvaluator(plan, { keys, workers: 2 });
  const expected = (await one.evaluate(inputs)).outputs['price']![0]!;
  const found = (await two.evaluate(inputs)).outputs['price']![0]!;
  if (Buffer.compare(expected, found) !== 0) throw new Error('workers differ: not timed');
  const batches = (evaluator: typeof one) => () =>
    Promise.all(Array.from({ length: BATCHES }, () => evaluator.evaluate(inputs)));
  const [single, shared] = [await one.stats(), await two.stats()];
  await compare(report, `${BATCHES} batches of ${OPTIONS} encrypted prices`, batches(one), batches(two), {
    oneWorkerMiB: Math.round(single.memoryBytes / 2 ** 20),
    twoWorkersMiB: Math.round(shared.memoryBytes / 2 ** 20),
  });
}

async function runClients(report: (row: BenchRow) => void): Promise<void> {
  const [rows, cols] = [500, 2000];
  const random = new SeededRandom(1);
  const matrix = matrixOf(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.between(-1, 1)),
  );
  const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
    x: { length: cols, bound: 1, l1: 1 },
  });
  const plan = planCkks(circuit, { packing: 'coefficients', precision: 1e-4 });
  using holder = await CkksKeyHolder.create(plan.parameters);
  const request = await holder.encrypt(plan, {
    x: Float64Array.from({ length: cols }, () => random.between(-1, 1) / cols),
  });
  using one = await ckksEvaluator(plan, { workers: 1 });
  using two = await ckksEvaluator(plan, { workers: 2 });
  const [expected, found] = [await one.evaluate(request), await two.evaluate(request)];
  expected.ciphertexts.forEach((bytes, i) => {
    if (Buffer.compare(bytes!, found.ciphertexts[i]!) !== 0) throw new Error('workers differ: not timed');
  });
  const clients = (evaluator: typeof one) => () =>
    Promise.all(Array.from({ length: CLIENTS }, () => evaluator.evaluate(request)));
  const name = `500 x 2000 packed, N = ${plan.parameters.degree}`;
  await compare(report, `${name}: ${CLIENTS} clients at once`, clients(one), clients(two));
  await compare(
    report,
    `${name}: one client`,
    () => one.evaluate(request),
    () => two.evaluate(request),
  );
}

async function compare(
  report: (row: BenchRow) => void,
  name: string,
  one: Run,
  two: Run,
  parameters: Readonly<Record<string, number>> = {},
): Promise<void> {
  const times = { one: [] as number[], two: [] as number[] };
  const processor = { one: [] as number[], two: [] as number[] };
  const lap = async (run: Run, name: 'one' | 'two', counts: boolean) => {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await run();
    const { user, system } = process.cpuUsage(used);
    if (!counts) return;
    times[name].push(performance.now() - start);
    processor[name].push(user + system);
  };
  for (let round = 0; round <= ROUNDS; round++) {
    // The first round warms up.
    await lap(one, 'one', round > 0);
    await lap(two, 'two', round > 0);
  }
  report(
    sampled(times.two, {
      suite: 'ckks-kernels',
      case: `${name}, 2 workers`,
      metric: 'time',
      unit: 'ms',
      baseline: '1 worker',
      ratio: median(times.one) / median(times.two),
      // Processor time of one worker's way over that of two: what is left of a factor of 2 where both cores are free.
      parameters: { ...parameters, processorTimeRatio: median(processor.one) / median(processor.two) },
    }),
  );
}
