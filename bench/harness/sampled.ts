import { median, type Timings } from './interleave.ts';
import { onThisMachine } from './machine.ts';
import type { BenchRow, Measurement } from './row.ts';

/** A row of samples in its unit: their median and range. */
export function sampled(samples: Timings, what: Omit<Measurement, 'value' | 'n' | 'min' | 'max'>): BenchRow {
  return onThisMachine({
    ...what,
    value: median(samples),
    n: samples.length,
    min: Math.min(...samples),
    max: Math.max(...samples),
  });
}
