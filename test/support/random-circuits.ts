import fc from 'fast-check';
import type {
  Arithmetic,
  ChebyshevSeries,
  Ordered,
  OrderedProgram,
  Program,
} from '../../src/algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../src/algebra/circuit.ts';
import { record, recordOrdered, transcribe } from '../../src/algebra/record.ts';
import type { Digest } from '../../src/base/brand.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';

/** A random program over inputs `x0`, `x1` ..., and inputs within its declaration. Every wire is an output `w0`, `w1` ... */
export type RandomCircuit = {
  readonly circuit: Circuit<string, string>;
  /** The same, not simplified. */
  readonly written: Circuit<string, string>;
  readonly inputs: Readonly<Record<string, Float64Array>>;
};

/** The same with products of secrets, polynomials and comparisons. */
export type RandomOrderedCircuit = {
  readonly circuit: Circuit<string, string, 'ordered'>;
  readonly written: Circuit<string, string, 'ordered'>;
  readonly inputs: Readonly<Record<string, Float64Array>>;
};

type LinearOp =
  | 'constant'
  | 'add'
  | 'sub'
  | 'scale'
  | 'addPlain'
  | 'mulPlain'
  | 'sum'
  | 'replicate'
  | 'matVecPlain';
type OrderedOp =
  | LinearOp
  | 'mul'
  | 'dot'
  | 'matMul'
  | 'poly'
  | 'lessThan'
  | 'select'
  | 'max'
  | 'kthSmallest'
  | 'smallest'
  | 'sort';

/** A step of a program as data, so that fast-check can shrink it. Operands are drawn modulo what fits. */
type Step<Op> = {
  readonly op: Op;
  readonly a: number;
  readonly b: number;
  readonly rows: number;
  readonly seed: number;
};

/** A wire of either algebra, with what a program may know of it. */
type Wire<V> = { readonly v: V; readonly length: number };

const LINEAR_OPS: readonly LinearOp[] = [
  'constant',
  'add',
  'sub',
  'scale',
  'addPlain',
  'mulPlain',
  'sum',
  'replicate',
  'matVecPlain',
];
const ORDERED_OPS: readonly OrderedOp[] = [
  ...LINEAR_OPS,
  'mul',
  'dot',
  'matMul',
  'poly',
  'lessThan',
  'select',
  'max',
  'kthSmallest',
  'smallest',
  'sort',
];

/** Linear programs of up to `steps` operations over one to three inputs of up to six elements. */
export function linearCircuits(steps: number = 10): fc.Arbitrary<RandomCircuit> {
  return cases(LINEAR_OPS, steps).map(({ specs, inputs, drawn, shown }) => {
    const program: Program<string, string> = (alg, x) => {
      const wires = wiresOf(specs, x);
      for (const step of drawn) wires.push(linearStep(alg, wires, step));
      return outputsOf(wires, shown);
    };
    return { inputs, circuit: record(program, specs), written: asWritten(program, specs) };
  });
}

/** Programs of any operation. */
export function orderedCircuits(steps: number = 8): fc.Arbitrary<RandomOrderedCircuit> {
  return cases(ORDERED_OPS, steps).map(({ specs, inputs, drawn, shown }) => {
    const program: OrderedProgram<string, string> = (alg, x) => {
      const wires = wiresOf(specs, x);
      for (const step of drawn) wires.push(orderedStep(alg, wires, step, Object.values(specs)));
      return outputsOf(wires, shown);
    };
    const written = { ...asWritten(program, specs), power: 'ordered' as const };
    return { inputs, circuit: recordOrdered(program, specs), written };
  });
}

/** The circuit of a program as it is written, without simplification. */
export function asWritten(
  program: OrderedProgram<string, string>,
  specs: Readonly<Record<string, InputSpec>>,
): Circuit<string, string> {
  return { ...transcribe(program, specs), power: 'arithmetic', digest: '' as Digest };
}

function cases<Op>(ops: readonly Op[], steps: number) {
  const spec = fc
    .record({
      length: fc.integer({ min: 1, max: 6 }),
      bound: fc.constantFrom(1, 0.5, 4),
      fraction: fc.constantFrom(undefined, 0.3, 1),
    })
    .map(({ length, bound, fraction }): InputSpec => {
      return { length, bound, ...(fraction === undefined ? {} : { l1: fraction * length * bound }) };
    });
  const step: fc.Arbitrary<Step<Op>> = fc.record({
    op: fc.constantFrom(...ops),
    a: fc.nat(100),
    b: fc.nat(100),
    rows: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(1_000_000),
  });
  return fc
    .record({
      list: fc.array(spec, { minLength: 1, maxLength: 3 }),
      drawn: fc.array(step, { minLength: 1, maxLength: steps }),
      seed: fc.nat(1_000_000),
      shown: fc.constantFrom('all' as const, 'last' as const),
    })
    .map(({ list, drawn, seed, shown }) => {
      const specs: Record<string, InputSpec> = Object.fromEntries(list.map((of, i) => [`x${i}`, of]));
      const random = new SeededRandom(seed);
      const inputs: Record<string, Float64Array> = Object.fromEntries(
        Object.entries(specs).map(([name, of]) => [name, inputWithin(of, random)]),
      );
      return { specs, inputs, drawn, shown };
    });
}

