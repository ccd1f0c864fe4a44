import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { BenchRow, BenchSuite } from './harness/row.ts';
import { rowTable } from './harness/table.ts';

const SUITES: Readonly<Record<string, () => Promise<{ readonly suite: BenchSuite }>>> = {
  'black-scholes': () => import('./suites/black-scholes.ts'),
  models: () => import('./suites/models.ts'),
  american: () => import('./suites/american.ts'),
  'implied-vol': () => import('./suites/implied-vol.ts'),
  'closed-forms': () => import('./suites/closed-forms.ts'),
  'mpc-linear': () => import('./suites/mpc-linear.ts'),
  'mpc-protocols': () => import('./suites/mpc-protocols.ts'),
  'mpc-risk': () => import('./suites/mpc-risk.ts'),
  'mpc-processes': () => import('./suites/mpc-processes.ts'),
  montecarlo: () => import('./suites/montecarlo.ts'),
  planner: () => import('./suites/planner.ts'),
  portfolio: () => import('./suites/portfolio.ts'),
  peers: () => import('./suites/peers.ts'),
  revaluation: () => import('./suites/revaluation.ts'),
  chebyshev: () => import('./suites/chebyshev.ts'),
  'matrix-vector': () => import('./suites/matrix-vector.ts'),
  report: () => import('./suites/report.ts'),
  series: () => import('./suites/series.ts'),
  'ckks-kernels': () => import('./suites/ckks-kernels.ts'),
  'ckks-slots': () => import('./suites/ckks-slots.ts'),
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
const rows: BenchRow[] = [];
for (const name of names) {
  const load = SUITES[name];
  if (load === undefined) {
    console.error(`unknown suite ${name}; expected one of ${Object.keys(SUITES).join(', ')}`);
    process.exit(2);
  }
  const { suite } = await load();
  console.error(`… ${name}`);
  await suite.run((row) => rows.push(row));
}
if (values.json !== undefined)
  writeFileSync(values.json, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
console.log(rowTable(rows));
