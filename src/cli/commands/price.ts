import { basename } from 'node:path';
import { type ModelFile, parseModelFile } from '../../domain/parse/model-table.ts';
import { type CsvCell, writeCsv } from '../../domain/write/csv.ts';
import { PRICING_MODELS } from '../../pricing/models.ts';
import type { Command } from '../command.ts';
import { writeFilesAtomically } from '../files.ts';
import { COMMON_OPTIONS, oneOf, readOptions, required } from '../options.ts';
import { readTable } from '../tables.ts';
import { createTerminal } from '../terminal.ts';

/** Prices the rows of a CSV file, each by the model it names or by the one of the command line. */
export const priceCommand: Command = async (args) => {
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    options: { type: 'string' },
    model: { type: 'string', default: 'bsm' },
    greeks: { type: 'string', default: 'standard' },
    out: { type: 'string' },
  });
  const terminal = createTerminal(values);
  const path = required(values.options, 'options');
  const model = oneOf(values.model, [...PRICING_MODELS.keys()], 'model');
  const allGreeks = oneOf(values.greeks, ['standard', 'all'] as const, 'greeks') === 'all';
  const columns = new Map([...PRICING_MODELS].map(([name, { inputs }]) => [name, inputs]));
  const file = parseModelFile(await readTable(path), basename(path), columns, model);
  for (const warning of file.warnings) terminal.note(`warning: ${warning}\n`);
  const { header, rows } = priceFile(file, allGreeks);
  const csv = writeCsv(header, rows);
  if (values.out !== undefined) writeFilesAtomically([[values.out, csv]]);
  if (values.json) terminal.print(`${JSON.stringify(rows.map((row) => recordOf(header, row)))}\n`);
  else if (values.out === undefined) terminal.print(csv);
};

/** One row an option, in the file's order; a column that a row's model does not have is empty there. */
function priceFile(
  { ids, groups }: ModelFile,
  allGreeks: boolean,
): { readonly header: readonly string[]; readonly rows: readonly CsvCell[][] } {
  const priced = groups.map(({ model: name, rows, table }) => {
    const model = PRICING_MODELS.get(name)!;
    const names = allGreeks ? [...model.results, ...(model.moreResults ?? [])] : model.results;
    return { rows, names, results: model.price(table) };
  });
  const names = [...new Set(priced.flatMap((group) => group.names))];
  const out = ids.map((id): CsvCell[] => [id, ...names.map(() => undefined)]);
  for (const group of priced) {
    for (const name of group.names) {
      const column = names.indexOf(name) + 1;
      group.rows.forEach((row, i) => {
        out[row]![column] = group.results[name]![i]!;
      });
    }
  }
  return { header: ['id', ...names], rows: out };
}

function recordOf(header: readonly string[], row: readonly CsvCell[]): Record<string, CsvCell | null> {
  return Object.fromEntries(
    row.map((cell, c) => [header[c]!, typeof cell === 'number' && !Number.isFinite(cell) ? null : cell]),
  );
}
