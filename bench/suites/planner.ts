import { pathToFileURL } from 'node:url';
import { type Circuit, record } from '../../src/algebra/index.ts';
import { planSlots } from '../../src/ckks/slots/plan.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { encryptedBlackScholes } from '../../src/risk/pricing/encrypted-black-scholes.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const ROUNDS = 15;

/** Processor time of this thread: planning is one thread's work, and a busy machine does not lengthen it. */
const ownMilliseconds = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** How long it takes to plan circuits of the library on slots; what the plans promise is checked first. */
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
  for (const [name, circuit, precision] of circuits()) {
    const milliseconds: number[] = [];
    const start = ownMilliseconds();
    const plan = planSlots(circuit, { precision });
    const first = ownMilliseconds() - start;
    const error = Math.max(...Object.values(plan.error).map(({ absolute }) => absolute));
    if (!(error <= precision)) throw new Error(`${name}: promises ${error}: not timed`);
    for (let i = 0; i < ROUNDS; i++) {
      const from = ownMilliseconds();
      planSlots(circuit, { precision });
      milliseconds.push(ownMilliseconds() - from);
    }
    report(
      sampled(milliseconds, {
        suite: suite.name,
        case: `plan: ${name}`,
        metric: 'time',
        unit: 'ms',
        error,
        parameters: {
          degree: plan.parameters.degree,
          primes: plan.parameters.dataPrimeBits.join(' '),
          instructions: plan.program.instructions.length,
          predictedMs: plan.time.total,
          galoisKeys: plan.resources.keys.galois,
          coldMs: first,
          cores: 1,
        },
      }),
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((measured) => console.log(JSON.stringify(measured)));
}
