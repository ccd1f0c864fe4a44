import { BackendError } from '../base/errors.ts';
import {
  argumentsOf,
  type Circuit,
  type CircuitNode,
  circuitDigest,
  type InputSpec,
  type Power,
  type Transcript,
} from './circuit.ts';
import { OperandTable } from './operand-table.ts';
import { BoundOverflow, NodePool } from './pool.ts';
import { Rewriter } from './rewrite.ts';

/** Every pass removes something; more of them mean that two rules undo each other. */
const MAX_PASSES = 100;

type Graph = { readonly nodes: readonly CircuitNode[]; readonly outputs: readonly number[] };

/**
 * The canonical form of a circuit: the same outputs for all inputs, up to rounding, and never more levels, rounds,
 * products or comparisons. Equal subterms are computed once; constants are folded, into matrices and series too; like
 * terms are collected; affine maps are composed where that is cheaper; operands of commutative operations and the
 * nodes themselves come in an order that does not depend on how the formula was written; what no output needs is gone.
 * Inputs and outputs keep their order, and all declared inputs stay. What is known to be constant is a `constant` node:
 * in an arithmetic circuit it can only be an output, for every operation on it has been folded.
 *
 * A value whose bounds decide it (a comparison of intervals that do not meet) is decided. Bounds of the original are
 * kept where they are tighter. Cost: a few passes over the nodes; matrices are read twice.
 */
export function simplify<I extends string, O extends string, P extends Power>(
  circuit: Transcript<I, O, P>,
): Circuit<I, O, P> {
  const names = Object.keys(circuit.outputs) as O[];
  const operands = new OperandTable();
  let graph: Graph = { nodes: circuit.nodes, outputs: names.map((name) => circuit.outputs[name]) };
  let shape = '';
  for (let pass = 0; ; pass++) {
    const rewritten = rewrite(graph, circuit.inputs, operands, pass === 0);
    graph = rewritten.graph;
    if (rewritten.shape === shape) break;
    if (pass === MAX_PASSES) throw new BackendError('a circuit does not settle while it is simplified');
    shape = rewritten.shape;
  }
  const outputs = Object.fromEntries(names.map((name, i) => [name, graph.outputs[i]!])) as Record<O, number>;
  const digest = circuitDigest(graph.nodes, circuit.inputs, outputs);
  return { power: circuit.power, nodes: graph.nodes, inputs: circuit.inputs, outputs, digest };
}

/**
 * One pass over what the outputs need. `shape` is equal for equal results.
 * @param recorded bounds are as they were derived when the nodes were recorded: those of matrices and series, which take a pass over their
 * operand, are not derived again.
 */
function rewrite(
  { nodes, outputs }: Graph,
  inputs: Readonly<Record<string, InputSpec>>,
  operands: OperandTable,
  recorded: boolean,
): { readonly graph: Graph; readonly shape: string } {
  const pool = new NodePool(operands);
  const { uses, inSum } = readersOf(nodes, outputs);
  /** Index in the pool of every node, and which nodes became one of the pool. */
  const images: (number | undefined)[] = [];
  const sources = new Map<number, number[]>();
  const isSole = (index: number): boolean => {
    const from = sources.get(index);
    return from?.length === 1 && uses[from[0]!] === 1;
  };
  const rewriter = new Rewriter(pool, isSole);
  nodes.forEach((node, index) => {
    if (uses[index] === 0 && node.op !== 'input') return;
    if (recorded && (node.op === 'matVecPlain' || node.op === 'poly'))
      pool.remember(node, nodes[node.args[0]]!.bound);
    const image = imageOf(node, rewriter, inputs, images, inSum[index]!);
    images[index] = image;
    sources.set(image, [...(sources.get(image) ?? []), index]);
    pool.refine(image, node.bound);
  });
  const graph = inOrder(
    pool,
    Object.keys(inputs).length,
    outputs.map((output) => images[output]!),
  );
  return { graph, shape: outputs.map((output) => pool.hashes[images[output]!]).join(' ') };
}

function imageOf(
  node: CircuitNode,
  rewriter: Rewriter,
  inputs: Readonly<Record<string, InputSpec>>,
  images: readonly (number | undefined)[],
  inSum: boolean,
): number {
  if (node.op === 'input') return rewriter.pool.input(node.name, inputs[node.name]!, node.bound);
  const args = argumentsOf(node).map((argument) => images[argument]!);
  try {
    return rewriter.apply(node, args, inSum);
  } catch (error) {
    if (!(error instanceof BoundOverflow)) throw error;
    const { bound, length, ...operation } = { ...node, args };
    return rewriter.pool.push(operation as Parameters<NodePool['push']>[0], length, bound);
  }
}

/**
 * How often a node is read by what the outputs need (an output counts as a reader), and whether its only reader is an
 * addition.
 */
function readersOf(
  nodes: readonly CircuitNode[],
  outputs: readonly number[],
): { readonly uses: readonly number[]; readonly inSum: readonly boolean[] } {
  const uses = new Array<number>(nodes.length).fill(0);
  const added = new Array<number>(nodes.length).fill(0);
  for (const output of outputs) uses[output]!++;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    if (uses[index] === 0) continue;
    for (const argument of argumentsOf(node)) {
      uses[argument]!++;
      if (node.op === 'add' || node.op === 'sub') added[argument]!++;
    }
  }
  return { uses, inSum: uses.map((count, index) => count === 1 && added[index] === 1) };
}

/** The inputs, then what the outputs need, in the order in which their operands ask for it. */
function inOrder(pool: NodePool, inputs: number, outputs: readonly number[]): Graph {
  const nodes: CircuitNode[] = pool.nodes.slice(0, inputs);
  const placed = new Map<number, number>(nodes.map((_, index) => [index, index]));
  // Not recursive: a chain of a million additions is a circuit too.
  const stack = [...outputs].reverse();
  while (stack.length > 0) {
    const index = stack.at(-1)!;
    const node = pool.nodes[index]!;
    const missing = argumentsOf(node).filter((argument) => !placed.has(argument));
    if (!placed.has(index) && missing.length > 0) {
      stack.push(...missing.reverse());
      continue;
    }
    stack.pop();
    if (placed.has(index)) continue;
    placed.set(index, nodes.length);
    const args = argumentsOf(node).map((argument) => placed.get(argument)!);
    nodes.push(args.length === 0 ? node : ({ ...node, args } as unknown as CircuitNode));
  }
  return { nodes, outputs: outputs.map((output) => placed.get(output)!) };
}
