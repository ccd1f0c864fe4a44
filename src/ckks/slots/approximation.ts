import { magnitudeOf } from '../../algebra/bounds.ts';
import type { AnyCircuit, CircuitNode } from '../../algebra/circuit.ts';
import { seriesSlope } from './series-facts.ts';

/**
 * Distance of every node from what its formula means: the certified errors of series, carried on by interval bounds of
 * derivatives. Worst case and proved; a property of the circuit, whatever runs it.
 */
export function approximationErrors(circuit: AnyCircuit): readonly number[] {
  const { nodes } = circuit;
  const errors: number[] = [];
  const size = (index: number): number => magnitudeOf(nodes[index]!.bound);
  const product = (a: number, b: number): number =>
    size(a) * errors[b]! + size(b) * errors[a]! + errors[a]! * errors[b]!;
  nodes.forEach((node, index) => {
    errors[index] = errorOf(node, errors, product, (argument) => nodes[argument]!.length);
  });
  return errors;
}

function errorOf(
  node: CircuitNode,
  errors: readonly number[],
  product: (a: number, b: number) => number,
  lengthOf: (argument: number) => number,
): number {
  const at = (index: number): number => errors[index]!;
  switch (node.op) {
    case 'add':
    case 'sub':
      return at(node.args[0]) + at(node.args[1]);
    case 'scale':
      return Math.abs(node.factor) * at(node.args[0]);
    case 'addPlain':
    case 'replicate':
    case 'within':
      return at(node.args[0]);
    case 'mulPlain':
      return at(node.args[0]) === 0 ? 0 : largest(node.plain) * at(node.args[0]);
    case 'sum':
      return lengthOf(node.args[0]) * at(node.args[0]);
    case 'mul':
      return product(...node.args);
    case 'dot':
      return lengthOf(node.args[0]) * product(...node.args);
    case 'matVecPlain': {
      if (at(node.args[0]) === 0) return 0;
      const { rows, cols, data } = node.matrix;
      let most = 0;
      for (let row = 0; row < rows; row++) {
        let l1 = 0;
        for (let i = row * cols; i < (row + 1) * cols; i++) l1 += Math.abs(data[i]!);
        most = Math.max(most, l1);
      }
      return most * at(node.args[0]);
    }
    case 'poly': {
      const inherited = at(node.args[0]);
      return node.series.error + (inherited === 0 ? 0 : seriesSlope(node.series) * inherited);
    }
    default:
      return 0;
  }
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
