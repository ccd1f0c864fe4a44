import { executePlain } from '../../src/algebra/execute.ts';
import { planCircuit, runInProcess } from '../../src/mpc/index.ts';
import { median } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';
import { american, consortium, figures, type Program, paths, prices } from '../mpc/programs.ts';

/**
 * Risk and prices on shares of three parties, all roles in one process, against the same figures in the clear: what secrecy costs. Sessions start with
 * their keys and end with what opens; plans are made before.
 */
export const suite: BenchSuite = { name: 'mpc-risk', run };

const ROUNDS = 5;

async function run(report: (row: BenchRow) => void): Promise<void> {
  for (const each of [
    figures(),
    consortium(),
    prices('semiHonest'),
    prices('malicious'),
    paths('semiHonest'),
    american('semiHonest'),
    american('malicious'),
  ]) {
    report(await measure(each));
  }
}

async function measure({
  name,
  security,
  circuit,
  inputs,
  count,
  unit,
  plain,
  baseline,
}: Program): Promise<BenchRow> {
  const plan = await planCircuit(circuit, { parties: 3, threshold: 1, security });
  const expected = executePlain(circuit, inputs);
  const shares: number[] = [];
  const clear: number[] = [];
  let error = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    let start = performance.now();
    const { outputs } = await runInProcess(plan, inputs);
    const seconds = (performance.now() - start) / 1000;
    for (const [output, values] of Object.entries(expected)) {
      values.forEach((value, i) => {
        const off = Math.abs(outputs[output]![i]! - value);
        if (!(off <= plan.error[output]!.absolute + 1e-12))
          throw new Error(`${name}: ${output} is off by ${off}: not timed`);
        error = Math.max(error, off);
      });
    }
    start = performance.now();
    plain();
    const plainSeconds = (performance.now() - start) / 1000;
    // The first round warms both up.
    if (round === 0) continue;
    shares.push(seconds);
    clear.push(plainSeconds);
  }
  const samples = shares.map((seconds) => (count === 1 ? 1000 * seconds : count / seconds));
  return sampled(samples, {
    suite: suite.name,
    case: `${name}, ${security === 'malicious' ? 'malicious' : 'semi-honest'}`,
    metric: count === 1 ? 'time' : 'rate',
    unit,
    error,
    baseline,
    ratio: median(clear) / median(shares),
    parameters: {
      parties: 3,
      threshold: 1,
      fractionBits: plan.format.frac,
      provedError: Math.max(...Object.values(plan.error).map(({ absolute }) => absolute)),
      rounds: plan.rounds,
      bytesUp: plan.bytesUp,
      bytesBetween: plan.bytesBetween,
      transport: 'in process, all roles on one core',
    },
  });
}
