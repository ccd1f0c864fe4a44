import { type AnyCircuit, argumentsOf, type CircuitNode } from './circuit.ts';
import { costByNode, costOf } from './cost.ts';
import { boundText, countText, drawText } from './draw-text.ts';
import { expressionOf, numberText, vectorText } from './expression.ts';
import { layoutOf } from './layered-layout.ts';

/** Width of a character of a monospaced font of 12 px. */
const CHARACTER = 7.25;
const BOX_HEIGHT = 40;
const PADDING = 12;
const COLUMN_GAP = 46;
const MARGIN = 24;
const HEADER = 34;

/** Fill and border by what an operation costs: nothing, a public product, a secret one, a comparison. */
const STYLES = {
  input: { fill: '#e8f0fe', stroke: '#3b6fc9' },
  constant: { fill: '#f6f6f4', stroke: '#8a8a80' },
  free: { fill: '#ffffff', stroke: '#8a8f98' },
  plain: { fill: '#eef6ee', stroke: '#4b8a55' },
  secret: { fill: '#fdf0e1', stroke: '#c2701c' },
  compare: { fill: '#f6eafa', stroke: '#8f4fb0' },
  output: { fill: '#24324a', stroke: '#24324a' },
} as const;

type Box = {
  readonly title: string;
  readonly detail: string;
  readonly about: string;
  readonly style: keyof typeof STYLES;
  readonly from: readonly number[];
  readonly layer: number;
  readonly commutes: boolean;
};

/**
 * A circuit as a picture: inputs on the left, outputs on the right, a box a node with its operation, length and depth,
 * coloured by what it costs; operands a, b, c enter a box from top to bottom (in any order where that means nothing). Bounds and expressions are
 * tooltips; the whole listing of {@link drawText} is the picture's description for those who do not see it. A
 * self-contained SVG document without scripts; holds public numbers only.
 */
export function drawSvg(circuit: AnyCircuit): string {
  const boxes = boxesOf(circuit);
  const layout = layoutOf(boxes.map(({ from, layer }) => ({ from, layer, height: BOX_HEIGHT })));
  const columns = columnsOf(boxes);
  const width = columns.at(-1)!.x + columns.at(-1)!.width + MARGIN;
  const height = Math.ceil(layout.height + HEADER + 2 * MARGIN);
  const top = HEADER + MARGIN;
  const left = (box: number): number => columns[boxes[box]!.layer]!.x;
  const right = (box: number): number => left(box) + columns[boxes[box]!.layer]!.width;
  const edges = boxes.flatMap(({ from, layer, commutes }, box) => {
    const entries = from.map(
      (source, position) => layout.bends.get(`${box} ${position}`)!.at(-1) ?? layout.y[source]!,
    );
    return from.map((source, position) => {
      const lanes = layout.bends.get(`${box} ${position}`)!;
      const points: Point[] = [[right(source), top + layout.y[source]!]];
      lanes.forEach((y, i) => {
        const column = columns[boxes[source]!.layer + 1 + i]!;
        points.push([column.x, top + y], [column.x + column.width, top + y]);
      });
      // Where the order of operands means nothing they enter as they come, and need not cross.
      const rank = commutes
        ? entries.filter((y, i) => y < entries[position]! || (y === entries[position] && i < position)).length
        : position;
      const port = BOX_HEIGHT * ((rank + 1) / (from.length + 1) - 0.5);
      points.push([columns[layer]!.x, top + layout.y[box]! + port]);
      return `<path d="${curve(points)}"/>`;
    });
  });
  const drawn = boxes.map((box, i) => boxSvg(box, left(i), top + layout.y[i]!, columns[box.layer]!.width));
  const title = `${circuit.power} circuit ${circuit.digest.slice(0, 12)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${height}" width="${Math.ceil(width)}" height="${height}" role="img" aria-labelledby="title-${circuit.digest.slice(0, 12)} text-${circuit.digest.slice(0, 12)}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="12">`,
    `<title id="title-${circuit.digest.slice(0, 12)}">${escape(title)}</title>`,
    `<desc id="text-${circuit.digest.slice(0, 12)}">${escape(drawText(circuit))}</desc>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="${MARGIN + 8}" fill="#24324a" font-weight="600">${escape(heading(circuit))}</text>`,
    `<g fill="none" stroke="#9aa3b2" stroke-width="1.4">`,
    ...edges,
    '</g>',
    ...drawn,
    '</svg>',
  ].join('\n');
}

function heading(circuit: AnyCircuit): string {
  const { depth, secretProducts, comparisons } = costOf(circuit);
  const parts = [`depth ${depth}`, countText(secretProducts, 'secret product')];
  if (circuit.power === 'ordered') parts.push(countText(comparisons, 'comparison'));
  return parts.join(' · ');
}

