import type { Report } from '../domain/report.ts';
import { htmlReport } from '../engine/report/html.ts';
import { printReport } from '../engine/report/print.ts';
import { writeFilesAtomically } from './files.ts';
import type { Terminal } from './terminal.ts';

/** Where a report goes, as options of the command line. */
export type ReportOutput = {
  readonly out?: string | undefined;
  readonly html?: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
};

/** Writes report.json and the page, all or none, and prints the report. */
export function writeReport(
  report: Report,
  { out, html, json, quiet }: ReportOutput,
  terminal: Terminal,
): void {
  const text = `${JSON.stringify(report, null, 1)}\n`;
  writeFilesAtomically([
    ...(out === undefined ? [] : [[out, text] as const]),
    ...(html === undefined ? [] : [[html, htmlReport(report)] as const]),
  ]);
  terminal.clear();
  if (json) terminal.print(text);
  else if (!quiet) terminal.print(printReport(report));
}
