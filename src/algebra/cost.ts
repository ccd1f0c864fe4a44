import { type AnyCircuit, argumentsOf } from './circuit.ts';

/** What a circuit needs, whatever runs it. */
export type CircuitCost = {
  /** Longest chain of products, public ones counted but for whole factors: levels under CKKS. */
  readonly depth: number;
  /** Longest chain of products of two secrets: a lower bound of communication rounds under MPC. */
  readonly secretDepth: number;
  /** Elements multiplied secret by secret. */
  readonly secretProducts: number;
  /** Elements multiplied by public numbers. */
  readonly plainProducts: number;
  /** Elements compared. */
  readonly comparisons: number;
  /** No product of two secrets, no polynomial, no comparison: an affine map of the inputs. */
  readonly linear: boolean;
};

/** Counts the work of a circuit without running it. */
export function costOf(circuit: AnyCircuit): CircuitCost {
  const depth: number[] = [];
  const secretDepth: number[] = [];
  let secretProducts = 0;
  let plainProducts = 0;
  let comparisons = 0;
  let linear = true;
  circuit.nodes.forEach((node, index) => {
    const args = argumentsOf(node);
    const deepest = (of: readonly number[]) =>
      args.reduce((most, argument) => Math.max(most, of[argument]!), 0);
    let levels = 0;
    let rounds = 0;
    switch (node.op) {
      case 'scale':
        levels = Number.isInteger(node.factor) ? 0 : 1;
        plainProducts += node.length;
        break;
      case 'mulPlain':
        levels = 1;
        plainProducts += node.length;
        break;
      case 'matVecPlain':
        levels = 1;
        plainProducts += node.matrix.rows * node.matrix.cols;
        break;
      case 'mul':
      case 'select':
        levels = 1;
        rounds = 1;
        secretProducts += node.length;
        break;
      case 'dot':
        levels = 1;
        rounds = 1;
        secretProducts += circuit.nodes[node.args[0]]!.length;
        break;
      case 'poly': {
        linear = false;
        // Depth-optimal evaluation: ceil(log2(degree + 1)) levels; about 2 sqrt(degree) products an element.
        const degree = node.series.coefficients.length - 1;
        levels = Math.ceil(Math.log2(degree + 1));
        rounds = levels;
        secretProducts += node.length * Math.ceil(2 * Math.sqrt(degree));
        break;
      }
      case 'lessThan':
      case 'max':
        levels = 1;
        rounds = 1;
        comparisons += node.length;
        break;
      case 'kthSmallest': {
        const n = circuit.nodes[node.args[0]]!.length;
        levels = 1;
        rounds = Math.ceil(Math.log2(n + 1));
        // Expected comparisons of quickselect (Knuth 1971): at most 3.4 n.
        comparisons += Math.ceil(3.4 * n);
        break;
      }
      default:
        break;
    }
    depth[index] = deepest(depth) + levels;
    secretDepth[index] = deepest(secretDepth) + rounds;
  });
  const outputs = Object.values(circuit.outputs);
  return {
    depth: Math.max(...outputs.map((index) => depth[index]!)),
    secretDepth: Math.max(...outputs.map((index) => secretDepth[index]!)),
    secretProducts,
    plainProducts,
    comparisons,
    linear: linear && secretProducts === 0 && comparisons === 0,
  };
}
