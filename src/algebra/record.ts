import { PlanError, RangeError, ShapeError } from '../base/errors.ts';
import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import type { ChebyshevSeries, Ordered, OrderedProgram, Program } from './arithmetic.ts';
import { boundOf, boundOfOperation, type VectorBound } from './bounds.ts';
import type { Circuit, CircuitNode, InputSpec, Operation, Power, Transcript } from './circuit.ts';
import { expressionOf, nameOf } from './expression.ts';
import { simplify } from './simplify.ts';

/** A value of the program being recorded: only the recorder can look inside. */
export class Wire {
  readonly index: number;
  readonly length: number;

  constructor(index: number, length: number) {
    this.index = index;
    this.length = length;
  }
}

/** An {@link Ordered} algebra that computes nothing and writes down what it is asked. */
export class Recorder implements Ordered<Wire> {
  readonly nodes: CircuitNode[] = [];
  readonly #wires = new Set<Wire>();
  power: Power = 'arithmetic';

  input(name: string, spec: InputSpec): Wire {
    return this.#append({ op: 'input', name }, spec.length, boundOfInput(name, spec));
  }

  constant(plain: Float64Array): Wire {
    if (plain.length === 0) throw new ShapeError('constant: expected at least one number, found none');
    finite('constant', plain);
    return this.#push({ op: 'constant', plain: plain.slice() }, plain.length);
  }

  add(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('add', a, b);
    return this.#push({ op: 'add', args: [a.index, b.index] }, length);
  }

  sub(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('sub', a, b);
    return this.#push({ op: 'sub', args: [a.index, b.index] }, length);
  }

  scale(a: Wire, factor: number): Wire {
    this.#own(a);
    if (!Number.isFinite(factor)) throw new RangeError(`scale: expected a finite factor, found ${factor}`);
    return this.#push({ op: 'scale', args: [a.index], factor }, a.length);
  }

  addPlain(a: Wire, plain: Float64Array): Wire {
    this.#plain('addPlain', a, plain);
    return this.#push({ op: 'addPlain', args: [a.index], plain: plain.slice() }, a.length);
  }

  mulPlain(a: Wire, plain: Float64Array): Wire {
    this.#plain('mulPlain', a, plain);
    return this.#push({ op: 'mulPlain', args: [a.index], plain: plain.slice() }, a.length);
  }

  sum(a: Wire): Wire {
    this.#own(a);
    return this.#push({ op: 'sum', args: [a.index] }, 1);
  }

  replicate(a: Wire, length: number): Wire {
    this.#own(a);
    if (a.length !== 1) {
      throw new ShapeError(`replicate: expected a vector of one element, found ${a.length}`, {
        length: a.length,
      });
    }
    if (!Number.isInteger(length) || length < 1) {
      throw new ShapeError(`replicate: expected a positive whole length, found ${length}`);
    }
    return this.#push({ op: 'replicate', args: [a.index] }, length);
  }

