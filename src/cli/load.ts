import { basename } from 'node:path';
import type { Book } from '../domain/book.ts';
import type { Market } from '../domain/market.ts';
import { parseMarket } from '../domain/parse/market.ts';
import { parsePositions } from '../domain/parse/positions.ts';
import { parseScenarios } from '../domain/parse/scenarios.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { readTextFile } from './files.ts';
import { readTable } from './tables.ts';
import type { Terminal } from './terminal.ts';

export type RiskFiles = {
  /** Absent: no position, of a request whose contracts all lie in its basis. */
  readonly positions: string | undefined;
  readonly market: string;
  readonly scenarios: string;
};
export type LoadedRisk = { readonly book: Book; readonly market: Market; readonly scenarios: ScenarioSet };

/** Reads and checks the three input files; warnings go to the terminal. */
export async function loadRisk(files: RiskFiles, terminal: Terminal): Promise<LoadedRisk> {
  const market = loadMarket(files.market, terminal);
  const positions =
    files.positions === undefined
      ? { book: { positions: [] }, warnings: [] }
      : parsePositions(await readTable(files.positions), basename(files.positions), market);
  const scenarios = parseScenarios(await readTable(files.scenarios), basename(files.scenarios), market);
  for (const warning of [...positions.warnings, ...scenarios.warnings]) {
    terminal.note(`warning: ${warning}\n`);
  }
  return { book: positions.book, market, scenarios: scenarios.scenarios };
}

/** Reads and checks a market file; warnings go to the terminal. */
export function loadMarket(path: string, terminal: Terminal): Market {
  const { market, warnings } = parseMarket(readTextFile(path), basename(path));
  for (const warning of warnings) terminal.note(`warning: ${warning}\n`);
  return market;
}
