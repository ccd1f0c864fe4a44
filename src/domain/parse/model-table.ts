import type { ModelColumn, ModelTable } from '../model-table.ts';
import { type CsvRow, type CsvTable, readCsv, UniqueColumn } from './csv.ts';
import { FINITE, listed, NON_NEGATIVE, type NumberRule, POSITIVE } from './rule.ts';

const RULES: Readonly<Record<'positive' | 'nonNegative' | 'finite', NumberRule>> = {
  positive: POSITIVE,
  nonNegative: NON_NEGATIVE,
  finite: FINITE,
};

/** The rows of a file that one model prices. */
export type ModelRows = {
  readonly model: string;
  /** Index of each row in the file, from 0. */
  readonly rows: Int32Array;
  readonly table: ModelTable;
};

/** A file of rows to be priced, grouped by model. */
export type ModelFile = {
  readonly ids: readonly string[];
  readonly groups: readonly ModelRows[];
  readonly warnings: readonly string[];
};

/**
 * Reads options.csv: a row's `model` column says which model prices it, or `defaultModel` where there is none. Columns that
 * no model asks for are ignored with a warning.
 * @param models input columns of every model, by name.
 * @throws ParseError naming line and column of the first value that does not follow the format.
 */
export function parseModelFile(
  text: string,
  file: string,
  models: ReadonlyMap<string, readonly ModelColumn[]>,
  defaultModel: string,
): ModelFile {
  const namesModels = /(^|,)"?model"?(,|\r?\n|$)/.test(text.slice(0, text.indexOf('\n') + 1));
  const candidates = namesModels ? [...models.values()].flat() : (models.get(defaultModel) ?? []);
  const optional = ['model', ...candidates.map(({ name }) => name)];
  const table = readCsv(text, file, { required: ['id'], optional });
  const id = new UniqueColumn('id');
  const ids: string[] = [];
  const readers = new Map<string, TableReader>();
  for (const row of table.rows()) {
    ids.push(id.read(row));
    const model = row.text('model') || defaultModel;
    let reader = readers.get(model);
    if (reader === undefined) {
      const columns = models.get(model);
      if (columns === undefined) throw row.error('model', `a model (${listed([...models.keys()])})`);
      reader = new TableReader(table, columns);
      readers.set(model, reader);
    }
    reader.add(row);
  }
  const groups = [...readers].map(([model, reader]) => ({
    model,
    rows: Int32Array.from(reader.rows),
    table: reader.finish(),
  }));
  return { ids, groups, warnings: table.warnings };
}

/** Gathers the rows of one model, a column at a time. */
class TableReader {
  readonly rows: number[] = [];
  readonly #columns: readonly ModelColumn[];
  readonly #numbers: Map<string, number[]> = new Map();
  readonly #texts: Map<string, string[]> = new Map();

  constructor(table: CsvTable, columns: readonly ModelColumn[]) {
    this.#columns = columns;
    for (const column of columns) {
      if (column.kind === 'number') this.#numbers.set(column.name, []);
      else this.#texts.set(column.name, []);
      if (column.optional !== true && !table.has(column.name))
        throw table.missing(column.name, `a column "${column.name}"`);
    }
  }

  add(row: CsvRow): void {
    this.rows.push(row.index);
    for (const column of this.#columns) {
      if (column.kind === 'number') this.#numbers.get(column.name)!.push(numberOf(row, column));
      else this.#texts.get(column.name)!.push(textOf(row, column));
    }
  }

  finish(): ModelTable {
    const numbers = new Map([...this.#numbers].map(([name, values]) => [name, Float64Array.from(values)]));
    const texts = this.#texts;
    return {
      length: this.rows.length,
      number: (name) => numbers.get(name)!,
      text: (name) => texts.get(name)!,
    };
  }
}

/** Empty, or the empty text as Python writes it. */
function isEmpty(text: string): boolean {
  return text === '' || text === "''";
}

function numberOf(row: CsvRow, column: Extract<ModelColumn, { kind: 'number' }>): number {
  if (column.optional === true && isEmpty(row.text(column.name))) return Number.NaN;
  return row.number(column.name, RULES[column.rule]);
}

function textOf(row: CsvRow, column: Exclude<ModelColumn, { kind: 'number' }>): string {
  const text = row.text(column.name);
  if (column.optional === true && isEmpty(text)) return '';
  if (column.kind === 'choice' && !column.choices.includes(text))
    throw row.error(column.name, column.choices.join(' or '));
  return row.nonEmpty(column.name, `a ${column.name}`);
}
