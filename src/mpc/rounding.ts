import type { AnyCircuit, CircuitNode } from '../algebra/circuit.ts';
import { UnsupportedError } from '../base/errors.ts';
import type { Matrix } from '../numeric/matrix.ts';

/** What bringing a linear circuit to normal form in double precision can cost. */
export type Composition = {
  /** Most roundings that any coefficient of y = M x + b has been through; 0 where nothing was composed. */
  readonly roundings: number;
  /**
   * sum |coefficient| |x| + |b| over every path of the circuit, without cancellation: largest element of each
   * output.
   */
  readonly magnitudes: Readonly<Record<string, number>>;
};

/**
 * Roundings of the coefficients of one input within a node. `unit`: the identity; no product rounds with it.
 */
type Term = { readonly shape: 'unit' | 'diagonal' | 'dense'; readonly roundings: number };

type State = {
  readonly terms: ReadonlyMap<string, Term>;
  /** Roundings of the constant part, or undefined while there is none. */
  readonly constant: number | undefined;
  /** Largest element and sum of elements of the circuit on absolute values. */
  readonly largest: number;
  readonly l1: number;
};

/**
 * Walks a linear circuit as affineMapOf does and counts roundings. A computed coefficient is the exact one
 * within gamma_k = k u / (1 - k u) of its paths' magnitudes, u = 2^-53 (Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2nd ed. (2002), section 3.1), so the normal form's value is within gamma_roundings x
 * magnitude of the circuit's.
 */
export function compositionOf(circuit: AnyCircuit): Composition {
  const states: State[] = [];
  for (const node of circuit.nodes) states.push(stateOf(node, states, circuit));
  const outputs = Object.entries(circuit.outputs).map(([name, index]) => [name, states[index]!] as const);
  return {
    roundings: Math.max(
      ...outputs.map(([, { terms, constant }]) =>
        Math.max(constant ?? 0, ...[...terms.values()].map(({ roundings }) => roundings)),
      ),
    ),
    magnitudes: Object.fromEntries(outputs.map(([name, { largest }]) => [name, largest])),
  };
}

function stateOf(node: CircuitNode, states: readonly State[], circuit: AnyCircuit): State {
  switch (node.op) {
    case 'input': {
      const { bound, length, l1 = Infinity } = circuit.inputs[node.name]!;
      const terms = new Map([[node.name, { shape: 'unit', roundings: 0 } as const]]);
      return { terms, constant: undefined, largest: bound, l1: Math.min(l1, length * bound) };
    }
    case 'constant': {
      const { most, sum } = sizeOf(node.plain);
      return { terms: new Map(), constant: 0, largest: most, l1: sum };
    }
    case 'add':
    case 'sub':
      return merge(states[node.args[0]]!, states[node.args[1]]!);
    case 'scale': {
      const factor = Math.abs(node.factor);
      const a = states[node.args[0]]!;
      return { ...scaled(a), largest: a.largest * factor, l1: a.l1 * factor };
    }
    case 'mulPlain': {
      const a = states[node.args[0]]!;
      const { most, sum } = sizeOf(node.plain);
      return { ...scaled(a), largest: a.largest * most, l1: Math.min(a.l1 * most, a.largest * sum) };
    }
    case 'addPlain': {
      const a = states[node.args[0]]!;
      const { most, sum } = sizeOf(node.plain);
      const constant = a.constant === undefined ? 0 : a.constant + 1;
      return { ...a, constant, largest: a.largest + most, l1: a.l1 + sum };
    }
    case 'sum': {
      const a = states[node.args[0]]!;
      return { ...applied(a, circuit.nodes[node.args[0]]!.length), largest: a.l1, l1: a.l1 };
    }
    case 'replicate': {
      const a = states[node.args[0]]!;
      return { ...applied(a, 1), largest: a.largest, l1: a.largest * node.length };
    }
    case 'within':
      return states[node.args[0]]!;
    case 'matVecPlain': {
      const a = states[node.args[0]]!;
      return { ...applied(a, node.matrix.cols), ...productSize(node.matrix, a) };
    }
    default:
      throw new UnsupportedError(`${node.op} is not linear`, { op: node.op });
  }
}

function merge(a: State, b: State): State {
  const terms = new Map(a.terms);
  for (const [name, term] of b.terms) {
    const present = terms.get(name);
    const shape = term.shape === 'unit' ? 'diagonal' : term.shape;
    if (present === undefined) terms.set(name, { shape, roundings: term.roundings });
    else {
      terms.set(name, {
        shape: shape === 'dense' || present.shape === 'dense' ? 'dense' : 'diagonal',
        roundings: Math.max(term.roundings, present.roundings) + 1,
      });
    }
  }
  const constant =
    a.constant === undefined || b.constant === undefined
      ? (a.constant ?? b.constant)
      : Math.max(a.constant, b.constant) + 1;
  return { terms, constant, largest: a.largest + b.largest, l1: a.l1 + b.l1 };
}

/** Times a diagonal: one rounding, none on the identity. */
function scaled(a: State): Pick<State, 'terms' | 'constant'> {
  return after(a, (term) => (term.shape === 'unit' ? 0 : term.roundings + 1), 'diagonal', 1);
}

/**
 * Times a dense matrix of `cols` columns: a product and up to cols - 1 sums, or one product with a diagonal.
 */
function applied(a: State, cols: number): Pick<State, 'terms' | 'constant'> {
  const added = { unit: 0, diagonal: 1, dense: cols };
  return after(a, (term) => term.roundings + added[term.shape], 'dense', cols);
}

function after(
  a: State,
  roundingsOf: (term: Term) => number,
  shape: 'diagonal' | 'dense',
  constantRoundings: number,
): Pick<State, 'terms' | 'constant'> {
  const terms = new Map<string, Term>();
  for (const [name, term] of a.terms) {
    terms.set(name, { shape: term.shape === 'dense' ? 'dense' : shape, roundings: roundingsOf(term) });
  }
  return { terms, constant: a.constant === undefined ? undefined : a.constant + constantRoundings };
}

function sizeOf(w: Float64Array): { readonly most: number; readonly sum: number } {
  let most = 0;
  let sum = 0;
  for (const value of w) {
    most = Math.max(most, Math.abs(value));
    sum += Math.abs(value);
  }
  return { most, sum };
}

function productSize(m: Matrix, a: State): Pick<State, 'largest' | 'l1'> {
  let largest = 0;
  let l1 = 0;
  for (let r = 0; r < m.rows; r++) {
    const { most, sum } = sizeOf(m.data.subarray(r * m.cols, (r + 1) * m.cols));
    const row = Math.min(sum * a.largest, most * a.l1);
    largest = Math.max(largest, row);
    l1 += row;
  }
  return { largest, l1 };
}