/** Inputs that reach their bounds as often as not: all at an end, one spike, or spread. */
export function inputWithin({ length, bound, l1 = Infinity }: InputSpec, random: SeededRandom): Float64Array {
  const shape = random.integer(0, 2);
  const sign = (): number => (random.u32() & 1 ? 1 : -1);
  const spike = random.integer(0, length - 1);
  const x = Float64Array.from({ length }, (_, i) => {
    if (shape === 0) return sign() * bound;
    if (shape === 1) return i === spike ? sign() * bound : 0;
    return random.between(-bound, bound);
  });
  const total = x.reduce((sum, value) => sum + Math.abs(value), 0);
  return total > l1 ? x.map((value) => (value * l1) / total) : x;
}

function wiresOf<V>(specs: Readonly<Record<string, InputSpec>>, x: Readonly<Record<string, V>>): Wire<V>[] {
  return Object.entries(specs).map(([name, { length }]) => ({ v: x[name]!, length }));
}

/** Every wire, or only the last: what no output needs is simplified away. */
const outputsOf = <V>(wires: readonly Wire<V>[], shown: 'all' | 'last'): Record<string, V> =>
  Object.fromEntries((shown === 'all' ? wires : wires.slice(-1)).map(({ v }, i) => [`w${i}`, v]));

/** Two operands of one length: the second is drawn among those that fit the first, which itself does. */
function pairOf<V>(wires: readonly Wire<V>[], { a, b }: Step<unknown>): readonly [Wire<V>, Wire<V>] {
  const first = wires[a % wires.length]!;
  const fitting = wires.filter(({ length }) => length === first.length);
  return [first, fitting[b % fitting.length]!];
}

function linearStep<V>(alg: Arithmetic<V>, wires: readonly Wire<V>[], step: Step<LinearOp>): Wire<V> {
  const [x, y] = pairOf(wires, step);
  const random = new SeededRandom(step.seed);
  const vector = (n: number): Float64Array =>
    // Zeros and signs matter more to bounds than digits do.
    Float64Array.from({ length: n }, () => random.pick([0, 1, -1, random.between(-2, 2)]));
  switch (step.op) {
    case 'constant':
      return { v: alg.constant(vector(x.length)), length: x.length };
    case 'add':
    case 'sub':
      return { v: alg[step.op](x.v, y.v), length: x.length };
    case 'scale':
      return { v: alg.scale(x.v, vector(1)[0]!), length: x.length };
    case 'addPlain':
    case 'mulPlain':
      return { v: alg[step.op](x.v, vector(x.length)), length: x.length };
    case 'sum':
      return { v: alg.sum(x.v), length: 1 };
    case 'replicate': {
      const single = wires.findLast(({ length }) => length === 1);
      const v = single === undefined ? alg.sum(x.v) : single.v;
      return { v: alg.replicate(v, x.length), length: x.length };
    }
    case 'matVecPlain': {
      const matrix = matrixOf(step.rows, x.length, vector(step.rows * x.length));
      return { v: alg.matVecPlain(matrix, x.v), length: step.rows };
    }
  }
}

function orderedStep<V>(
  alg: Ordered<V>,
  wires: readonly Wire<V>[],
  step: Step<OrderedOp>,
  specs: readonly InputSpec[],
): Wire<V> {
  const [x, y] = pairOf(wires, step);
  switch (step.op) {
    case 'mul':
    case 'lessThan':
    case 'max':
      return { v: alg[step.op](x.v, y.v), length: x.length };
    case 'dot':
      return { v: alg.dot(x.v, y.v), length: 1 };
    case 'matMul': {
      const [rows, cols] = shapeOfProduct(x.length, step, wires);
      const right = wires.findLast(({ length }) => length === (x.length / rows) * cols)!;
      return { v: alg.matMul(x.v, right.v, rows), length: rows * cols };
    }
    case 'sort':
      return { v: alg.sort(x.v), length: x.length };
    case 'select': {
      const z = pairOf(wires, { ...step, b: step.seed })[1];
      return { v: alg.select(alg.lessThan(x.v, y.v), z.v, x.v), length: x.length };
    }
    case 'kthSmallest':
      return { v: alg.kthSmallest(x.v, 1 + (step.b % x.length)), length: 1 };
    case 'smallest': {
      const k = 1 + (step.b % x.length);
      return { v: alg.smallest(x.v, k), length: k };
    }
    case 'poly': {
      // Of an input: only its bound is known to a program. Inputs are the first wires.
      const index = step.a % specs.length;
      const { v, length } = wires[index]!;
      return { v: alg.poly(seriesOn(specs[index]!.bound, step), v), length };
    }
    default:
      return linearStep(alg, wires, step as Step<LinearOp>);
  }
}

/** Rows of a matrix that x may be, and columns of one that fits: there is such a wire, if only x itself as a column. */
function shapeOfProduct<V>(
  length: number,
  { rows: wanted, b }: Step<unknown>,
  wires: readonly Wire<V>[],
): readonly [rows: number, cols: number] {
  const rows = [1, 2, 3, 5].filter((each) => length % each === 0 && each <= wanted).at(-1)!;
  const inner = length / rows;
  const fitting = wires.filter((wire) => wire.length % inner === 0);
  return [rows, fitting[b % fitting.length]!.length / inner];
}

/** A series of degree `rows` on an interval that just holds |x| <= bound, or is wider on one side. */
function seriesOn(bound: number, { rows, seed }: Step<unknown>): ChebyshevSeries {
  const random = new SeededRandom(seed);
  const coefficients = Float64Array.from({ length: rows + 1 }, () => random.between(-1, 1));
  return { coefficients, domain: [-bound, bound * random.pick([1, 3])], error: 0 };
}
