import { basename } from 'node:path';
import { UnsupportedError } from '../../base/errors.ts';
import { parseOptions } from '../../domain/parse/options.ts';
import { writeCsv } from '../../domain/write/csv.ts';
import { blackScholesGreeks } from '../../pricing/black-scholes.ts';
import { blackScholesAllGreeks } from '../../pricing/black-scholes-all-greeks.ts';
import type { Command } from '../command.ts';
import { readTextFile, writeFilesAtomically } from '../files.ts';
import { COMMON_OPTIONS, oneOf, readOptions, required } from '../options.ts';
import { createTerminal } from '../terminal.ts';

/** Result columns in the order of the file, by their name in the engine. */
const STANDARD = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;
const ALL = [...STANDARD, 'phi', 'vanna', 'volga', 'charm', 'speed', 'zomma', 'dualDelta'] as const;
const HEADERS: Readonly<Record<string, string>> = { dualDelta: 'dual_delta' };

/** Prices European options from a CSV file. */
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
  const greeks = oneOf(values.greeks, ['standard', 'all'] as const, 'greeks');
  if (values.model !== 'bsm') {
    throw new UnsupportedError(`--model ${values.model} is not built yet; bsm is`, { model: values.model });
  }
  const { ids, warnings, ...inputs } = parseOptions(readTextFile(path), basename(path));
  for (const warning of warnings) terminal.note(`warning: ${warning}\n`);
  const names = greeks === 'all' ? ALL : STANDARD;
  const results: Readonly<Record<string, Float64Array>> =
    greeks === 'all' ? blackScholesAllGreeks(inputs) : blackScholesGreeks(inputs);
  const rows = ids.map((id, i) => [id, ...names.map((name) => results[name]![i]!)]);
  const header = ['id', ...names.map((name) => HEADERS[name] ?? name)];
  const csv = writeCsv(header, rows);
  if (values.out !== undefined) writeFilesAtomically([[values.out, csv]]);
  if (values.json) {
    const records = rows.map((row) =>
      Object.fromEntries(row.map((cell, c) => [header[c]!, Number.isNaN(cell) ? null : cell])),
    );
    terminal.print(`${JSON.stringify(records)}\n`);
  } else if (values.out === undefined) {
    terminal.print(csv);
  }
};
