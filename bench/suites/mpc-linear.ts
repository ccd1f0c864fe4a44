import { pathToFileURL } from 'node:url';
import { executePlain, record } from '../../src/algebra/index.ts';
import { field127TwinVartime } from '../../src/kernels/field-twin.ts';
import type { FieldVector } from '../../src/kernels/field-vector.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import { uniformVector } from '../../src/mpc/field.ts';
import { planMpc, runInProcess } from '../../src/mpc/index.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const ROWS = 500;
const COLS = 2000;
const LENGTH = 10_000;
const SESSIONS = 15;

/**
 * The linear back end on shares: kernels mod 2^127 - 1 against BigInt, and whole sessions of three parties.
 */
export const suite: BenchSuite = { name: 'mpc-linear', run };

async function run(report: (row: BenchRow) => void): Promise<void> {
  benchKernels(report);
  await benchSession(report);
}

function benchKernels(report: (row: BenchRow) => void): void {
  const random = new SeededRandom(1);
  const entries = Float64Array.from({ length: ROWS * COLS }, () => random.integer(-(2 ** 52), 2 ** 52));
  const rowAt = (r: number): Float64Array => entries.subarray(r * COLS, (r + 1) * COLS);
  const x = uniformVector(COLS);
  const [a, b] = [uniformVector(LENGTH), uniformVector(LENGTH)];
  const workOf = (kernels: typeof field127TwinVartime): Record<string, () => FieldVector> => {
    const matrix = kernels.matrix(ROWS, COLS, rowAt);
    return {
      [`matrix ${ROWS} x ${COLS} times vector`]: () => matrix.times(x),
      [`add ${LENGTH}`]: () => kernels.add(a!, b!),
      [`multiply ${LENGTH}`]: () => kernels.mul(a!, b!),
      [`dealing of ${LENGTH}, one party`]: () => kernels.evaluate([a!, b!], 3),
    };
  };
  const wasm = workOf(loadField127());
  const twin = workOf(field127TwinVartime);
  for (const name of Object.keys(wasm)) {
    const fast = wasm[name]!;
    const slow = twin[name]!;
    if (Buffer.compare(fast().bytes, slow().bytes) !== 0)
      throw new Error(`${name}: kernels disagree: not timed`);
    const { timings } = interleave(
      { fast: () => fast().words[0]!, slow: () => slow().words[0]! },
      { rounds: 3, secondsPerRound: 0.2 },
    );
    const ratio = median(timings.slow) / median(timings.fast);
    report(
      row(name, timings.fast, { error: 0, baseline: 'the same on BigInt', ratio, parameters: { cores: 1 } }),
    );
  }
}

async function benchSession(report: (row: BenchRow) => void): Promise<void> {
  const random = new SeededRandom(2);
  const matrix = matrixOf(
    ROWS,
    COLS,
    new Float64Array(ROWS * COLS).map(() => random.between(-1, 1)),
  );
  const circuit = record((alg, { x }) => ({ pnl: alg.matVecPlain(matrix, x) }), {
    x: { length: COLS, bound: 1, l1: 1 },
  });
  const raw = new Float64Array(COLS).map(() => random.normal());
  const norm = raw.reduce((sum, value) => sum + Math.abs(value), 0);
  const x = raw.map((value) => (value / norm) * (1 - 1e-9));
  const expected = executePlain(circuit, { x }).pnl;
  for (const [parties, threshold] of [
    [3, 1],
    [5, 2],
  ] as const) {
    const plan = planMpc(circuit, { parties, threshold });
    let error = 0;
    const timings: number[] = [];
    for (let i = 0; i < SESSIONS; i++) {
      const start = performance.now();
      const { outputs } = await runInProcess(plan, { x });
      const seconds = (performance.now() - start) / 1000;
      // The first session also prepares the matrix.
      if (i > 0) timings.push(seconds);
      outputs.pnl.forEach((value, k) => {
        error = Math.max(error, Math.abs(value - expected[k]!));
      });
    }
    if (!(error < 1e-12)) throw new Error(`the session is off by ${error}: not timed`);
    const { messages, rounds, bytesUp, bytesDown, field, security } = plan;
    const parameters = {
      ...{ parties, threshold, field, security, messages, rounds, bytesUp, bytesDown },
      provedError: plan.error.pnl.absolute,
      transport: 'in process, all roles on one core',
    };
    report(row(`deal, evaluate, open ${ROWS} x ${COLS}, n = ${parties}`, timings, { error, parameters }));
  }
}

function row(name: string, timings: Timings, more: Partial<Measurement>): BenchRow {
  const ms = timings.map((seconds) => 1000 * seconds);
  return sampled(ms, {
    suite: suite.name,
    case: name,
    metric: 'time',
    unit: 'ms',
    ...more,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((measured) => console.log(JSON.stringify(measured)));
}
