import { type AnyCircuit, argumentsOf, type CircuitNode } from './circuit.ts';

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
    linear: secretProducts === 0 && comparisons === 0 && rows.every(({ op }) => op !== 'poly'),
  };
}

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
    case 'poly': {
      const degree = node.series.coefficients.length - 1;
      const secretProducts = elements * productsOfSeries(degree);
      // Every coefficient but the first weighs a baby step.
      return { ...FREE, levels, rounds: levels, secretProducts, plainProducts: elements * degree };
    }
    case 'lessThan':
    case 'max':
      return { ...FREE, levels, rounds: 1, comparisons: elements };
    case 'kthSmallest': {
      const rounds = Math.ceil(Math.log2(elements + 1));
      // Expected comparisons of quickselect (Knuth 1971): at most 3.4 n.
      return { ...FREE, levels, rounds, comparisons: Math.ceil(3.4 * elements) };
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
      return 1;
    case 'poly':
      return Math.ceil(Math.log2(node.series.coefficients.length));
    default:
      return 0;
  }
}

/**
 * Products of two secrets that a Chebyshev series of a degree takes by baby steps and giant steps at the least depth:
 * T_2 .. T_(k-1), the giants T_k, T_2k ..., and one product less than there are blocks of k coefficients (M. Paterson
 * and L. Stockmeyer, SIAM Journal on Computing 2 (1973); in the Chebyshev basis H. Chen, I. Chillotti and Y. Song,
 * ePrint 2018/1043).
 */
export function productsOfSeries(degree: number): number {
  let best = Infinity;
  for (let k = 2; k <= 2 * (degree + 1); k *= 2) {
    const blocks = Math.ceil((degree + 1) / k);
    const babies = Math.max(0, Math.min(k - 1, degree) - 1);
    best = Math.min(best, babies + Math.ceil(Math.log2(blocks)) + blocks - 1);
  }
  return best;
}
