import Benchmark from 'benchmark';

/** Seconds a call, one number a sample, in the order taken. */
export type Timings = readonly number[];

export type InterleaveOptions = {
  /** Rounds; each times every case once. */
  readonly rounds?: number;
  /** Seconds a case a round. */
  readonly secondsPerRound?: number;
};

/**
 * Times cases in turn, round after round, with the `benchmark` package, so that a change of the machine's load meets all of
 * them. Every case returns a number that depends on its whole result: it is summed and returned, so that no work can be
 * optimised away.
 */
export function interleave<Name extends string>(
  cases: Readonly<Record<Name, () => number>>,
  { rounds = 5, secondsPerRound = 0.3 }: InterleaveOptions = {},
): { readonly timings: Readonly<Record<Name, Timings>>; readonly consumed: number } {
  const names = Object.keys(cases) as Name[];
  const timings = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  let consumed = 0;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const run = cases[name];
      const bench = new Benchmark(
        name,
        () => {
          consumed += run();
        },
        { minSamples: 3, maxTime: secondsPerRound },
      );
      bench.run({ async: false });
      const failure = (bench as unknown as { error?: Error }).error;
      if (failure !== undefined) throw failure;
      timings[name].push(...bench.stats.sample);
    }
  }
  return { timings, consumed };
}

/** The middle sample: unlike the mean it is not moved by a burst of other load. */
export function median(timings: Timings): number {
  const sorted = [...timings].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
