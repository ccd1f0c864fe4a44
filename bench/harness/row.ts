/** One line of a bench's JSON output. `ratio` above 1 means faster than `baseline`, interleaved in the same run. */
export type BenchRow = {
  readonly suite: string;
  readonly case: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** Timed samples; `min` and `max` are those of `value`'s unit. */
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly baseline?: string;
  readonly ratio?: number;
  /** Largest error found when the result was checked, before it was timed. */
  readonly error?: number;
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly load: number;
};

/** What a suite measures of one case; the machine is added by {@link rowOf}. */
export type Measurement = Omit<BenchRow, 'commit' | 'node' | 'cpu' | 'load'>;

/** A group of benches that check their results, then time them. */
export type BenchSuite = {
  readonly name: string;
  run(report: (row: BenchRow) => void): Promise<void>;
};
