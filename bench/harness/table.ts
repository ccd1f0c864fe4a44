import { textTable } from '../../src/engine/report/text-layout.ts';
import type { BenchRow } from './row.ts';

const number = (value: number): string =>
  value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-2)
    ? value.toExponential(2)
    : value.toPrecision(3);

/** Rows as a table for a terminal: medians, with the range of the samples. */
export function rowTable(rows: readonly BenchRow[]): string {
  const [first] = rows;
  if (first === undefined) return 'nothing was measured';
  const body = rows.map(({ suite, case: name, metric, value, unit, min, max, n, ratio, baseline, error }) => [
    `${suite}: ${name}`,
    metric,
    `${number(value)} ${unit}`,
    n > 1 ? `${number(min)} .. ${number(max)}` : '',
    ratio === undefined ? '' : `${number(ratio)}x ${baseline ?? ''}`,
    error === undefined ? '' : number(error),
  ]);
  const header = ['', 'metric', 'median', 'range', 'against', 'error'];
  return `${first.cpu}, node ${first.node}, commit ${first.commit}, load ${first.load.toFixed(2)}\n${textTable([header, ...body])}`;
}