  within(a: Wire, low: number, high: number): Wire {
    this.#own(a);
    if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
      throw new RangeError(`within: expected a finite interval, found [${low}, ${high}]`, { low, high });
    }
    const { bound } = this.nodes[a.index]!;
    if (low > bound.high || high < bound.low) {
      throw new PlanError(
        `within: no value of [${bound.low}, ${bound.high}], which the declared bounds imply for ` +
          `${nameOf(this.nodes, a.index)}, lies in [${low}, ${high}]; guarantee an interval that meets it`,
        { node: a.index, low, high, argumentLow: bound.low, argumentHigh: bound.high },
      );
    }
    return this.#push({ op: 'within', args: [a.index], low, high }, a.length);
  }

  /** The matrix is kept by reference (it may be large): it must not change afterwards. */
  matVecPlain(matrix: Matrix, x: Wire): Wire {
    this.#own(x);
    matrixOf(matrix.rows, matrix.cols, matrix.data);
    if (matrix.cols !== x.length || matrix.rows < 1) {
      throw new ShapeError(
        `matVecPlain: expected a vector of ${matrix.cols} for a ${matrix.rows} x ${matrix.cols} matrix, found ${x.length}`,
        { rows: matrix.rows, cols: matrix.cols, length: x.length },
      );
    }
    finite('matVecPlain', matrix.data);
    return this.#push({ op: 'matVecPlain', args: [x.index], matrix }, matrix.rows);
  }

  mul(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('mul', a, b);
    return this.#push({ op: 'mul', args: [a.index, b.index] }, length);
  }

  dot(a: Wire, b: Wire): Wire {
    this.#sameLength('dot', a, b);
    return this.#push({ op: 'dot', args: [a.index, b.index] }, 1);
  }

  matMul(a: Wire, b: Wire, rows: number): Wire {
    this.#own(a);
    this.#own(b);
    const inner = a.length / rows;
    const cols = b.length / inner;
    if (!(Number.isInteger(rows) && rows >= 1 && Number.isInteger(inner) && Number.isInteger(cols))) {
      throw new ShapeError(
        `matMul: expected matrices that fit, row by row, the first of ${rows} rows, found ${a.length} elements ` +
          `(${nameOf(this.nodes, a.index)}) times ${b.length} (${nameOf(this.nodes, b.index)})`,
        { rows, a: a.length, b: b.length },
      );
    }
    return this.#push({ op: 'matMul', args: [a.index, b.index], rows }, rows * cols);
  }

  poly(series: ChebyshevSeries, x: Wire): Wire {
    this.#own(x);
    finite('poly', series.coefficients);
    const [low, high] = series.domain;
    if (series.coefficients.length === 0 || !(Number.isFinite(high - low) && low < high)) {
      throw new RangeError(
        `poly: expected coefficients on an interval, found ${series.coefficients.length} on [${low}, ${high}]`,
      );
    }
    const argument = this.nodes[x.index]!.bound;
    if (!(argument.low >= low && argument.high <= high)) {
      throw new PlanError(
        `poly: the series holds on [${low}, ${high}], but its argument (${nameOf(this.nodes, x.index)}) may reach ` +
          `[${argument.low}, ${argument.high}], and one element out of range destroys a whole batch silently; ` +
          'declare a tighter input bound or range, or use a series on a wider domain',
        { node: x.index, low, high, argumentLow: argument.low, argumentHigh: argument.high },
      );
    }
    const copy = { ...series, coefficients: series.coefficients.slice() };
    return this.#push({ op: 'poly', args: [x.index], series: copy }, x.length);
  }

  lessThan(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('lessThan', a, b);
    this.power = 'ordered';
    return this.#push({ op: 'lessThan', args: [a.index, b.index] }, length);
  }

  select(bit: Wire, a: Wire, b: Wire): Wire {
    this.#sameLength('select', bit, a);
    const length = this.#sameLength('select', a, b);
    const { low, high } = this.nodes[bit.index]!.bound;
    if (!(low >= 0 && high <= 1)) {
      throw new PlanError(
        `select: expected the output of a comparison as its condition, found ${nameOf(this.nodes, bit.index)}, ` +
          `which may reach [${low}, ${high}]; compare it with a number first`,
        { node: bit.index, low, high },
      );
    }
    this.power = 'ordered';
    return this.#push({ op: 'select', args: [bit.index, a.index, b.index] }, length);
  }

  max(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('max', a, b);
    this.power = 'ordered';
    return this.#push({ op: 'max', args: [a.index, b.index] }, length);
  }

  kthSmallest(a: Wire, k: number): Wire {
    this.#rank('kthSmallest', a, k);
    return this.#push({ op: 'kthSmallest', args: [a.index], k }, 1);
  }

  smallest(a: Wire, k: number): Wire {
    this.#rank('smallest', a, k);
    return this.#push({ op: 'smallest', args: [a.index], k }, k);
  }

  sort(a: Wire): Wire {
    this.#own(a);
    this.power = 'ordered';
    return this.#push({ op: 'sort', args: [a.index] }, a.length);
  }

  #rank(op: string, a: Wire, k: number): void {
    this.#own(a);
    if (!Number.isInteger(k) || k < 1 || k > a.length) {
      throw new RangeError(`${op}: expected a rank from 1 to ${a.length}, found ${k}`, {
        length: a.length,
        k,
      });
    }
    this.power = 'ordered';
  }

  /** What is known of a value so far: for who chooses a series by the interval on which it is needed. */
  boundOf(wire: Wire): VectorBound {
    this.#own(wire);
    return this.nodes[wire.index]!.bound;
  }

  /** The formula of a value over the inputs, for messages. */
  expressionOf(wire: Wire): string {
    this.#own(wire);
    return expressionOf(this.nodes, wire.index);
  }

  finish<I extends string, O extends string>(
    inputs: Readonly<Record<I, InputSpec>>,
    results: Readonly<Record<O, Wire>>,
  ): Transcript<I, O> {
    const entries = Object.entries<Wire>(results).map(([name, wire]) => {
      this.#own(wire);
      return [name, wire.index] as const;
    });
    if (entries.length === 0) throw new ShapeError('a program must have at least one output');
    return {
      power: this.power,
      nodes: this.nodes,
      inputs,
      outputs: Object.fromEntries(entries) as Record<O, number>,
    };
  }

  #push(operation: Exclude<Operation, { readonly op: 'input' }>, length: number): Wire {
    return this.#append(operation, length, boundOfOperation(operation, length, this.nodes));
  }

  #append(operation: Operation, length: number, bound: VectorBound): Wire {
    const wire = new Wire(this.nodes.length, length);
    this.nodes.push({ ...operation, length, bound });
    if (!Number.isFinite(bound.low) || !Number.isFinite(bound.high)) {
      throw new RangeError(
        `${operation.op}: the result (${nameOf(this.nodes, wire.index)}) may exceed a double; declare tighter input bounds`,
        { node: wire.index },
      );
    }
    this.#wires.add(wire);
    return wire;
  }

  #own(wire: Wire): void {
    if (!this.#wires.has(wire))
      throw new ShapeError('a value of another program was used: programs do not mix');
  }

  #sameLength(op: string, a: Wire, b: Wire): number {
    this.#own(a);
    this.#own(b);
    if (a.length !== b.length) {
      throw new ShapeError(
        `${op}: expected vectors of equal length, found ${a.length} (${nameOf(this.nodes, a.index)}) and ` +
          `${b.length} (${nameOf(this.nodes, b.index)}); replicate a single value to the other's length`,
        { a: a.length, b: b.length },
      );
    }
    return a.length;
  }

  #plain(op: string, a: Wire, plain: Float64Array): void {
    this.#own(a);
    if (plain.length !== a.length) {
      throw new ShapeError(
        `${op}: expected a public vector of ${a.length} for ${nameOf(this.nodes, a.index)}, found ${plain.length}`,
        { expected: a.length, found: plain.length },
      );
    }
    finite(op, plain);
  }
}

