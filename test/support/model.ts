import type { ModelTable, PricingModel } from '../../src/pricing/model.ts';
import { readVectors, type VectorFile } from './vectors.ts';

/** A vector file as the table that a pricing model reads; an optional column that the file lacks is empty. */
export function tableOf(file: VectorFile, model: PricingModel): ModelTable {
  const optional = new Set(model.inputs.filter((column) => column.optional).map(({ name }) => name));
  const orEmpty = <T>(name: string, read: () => T, empty: T): T => {
    try {
      return read();
    } catch (error) {
      if (optional.has(name)) return empty;
      throw error;
    }
  };
  return {
    length: file.rows,
    number: (name) => orEmpty(name, () => file.numbers(name), new Float64Array(file.rows).fill(Number.NaN)),
    text: (name) => orEmpty(name, () => file.text(name), new Array<string>(file.rows).fill('')),
  };
}

/** The rows of a table given as records; an absent cell is empty. */
export function tableFrom(rows: readonly Readonly<Record<string, number | string>>[]): ModelTable {
  return {
    length: rows.length,
    number: (name) =>
      Float64Array.from(rows, (row) => (row[name] === undefined ? Number.NaN : Number(row[name]))),
    text: (name) => rows.map((row) => String(row[name] ?? '')),
  };
}

/** Prices a vector file with a model, results by column name. */
export function priceVectors(
  name: string,
  model: PricingModel,
): { file: VectorFile; results: Readonly<Record<string, Float64Array>> } {
  const file = readVectors(name);
  return { file, results: model.price(tableOf(file, model)) };
}
