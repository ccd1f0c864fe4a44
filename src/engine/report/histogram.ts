import { formatMoney } from './format.ts';

/** A vertical line with a label. */
export type Marker = { readonly at: number; readonly label: string; readonly color: string };

export type HistogramOptions = {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly markers: readonly Marker[];
};

const WIDTH = 860;
const HEIGHT = 396;
const MARGIN = { top: 80, right: 24, bottom: 52, left: 64 };
const PLOT_WIDTH = WIDTH - MARGIN.left - MARGIN.right;
const PLOT_HEIGHT = HEIGHT - MARGIN.top - MARGIN.bottom;
const MARKER_LINE_HEIGHT = 15;

type Bins = { readonly start: number; readonly width: number; readonly counts: readonly number[] };

/**
 * Bin width by Freedman and Diaconis ("On the histogram as a density estimator", 1981), 2 IQR n^(-1/3), rounded to a
 * number that reads well, so that 0 is a bin edge.
 */
function binsOf(values: readonly number[]): Bins {
  const sorted = Float64Array.from(values).sort();
  const quartile = (p: number) => sorted[Math.floor(p * (sorted.length - 1))]!;
  const low = sorted[0]!;
  const high = sorted[sorted.length - 1]!;
  const wanted = (2 * (quartile(0.75) - quartile(0.25))) / Math.cbrt(sorted.length);
  const least = (high - low) / 120;
  const width = niceStep(Math.max(wanted, least, Number.MIN_VALUE * 1e20));
  const start = Math.floor(low / width) * width;
  const counts = new Array<number>(Math.max(1, Math.floor((high - start) / width) + 1)).fill(0);
  for (const value of values) counts[Math.min(counts.length - 1, Math.floor((value - start) / width))]! += 1;
  return { start, width, counts };
}

/** The nearest of 1, 2, 2.5, 5 times a power of ten. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const mantissa = [1, 2, 2.5, 5, 10].find((m) => m >= (step / power) * 0.85) ?? 10;
  return mantissa * power;
}

function ticks(low: number, high: number, count: number): number[] {
  const step = niceStep((high - low) / count);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** 1.5M, -250k: axis labels. */
function shortNumber(value: number): string {
  const magnitude = Math.abs(value);
  const [scaled, unit] =
    magnitude >= 1e9
      ? [value / 1e9, 'bn']
      : magnitude >= 1e6
        ? [value / 1e6, 'M']
        : magnitude >= 1e3
          ? [value / 1e3, 'k']
          : [value, ''];
  return `${Number(scaled.toPrecision(4))}${unit}`;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A histogram as a self-contained SVG document; colours follow the page's text colour. */
export function histogramSvg(values: readonly number[], options: HistogramOptions): string {
  const { start, width, counts } = binsOf(values);
  const end = start + width * counts.length;
  const tallest = Math.max(...counts);
  const markers = [...options.markers].sort((a, b) => a.at - b.at);
  const low = Math.min(start, ...markers.map(({ at }) => at));
  const high = Math.max(end, ...markers.map(({ at }) => at));
  const x = (value: number) => MARGIN.left + ((value - low) / (high - low)) * PLOT_WIDTH;
  const y = (count: number) => MARGIN.top + PLOT_HEIGHT - (count / tallest) * PLOT_HEIGHT;
  const f = (value: number) => value.toFixed(1);
  const base = y(0);

  const bars = counts.map((count, i) => {
    if (count === 0) return '';
    const from = start + i * width;
    const label = `${formatMoney(from)} to ${formatMoney(from + width)}: ${count}`;
    const loss = from + width <= 0;
    return `<rect x="${f(x(from) + 0.5)}" y="${f(y(count))}" width="${f(Math.max(0.5, x(from + width) - x(from) - 1))}" height="${f(base - y(count))}" class="${loss ? 'loss' : 'gain'}"><title>${label}</title></rect>`;
  });
  const xTicks = ticks(low, high, 8).map(
    (at) =>
      `<line x1="${f(x(at))}" x2="${f(x(at))}" y1="${f(base)}" y2="${f(base + 5)}" class="axis"/><text x="${f(x(at))}" y="${f(base + 19)}" text-anchor="middle">${shortNumber(at)}</text>`,
  );
  const yTicks = ticks(0, tallest, 5)
    .filter(Number.isInteger)
    .map(
      (at) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${f(y(at))}" y2="${f(y(at))}" class="grid"/><text x="${MARGIN.left - 8}" y="${f(y(at) + 4)}" text-anchor="end">${at}</text>`,
    );
  const lines = markers.map(({ at, label, color }, i) => {
    // Labels are stacked so that lines close to each other stay readable.
    const top = MARGIN.top - 10 - MARKER_LINE_HEIGHT * (markers.length - 1 - i);
    return `<line x1="${f(x(at))}" x2="${f(x(at))}" y1="${f(top + 3)}" y2="${f(base)}" stroke="${color}" class="marker"/><text x="${f(x(at) + 5)}" y="${f(top + 4)}" style="fill:${color}" class="label">${escapeXml(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeXml(options.title)}" font-family="system-ui, sans-serif" font-size="12">
<style>text{fill:currentColor}.label{font-weight:600}.axis{stroke:currentColor}.grid{stroke:currentColor;stroke-opacity:.12}.marker{stroke-width:2;stroke-dasharray:5 3}.loss{fill:#b4637a}.gain{fill:#56949f}</style>
<title>${escapeXml(options.title)}</title>
<text x="${MARGIN.left}" y="16" font-size="14" font-weight="600">${escapeXml(options.title)}</text>
${[...yTicks, ...bars, `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${f(base)}" y2="${f(base)}" class="axis"/>`, ...xTicks, ...lines].join('\n')}
<text x="${MARGIN.left + PLOT_WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escapeXml(options.xLabel)}</text>
<text transform="translate(16 ${MARGIN.top + PLOT_HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escapeXml(options.yLabel)}</text>
</svg>`;
}
