import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BASIS_NAMES, ENGINE_NAMES } from '../../domain/report.ts';
import { PhaseClock } from '../../engine/clock.ts';
import { reportInBlocks } from '../../engine/session.ts';
import type { Command } from '../command.ts';
import { loadMarket } from '../load.ts';
import { COMMON_OPTIONS, countOption, numberOption, oneOf, readOptions, required } from '../options.ts';
import { writeReport } from '../report-output.ts';
import { bookOfFile, scenariosOfFile } from '../streams.ts';
import { createTerminal } from '../terminal.ts';

/** The command itself, from source or built. */
const MAIN: string = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));

/** Risk of a book by one engine, with all roles in this process; or with the computing parties of `mpc` in processes of their own. */
export const reportCommand: Command = async (args, signal) => {
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    positions: { type: 'string' },
    market: { type: 'string' },
    scenarios: { type: 'string' },
    engine: { type: 'string', default: 'plain' },
    basis: { type: 'string', default: 'listed' },
    precision: { type: 'string', default: '1e-6' },
    parties: { type: 'string', default: '3' },
    threshold: { type: 'string', default: '1' },
    transport: { type: 'string', default: 'in-process' },
    open: { type: 'string', default: 'pnl' },
    'scenario-block': { type: 'string' },
    out: { type: 'string' },
    html: { type: 'string' },
  });
  const terminal = createTerminal(values);
  const engine = oneOf(values.engine, ENGINE_NAMES, 'engine');
  const basis = oneOf(values.basis, BASIS_NAMES, 'basis');
  const files = {
    positions: required(values.positions, 'positions'),
    market: required(values.market, 'market'),
    scenarios: required(values.scenarios, 'scenarios'),
  };
  const transport = oneOf(values.transport, ['in-process', 'tls'] as const, 'transport');
  const settings = {
    basis,
    partyCommand: transport === 'tls' ? [process.execPath, MAIN] : undefined,
    precision: numberOption(values.precision, 'precision'),
    parties: numberOption(values.parties, 'parties'),
    threshold: numberOption(values.threshold, 'threshold'),
    open: oneOf(values.open, ['pnl', 'figures'] as const, 'open'),
  };
  const rows = countOption(values['scenario-block'], 'scenario-block');
  const clock = new PhaseClock();
  const onProgress = values.progress ? terminal.progress?.(engine) : undefined;
  const { market, book } = await clock.time('load', async () => {
    const known = loadMarket(files.market, terminal);
    return { market: known, book: await bookOfFile(files.positions, known, terminal) };
  });
  const scenarios = scenariosOfFile(files.scenarios, market, rows, terminal, { signal });
  const report = await reportInBlocks(
    engine,
    { book, market, scenarios, ...settings, signal, onProgress },
    clock,
  );
  writeReport(report, values, terminal);
};
