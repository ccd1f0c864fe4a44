import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import type { BenchRow, Measurement } from './row.ts';

let commit: string | undefined;

/** Adds commit, Node version, processor and load to a measurement. */
export function onThisMachine(measurement: Measurement): BenchRow {
  commit ??= currentCommit();
  return {
    ...measurement,
    commit,
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    load: loadavg()[0] ?? 0,
  };
}

function currentCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
