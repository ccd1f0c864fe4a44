import { executePlain } from '../../src/algebra/execute.ts';
import { record } from '../../src/algebra/record.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { planMpc } from '../../src/mpc/plan.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { matVec } from '../../src/numeric/matrix.ts';
import { listedBasis, projectOnListed } from '../../src/risk/bases/listed.ts';
import { normaliseBook, type Valuation, valuationOf } from '../../src/risk/valuation.ts';
import { loadReferenceInputs } from '../../test/support/reference-inputs.ts';
import { slotInnerProducts } from '../baselines/slot-inner-products.ts';
import { median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const ROUNDS = 9;

/**
 * The reference book, 2000 contracts in 500 scenarios: the same P&L vector in the clear, on ciphertexts at two
 * precisions, and on shares. Errors are against the published expectation, as a fraction of gross.
 */
export const suite: BenchSuite = { name: 'revaluation', run };

type Reference = {
  readonly valuation: Valuation;
  readonly z: Float64Array;
  readonly l1: number;
  readonly gross: number;
  readonly expectedPnl: Float64Array;
};

async function reference(): Promise<Reference> {
  const { book, market, scenarios, gross, expectedPnl } = loadReferenceInputs();
  const basis = listedBasis(
    book.positions.map(({ instrument }) => instrument),
    market,
  );
  const valuation = await valuationOf(basis, market, scenarios);
  return {
    valuation,
    ...normaliseBook(projectOnListed(book, basis).x, valuation.columnScale),
    gross,
    expectedPnl,
  };
}

const worstOff = (found: Float64Array, { expectedPnl, l1, gross }: Reference): number =>
  found.reduce((most, value, s) => Math.max(most, Math.abs(value * l1 - expectedPnl[s]!)), 0) / gross;

async function run(report: (row: BenchRow) => void): Promise<void> {
  const task = await reference();
  const { valuation, z } = task;
  const circuit = record((alg, { book }) => ({ pnl: alg.matVecPlain(valuation.pnl, book) }), {
    book: { length: z.length, bound: 1, l1: 1 },
  });
  const emit = (
    name: string,
    metric: string,
    unit: string,
    samples: Timings,
    more: Partial<Measurement> = {},
  ) =>
    report(
      sampled(samples, {
        suite: 'revaluation',
        case: name,
        metric,
        unit,
        ...more,
      }),
    );

  const slots = await slotInnerProducts(valuation.pnl, z);
  const truth = executePlain(circuit, { book: z }).pnl;
  const naive = slots.pair(0);
  if (!(Math.abs(naive.results[0] - truth[0]!) < 1e-9)) throw new Error('the baseline is wrong: not timed');

  for (const [name, precision, workers] of [
    ['ckks fast, 1 worker', 1e-6, 1],
    ['ckks fast, 2 workers', 1e-6, 2],
    ['ckks precise, 2 workers', 1e-8, 2],
  ] as const) {
    const plan = planCkks(circuit, {
      packing: 'coefficients',
      precision: (precision * task.gross) / task.l1,
    });
    using keyHolder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan, { workers });
    const protect: number[] = [];
    const product: number[] = [];
    const serve: number[] = [];
    const open: number[] = [];
    const plain: number[] = [];
    const naivePairs: number[] = [];
    let error = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      const times = [performance.now()];
      const ciphertexts = await keyHolder.encrypt(plan, { book: z });
      times.push(performance.now());
      const answer = await evaluator.evaluate(ciphertexts);
      times.push(performance.now());
      const pnl = await keyHolder.decryptRaw(plan, answer.ciphertexts);
      times.push(performance.now());
      matVec(valuation.pnl, z);
      times.push(performance.now());
      error = Math.max(error, worstOff(pnl, task));
      if (!(error <= precision)) throw new Error(`${name}: off by ${error} of gross`);
      // The first round warms up.
      if (round === 0) continue;
      const lap = (i: number) => times[i + 1]! - times[i]!;
      protect.push(lap(0));
      serve.push(lap(1));
      open.push(lap(2));
      plain.push(lap(3));
      product.push(answer.productMs);
      naivePairs.push(slots.pair((2 * round) % 500).ms);
    }
    const bytesUp = plan.cost.bytesUp;
    const parameters = {
      degree: plan.parameters.degree,
      primes: plan.parameters.dataPrimeBits.join('+'),
      securityBits: 128,
      products: evaluator.products,
      bytesUp,
      bytesDown: plan.cost.bytesDown,
      provedError: (plan.error.pnl.absolute * task.l1) / task.gross,
    };
    emit(name, 'evaluation', 'ms', product, {
      error,
      baseline: 'slot rotations on node-seal (250 pairs)',
      ratio: (250 * median(naivePairs)) / median(product),
      parameters,
    });
    emit(name, 'evaluation against plain M x', 'ms', product, {
      baseline: 'plain M x',
      ratio: median(plain) / median(product),
    });
    emit(name, 'encrypt', 'ms', protect);
    emit(name, 'serve (bytes to bytes)', 'ms', serve);
    emit(name, 'decrypt', 'ms', open);
    emit(name, 'bytes up', 'B', [bytesUp]);
    emit(name, 'bytes down', 'B', [plan.cost.bytesDown]);
  }

  const plan = planMpc(circuit, { parties: 3, threshold: 1 });
  const session: number[] = [];
  let error = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    const { outputs } = await runInProcess(plan, { book: z });
    if (round > 0) session.push(performance.now() - started);
    error = Math.max(error, worstOff(outputs.pnl, task));
  }
  if (!(error <= 1e-8)) throw new Error(`mpc: off by ${error} of gross`);
  emit('mpc, 3 parties', 'share, evaluate, open', 'ms', session, {
    error,
    parameters: {
      rounds: plan.rounds,
      messages: plan.messages,
      bytesUp: plan.bytesUp,
      bytesDown: plan.bytesDown,
    },
  });
}
