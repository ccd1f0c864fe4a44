import type { AnyCircuit, CircuitNode, InputSpec } from './circuit.ts';
import { costByNode, costOf } from './cost.ts';
import { numberText, vectorText } from './expression.ts';

/**
 * A circuit as a listing, a line a node: what it computes, how long it is, between which bounds its elements lie, how
 * many levels it is deep. Holds public numbers only. For terminals and notebooks.
 */
export function drawText(circuit: AnyCircuit): string {
  const { depth, secretProducts, comparisons } = costOf(circuit);
  const rows = costByNode(circuit);
  const shown = new Map<number, string[]>();
  for (const [name, index] of Object.entries(circuit.outputs)) {
    shown.set(index, [...(shown.get(index) ?? []), name]);
  }
  const lines = circuit.nodes.map((node, index) => [
    `%${index}`,
    `= ${operationText(node, circuit.inputs)}`,
    `[${node.length}]`,
    boundText(node),
    `depth ${rows[index]!.depth}`,
    shown.has(index) ? `-> ${shown.get(index)!.join(', ')}` : '',
  ]);
  const head = [
    `${circuit.power} circuit ${circuit.digest.slice(0, 12)}`,
    countText(circuit.nodes.length, 'node'),
    `depth ${depth}`,
    countText(secretProducts, 'secret product'),
    ...(circuit.power === 'ordered' ? [countText(comparisons, 'comparison')] : []),
  ];
  return [head.join(', '), ...aligned(lines)].join('\n');
}

/** A node's operation and operands, as in `sub %3, %1` or `scale %2 by 0.5`. */
export function operationText(node: CircuitNode, inputs: Readonly<Record<string, InputSpec>>): string {
  const args = 'args' in node ? node.args.map((argument) => `%${argument}`).join(', ') : '';
  switch (node.op) {
    case 'input': {
      const l1 = inputs[node.name]?.l1;
      return `input ${node.name}${l1 === undefined ? '' : `, 1-norm <= ${numberText(l1)}`}`;
    }
    case 'constant':
      return `constant ${vectorText(node.plain)}`;
    case 'scale':
      return `scale ${args} by ${numberText(node.factor)}`;
    case 'addPlain':
    case 'mulPlain':
      return `${node.op} ${args}, ${vectorText(node.plain)}`;
    case 'matVecPlain':
      return `matVecPlain ${node.matrix.rows} x ${node.matrix.cols}, ${args}`;
    case 'poly':
      return `poly ${args}, degree ${node.series.coefficients.length - 1} on [${node.series.domain.map(numberText).join(', ')}]`;
    case 'within':
      return `within ${args}, [${numberText(node.low)}, ${numberText(node.high)}]`;
    case 'kthSmallest':
    case 'smallest':
      return `${node.op} ${args}, ${node.k}`;
    case 'matMul':
      return `matMul ${args}, to ${node.rows} x ${node.length / node.rows}`;
    default:
      return `${node.op} ${args}`;
  }
}

/** The interval of a node's elements, its ends to four digits. */
export function boundText({ bound: { low, high } }: CircuitNode): string {
  if (low === high) return `= ${numberText(low)}`;
  return low === -high ? `|.| <= ${numberText(high)}` : `in [${numberText(low)}, ${numberText(high)}]`;
}

/** `1 node`, `2 nodes`. */
export function countText(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Columns as wide as their widest cell. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
