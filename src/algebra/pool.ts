import { boundOfOperation, intersectBounds, type VectorBound } from './bounds.ts';
import { argumentsOf, type CircuitNode, type InputSpec, type Operation } from './circuit.ts';
import { levelsOf } from './cost.ts';
import { hashOfText, type OperandTable } from './operand-table.ts';

type Computation = Exclude<Operation, { readonly op: 'input' }>;

/** Thrown where rewritten arithmetic might leave the doubles although the program's own does not. */
export class BoundOverflow extends Error {}

/**
 * Nodes under construction, each distinct operation once. Operands of commutative operations are put in an order that
 * depends on what they compute and not on when they were written.
 */
export class NodePool {
  readonly nodes: CircuitNode[] = [];
  /** Longest chain of levels down to the inputs. */
  readonly depths: number[] = [];
  /** Depends on what a node computes only. */
  readonly hashes: number[] = [];
  readonly operands: OperandTable;
  readonly #byKey = new Map<string, number>();

  constructor(operands: OperandTable) {
    this.operands = operands;
  }

  /** Inputs come before everything else, in the order of their declaration. */
  input(name: string, { length }: InputSpec, bound: VectorBound): number {
    return this.#add({ op: 'input', name }, `input ${name}`, length, bound);
  }

  /** @throws BoundOverflow where the derived bound is not finite and none is given. */
  push(operation: Computation, length: number, known?: VectorBound): number {
    const ordered = this.#shared(this.#ordered(operation));
    const key = this.#keyOf(ordered, length);
    const present = this.#byKey.get(key);
    if (present !== undefined) return present;
    const bound = known ?? this.#derive(ordered, length);
    if (!Number.isFinite(bound.low) || !Number.isFinite(bound.high)) throw new BoundOverflow();
    return this.#add(ordered, key, length, bound);
  }

  /** Adds what is known otherwise of the same value. */
  refine(index: number, bound: VectorBound): void {
    const node = this.nodes[index]!;
    this.nodes[index] = { ...node, bound: intersectBounds(node.bound, bound, node.length) };
  }

  /** Order of nodes: inputs as declared, then by what they compute. */
  compare(a: number, b: number): number {
    const first = this.nodes[a]!.op === 'input' ? 0 : 1;
    const second = this.nodes[b]!.op === 'input' ? 0 : 1;
    if (first !== second) return first - second;
    return first === 0 ? a - b : this.hashes[a]! - this.hashes[b]!;
  }

  #add(operation: Operation, key: string, length: number, bound: VectorBound): number {
    const index = this.nodes.length;
    const node = { ...operation, length, bound };
    this.nodes.push(node);
    this.#byKey.set(key, index);
    const args = argumentsOf(node);
    const deepest = args.reduce((most, argument) => Math.max(most, this.depths[argument]!), 0);
    this.depths.push(deepest + levelsOf(node));
    const operand = this.#operandOf(operation, 'hash');
    const parts = args.map((argument) => this.hashes[argument]!);
    this.hashes.push(hashOfText([operation.op, operand, length, ...parts].join(' ')));
    return index;
  }

  #ordered(operation: Computation): Computation {
    switch (operation.op) {
      case 'add':
      case 'mul':
      case 'dot':
      case 'max': {
        const [a, b] = operation.args;
        return this.compare(a, b) <= 0 ? operation : { ...operation, args: [b, a] };
      }
      default:
        return operation;
    }
  }

  /** Public operands of equal contents become one. */
  #shared(operation: Computation): Computation {
    switch (operation.op) {
      case 'constant':
      case 'addPlain':
      case 'mulPlain':
        return { ...operation, plain: this.operands.of(operation.plain).data };
      case 'matVecPlain': {
        const { rows, cols, data } = operation.matrix;
        const shared = this.operands.of(data).data;
        return shared === data ? operation : { ...operation, matrix: { rows, cols, data: shared } };
      }
      case 'poly': {
        const { series } = operation;
        const coefficients = this.operands.of(series.coefficients).data;
        return coefficients === series.coefficients
          ? operation
          : { ...operation, series: { ...series, coefficients } };
      }
      default:
        return operation;
    }
  }

  #keyOf(operation: Computation, length: number): string {
    const args = 'args' in operation ? operation.args.join(' ') : '';
    return `${operation.op} ${args} ${length} ${this.#operandOf(operation, 'id')}`;
  }

  #operandOf(operation: Operation, by: 'id' | 'hash'): string {
    switch (operation.op) {
      case 'input':
        return operation.name;
      case 'constant':
      case 'addPlain':
      case 'mulPlain':
        return String(this.operands.of(operation.plain)[by]);
      case 'matVecPlain':
        return String(this.operands.of(operation.matrix.data)[by]);
      case 'scale':
        return String(operation.factor);
      case 'within':
        return `${operation.low} ${operation.high}`;
      case 'kthSmallest':
      case 'smallest':
        return String(operation.k);
      case 'matMul':
        return String(operation.rows);
      case 'poly': {
        const { coefficients, domain, error } = operation.series;
        return [this.operands.of(coefficients)[by], ...domain, error].join(' ');
      }
      default:
        return '';
    }
  }

  #derive(operation: Computation, length: number): VectorBound {
    const derive = (): VectorBound => boundOfOperation(operation, length, this.nodes);
    // Only these two take longer than looking them up.
    if (operation.op !== 'matVecPlain' && operation.op !== 'poly') return derive();
    const argument = this.nodes[operation.args[0]]!.bound;
    return this.operands.bound(this.#boundKey(operation, length, argument), derive);
  }

  /** Takes over a bound that was derived before: of a matrix or a series, whose argument has this bound. */
  remember(node: CircuitNode, argument: VectorBound): void {
    this.operands.bound(this.#boundKey(node, node.length, argument), () => node.bound);
  }

  #boundKey(operation: Operation, length: number, { low, high, l1 }: VectorBound): string {
    return `${this.#operandOf(operation, 'id')} ${length} ${low} ${high} ${l1}`;
  }
}
