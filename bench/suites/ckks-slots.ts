import { record } from '../../src/algebra/record.ts';
import { seriesFor } from '../../src/algebra/series/library.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { ckksParameters } from '../../src/ckks/parameters.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { SealEvaluationKeys } from '../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../src/ckks/seal/slot-secrets.ts';
import { Seal, SealContext } from '../../src/ckks/seal.ts';
import { normalCdf } from '../../src/numeric/normal.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { naiveSeries } from '../baselines/naive-series.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

/** Leveled CKKS on node-seal: single operations by level, and whole programs against what one would write first. */
export const suite: BenchSuite = { name: 'ckks-slots', run };

const ROUNDS = 5;
const DEGREE = 16384;
const SLOTS = DEGREE / 2;

type Emit = (name: string, metric: string, samples: Timings, more?: Partial<Measurement>) => void;

async function run(report: (row: BenchRow) => void): Promise<void> {
  const emit: Emit = (name, metric, samples, more = {}) =>
    report(
      sampled(samples, {
        suite: 'ckks-slots',
        case: name,
        metric,
        unit: 'ms',
        ...more,
      }),
    );
  await operations(emit);
  await normalDistribution(emit);
}

/** Every operation at three levels of the chain that prices options. */
async function operations(emit: Emit): Promise<void> {
  const seal = await Seal.load();
  using context = new SealContext(seal, ckksParameters(DEGREE, [48, 45, 45, 45, 45, 45, 45, 45], 49));
  using key = context.newSecretKey();
  using holder = new SlotKeyHolder(context, key);
  const spec = { relinearise: true, rotations: [1], conjugate: false };
  using keys = new SealEvaluationKeys(context, spec, holder.evaluationKeys(spec, 'seeded'));
  using evaluator = new SealSlotEvaluator(context, keys);
  const values = new Float64Array(SLOTS).fill(0.5);
  const scale = 2 ** 45;
  for (const level of [7, 4, 1]) {
    const input = { name: 'x', length: SLOTS, blocks: 1, level, scale, padding: 'zero' } as const;
    using a = evaluator.load(holder.encryptor.encrypt(input, values)[0]!, 'seeded', level, scale);
    using p = evaluator.encode({ values, level, scale });
    using three = evaluator.square(a);
    const timed = (make: () => Disposable) => () => {
      using _ = make();
      return 1;
    };
    const cases = {
      'encode a vector': timed(() => evaluator.encode({ values, level, scale })),
      'encode a number': timed(() => evaluator.encode({ values: 0.5, level, scale })),
      add: timed(() => evaluator.add(a, a)),
      mulPlain: timed(() => evaluator.mulPlain(a, p)),
      multiply: timed(() => evaluator.multiply(a, a)),
      square: timed(() => evaluator.square(a)),
      relinearise: timed(() => evaluator.relinearise(three)),
      rescale: timed(() => evaluator.rescale(a)),
      rotate: timed(() => evaluator.rotate(a, [1])[0]!),
      dropLevels: timed(() => evaluator.dropLevels(a, level - 1)),
    };
    const { timings } = interleave(cases, { rounds: 3, secondsPerRound: 0.1 });
    for (const [name, samples] of Object.entries<Timings>(timings))
      emit(
        `level ${level}`,
        name,
        samples.map((seconds) => 1000 * seconds),
        { parameters: { degree: DEGREE, dataPrimes: level + 1 } },
      );
  }
}

/** Phi of a vector of slots as planned; where a naive program reaches that far, against it. */
async function normalDistribution(emit: Emit): Promise<void> {
  for (const [limit, seriesError, precision] of [
    [6, 1e-7, 1e-6],
    [10, 5e-9, 2e-8],
  ] as const) {
    const random = new SeededRandom(limit);
    const x = Float64Array.from({ length: SLOTS }, () => random.between(-limit, limit));
    const series = seriesFor('normalCdf', [-limit, limit], seriesError);
    const truth = x.map(normalCdf);
    const worst = (found: Float64Array) =>
      found.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i]!)), 0);
    const circuit = record((alg, { v }) => ({ phi: alg.poly(series, v) }), {
      v: { length: SLOTS, bound: limit },
    });
    const plan = planCkks(circuit, { precision, packing: 'slots' });
    using holder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan, { keys: await holder.evaluationKeys(plan) });
    const inputs = await holder.encrypt(plan, { v: x });
    const naive = series.coefficients.length <= 32 ? await naiveSeries(series, x) : undefined;
    const ours: number[] = [];
    const theirs: number[] = [];
    let error = 0;
    let naiveError = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      const { outputs, evaluationMs } = await evaluator.evaluate(inputs);
      error = Math.max(error, worst((await holder.decryptRaw(plan, outputs)).phi!));
      if (!(error <= precision)) throw new Error(`Phi is off by ${error}`);
      const direct = naive?.run();
      if (direct !== undefined) naiveError = Math.max(naiveError, worst(direct.results));
      // The first round warms up.
      if (round === 0) continue;
      ours.push(evaluationMs);
      if (direct !== undefined) theirs.push(direct.ms);
    }
    const relinearisations = plan.program.instructions.filter(({ op }) => op === 'relinearise').length;
    const { memoryBytes } = await evaluator.stats();
    const name = `Phi on [-${limit}, ${limit}], degree ${series.coefficients.length - 1}`;
    emit(name, 'planned, node-seal', ours, {
      error,
      ...(naive === undefined
        ? {}
        : { baseline: 'power basis, 40-bit scale', ratio: median(theirs) / median(ours) }),
      parameters: {
        degree: plan.parameters.degree,
        primes: [...plan.parameters.dataPrimeBits, plan.parameters.specialPrimeBits!].join('+'),
        securityBits: plan.parameters.securityBits,
        predictedError: plan.error.phi.absolute,
        relinearisations,
        memoryBytes,
        predictedMemory: evaluator.memory.total,
      },
    });
    if (naive !== undefined) {
      const { relinearisations: count } = naive.run();
      emit(name, 'naive, node-seal', theirs, {
        error: naiveError,
        parameters: { degree: DEGREE, primes: '60+40x6+60', relinearisations: count },
      });
    }
  }
}
