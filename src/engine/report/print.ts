import {
  FIGURE_NAMES,
  type FigureName,
  type Json,
  NET_GREEK_NAMES,
  PHASE_NAMES,
  type Report,
} from '../../domain/report.ts';
import {
  FIGURE_LABELS,
  formatBytes,
  formatCount,
  formatError,
  formatMoney,
  formatMs,
  formatNumber,
} from './format.ts';
import { hanging, textTable } from './text-layout.ts';

/** A report as text for a terminal. */
export function printReport(report: Report): string {
  const { cost } = report;
  const figures = FIGURE_NAMES.map((name) => {
    const { value, error } = report.figures[name];
    return [FIGURE_LABELS[name], formatMoney(value), `± ${formatError(error.absolute)}`, error.known];
  });
  const underlyings = Object.keys(report.netGreeks.delta);
  const greeks = underlyings.map((name) => [
    name,
    ...NET_GREEK_NAMES.map((greek) => formatNumber(report.netGreeks[greek][name]!)),
  ]);
  const phases = PHASE_NAMES.filter((name) => cost.phasesMs[name] > 0).map((name) => [
    name,
    formatMs(cost.phasesMs[name]),
  ]);
  const traffic = [
    ['up', formatBytes(cost.bytesUp)],
    ['down', formatBytes(cost.bytesDown)],
    ...(cost.rounds === undefined ? [] : [['rounds', String(cost.rounds)]]),
    ...(cost.messages === undefined ? [] : [['messages', String(cost.messages)]]),
    ['peak memory', formatBytes(cost.peakMemoryBytes)],
  ];
  return [
    titleOf(report),
    '',
    textTable([['', report.currency, 'error', ''], ...figures]),
    '',
    textTable([['net Greeks', ...NET_GREEK_NAMES], ...greeks]),
    '',
    ...basisLines(report),
    textTable(phases),
    '',
    textTable(traffic),
    '',
    `  opened: ${report.opened.join(', ')}`,
    ...privacyLines(report),
    `  audit:  ${report.audit.entries} entries, ${report.audit.checkpoint.trim().replaceAll('\n', ' ')}`,
    '',
  ].join('\n');
}

/** From whom something was hidden: what, and against which adversary. The report's file and page have the whole ledger. */
function privacyLines({ privacy }: Report): string[] {
  const hidden = privacy.entries.filter(({ notLearned }) => notLearned.length > 0);
  return [
    ...hidden.flatMap(({ role, notLearned, adversary, assumption }) => [
      ...hanging('  hidden: ', `from ${role}: ${notLearned.join('; ')}`),
      ...hanging('          ', `(adversary: ${adversary}; assuming ${assumption})`),
    ]),
    ...privacy.limits.flatMap((limit) => hanging('  but:    ', limit)),
  ];
}

/** What a reader must know of a basis that is not exact, and of positions that it did not take. */
function basisLines({ parameters }: Report): string[] {
  const basis = parameters['basis'] as Readonly<Record<string, Json>> | undefined;
  const error = basis?.['error'];
  if (basis === undefined || typeof error !== 'object' || error === null) return [];
  const { absolute, how } = error as { absolute: number; how: string };
  const lines = [
    `  basis:  ${basis['kind']}, off by ${formatError(absolute)} at most in any scenario: ${how}`,
  ];
  if (typeof basis['model'] === 'string') lines.push(`          ${basis['model']}`);
  const listed = basis['listed'] as { positions: number; reasons: Record<string, number> } | undefined;
  if (listed !== undefined && listed.positions > 0) {
    const reasons = Object.entries(listed.reasons).filter(([, count]) => count > 0);
    const text = reasons.map(([reason, count]) => `${count} by ${reason}`).join(', ');
    lines.push(
      `          ${listed.positions} positions outside it have contracts of their own, whose terms are public: ${text}`,
    );
  }
  const difference = basis['figureDifference'] as Record<FigureName, number> | undefined;
  const table =
    difference === undefined
      ? []
      : [
          textTable([
            ['', 'full revaluation would add'],
            ...FIGURE_NAMES.map((name) => [FIGURE_LABELS[name], formatMoney(difference[name])]),
          ]),
          '',
        ];
  return [...table, ...lines, ''];
}

function titleOf(report: Report): string {
  const { engine, basis, positions, scenarios } = report;
  return `${engine}: ${formatCount(positions)} positions, ${formatCount(scenarios)} scenarios, ${basis} basis`;
}

/** Largest distance of two reports' P&L vectors, as a fraction of `gross`; undefined where one was not opened. */
export function pnlDistance(report: Report, reference: Report): number | undefined {
  if (report.pnl === null || reference.pnl === null) return undefined;
  return report.pnl.reduce((most, value, s) => Math.max(most, Math.abs(value - reference.pnl![s]!)), 0);
}

/**
 * Engines side by side: the first report is the reference; the others show their distance from it and the bound they
 * promised beforehand.
 */
export function printComparison(reports: readonly Report[]): string {
  const [reference, ...others] = reports as [Report, ...Report[]];
  const header = ['', reference.engine, ...others.flatMap(({ engine }) => [engine, 'off by', 'bound'])];
  const row = (name: FigureName) => {
    const truth = reference.figures[name].value;
    return [
      FIGURE_LABELS[name],
      formatMoney(truth),
      ...others.flatMap((report) => {
        const { value, error } = report.figures[name];
        return [formatMoney(value), formatError(Math.abs(value - truth)), formatError(error.absolute)];
      }),
    ];
  };
  const pnlRow = [
    'P&L vector, worst',
    '',
    ...others.flatMap((report) => [
      '',
      formatError(pnlDistance(report, reference) ?? Number.NaN),
      formatError(report.figures.worst.error.absolute),
    ]),
  ];
  const perEngine = (label: string, of: (report: Report) => string) => [label, ...reports.map(of)];
  const total = (report: Report) => PHASE_NAMES.reduce((sum, name) => sum + report.cost.phasesMs[name], 0);
  const costs = [
    ['', ...reports.map(({ engine }) => engine)],
    ...PHASE_NAMES.filter((name) => reports.some(({ cost }) => cost.phasesMs[name] > 0)).map((name) =>
      perEngine(name, ({ cost }) => (cost.phasesMs[name] > 0 ? formatMs(cost.phasesMs[name]) : '')),
    ),
    perEngine('sum of phases', (report) => formatMs(total(report))),
    perEngine('bytes up', ({ cost }) => formatBytes(cost.bytesUp)),
    perEngine('bytes down', ({ cost }) => formatBytes(cost.bytesDown)),
  ];
  return [textTable([header, ...FIGURE_NAMES.map(row), pnlRow]), '', textTable(costs), ''].join('\n');
}
