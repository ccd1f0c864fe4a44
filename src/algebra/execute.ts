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
    values[index] =
      node.op === 'input'
        ? inputs[node.name as I]
        : applyOperation(
            node,
            algebra as Ordered<V>,
            argumentsOf(node).map((argument) => values[argument] as V),
          );
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

/** One operation on the values of its arguments, in their order. */
export function applyOperation<V>(
  node: Exclude<CircuitNode, { readonly op: 'input' }>,
  algebra: Ordered<V>,
  args: readonly V[],
): V {
  const [a, b, c] = args as readonly [V, V, V];
  switch (node.op) {
    case 'constant':
      return algebra.constant(node.plain);
    case 'add':
    case 'sub':
    case 'mul':
    case 'dot':
    case 'lessThan':
    case 'max':
      return algebra[node.op](a, b);
    case 'matMul':
      return algebra.matMul(a, b, node.rows);
    case 'scale':
      return algebra.scale(a, node.factor);
    case 'addPlain':
    case 'mulPlain':
      return algebra[node.op](a, node.plain);
    case 'sum':
      return algebra.sum(a);
    case 'replicate':
      return algebra.replicate(a, node.length);
    case 'within':
      return algebra.within(a, node.low, node.high);
    case 'matVecPlain':
      return algebra.matVecPlain(node.matrix, a);
    case 'poly':
      return algebra.poly(node.series, a);
    case 'select':
      return algebra.select(a, b, c);
    case 'kthSmallest':
      return algebra.kthSmallest(a, node.k);
    case 'smallest':
      return algebra.smallest(a, node.k);
    case 'sort':
      return algebra.sort(a);
    default:
      throw new UnsupportedError(`unknown operation ${(node satisfies never as CircuitNode).op}`);
  }
}
