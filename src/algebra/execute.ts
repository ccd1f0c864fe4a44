import { UnsupportedError } from '../base/errors.ts';
import type { Arithmetic, Ordered } from './arithmetic.ts';
import { type AnyCircuit, argumentsOf, type Circuit, type CircuitNode, type Power } from './circuit.ts';
import { checkInput, plainAlgebra } from './plain.ts';

/** Runs a circuit on any implementation of the algebra. Values that no later node reads are dropped as it goes. */
export function execute<V, I extends string, O extends string, P extends Power>(
  circuit: Circuit<I, O, P>,
  algebra: P extends 'ordered' ? Ordered<V> : Arithmetic<V>,
  inputs: Readonly<Record<I, V>>,
): Record<O, V> {
  const lastUse = lastUses(circuit);
  const values: (V | undefined)[] = [];
  circuit.nodes.forEach((node, index) => {
    values[index] = step(node, algebra as Ordered<V>, inputs, values);
    for (const argument of argumentsOf(node)) if (lastUse[argument] === index) values[argument] = undefined;
  });
  const outputs = Object.entries<number>(circuit.outputs).map(([name, index]) => [name, values[index]!]);
  return Object.fromEntries(outputs) as Record<O, V>;
}

/** Runs a circuit in the clear, in double precision; declared input bounds are checked. */
export function executePlain<I extends string, O extends string>(
  circuit: Circuit<I, O, Power>,
  inputs: Readonly<Record<I, Float64Array>>,
): Record<O, Float64Array> {
  for (const name of Object.keys(circuit.inputs) as I[]) checkInput(name, inputs[name], circuit.inputs[name]);
  return execute<Float64Array, I, O, 'ordered'>(circuit as Circuit<I, O, 'ordered'>, plainAlgebra, inputs);
}

function lastUses(circuit: AnyCircuit): number[] {
  const last: number[] = [];
  circuit.nodes.forEach((node, index) => {
    for (const argument of argumentsOf(node)) last[argument] = index;
  });
  for (const output of Object.values(circuit.outputs)) last[output] = Infinity;
  return last;
}

function step<V>(
  node: CircuitNode,
  algebra: Ordered<V>,
  inputs: Readonly<Record<string, V>>,
  values: readonly (V | undefined)[],
): V {
  const at = (index: number): V => values[index] as V;
  switch (node.op) {
    case 'input':
      return inputs[node.name] as V;
    case 'constant':
      return algebra.constant(node.plain);
    case 'add':
    case 'sub':
    case 'mul':
    case 'dot':
    case 'lessThan':
    case 'max':
      return algebra[node.op](at(node.args[0]), at(node.args[1]));
    case 'scale':
      return algebra.scale(at(node.args[0]), node.factor);
    case 'addPlain':
    case 'mulPlain':
      return algebra[node.op](at(node.args[0]), node.plain);
    case 'sum':
      return algebra.sum(at(node.args[0]));
    case 'replicate':
      return algebra.replicate(at(node.args[0]), node.length);
    case 'within':
      return algebra.within(at(node.args[0]), node.low, node.high);
    case 'matVecPlain':
      return algebra.matVecPlain(node.matrix, at(node.args[0]));
    case 'poly':
      return algebra.poly(node.series, at(node.args[0]));
    case 'select':
      return algebra.select(at(node.args[0]), at(node.args[1]), at(node.args[2]));
    case 'kthSmallest':
      return algebra.kthSmallest(at(node.args[0]), node.k);
    default:
      throw new UnsupportedError(`unknown operation ${(node satisfies never as CircuitNode).op}`);
  }
}
