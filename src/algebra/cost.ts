import { degreeOf } from '../numeric/chebyshev/expansion.ts';
import type { ChebyshevSeries } from './arithmetic.ts';
import { type AnyCircuit, argumentsOf, type CircuitNode } from './circuit.ts';
import type { ScheduleCost } from './series/schedule.ts';
import { depthOfDegree, scheduleOf } from './series/schedule-of.ts';

/** What one operation adds. */
export type NodeCost = {
  /** Levels under CKKS: products in a chain, whole scalar factors aside (they are repeated additions). */
  readonly levels: number;
  /** Products of two secrets in a chain: a lower bound of communication rounds under MPC. */
  readonly rounds: number;
  /** Elements multiplied secret by secret. */
  readonly secretProducts: number;
  /** Elements multiplied by public numbers, whole scalar factors aside. */
  readonly plainProducts: number;
  /** Elements compared. */
  readonly comparisons: number;
};

/** What a circuit needs, whatever runs it. */
export type CircuitCost = {
  /** Longest chain of products, public ones counted but for whole scalar factors: levels under CKKS. */
  readonly depth: number;
  /** Longest chain of products of two secrets: a lower bound of communication rounds under MPC. */
  readonly secretDepth: number;
  /** Elements multiplied secret by secret. */
  readonly secretProducts: number;
  /** Elements multiplied by public numbers, whole scalar factors aside. */
  readonly plainProducts: number;
  /** Elements compared. */
  readonly comparisons: number;
  /** No product of two secrets, no polynomial, no comparison: an affine map of the inputs. */
  readonly linear: boolean;
};

/** A node's own cost and where it stands: the longest chains of levels and rounds up to and including it. */
export type NodeCostRow = NodeCost & {
  readonly node: number;
  readonly op: CircuitNode['op'];
  readonly length: number;
  readonly depth: number;
  readonly secretDepth: number;
};

/** Counts the work of a circuit without running it. */
export function costOf(circuit: AnyCircuit): CircuitCost {
  const rows = costByNode(circuit);
  const outputs = Object.values(circuit.outputs).map((index) => rows[index]!);
  const total = (of: (row: NodeCostRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const secretProducts = total((row) => row.secretProducts);
  const comparisons = total((row) => row.comparisons);
  return {
    depth: Math.max(...outputs.map(({ depth }) => depth)),
    secretDepth: Math.max(...outputs.map(({ secretDepth }) => secretDepth)),
    secretProducts,
    plainProducts: total((row) => row.plainProducts),
    comparisons,
    linear: isLinear(circuit),
  };
}

/** No product of two secrets, no polynomial, no comparison: an affine map of the inputs. */
export function isLinear({ nodes }: Pick<AnyCircuit, 'nodes'>): boolean {
  return nodes.every(({ op }) => LINEAR.has(op));
}

const LINEAR: ReadonlySet<CircuitNode['op']> = new Set([
  'input',
  'constant',
  'add',
  'sub',
  'addPlain',
  'scale',
  'mulPlain',
  'matVecPlain',
  'sum',
  'replicate',
  'within',
]);

/** The cost of every node, in order. */
export function costByNode({ nodes }: Pick<AnyCircuit, 'nodes'>): readonly NodeCostRow[] {
  const rows: NodeCostRow[] = [];
  nodes.forEach((node, index) => {
    const own = costOfNode(node, nodes);
    const deepest = (of: (row: NodeCostRow) => number): number =>
      argumentsOf(node).reduce((most, argument) => Math.max(most, of(rows[argument]!)), 0);
    rows.push({
      node: index,
      op: node.op,
      length: node.length,
      depth: deepest(({ depth }) => depth) + own.levels,
      secretDepth: deepest(({ secretDepth }) => secretDepth) + own.rounds,
      ...own,
    });
  });
  return rows;
}

const FREE: NodeCost = { levels: 0, rounds: 0, secretProducts: 0, plainProducts: 0, comparisons: 0 };

function costOfNode(node: CircuitNode, nodes: readonly CircuitNode[]): NodeCost {
  const levels = levelsOf(node);
  const elements = argumentsOf(node).length > 0 ? nodes[argumentsOf(node)[0]!]!.length : 0;
  switch (node.op) {
    case 'scale':
    case 'mulPlain':
      return { ...FREE, levels, plainProducts: levels * node.length };
    case 'matVecPlain':
      return { ...FREE, levels, plainProducts: node.matrix.rows * node.matrix.cols };
    case 'mul':
    case 'select':
    case 'dot':
      return { ...FREE, levels, rounds: 1, secretProducts: elements };
    case 'matMul':
      return { ...FREE, levels, rounds: 1, secretProducts: (elements * node.length) / node.rows };
    case 'poly': {
      if (degreeOf(node.series) === 0) return FREE;
      const { secretDepth, products, plainProducts } = scheduleCost(node.series);
      return {
        ...FREE,
        levels,
        rounds: secretDepth,
        secretProducts: elements * products,
        plainProducts: elements * plainProducts,
      };
    }
    case 'lessThan':
    case 'max':
      return { ...FREE, levels, rounds: 1, comparisons: elements };
    case 'kthSmallest': {
      const rounds = Math.ceil(Math.log2(elements + 1));
      // Expected comparisons of quickselect (Knuth 1971): at most 3.4 n.
      return { ...FREE, levels, rounds, comparisons: Math.ceil(3.4 * elements) };
    }
    case 'smallest': {
      const rounds = Math.ceil(Math.log2(elements + 1)) + Math.ceil(Math.log2(node.k + 1));
      // The same, and those it finds are sorted.
      const comparisons = Math.ceil(3.4 * elements + node.k * Math.log2(node.k));
      return { ...FREE, levels, rounds, comparisons };
    }
    case 'sort': {
      const rounds = Math.ceil(Math.log2(elements + 1));
      return { ...FREE, levels, rounds, comparisons: Math.ceil(elements * Math.log2(elements)) };
    }
    default:
      return FREE;
  }
}

/** Levels that an operation takes under CKKS. */
export function levelsOf(node: CircuitNode): number {
  switch (node.op) {
    case 'scale':
      return Number.isInteger(node.factor) ? 0 : 1;
    case 'mulPlain':
    case 'matVecPlain':
    case 'mul':
    case 'dot':
    case 'lessThan':
    case 'select':
    case 'max':
    case 'kthSmallest':
    case 'smallest':
    case 'sort':
      return 1;
    case 'matMul':
      // Elements are moved to their places by public matrices first: see withoutMatrixProducts.
      return 2;
    case 'poly':
      return degreeOf(node.series) === 0 ? 0 : depthOfDegree(degreeOf(node.series));
    default:
      return 0;
  }
}

/** By coefficients, which a circuit never changes: choosing a schedule takes up to some milliseconds. */
const schedules = new WeakMap<Float64Array, ScheduleCost>();

/** What the schedule takes that evaluates the series. */
function scheduleCost(series: ChebyshevSeries): ScheduleCost {
  const cost = schedules.get(series.coefficients) ?? scheduleOf(series).cost;
  schedules.set(series.coefficients, cost);
  return cost;
}
