import { PlanError, RangeError, ShapeError } from '../base/errors.ts';
import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import type { ChebyshevSeries, Ordered, OrderedProgram, Program } from './arithmetic.ts';
import {
  addBounds,
  boundOf,
  boundOfPlain,
  hullOfBounds,
  matVecBound,
  mulBounds,
  polyBound,
  scaleBound,
  sumBound,
  type VectorBound,
} from './bounds.ts';
import {
  type Circuit,
  type CircuitNode,
  circuitDigest,
  type InputSpec,
  type Operation,
  type Power,
} from './circuit.ts';

/** A value of the program being recorded: only the recorder can look inside. */
class Wire {
  readonly index: number;
  readonly length: number;
  readonly bound: VectorBound;

  constructor(index: number, length: number, bound: VectorBound) {
    this.index = index;
    this.length = length;
    this.bound = bound;
  }
}

/** An {@link Ordered} algebra that computes nothing and writes down what it is asked. */
class Recorder implements Ordered<Wire> {
  readonly nodes: CircuitNode[] = [];
  readonly #wires = new Set<Wire>();
  power: Power = 'arithmetic';

  input(name: string, spec: InputSpec): Wire {
    if (!Number.isInteger(spec.length) || spec.length < 1) {
      throw new ShapeError(`input ${name}: expected a positive whole length, found ${spec.length}`, { name });
    }
    const l1 = spec.l1 ?? Infinity;
    if (!(spec.bound > 0 && Number.isFinite(spec.bound)) || !(l1 > 0)) {
      throw new RangeError(
        `input ${name}: expected positive finite bounds, found ${spec.bound} and l1 ${l1}`,
        { name },
      );
    }
    return this.#push({ op: 'input', name }, spec.length, boundOf(-spec.bound, spec.bound, spec.length, l1));
  }

  constant(plain: Float64Array): Wire {
    if (plain.length === 0) throw new ShapeError('constant: expected at least one number, found none');
    finite('constant', plain);
    return this.#push({ op: 'constant', plain: plain.slice() }, plain.length, boundOfPlain(plain));
  }

  add(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('add', a, b);
    return this.#push({ op: 'add', args: [a.index, b.index] }, length, addBounds(a.bound, b.bound, length));
  }

  sub(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('sub', a, b);
    const bound = addBounds(a.bound, scaleBound(b.bound, -1, length), length);
    return this.#push({ op: 'sub', args: [a.index, b.index] }, length, bound);
  }

