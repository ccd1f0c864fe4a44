import type { CircuitNode } from './circuit.ts';

/** Expressions longer than this are cut: they name a node, they do not list its history. */
const LONGEST = 72;

/** How strongly an expression binds: what is inside a stronger one needs brackets. */
const SUM = 1;
const PRODUCT = 2;
const ATOM = 3;

type Text = { readonly text: string; readonly strength: number };

/** What a node computes, written as a formula over the inputs; inner parts become `…` where it would be too long. */
export function expressionOf(nodes: readonly CircuitNode[], index: number): string {
  for (let depth = 6; depth > 0; depth--) {
    const { text } = write(nodes, index, depth);
    if (text.length <= LONGEST || depth === 1) return text;
  }
  return '…';
}

/** `node 7, sum(x * y)`: how messages call a node. */
export function nameOf(nodes: readonly CircuitNode[], index: number): string {
  return `node ${index}, ${expressionOf(nodes, index)}`;
}

function write(nodes: readonly CircuitNode[], index: number, depth: number): Text {
  const node = nodes[index]!;
  if (node.op === 'input') return { text: node.name, strength: ATOM };
  if (node.op === 'constant') return { text: vectorText(node.plain), strength: ATOM };
  if (depth === 0) return { text: '…', strength: ATOM };
  const [a, b, c] = node.args.map((argument) => write(nodes, argument, depth - 1)) as [Text, Text, Text];
  const within = ({ text, strength }: Text, least: number): string =>
    strength >= least ? text : `(${text})`;
  const call = (...parts: readonly string[]): Text => ({
    text: `${node.op}(${parts.join(', ')})`,
    strength: ATOM,
  });
  switch (node.op) {
    case 'add':
      return { text: `${within(a, SUM)} + ${within(b, SUM)}`, strength: SUM };
    case 'sub':
      return { text: `${within(a, SUM)} - ${within(b, PRODUCT)}`, strength: SUM };
    case 'addPlain':
      return { text: `${within(a, SUM)} + ${vectorText(node.plain)}`, strength: SUM };
    case 'scale':
      return node.factor === -1
        ? { text: `-${within(a, ATOM)}`, strength: SUM }
        : { text: `${numberText(node.factor)} * ${within(a, ATOM)}`, strength: PRODUCT };
    case 'mulPlain':
      return { text: `${vectorText(node.plain)} * ${within(a, ATOM)}`, strength: PRODUCT };
    case 'mul':
      return { text: `${within(a, PRODUCT)} * ${within(b, ATOM)}`, strength: PRODUCT };
    case 'matVecPlain':
      return { text: `M[${node.matrix.rows} x ${node.matrix.cols}] ${within(a, ATOM)}`, strength: PRODUCT };
    case 'lessThan':
      return { text: `(${a.text} < ${b.text})`, strength: ATOM };
    case 'select':
      return { text: `(${a.text} ? ${b.text} : ${c.text})`, strength: ATOM };
    case 'poly':
      return { text: `p${node.series.coefficients.length - 1}(${a.text})`, strength: ATOM };
    case 'replicate':
      return call(a.text, String(node.length));
    case 'within':
      return call(a.text, numberText(node.low), numberText(node.high));
    case 'kthSmallest':
    case 'smallest':
      return call(a.text, String(node.k));
    case 'dot':
    case 'max':
      return call(a.text, b.text);
    case 'matMul':
      return call(a.text, b.text, String(node.rows));
    case 'sum':
    case 'sort':
      return call(a.text);
  }
}

/** A number in as few characters as tell it well enough. */
export function numberText(value: number): string {
  const short = Number(value.toPrecision(4));
  return String(short);
}

/** A public vector: its number where all are equal, else its length. */
export function vectorText(w: Float64Array): string {
  const first = w[0]!;
  return w.every((value) => value === first) ? numberText(first) : `w[${w.length}]`;
}
