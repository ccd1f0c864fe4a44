import type { PrivacyLedger } from '../../domain/privacy.ts';
import { FIGURE_NAMES, type Json, NET_GREEK_NAMES, PHASE_NAMES, type Report } from '../../domain/report.ts';
import {
  FIGURE_LABELS,
  formatBytes,
  formatCount,
  formatError,
  formatMoney,
  formatMs,
  formatNumber,
} from './format.ts';
import { escapeXml, histogramSvg } from './histogram.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
p.sub { margin-top: .2rem; opacity: .75; }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem .2rem 0; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 1px solid; font-weight: 600; }
svg { width: 100%; height: auto; margin-top: 1rem; } code { font-size: .9em; overflow-wrap: anywhere; }
.ledger { margin-top: 1rem; } .ledger th, .ledger td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; border-bottom: 1px solid #8884; }
.ledger tbody th { font-weight: 600; min-width: 6rem; } .ledger ul { margin: 0; padding-left: 1rem; }
.text th, .text td { text-align: left; overflow-wrap: anywhere; } .text td:first-child { white-space: nowrap; vertical-align: top; }
.columns { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 3rem; }
`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: 'th' | 'td') =>
    `<tr>${row.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${cells(header, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table>`;
}

/** A report as one self-contained HTML page: no script, no external resource. */
export function htmlReport(report: Report): string {
  const { figures, cost } = report;
  const figureRows = FIGURE_NAMES.map((name) => [
    FIGURE_LABELS[name],
    formatMoney(figures[name].value),
    `± ${formatError(figures[name].error.absolute)}`,
    figures[name].error.known,
  ]);
  const greekRows = Object.keys(report.netGreeks.delta).map((underlying) => [
    underlying,
    ...NET_GREEK_NAMES.map((greek) => formatNumber(report.netGreeks[greek][underlying]!)),
  ]);
  const phaseRows = PHASE_NAMES.filter((name) => cost.phasesMs[name] > 0).map((name) => [
    name,
    formatMs(cost.phasesMs[name]),
  ]);
  const costRows = [
    ['bytes up', formatBytes(cost.bytesUp)],
    ['bytes down', formatBytes(cost.bytesDown)],
    ...(cost.rounds === undefined ? [] : [['rounds', String(cost.rounds)]]),
    ...(cost.messages === undefined ? [] : [['messages', String(cost.messages)]]),
    ['peak memory', formatBytes(cost.peakMemoryBytes)],
  ];
  const title = `Risk report, ${report.engine} engine`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p class="sub">${formatCount(report.positions)} positions, ${formatCount(report.scenarios)} scenarios, ${report.basis} basis, values in ${report.currency}, losses positive</p>
${plot(report)}
<h2>Figures</h2>
${table(['', report.currency, 'error', 'known'], figureRows)}
<h2>Net Greeks</h2>
${table(['underlying', ...NET_GREEK_NAMES], greekRows)}
<p class="sub">delta and gamma a unit of spot, vega a unit of volatility (1.00), theta a year</p>
<h2>Cost</h2>
<div class="columns">${table(['phase', 'time'], phaseRows)}${table(['traffic and memory', ''], costRows)}</div>
<h2>Protection</h2>
<p>Left the protection: ${report.opened.map((name) => `<code>${escapeXml(name)}</code>`).join(', ')}.</p>
${ledgerTable(report.privacy)}
<h2>Parameters</h2>
<div class="text">${table(['parameter', 'value'], flat(report.parameters))}</div>
<p class="sub">Audit log of ${report.audit.entries} entries, checkpoint <code>${escapeXml(report.audit.checkpoint.trim().replaceAll('\n', ' '))}</code></p>
</body></html>
`;
}

/** Nested facts as rows: `basis error absolute`. */
function flat(value: Json, name = ''): [string, string][] {
  if (Array.isArray(value)) return [[name, value.map(String).join(', ')]];
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, name === '' ? key : `${name} ${key}`));
}

/** Who learned what. */
function ledgerTable({ entries, limits }: PrivacyLedger): string {
  const list = (items: readonly string[]): string =>
    items.length === 0
      ? 'nothing was hidden from it'
      : `<ul>${items.map((item) => `<li>${escapeXml(item)}</li>`).join('')}</ul>`;
  const rows = entries.map(
    ({ role, learned, notLearned, adversary, assumption }) =>
      `<tr><th scope="row">${escapeXml(role)}</th><td>${list(learned)}</td><td>${list(notLearned)}</td><td>${escapeXml(adversary)}<p class="sub">assuming: ${escapeXml(assumption)}</p></td></tr>`,
  );
  const header = ['role', 'learned', 'did not learn', 'adversary'].map((name) => `<th>${name}</th>`).join('');
  return `<table class="ledger"><thead><tr>${header}</tr></thead><tbody>${rows.join('\n')}</tbody></table>
${limits.map((limit) => `<p class="sub">${escapeXml(limit)}.</p>`).join('\n')}`;
}

function plot(report: Report): string {
  if (report.pnl === null) return '<p>The P&amp;L vector was not opened to the reader of this report.</p>';
  const { figures } = report;
  const marker = (name: 'var_99' | 'es_975' | 'var_95', color: string) => ({
    at: -figures[name].value,
    label: `${FIGURE_LABELS[name]}  ${formatMoney(figures[name].value)}`,
    color,
  });
  return histogramSvg(report.pnl, {
    title: `P&L of ${formatCount(report.scenarios)} scenarios`,
    xLabel: `profit and loss, ${report.currency}`,
    yLabel: 'scenarios',
    markers: [marker('var_95', '#ea9d34'), marker('var_99', '#d7563b'), marker('es_975', '#7d5bd6')],
  });
}
