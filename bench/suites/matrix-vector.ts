import initialize from 'node-seal/allows';
import { executePlain } from '../../src/algebra/execute.ts';
import { record } from '../../src/algebra/record.ts';
import {
  CkksKeyHolder,
  type CkksPlanOptions,
  ckksEvaluator,
  evaluationKeyLength,
  evaluationKeysOf,
  planCkks,
} from '../../src/ckks/index.ts';
import { listedBasis, projectOnListed } from '../../src/risk/bases/listed.ts';
import { normaliseBook, valuationOf } from '../../src/risk/valuation.ts';
import { loadReferenceInputs } from '../../test/support/reference-inputs.ts';
import { slotInnerProducts } from '../baselines/slot-inner-products.ts';
import { median } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const ROUNDS = 9;
/** Wanted error as a fraction of gross; whether the engine hides its matrix, and what it evaluates on. */
const SETTINGS = [
  ['coefficients, 1e-6', 1e-6, {}],
  ['coefficients, 1e-6, node-seal', 1e-6, { evaluator: 'node-seal' }],
  ['coefficients, 1e-9', 1e-9, {}],
  ['coefficients, 1e-11', 1e-11, {}],
  ['coefficients, 1e-6, matrix hidden', 1e-6, { hideMatrix: { statisticalBits: 40 } }],
] as const satisfies readonly (readonly [
  string,
  number,
  Pick<CkksPlanOptions, 'evaluator' | 'hideMatrix'>,
])[];
const SLOT_PRECISION = 1e-6;

/**
 * The reference book as one matrix product, 500 x 2000, each party on one core: coefficient packing at three precisions, with a hidden
 * matrix, in slots, and the way that a user of node-seal would write first. All cases take turns in every round.
 */
export const suite: BenchSuite = { name: 'matrix-vector', run };

/** What a round measures of one case, milliseconds; and the worst error of its results. */
type Lap = { readonly times: Readonly<Record<string, number>>; readonly results: Float64Array };

type Case = Disposable & {
  readonly name: string;
  readonly precision: number;
  readonly parameters: Readonly<Record<string, string | number>>;
  lap(): Promise<Lap>;
};