function boxesOf(circuit: AnyCircuit): readonly Box[] {
  const rows = costByNode(circuit);
  const layers: number[] = [];
  const boxes = circuit.nodes.map((node, index): Box => {
    const args = argumentsOf(node);
    const layer = args.reduce((most, argument) => Math.max(most, layers[argument]! + 1), 0);
    layers.push(layer);
    const about = `%${index} = ${expressionOf(circuit.nodes, index)}\n${boundText(node)}, length ${node.length}, depth ${rows[index]!.depth}`;
    return {
      title: titleOf(node),
      detail: `${node.length} · depth ${rows[index]!.depth}`,
      about,
      style: styleOf(node),
      from: [...new Set(args)],
      layer,
      commutes: node.op === 'add' || node.op === 'mul' || node.op === 'dot' || node.op === 'max',
    };
  });
  const last = Math.max(...layers) + 1;
  const outputs = Object.entries(circuit.outputs).map(([name, index]): Box => {
    const node = circuit.nodes[index]!;
    return {
      title: name,
      detail: boundText(node),
      about: `output ${name} = %${index}`,
      style: 'output',
      from: [index],
      layer: last,
      commutes: false,
    };
  });
  return [...boxes.map((box, i) => nearReader(box, i, boxes)), ...outputs];
}

/** What has no operands but is no input stands beside its first reader. */
function nearReader(box: Box, index: number, boxes: readonly Box[]): Box {
  if (box.style !== 'constant') return box;
  const readers = boxes.filter(({ from }) => from.includes(index)).map(({ layer }) => layer);
  return readers.length === 0 ? box : { ...box, layer: Math.max(0, Math.min(...readers) - 1) };
}

function titleOf(node: CircuitNode): string {
  switch (node.op) {
    case 'input':
      return node.name;
    case 'constant':
      return vectorText(node.plain);
    case 'add':
      return 'a + b';
    case 'sub':
      return 'a - b';
    case 'mul':
      return node.args[0] === node.args[1] ? 'a²' : 'a × b';
    case 'lessThan':
      return 'a < b';
    case 'select':
      return 'a ? b : c';
    case 'scale':
      return node.factor === -1 ? '-a' : `${numberText(node.factor)} × a`;
    case 'addPlain':
      return `a + ${vectorText(node.plain)}`;
    case 'mulPlain':
      return `${vectorText(node.plain)} × a`;
    case 'matVecPlain':
      return `M[${node.matrix.rows} x ${node.matrix.cols}] a`;
    case 'poly':
      return `series, degree ${node.series.coefficients.length - 1}`;
    case 'within':
      return `a in [${numberText(node.low)}, ${numberText(node.high)}]`;
    case 'kthSmallest':
      return `smallest, rank ${node.k}`;
    case 'smallest':
      return `the ${node.k} smallest`;
    case 'dot':
      return node.args[0] === node.args[1] ? 'Σ a²' : 'Σ a × b';
    case 'matMul':
      return `A × B [${node.rows} x ${node.length / node.rows}]`;
    case 'sort':
      return 'sort a';
    case 'sum':
      return 'Σ a';
    case 'replicate':
      return 'replicate a';
    case 'max':
      return 'max(a, b)';
  }
}

function styleOf(node: CircuitNode): keyof typeof STYLES {
  switch (node.op) {
    case 'input':
    case 'constant':
      return node.op;
    case 'mul':
    case 'dot':
    case 'matMul':
    case 'poly':
      return 'secret';
    case 'lessThan':
    case 'select':
    case 'max':
    case 'kthSmallest':
    case 'smallest':
    case 'sort':
      return 'compare';
    case 'mulPlain':
    case 'matVecPlain':
      return 'plain';
    case 'scale':
      return Number.isInteger(node.factor) ? 'free' : 'plain';
    default:
      return 'free';
  }
}

function columnsOf(boxes: readonly Box[]): { readonly x: number; readonly width: number }[] {
  const widths: number[] = [];
  for (const { title, detail, layer } of boxes) {
    const text = Math.max(title.length * CHARACTER, detail.length * CHARACTER * 0.85);
    widths[layer] = Math.max(widths[layer] ?? 0, text + 2 * PADDING);
  }
  let x = MARGIN;
  return widths.map((width) => {
    const column = { x, width };
    x += width + COLUMN_GAP;
    return column;
  });
}

type Point = readonly [x: number, y: number];

/** Bends between columns, straight through them. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points.map(
    ([x, y]) => [Math.round(x * 10) / 10, Math.round(y * 10) / 10] as const,
  );
  let [x, y] = first!;
  let path = `M${x} ${y}`;
  for (const [nextX, nextY] of rest) {
    const middle = (x + nextX) / 2;
    path += y === nextY ? `H${nextX}` : `C${middle} ${y} ${middle} ${nextY} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  }
  return path;
}

function boxSvg({ title, detail, about, style }: Box, x: number, y: number, width: number): string {
  const { fill, stroke } = STYLES[style];
  const dark = style === 'output';
  const round = style === 'input' || style === 'output' ? BOX_HEIGHT / 2 : 6;
  const middle = x + width / 2;
  return [
    `<g><title>${escape(about)}</title>`,
    `<rect x="${x}" y="${y - BOX_HEIGHT / 2}" width="${width}" height="${BOX_HEIGHT}" rx="${round}" fill="${fill}" stroke="${stroke}" stroke-width="1.2"/>`,
    `<text x="${middle}" y="${y - 2}" text-anchor="middle" fill="${dark ? '#ffffff' : '#1d2430'}">${escape(title)}</text>`,
    `<text x="${middle}" y="${y + 12}" text-anchor="middle" font-size="10" fill="${dark ? '#d5ddea' : '#596273'}">${escape(detail)}</text>`,
    '</g>',
  ].join('');
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
