import fc from 'fast-check';
import type { Arithmetic, ChebyshevSeries } from '../../src/algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../src/algebra/circuit.ts';
import { record } from '../../src/algebra/record.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { inputWithin } from './random-circuits.ts';

/** A circuit without comparisons, deep in secret products, and inputs within its declaration. */
export type ArithmeticCircuit = {
  readonly circuit: Circuit<string, string>;
  readonly inputs: Readonly<Record<string, Float64Array>>;
};

export type ArithmeticOp =
  | 'add'
  | 'sub'
  | 'scale'
  | 'addPlain'
  | 'mulPlain'
  | 'sum'
  | 'replicate'
  | 'matVecPlain'
  | 'mul'
  | 'dot'
  | 'matMul'
  | 'poly';

export const ARITHMETIC_OPS: readonly ArithmeticOp[] = [
  'add',
  'sub',
  'scale',
  'addPlain',
  'mulPlain',
  'sum',
  'replicate',
  'matVecPlain',
  'mul',
  'mul',
  'dot',
  'poly',
];

type Wire<V> = { readonly v: V; readonly length: number; readonly bound: number };
type Step = {
  readonly op: ArithmeticOp;
  readonly a: number;
  readonly b: number;
  readonly seed: number;
  readonly length: number;
};

/** Programs of up to `steps` operations over vectors of up to `longest` elements; every second wire may be an output. */
export function arithmeticCircuits(
  steps: number,
  longest: number,
  ops: readonly ArithmeticOp[] = ARITHMETIC_OPS,
): fc.Arbitrary<ArithmeticCircuit> {
  const spec = fc.record({
    length: fc.integer({ min: 1, max: longest }),
    bound: fc.constantFrom(1, 0.25, 3),
  });
  const step: fc.Arbitrary<Step> = fc.record({
    op: fc.constantFrom(...ops),
    a: fc.nat(100),
    b: fc.nat(100),
    seed: fc.nat(1_000_000),
    length: fc.integer({ min: 1, max: longest }),
  });
  const drawn = fc.array(step, { minLength: 1, maxLength: steps });
  return (
    fc
      .record({ x: spec, same: fc.constantFrom(1, 0.5), z: spec, drawn, seed: fc.nat(1_000_000) })
      .map(({ x, same, z, drawn: list, seed }) => {
        const specs: Record<string, InputSpec> = { x, y: { length: x.length, bound: same }, z };
        const random = new SeededRandom(seed);
        const inputs = Object.fromEntries(
          Object.entries(specs).map(([name, of]) => [name, inputWithin(of, random)]),
        );
        const circuit = record<string, string>((alg, given) => {
          const wires: Wire<(typeof given)[string]>[] = Object.entries(specs).map(
            ([name, { length, bound }]) => ({
              v: given[name]!,
              length,
              bound,
            }),
          );
          for (const each of list) wires.push(apply(alg, wires, each));
          const outputs = wires.slice(2).filter((_, i, all) => i === all.length - 1 || i % 2 === 1);
          return Object.fromEntries(outputs.map(({ v }, i) => [`w${i}`, v]));
        }, specs);
        return { circuit, inputs };
      })
      // What is known to be constant is refused by the planner: there is nothing to encrypt.
      .filter(({ circuit: { nodes, outputs } }) =>
        Object.values<number>(outputs).every((index) => nodes[index]!.op !== 'constant'),
      )
  );
}

/** Bounds are kept near 1 by scaling, as a careful author would. */
function apply<V>(alg: Arithmetic<V>, wires: readonly Wire<V>[], { op, a, b, seed, length }: Step): Wire<V> {
  const random = new SeededRandom(seed);
  const x = wires[a % wires.length]!;
  const fitting = wires.filter((wire) => wire.length === x.length);
  const y = fitting[b % fitting.length]!;
  const vector = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.between(-1, 1));
  const tame = (wire: Wire<V>): Wire<V> =>
    wire.bound <= 8 ? wire : { ...wire, v: alg.scale(wire.v, 1 / wire.bound), bound: 1 };
  switch (op) {
    case 'add':
    case 'sub':
      return tame({ v: alg[op](x.v, y.v), length: x.length, bound: x.bound + y.bound });
    case 'scale': {
      const factor = random.pick([-1, 2, 0.5, -3, random.between(-2, 2)]);
      return tame({ ...x, v: alg.scale(x.v, factor), bound: x.bound * Math.abs(factor) });
    }
    case 'addPlain':
      return tame({ ...x, v: alg.addPlain(x.v, vector(x.length)), bound: x.bound + 1 });
    case 'mulPlain':
      return { ...x, v: alg.mulPlain(x.v, vector(x.length)) };
    case 'sum':
      return tame({ v: alg.sum(x.v), length: 1, bound: x.bound * x.length });
    case 'replicate': {
      const one = x.length === 1 ? x : tame({ v: alg.sum(x.v), length: 1, bound: x.bound * x.length });
      return { v: alg.replicate(one.v, length), length, bound: one.bound };
    }
    case 'matVecPlain': {
      const matrix = matrixOf(length, x.length, vector(length * x.length));
      return tame({ v: alg.matVecPlain(matrix, x.v), length, bound: x.bound * x.length });
    }
    case 'mul':
      return tame({ v: alg.mul(x.v, y.v), length: x.length, bound: x.bound * y.bound });
    case 'dot':
      return tame({ v: alg.dot(x.v, y.v), length: 1, bound: x.bound * y.bound * x.length });
    case 'matMul': {
      // Small: slots take a rotation an element that they move.
      const rows = [1, 2, 3].filter((each) => x.length % each === 0).at(-1)!;
      const inner = x.length / rows;
      const matrix = matrixOf(2 * inner, x.length, vector(2 * inner * x.length));
      const right = alg.matVecPlain(matrix, x.v);
      const bound = inner * x.bound * x.bound * x.length;
      return tame({ v: alg.matMul(x.v, right, rows), length: 2 * rows, bound });
    }
    case 'poly': {
      const degree = random.integer(1, 9);
      const coefficients = vector(degree + 1);
      const bound = coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
      const series: ChebyshevSeries = { coefficients, domain: [-x.bound, x.bound * 1.001], error: 0 };
      return tame({ v: alg.poly(series, x.v), length: x.length, bound });
    }
  }
}
