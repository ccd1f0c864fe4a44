import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Circuit, record } from '../../src/algebra/index.ts';
import { planSlots, type SlotPlan } from '../../src/ckks/slots/plan.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { encryptedBlackScholes } from '../../src/risk/pricing/encrypted-black-scholes.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const ROUNDS = 15;
/** Processes that plan one circuit, once. */
const FIRST_ROUNDS = 5;
/** Argument of such a process, before the number of its circuit. */
const FIRST = '--first';

/** Processor time of this thread: planning is one thread's work, and a busy machine does not lengthen it. */
const ownMilliseconds = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/**
 * How long it takes to plan circuits of the library on slots; what the plans promise is checked first. The first plan of a process is
 * mostly code that no compiler has seen yet: it is timed in processes of its own.
 */
export const suite: BenchSuite = { name: 'planner', run };

function circuits(): readonly (readonly [
  name: string,
  circuit: Circuit<string, string>,
  precision: number,
])[] {
  const random = new SeededRandom(1);
  const matrix = (rows: number, cols: number) =>
    matrixOf(
      rows,
      cols,
      Float64Array.from({ length: rows * cols }, () => random.between(-1, 1)),
    );
  const scenarios = matrix(500, 2000);
  const covariance = matrix(512, 512);
  const long = { length: 40_000, bound: 1 };
  return [
    ['Black-Scholes, 8192 options, everything encrypted', encryptedBlackScholes({ length: 8192 }), 1.5e-7],
    [
      'matrix 500 x 2000 times vector',
      record((alg, { x }) => ({ pnl: alg.matVecPlain(scenarios, x) }), {
        x: { length: 2000, bound: 1, l1: 1 },
      }),
      1e-6,
    ],
    [
      "variance x' M x, 512 factors",
      record((alg, { x }) => ({ variance: alg.dot(x, alg.matVecPlain(covariance, x)) }), {
        x: { length: 512, bound: 1, l1: 1 },
      }),
      1e-3,
    ],
    ['inner product of 40,000', record((alg, { x, y }) => ({ d: alg.dot(x, y) }), { x: long, y: long }), 1],
  ];
}

async function run(report: (row: BenchRow) => void): Promise<void> {
  for (const [index, [name, circuit, precision]] of circuits().entries()) {
    const first: number[] = [];
    for (let i = 0; i < FIRST_ROUNDS; i++) first.push(await firstPlan(index));
    const { plan } = timedPlan(circuit, precision);
    const error = Math.max(...Object.values(plan.error).map(({ absolute }) => absolute));
    if (!(error <= precision)) throw new Error(`${name}: promises ${error}: not timed`);
    const samples = Array.from({ length: ROUNDS }, () => timedPlan(circuit, precision).milliseconds);
    const what = { suite: suite.name, metric: 'time', unit: 'ms', error };
    report(
      sampled(samples, {
        ...what,
        case: `plan: ${name}`,
        parameters: {
          degree: plan.parameters.degree,
          primes: plan.parameters.dataPrimeBits.join(' '),
          instructions: plan.program.instructions.length,
          predictedMs: plan.time.total,
          galoisKeys: plan.resources.keys.galois,
          cores: 1,
        },
      }),
    );
    report(sampled(first, { ...what, case: `first plan of a process: ${name}`, parameters: { cores: 1 } }));
  }
}

function timedPlan(
  circuit: Circuit<string, string>,
  precision: number,
): { readonly plan: SlotPlan; readonly milliseconds: number } {
  const from = ownMilliseconds();
  const plan = planSlots(circuit, { precision });
  return { plan, milliseconds: ownMilliseconds() - from };
}

async function firstPlan(index: number): Promise<number> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), FIRST, `${index}`];
  return Number((await promisify(execFile)(process.execPath, args)).stdout);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , flag, index] = process.argv;
  if (flag === FIRST) {
    const [, circuit, precision] = circuits()[Number(index)]!;
    console.log(timedPlan(circuit, precision).milliseconds);
  } else await run((measured) => console.log(JSON.stringify(measured)));
}