function boundOfInput(name: string, spec: InputSpec): VectorBound {
  if (!Number.isInteger(spec.length) || spec.length < 1) {
    throw new ShapeError(`input ${name}: expected a positive whole length, found ${spec.length}`, { name });
  }
  const { bound, l1 = Infinity, range: [low, high] = [-bound, bound] } = spec;
  if (!(bound > 0 && Number.isFinite(bound)) || !(l1 > 0)) {
    throw new RangeError(`input ${name}: expected positive finite bounds, found ${bound} and l1 ${l1}`, {
      name,
    });
  }
  if (!(low >= -bound && low <= high && high <= bound)) {
    throw new RangeError(
      `input ${name}: expected a range within [${-bound}, ${bound}], found [${low}, ${high}]`,
      { name, low, high },
    );
  }
  return boundOf(low, high, spec.length, l1);
}

function finite(op: string, values: Float64Array): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new RangeError(`${op}: expected finite public numbers, found ${values[index]} at index ${index}`, {
      op,
      index,
    });
  }
}

/**
 * Records a program that compares nothing; it runs on every back end. The circuit is the simplified one: see
 * {@link simplify}.
 * @throws ShapeError, RangeError, PlanError where lengths, bounds or domains do not fit; the message names the node.
 */
export function record<I extends string, O extends string>(
  program: Program<I, O>,
  inputs: Readonly<Record<I, InputSpec>>,
): Circuit<I, O> {
  return simplify(transcribe(program, inputs)) as Circuit<I, O>;
}

/** Records a program that may compare; CKKS refuses it, by type and at plan time. */
export function recordOrdered<I extends string, O extends string>(
  program: OrderedProgram<I, O>,
  inputs: Readonly<Record<I, InputSpec>>,
): Circuit<I, O, 'ordered'> {
  // An ordered program that happens not to compare is still typed, and therefore treated, as ordered.
  return simplify({ ...transcribe(program, inputs), power: 'ordered' }) as Circuit<I, O, 'ordered'>;
}

/** Writes a program down operation by operation. */
export function transcribe<I extends string, O extends string>(
  program: OrderedProgram<I, O>,
  inputs: Readonly<Record<I, InputSpec>>,
): Transcript<I, O> {
  const recorder = new Recorder();
  const wires = Object.fromEntries(
    Object.entries<InputSpec>(inputs).map(([name, spec]) => [name, recorder.input(name, spec)]),
  ) as Record<I, Wire>;
  return recorder.finish(inputs, program(recorder, wires));
}