async function run(report: (row: BenchRow) => void): Promise<void> {
  const { book, market, scenarios, gross } = loadReferenceInputs();
  const basis = listedBasis(
    book.positions.map(({ instrument }) => instrument),
    market,
  );
  const valuation = await valuationOf(basis, market, scenarios);
  const { z, l1 } = normaliseBook(projectOnListed(book, basis).x, valuation.columnScale);
  const circuit = record((alg, { book: vector }) => ({ pnl: alg.matVecPlain(valuation.pnl, vector) }), {
    book: { length: z.length, bound: 1, l1: 1 },
  });
  const truth = executePlain(circuit, { book: z }).pnl;

  const coefficients = async ([name, precision, options]: (typeof SETTINGS)[number]): Promise<Case> => {
    const plan = planCkks(circuit, {
      packing: 'coefficients',
      precision: (precision * gross) / l1,
      ...options,
    });
    const holder = await CkksKeyHolder.create(plan.parameters);
    const evaluator = await ckksEvaluator(plan, { workers: 1 });
    const publicKey = plan.hiding === undefined ? undefined : await holder.publicKey();
    const { degree, dataPrimeBits } = plan.parameters;
    return {
      name,
      precision,
      parameters: {
        degree,
        primes: dataPrimeBits.join('+'),
        up: plan.packing.chunks,
        down: plan.packing.outputs,
        bytesUp: plan.cost.bytesUp,
        bytesDown: plan.cost.bytesDown,
        keyBytes: publicKey?.length ?? 0,
        provedError: (plan.error.pnl.absolute * l1) / gross,
      },
      async lap() {
        const times = [performance.now()];
        const upload = await holder.encrypt(plan, { book: z });
        times.push(performance.now());
        const { ciphertexts, productMs } = await evaluator.evaluate(upload, { publicKey });
        times.push(performance.now());
        const results = await holder.decryptRaw(plan, ciphertexts);
        times.push(performance.now());
        const [encrypt, serve, decrypt] = [0, 1, 2].map((i) => times[i + 1]! - times[i]!);
        return {
          times: {
            evaluation: productMs,
            'serve (bytes to bytes)': serve!,
            encrypt: encrypt!,
            decrypt: decrypt!,
          },
          results,
        };
      },
      [Symbol.dispose]() {
        holder[Symbol.dispose]();
        evaluator[Symbol.dispose]();
      },
    };
  };

  const inSlots = async (): Promise<Case> => {
    const plan = planCkks(circuit, { packing: 'slots', precision: (SLOT_PRECISION * gross) / l1 });
    const holder = await CkksKeyHolder.create(plan.parameters);
    const spec = evaluationKeysOf(plan.program);
    const keys = await holder.evaluationKeys(plan);
    const evaluator = await ckksEvaluator(plan, { keys });
    const { degree, dataPrimeBits } = plan.parameters;
    const count = (op: string): number => plan.program.instructions.filter((i) => i.op === op).length;
    return {
      name: 'slots, 1e-6',
      precision: SLOT_PRECISION,
      parameters: {
        degree,
        primes: dataPrimeBits.join('+'),
        rotations: count('rotate'),
        galoisKeys: spec.rotations.length,
        keyBytes: evaluationKeyLength({ degree, dataPrimes: dataPrimeBits.length }, spec, 'seeded').total,
        bytesUp: plan.resources.bytesUp,
        bytesDown: plan.resources.bytesDown,
      },
      async lap() {
        const times = [performance.now()];
        const upload = await holder.encrypt(plan, { book: z });
        times.push(performance.now());
        const { outputs, evaluationMs } = await evaluator.evaluate(upload);
        times.push(performance.now());
        const results = (await holder.decryptRaw(plan, outputs)).pnl!;
        times.push(performance.now());
        return {
          times: { evaluation: evaluationMs, encrypt: times[1]! - times[0]!, decrypt: times[3]! - times[2]! },
          results,
        };
      },
      [Symbol.dispose]() {
        holder[Symbol.dispose]();
        evaluator[Symbol.dispose]();
      },
    };
  };

  const cases = [...(await Promise.all(SETTINGS.map(coefficients))), await inSlots()];
  const naive = await slotInnerProducts(valuation.pnl, z);
  if (!(Math.abs(naive.pair(0).results[0] - truth[0]!) < 1e-9))
    throw new Error('the baseline is wrong: not timed');
  const rotate = await oneRotation();
  const laps = new Map<string, Map<string, number[]>>(cases.map(({ name }) => [name, new Map()]));
  const errors = new Map<string, number>();
  const naivePairs: number[] = [];
  const rotations: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, precision, lap } of cases) {
      const { times, results } = await lap();
      const error =
        (results.reduce((most, value, s) => Math.max(most, Math.abs(value - truth[s]!)), 0) * l1) / gross;
      if (!(error <= precision)) throw new Error(`${name}: off by ${error} of gross`);
      errors.set(name, Math.max(error, errors.get(name) ?? 0));
      if (round === 0) continue;
      for (const [metric, ms] of Object.entries(times)) {
        const samples = laps.get(name)!;
        samples.set(metric, [...(samples.get(metric) ?? []), ms]);
      }
    }
    if (round === 0) continue;
    naivePairs.push(naive.pair((2 * round) % 500).ms);
    rotations.push(rotate());
  }
  const row = (
    name: string,
    metric: string,
    samples: readonly number[],
    more: Partial<BenchRow> = {},
  ): void =>
    report(
      sampled(samples, {
        suite: 'matrix-vector',
        case: name,
        metric,
        unit: 'ms',
        ...more,
      }),
    );
  for (const { name, parameters } of cases) {
    for (const [metric, samples] of laps.get(name)!) {
      if (metric !== 'evaluation') row(name, metric, samples);
      else
        row(name, metric, samples, {
          error: errors.get(name)!,
          parameters,
          baseline: 'slot rotations on node-seal (250 pairs)',
          ratio: (250 * median(naivePairs)) / median(samples),
        });
    }
    const { bytesUp, bytesDown, keyBytes } = parameters as Record<string, number>;
    for (const [metric, value] of Object.entries({
      'bytes up': bytesUp!,
      'bytes down': bytesDown!,
      keys: keyBytes!,
    }))
      row(name, metric, [value], { unit: 'B' });
  }
  row('one rotation on node-seal, N = 8192, 2 data primes', 'evaluation', rotations);
  row('two rows by rotations on node-seal', 'evaluation', naivePairs);
  for (const { [Symbol.dispose]: dispose } of cases) dispose();
}

/** Milliseconds of one rotation by node-seal: the measure of the machine. */
async function oneRotation(): Promise<() => number> {
  const seal = await initialize();
  const setting = new seal.EncryptionParameters(seal.SchemeType.ckks);
  setting.setPolyModulusDegree(8192);
  setting.setCoeffModulus(seal.CoeffModulus.Create(8192, Int32Array.of(56, 50, 60)));
  const context = new seal.SEALContext(setting, true, seal.SecLevelType.tc128);
  const keys = new seal.KeyGenerator(context);
  const galois = keys.createGaloisKeysWithSteps(Int32Array.of(1));
  const encryptor = new seal.Encryptor(context, keys.createPublicKey());
  const ciphertext = new seal.Ciphertext();
  encryptor.encryptZero(ciphertext);
  const evaluator = new seal.Evaluator(context);
  const rotated = new seal.Ciphertext();
  return () => {
    const started = performance.now();
    for (let i = 0; i < 8; i++) evaluator.rotateVector(ciphertext, 1, galois, rotated);
    return (performance.now() - started) / 8;
  };
}
