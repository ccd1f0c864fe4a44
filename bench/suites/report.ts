import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/domain/report.ts';
import { loadReferenceInputs, referencePath } from '../../test/support/reference-inputs.ts';
import { median } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const ROUNDS = 5;
const ENGINES = [
  ['plain', []],
  ['ckks', ['--precision', '1e-6']],
  ['ckks precise', ['--precision', '1e-8']],
  ['mpc', []],
] as const;

/** The whole `report` command on the reference book, cold: a process from start to exit, engines in turn. */
export const suite: BenchSuite = { name: 'report', run };

async function run(report: (row: BenchRow) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-bench-'));
  const { gross, expectedPnl } = loadReferenceInputs();
  const seconds: number[][] = ENGINES.map(() => []);
  const memory: number[][] = ENGINES.map(() => []);
  const errors: number[] = ENGINES.map(() => 0);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      ENGINES.forEach(([engine, more], e) => {
        const out = join(folder, 'report.json');
        const started = performance.now();
        const { status, stderr } = spawnSync(
          process.execPath,
          [
            fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)),
            'report',
            ...['positions.csv', 'market.json', 'scenarios.csv'].flatMap((name) => [
              `--${name.split('.')[0]}`,
              fileURLToPath(referencePath(name)),
            ]),
            '--engine',
            engine.split(' ')[0]!,
            ...more,
            '--out',
            out,
            '--quiet',
          ],
          { encoding: 'utf8' },
        );
        if (status !== 0) throw new Error(`${engine}: status ${status}: ${stderr}`);
        seconds[e]!.push((performance.now() - started) / 1000);
        const result = JSON.parse(readFileSync(out, 'utf8')) as Report;
        memory[e]!.push(result.cost.peakMemoryBytes / 2 ** 20);
        result.pnl!.forEach((value, s) => {
          errors[e] = Math.max(errors[e]!, Math.abs(value - expectedPnl[s]!) / gross);
        });
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  ENGINES.forEach(([engine], e) => {
    const what = { suite: 'report', case: engine };
    report(
      sampled(seconds[e]!, {
        ...what,
        metric: 'whole command, cold',
        unit: 's',
        error: errors[e]!,
        baseline: 'plain',
        ratio: median(seconds[0]!) / median(seconds[e]!),
      }),
    );
    report(sampled(memory[e]!, { ...what, metric: 'peak memory', unit: 'MiB' }));
  });
}
