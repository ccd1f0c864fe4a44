import type { FigureName } from '../../domain/report.ts';

/** How figures are called where people read them. */
export const FIGURE_LABELS: Readonly<Record<FigureName, string>> = {
  value: 'Present value',
  var_95: 'VaR 95 %',
  var_975: 'VaR 97.5 %',
  var_99: 'VaR 99 %',
  es_95: 'ES 95 %',
  es_975: 'ES 97.5 %',
  es_99: 'ES 99 %',
  worst: 'Worst scenario',
};

const money = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1,234,567.89 */
export function formatMoney(value: number): string {
  return money.format(value);
}

/** Six significant digits, in scientific notation where that is shorter. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (value === 0) return '0';
  if (magnitude >= 1e9 || magnitude < 1e-3) return value.toExponential(4);
  return magnitude >= 1e4 ? whole.format(value) : String(Number(value.toPrecision(6)));
}

/** Two digits and an exponent where small: 0.0034 becomes 3.4e-3. */
export function formatError(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 0.1 && Math.abs(value) < 1e5 ? value.toPrecision(2) : value.toExponential(1);
}

export function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

export function formatCount(value: number): string {
  return whole.format(value);
}
