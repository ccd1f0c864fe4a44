import type { ModelColumn, ModelTable } from './model.ts';

/** Columns that several models share, in the file formats' names. */
export const TYPE_COLUMN: ModelColumn = { name: 'type', kind: 'choice', choices: ['call', 'put'] };
export const YEARS_COLUMN: ModelColumn = { name: 't', kind: 'number', rule: 'nonNegative' };
export const RATE_COLUMN: ModelColumn = { name: 'r', kind: 'number', rule: 'finite' };
export const YIELD_COLUMN: ModelColumn = { name: 'q', kind: 'number', rule: 'finite' };
export const VOL_COLUMN: ModelColumn = { name: 'vol', kind: 'number', rule: 'nonNegative' };

/** A price column: positive. */
export function priceColumn(name: string): ModelColumn {
  return { name, kind: 'number', rule: 'positive' };
}

/** A choice column as numbers: +1 where it holds `positive`, -1 elsewhere. */
export function signColumn(table: ModelTable, name: string, positive: string): Float64Array {
  return Float64Array.from(table.text(name), (text) => (text === positive ? 1 : -1));
}

/** An optional number column with its default where a cell is empty. */
export function numberOr(table: ModelTable, name: string, absent: number | Float64Array): Float64Array {
  return table
    .number(name)
    .map((value, i) => (Number.isNaN(value) ? (typeof absent === 'number' ? absent : absent[i]!) : value));
}
