import { afterAll, describe, expect, it } from 'vitest';
import { AbortError, BackendError, ParseError, RangeError } from '../../../src/base/errors.ts';
import type { Progress } from '../../../src/base/progress.ts';
import { describeError, reviveError } from '../../../src/cluster/errors.ts';
import { WorkerPool } from '../../../src/cluster/pool.ts';
import { simulateAmericanOnWorkers, simulateOnWorkers } from '../../../src/cluster/simulate.ts';
import { simulateAmerican } from '../../../src/pricing/montecarlo/longstaff-schwartz.ts';
import { simulate } from '../../../src/pricing/montecarlo/simulate.ts';
import type { SimulationSpec } from '../../../src/pricing/montecarlo/specification.ts';
import { equalTimes, marketOf, SOBOL, simulationOf, THREE } from '../../support/simulations.ts';

const pool = new WorkerPool(2);
afterAll(() => pool[Symbol.dispose]());

const long = simulationOf({
  times: equalTimes(52),
  payoff: { kind: 'asian', average: 'arithmetic', type: 'call', strike: 100 },
  sampling: { kind: 'pseudo', seed: 1, paths: 2 ** 16 },
});

describe('simulations on workers', () => {
  it.each<[string, SimulationSpec]>([
    [
      'pseudo-random',
      { ...long, sampling: { kind: 'pseudo', seed: 5, paths: 30_001 }, controls: ['geometric'] },
    ],
    [
      'Sobol, several underlyings, Greeks',
      simulationOf({
        market: THREE,
        times: equalTimes(4),
        payoff: { kind: 'basket', type: 'put', strike: 100, weights: [0.4, 0.3, 0.3] },
        sampling: { kind: 'sobol', seed: 2, pathsPerScrambling: 4096, scramblings: 8 },
        controls: ['geometric', 'spot'],
        greeks: 'pathwise',
      }),
    ],
  ])('%s: the same to the last bit as on one thread, for any number of workers', async (_, spec) => {
    const expected = simulate(spec);
    expect(await simulateOnWorkers(spec, pool)).toEqual(expected);
    using single = new WorkerPool(1);
    expect(await simulateOnWorkers(spec, single)).toEqual(expected);
  });

  it('American options', async () => {
    const problem = {
      market: marketOf({ spot: 36, r: 0.06, q: 0 }),
      type: 'put',
      strike: 40,
      expiryYears: 1,
      dates: 10,
      trainingPaths: 4096,
      sampling: SOBOL,
    } as const;
    expect((await simulateAmericanOnWorkers(problem, pool)).price).toEqual(simulateAmerican(problem).price);
  });

  it('report progress up to the whole', async () => {
    const steps: Progress[] = [];
    await simulateOnWorkers(long, pool, { onProgress: (progress) => steps.push(progress) });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.every(({ done }, i) => i === 0 || done > steps[i - 1]!.done)).toBe(true);
    expect(steps.at(-1)!.done).toBe(steps.at(-1)!.total);
  });

  it('several at a time share the pool', async () => {
    const specs = [1, 2, 3].map((seed) =>
      simulationOf({ sampling: { kind: 'pseudo', seed, paths: 20_000 } }),
    );
    const found = await Promise.all(specs.map((spec) => simulateOnWorkers(spec, pool)));
    expect(found).toEqual(specs.map((spec) => simulate(spec)));
  });

  it('an abort ends the wait at once, and the pool stays usable', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const run = simulateOnWorkers({ ...long, sampling: { kind: 'pseudo', seed: 1, paths: 2 ** 24 } }, pool, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    const error = await run.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AbortError);
    expect((error as AbortError).cause).toBe(reason);
    await expect(simulateOnWorkers(long, pool, { signal: controller.signal })).rejects.toThrow(AbortError);
    expect((await simulateOnWorkers(simulationOf(), pool)).price).toEqual(simulate(simulationOf()).price);
  });

  it('what is wrong with a specification is said before any worker starts', async () => {
    using fresh = new WorkerPool(1);
    await expect(simulateOnWorkers(simulationOf({ times: [] }), fresh)).rejects.toThrow(/at least one time/);
  });

  it('what is found on a worker comes back as the error it was', async () => {
    // A payoff that is infinite on every path is found on the paths only.
    const program = {
      source: 'S / 0',
      assets: 1,
      inputs: [{ statistic: 'terminal', asset: 0 }],
      constants: [0],
      temporaries: 1,
      instructions: [{ operation: 'divide', to: 2, operands: [0, 1] }],
      result: 2,
    } as const;
    const spec = simulationOf({ payoff: { kind: 'custom', program } });
    const error = await simulateOnWorkers(spec, pool).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toMatch(/the payoff is Infinity along a path/);
    expect((error as RangeError).facts).toEqual({ found: 'Infinity' });
  });
});

describe('the pool', () => {
  it('refuses what cannot be copied, and sizes that are none', async () => {
    const spec = { ...simulationOf(), extra: () => 1 };
    await expect(pool.run('simulateBlocks', { spec, from: 0, to: 1 })).rejects.toThrow(/plain data/);
    expect(() => new WorkerPool(0)).toThrow(/1 to 1024 workers, found 0/);
  });

  it('rejects what is pending when it is disposed, and what comes later', async () => {
    const gone = new WorkerPool(1);
    const pending = gone.run('simulateBlocks', { spec: long, from: 0, to: 500 });
    const queued = gone.run('simulateBlocks', { spec: long, from: 0, to: 1 });
    gone[Symbol.dispose]();
    await expect(pending).rejects.toThrow(BackendError);
    await expect(queued).rejects.toThrow(/disposed/);
    await expect(gone.run('simulateBlocks', { spec: long, from: 0, to: 1 })).rejects.toThrow(/disposed/);
  });

  it('errors keep class, message and facts on their way', () => {
    const error = new RangeError('expected 1, found 2', { found: 2 });
    const revived = reviveError(structuredClone(describeError(error)));
    expect(revived).toBeInstanceOf(RangeError);
    expect([revived.message, revived.facts, revived.code]).toEqual([error.message, error.facts, 'range']);
    expect(reviveError(describeError(new TypeError('x'))).message).toBe('the worker failed: x');
    const parse = new ParseError({ file: 'a', line: 1, column: 1 }, 'x', 'y');
    expect(reviveError(describeError(parse))).toBeInstanceOf(BackendError);
  });
});
