import { pathToFileURL } from 'node:url';
import { WorkerPool } from '../../src/cluster/pool.ts';
import { simulateOnWorkers } from '../../src/cluster/simulate.ts';
import { blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import { compilePayoff } from '../../src/pricing/custom/compile.ts';
import { parsePayoff } from '../../src/pricing/custom/expression.ts';
import { priceCustomPayoff } from '../../src/pricing/custom/price.ts';
import { createEvaluator } from '../../src/pricing/custom/program.ts';
import { americanSimulation, fitExerciseRule } from '../../src/pricing/montecarlo/longstaff-schwartz.ts';
import type { SimulationResult } from '../../src/pricing/montecarlo/result.ts';
import { simulate } from '../../src/pricing/montecarlo/simulate.ts';
import type { Sampling, SimulationSpec } from '../../src/pricing/montecarlo/specification.ts';
import { scalarAsianCall } from '../baselines/scalar-simulation.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import { onThisMachine } from '../harness/machine.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';

const SCALAR = 'plain loop: Box-Muller and Math.exp, a path at a time';
const PATHS = 2 ** 14;
const TERMS = { spot: 100, strike: 100, vol: 0.3, rate: 0.03, dividendYield: 0.01 };
const MARKET = { spots: [100], vols: [0.3], dividendYields: [0.01], rate: 0.03 };

/**
 * Paths x times a second, what control variates and Sobol' numbers are worth, scaling over workers, custom payoffs.
 */
export const suite: BenchSuite = { name: 'montecarlo', run };

type Report = (row: BenchRow) => void;

async function run(report: Report): Promise<void> {
  throughput(report);
  varianceReduction(report);
  sobolAgainstPseudo(report);
  await scaling(report);
  await customPayoffs(report);
}

const weekly = (n: number): number[] => Array.from({ length: n }, (_, i) => (i + 1) / n);

function asian(steps: number, sampling: Sampling, more: Partial<SimulationSpec> = {}): SimulationSpec {
  return {
    market: MARKET,
    times: weekly(steps),
    payoff: { kind: 'asian', average: 'arithmetic', type: 'call', strike: 100 },
    sampling,
    ...more,
  };
}

const pseudo = (seed: number, paths = PATHS): Sampling => ({ kind: 'pseudo', seed, paths });
const sobol = (seed: number, paths = PATHS): Sampling => ({
  kind: 'sobol',
  seed,
  pathsPerScrambling: paths / 16,
  scramblings: 16,
});

function send(report: Report, measurement: Omit<Measurement, 'suite'>): void {
  report(onThisMachine({ suite: suite.name, ...measurement }));
}

function throughput(report: Report): void {
  for (const steps of [1, 52, 252]) {
    const times = weekly(steps);
    const baseline = scalarAsianCall(TERMS, times, PATHS, 1);
    const found = [pseudo(1), sobol(1)].map((sampling) => simulate(asian(steps, sampling)).price);
    const deviations = found.map(
      ({ value, standardError }) =>
        Math.abs(value - baseline.price) / Math.hypot(standardError, baseline.standardError),
    );
    if (!(Math.max(...deviations) < 4.5)) throw new Error(`off by ${deviations} standard errors: not timed`);
    const { timings } = interleave({
      scalar: () => scalarAsianCall(TERMS, times, PATHS, 1).price,
      pseudo: () => simulate(asian(steps, pseudo(1))).price.value,
      sobol: () => simulate(asian(steps, sobol(1))).price.value,
      greeks: () =>
        simulate(asian(steps, pseudo(1), { greeks: 'pathwise', controls: ['geometric'] })).price.value,
    });
    const row = (name: string, sample: Timings, error: number): void => {
      const rates = sample.map((seconds) => (PATHS * steps) / seconds);
      send(report, {
        case: name,
        metric: 'throughput',
        value: (PATHS * steps) / median(sample),
        unit: 'path-steps/s',
        n: rates.length,
        min: Math.min(...rates),
        max: Math.max(...rates),
        baseline: SCALAR,
        ratio: median(timings.scalar) / median(sample),
        error,
        parameters: { paths: PATHS, steps, cores: 1 },
      });
    };
    row(`Asian call, ${steps} times, pseudo-random`, timings.pseudo, found[0]!.standardError);
    row(`Asian call, ${steps} times, Sobol with bridge`, timings.sobol, found[1]!.standardError);
    if (steps > 1)
      row(`the same with geometric control, delta and vega`, timings.greeks, found[0]!.standardError);
  }
}

/** Variance of the plain pseudo-random estimate over that of the reduced one, for the same paths. */
function varianceReduction(report: Report): void {
  const american = {
    market: { ...MARKET, rate: 0.06 },
    type: 'put',
    strike: 105,
    expiryYears: 1,
    dates: 24,
    trainingPaths: PATHS,
    sampling: pseudo(2),
  } as const;
  const cases: Record<string, [SimulationSpec, SimulationSpec]> = {
    'European call, antithetic': [
      asian(1, pseudo(1)),
      asian(1, { kind: 'pseudo', seed: 1, paths: PATHS, antithetic: true }),
    ],
    'European call, spot as control': [asian(1, pseudo(1)), asian(1, pseudo(1), { controls: ['spot'] })],
    'arithmetic Asian, geometric as control': [
      asian(52, pseudo(1)),
      asian(52, pseudo(1), { controls: ['geometric'] }),
    ],
    'down-and-out call, European as control': [
      asian(12, pseudo(1), { payoff: DOWN_OUT }),
      asian(12, pseudo(1), { payoff: DOWN_OUT, controls: ['european'] }),
    ],
    'American put, European at exercise as control': (() => {
      const spec = americanSimulation(american, fitExerciseRule(american));
      return [{ ...spec, controls: [] }, spec];
    })(),
  };
  for (const [name, [plain, reduced]] of Object.entries(cases)) {
    const [before, after] = [simulate(plain).price, simulate(reduced).price];
    const deviation = Math.abs(before.value - after.value) / before.standardError;
    if (!(deviation < 4)) throw new Error(`${name}: moved by ${deviation} standard errors`);
    const factor = (before.standardError / after.standardError) ** 2;
    send(report, {
      case: name,
      metric: 'variance',
      value: factor,
      unit: 'times smaller',
      n: 1,
      min: factor,
      max: factor,
      error: after.standardError,
    });
  }
}

const DOWN_OUT = {
  kind: 'barrier',
  barrierType: 'down_out',
  type: 'call',
  strike: 100,
  barrier: 80,
  monitoring: 'continuous',
} as const;

/** Root mean square errors over seeds against a long run, and the time that each took. */
function sobolAgainstPseudo(report: Report): void {
  const seeds = 24;
  for (const [steps, controls] of [
    [1, []],
    [12, []],
    [52, []],
    [52, ['geometric']],
    [252, []],
  ] as const) {
    const reference = simulate(asian(steps, sobol(999, 2 ** 18), { controls: ['geometric'] })).price.value;
    const measure = (sampling: (seed: number) => Sampling): { rms: number; seconds: number } => {
      const start = performance.now();
      let squares = 0;
      for (let seed = 0; seed < seeds; seed++) {
        squares += (simulate(asian(steps, sampling(seed), { controls })).price.value - reference) ** 2;
      }
      return { rms: Math.sqrt(squares / seeds), seconds: (performance.now() - start) / 1000 };
    };
    const small = (make: (seed: number, paths: number) => Sampling) => (seed: number) => make(seed, 4096);
    const plain = measure(small(pseudo));
    const net = measure(small(sobol));
    // At equal time: the pseudo-random error falls with the root of the time.
    const factor = (plain.rms * Math.sqrt(plain.seconds / net.seconds)) / net.rms;
    send(report, {
      case: `Asian call, ${steps} times, 4096 paths${controls.length > 0 ? ', geometric control' : ''}`,
      metric: 'error of pseudo-random over Sobol, at equal time',
      value: factor,
      unit: 'times',
      n: seeds,
      min: factor,
      max: factor,
      error: net.rms,
      parameters: { pseudoError: plain.rms, pseudoSeconds: plain.seconds, sobolSeconds: net.seconds },
    });
  }
}

async function scaling(report: Report): Promise<void> {
  const spec = asian(52, pseudo(1, 2 ** 18), { controls: ['geometric'] });
  const expected = JSON.stringify(simulate(spec));
  using one = new WorkerPool(1);
  using two = new WorkerPool(2);
  const seconds: Record<'none' | 'one' | 'two', number[]> = { none: [], one: [], two: [] };
  const time = async (into: number[], work: () => Promise<SimulationResult>): Promise<void> => {
    const start = performance.now();
    const result = await work();
    into.push((performance.now() - start) / 1000);
    if (JSON.stringify(result) !== expected) throw new Error('workers changed the result: not reported');
  };
  // The first round starts the workers and compiles; it is not counted.
  for (let round = 0; round < 6; round++) {
    await time(seconds.none, async () => simulate(spec));
    await time(seconds.one, () => simulateOnWorkers(spec, one));
    await time(seconds.two, () => simulateOnWorkers(spec, two));
  }
  for (const [name, sample] of [
    ['1 worker', seconds.one.slice(1)],
    ['2 workers', seconds.two.slice(1)],
  ] as const) {
    const rates = sample.map((s) => (2 ** 18 * 52) / s);
    send(report, {
      case: `Asian call, 52 times, ${name}`,
      metric: 'throughput',
      value: (2 ** 18 * 52) / median(sample),
      unit: 'path-steps/s',
      n: rates.length,
      min: Math.min(...rates),
      max: Math.max(...rates),
      baseline: name === '1 worker' ? 'this thread' : '1 worker',
      ratio: median(name === '1 worker' ? seconds.none.slice(1) : seconds.one.slice(1)) / median(sample),
      parameters: { paths: 2 ** 18, steps: 52 },
    });
  }
}

async function customPayoffs(report: Report): Promise<void> {
  const source = 'max(S - K, 0) - max(S - 1.2*K, 0)';
  const expression = await parsePayoff(source, { parameters: ['K'] });
  const terms = {
    spot: 100,
    expiryYears: 1,
    rate: 0.03,
    dividendYield: 0.01,
    vol: 0.3,
    parameters: { K: 100 },
  };
  const column = (...values: number[]): Float64Array => Float64Array.from(values);
  const options = blackScholesPrices({
    sign: column(1, 1),
    spot: column(100, 100),
    strike: column(100, 120),
    expiryYears: column(1, 1),
    rate: column(0.03, 0.03),
    dividendYield: column(0.01, 0.01),
    vol: column(0.3, 0.3),
  });
  const error = Math.abs(priceCustomPayoff(expression, terms).price / (options[0]! - options[1]!) - 1);
  if (!(error < 1e-12)) throw new Error(`the call spread is off by ${error}: not timed`);
  const { compile } = await import('mathjs');
  const mathjs = compile(source);
  const spots = Float64Array.from({ length: 4096 }, (_, i) => 50 + i / 40);
  const evaluator = createEvaluator(compilePayoff(expression, { K: 100 }), spots.length);
  const { timings } = interleave({
    price: () => priceCustomPayoff(expression, terms).price,
    columns: () => {
      evaluator.inputs[0]!.set(spots);
      return evaluator.evaluate(spots.length)[4095]!;
    },
    mathjs: () => spots.reduce((sum, S) => sum + (mathjs.evaluate({ S, K: 100 }) as number), 0),
  });
  const row = (name: string, unit: string, work: number, sample: Timings, more: object): void => {
    const rates = sample.map((seconds) => work / seconds);
    send(report, {
      case: name,
      metric: 'throughput',
      value: work / median(sample),
      unit,
      n: rates.length,
      min: Math.min(...rates),
      max: Math.max(...rates),
      ...more,
    });
  };
  row('call spread as an expression, price and 5 Greeks', 'payoffs/s', 1, timings.price, { error });
  row('the same expression on simulated spots', 'paths/s', spots.length, timings.columns, {
    baseline: 'mathjs, compiled',
    ratio: median(timings.mathjs) / median(timings.columns),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(JSON.stringify(row)));
}