  scale(a: Wire, factor: number): Wire {
    this.#own(a);
    if (!Number.isFinite(factor)) throw new RangeError(`scale: expected a finite factor, found ${factor}`);
    return this.#push(
      { op: 'scale', args: [a.index], factor },
      a.length,
      scaleBound(a.bound, factor, a.length),
    );
  }

  addPlain(a: Wire, plain: Float64Array): Wire {
    this.#plain('addPlain', a, plain);
    const bound = addBounds(a.bound, boundOfPlain(plain), a.length);
    return this.#push({ op: 'addPlain', args: [a.index], plain: plain.slice() }, a.length, bound);
  }

  mulPlain(a: Wire, plain: Float64Array): Wire {
    this.#plain('mulPlain', a, plain);
    const bound = mulBounds(a.bound, boundOfPlain(plain), a.length);
    return this.#push({ op: 'mulPlain', args: [a.index], plain: plain.slice() }, a.length, bound);
  }

  sum(a: Wire): Wire {
    this.#own(a);
    return this.#push({ op: 'sum', args: [a.index] }, 1, sumBound(a.bound, a.length));
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
    return this.#push(
      { op: 'replicate', args: [a.index] },
      length,
      boundOf(a.bound.low, a.bound.high, length),
    );
  }

  within(a: Wire, low: number, high: number): Wire {
    this.#own(a);
    if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
      throw new RangeError(`within: expected a finite interval, found [${low}, ${high}]`, { low, high });
    }
    if (low > a.bound.high || high < a.bound.low) {
      throw new PlanError(
        `within: no value of [${a.bound.low}, ${a.bound.high}], which the declared bounds imply, lies in [${low}, ${high}]`,
        { low, high, argumentLow: a.bound.low, argumentHigh: a.bound.high },
      );
    }
    const bound = boundOf(Math.max(low, a.bound.low), Math.min(high, a.bound.high), a.length, a.bound.l1);
    return this.#push({ op: 'within', args: [a.index], low, high }, a.length, bound);
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
    return this.#push(
      { op: 'matVecPlain', args: [x.index], matrix },
      matrix.rows,
      matVecBound(matrix, x.bound),
    );
  }

  mul(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('mul', a, b);
    return this.#push({ op: 'mul', args: [a.index, b.index] }, length, mulBounds(a.bound, b.bound, length));
  }

  dot(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('dot', a, b);
    const bound = sumBound(mulBounds(a.bound, b.bound, length), length);
    return this.#push({ op: 'dot', args: [a.index, b.index] }, 1, bound);
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
    const copy = { ...series, coefficients: series.coefficients.slice() };
    return this.#push(
      { op: 'poly', args: [x.index], series: copy },
      x.length,
      polyBound(series, x.bound, x.length),
    );
  }

  lessThan(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('lessThan', a, b);
    this.power = 'ordered';
    return this.#push({ op: 'lessThan', args: [a.index, b.index] }, length, boundOf(0, 1, length));
  }

  select(bit: Wire, a: Wire, b: Wire): Wire {
    this.#sameLength('select', bit, a);
    const length = this.#sameLength('select', a, b);
    if (bit.bound.low < 0 || bit.bound.high > 1) {
      throw new PlanError('select: expected the output of a comparison as its condition');
    }
    this.power = 'ordered';
    const bound = hullOfBounds(a.bound, b.bound, length);
    return this.#push({ op: 'select', args: [bit.index, a.index, b.index] }, length, bound);
  }

  max(a: Wire, b: Wire): Wire {
    const length = this.#sameLength('max', a, b);
    this.power = 'ordered';
    return this.#push(
      { op: 'max', args: [a.index, b.index] },
      length,
      hullOfBounds(a.bound, b.bound, length),
    );
  }

  kthSmallest(a: Wire, k: number): Wire {
    this.#own(a);
    if (!Number.isInteger(k) || k < 1 || k > a.length) {
      throw new RangeError(`kthSmallest: expected a rank from 1 to ${a.length}, found ${k}`, {
        length: a.length,
        k,
      });
    }
    this.power = 'ordered';
    return this.#push({ op: 'kthSmallest', args: [a.index], k }, 1, boundOf(a.bound.low, a.bound.high, 1));
  }

  finish<I extends string, O extends string>(
    inputs: Readonly<Record<I, InputSpec>>,
    results: Readonly<Record<O, Wire>>,
  ): Circuit<I, O, Power> {
    const entries = Object.entries<Wire>(results).map(([name, wire]) => {
      this.#own(wire);
      return [name, wire.index] as const;
    });
    if (entries.length === 0) throw new ShapeError('a program must have at least one output');
    const outputs = Object.fromEntries(entries) as Record<O, number>;
    const digest = circuitDigest(this.nodes, inputs, outputs);
    return { power: this.power, nodes: this.nodes, inputs, outputs, digest };
  }

  #push(operation: Operation, length: number, bound: VectorBound): Wire {
    if (!Number.isFinite(bound.low) || !Number.isFinite(bound.high)) {
      throw new RangeError(`${operation.op}: the result may exceed a double; declare tighter input bounds`);
    }
    const wire = new Wire(this.nodes.length, length, bound);
    this.nodes.push({ ...operation, length, bound });
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
      throw new ShapeError(`${op}: expected vectors of equal length, found ${a.length} and ${b.length}`, {
        a: a.length,
        b: b.length,
      });
    }
    return a.length;
  }

  #plain(op: string, a: Wire, plain: Float64Array): void {
    this.#own(a);
    if (plain.length !== a.length) {
      throw new ShapeError(`${op}: expected a public vector of ${a.length}, found ${plain.length}`, {
        expected: a.length,
        found: plain.length,
      });
    }
    finite(op, plain);
  }
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
 * Records a program that compares nothing; it runs on every back end.
 * @throws ShapeError, RangeError, PlanError where lengths, bounds or domains do not fit.
 */
export function record<I extends string, O extends string>(
  program: Program<I, O>,
  inputs: Readonly<Record<I, InputSpec>>,
): Circuit<I, O> {
  return run(program, inputs) as Circuit<I, O>;
}

/** Records a program that may compare; CKKS refuses it, by type and at plan time. */
export function recordOrdered<I extends string, O extends string>(
  program: OrderedProgram<I, O>,
  inputs: Readonly<Record<I, InputSpec>>,
): Circuit<I, O, 'ordered'> {
  // An ordered program that happens not to compare is still typed, and therefore treated, as ordered.
  return { ...run(program, inputs), power: 'ordered' };
}

function run<I extends string, O extends string>(
  program: OrderedProgram<I, O>,
  inputs: Readonly<Record<I, InputSpec>>,
): Circuit<I, O, Power> {
  const recorder = new Recorder();
  const wires = Object.fromEntries(
    Object.entries<InputSpec>(inputs).map(([name, spec]) => [name, recorder.input(name, spec)]),
  ) as Record<I, Wire>;
  return recorder.finish(inputs, program(recorder, wires));
}
