import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_NAMES, type Report } from '../../domain/report.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../domain/write/csv.ts';
import { PhaseClock } from '../../engine/clock.ts';
import { rehearse } from '../../engine/rehearse.ts';
import { formatCount, formatMs } from '../../engine/report/format.ts';
import { htmlReport } from '../../engine/report/html.ts';
import { printComparison } from '../../engine/report/print.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { writeFilesAtomically } from '../files.ts';
import { loadRisk } from '../load.ts';
import { COMMON_OPTIONS, readOptions } from '../options.ts';
import { sampleData } from '../sample-data.ts';
import { createTerminal } from '../terminal.ts';

const FOLDER = 'blindrisk-demo';

const FOLDER_README = `This folder was written by "blindrisk demo". All of it is invented.

positions.csv   a book: options, forwards and spot on equities, currencies, BTC and ETH (the secret)
market.json     spots, rates, yields, reference vols, factors and their daily covariance (public)
scenarios.csv   500 joint daily moves of spots and vols, oldest first (public)
report-*.json   the same risk report by three engines: plain, ckks (encrypted), mpc (secret-shared)
report.html     the encrypted one as a page

Try:  blindrisk report --positions positions.csv --market market.json --scenarios scenarios.csv --engine ckks
`;

/** The whole idea on sample data: three engines, their figures, errors and costs side by side. */
export const demoCommand: Command = async (args, signal) => {
  const { values } = readOptions(args, { ...COMMON_OPTIONS });
  const terminal = createTerminal(values);
  writeSample();
  const files = {
    positions: join(FOLDER, 'positions.csv'),
    market: join(FOLDER, 'market.json'),
    scenarios: join(FOLDER, 'scenarios.csv'),
  };
  const reports: Report[] = [];
  for (const engine of ENGINE_NAMES) {
    const clock = new PhaseClock();
    const inputs = await clock.time('load', () => loadRisk(files, terminal));
    const onProgress = values.progress ? terminal.progress?.(engine) : undefined;
    reports.push(await rehearse(engine, { ...inputs, signal, onProgress }, clock));
  }
  writeFilesAtomically([
    ...reports.map((report) => [join(FOLDER, `report-${report.engine}.json`), toJson(report)] as const),
    [join(FOLDER, 'report.html'), htmlReport(reports[1]!)],
  ]);
  if (values.json) terminal.print(toJson(reports));
  else if (!values.quiet) terminal.print(tell(reports));
};

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

function writeSample(): void {
  const { book, market, scenarios } = sampleData();
  try {
    mkdirSync(FOLDER, { recursive: true });
  } catch (cause) {
    throw new UsageError(
      `cannot make the folder ${FOLDER} here: ${(cause as NodeJS.ErrnoException).code}`,
      {},
      { cause },
    );
  }
  writeFilesAtomically([
    [join(FOLDER, 'README.txt'), FOLDER_README],
    [join(FOLDER, 'positions.csv'), positionsCsv(book)],
    [join(FOLDER, 'market.json'), marketJson(market)],
    [join(FOLDER, 'scenarios.csv'), scenariosCsv(scenarios)],
  ]);
}

function tell(reports: readonly Report[]): string {
  const [plain, ckks, mpc] = reports as [Report, Report, Report];
  const evaluate = (report: Report) => formatMs(report.cost.phasesMs.evaluate);
  return `
blindrisk demo: one book's risk computed three times

  A book of ${formatCount(plain.positions)} positions, fully revalued in ${formatCount(plain.scenarios)} scenarios (${plain.currency}, losses positive).
  plain  in the clear: the reference
  ckks   on ciphertexts: the engine sees contracts and scenarios, never a quantity (evaluation ${evaluate(ckks)})
  mpc    on Shamir shares of ${String(mpc.parameters['parties'])} parties: any ${String(mpc.parameters['threshold'])} of them learn nothing (evaluation ${evaluate(mpc)})

${printComparison(reports)}
  off by: distance from plain.  bound: the largest error promised before the run.
  Written to ./${FOLDER}: the sample files, report-*.json, report.html (open it in a browser).
  Next:  blindrisk report --help
`;
}
