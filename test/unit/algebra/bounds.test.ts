import { describe, expect, it } from 'vitest';
import type { ChebyshevSeries, OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import { boundOf, magnitudeOf, polyBound } from '../../../src/algebra/bounds.ts';
import type { InputSpec } from '../../../src/algebra/circuit.ts';
import { recordOrdered } from '../../../src/algebra/record.ts';
import { PlanError } from '../../../src/base/errors.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
/** Each |x_i| <= 2, three of them, sum at most 3. */
const x: InputSpec = { length: 3, bound: 2, l1: 3 };
/** Each |y_i| <= 1, three of them. */
const y: InputSpec = { length: 3, bound: 1 };
const square: ChebyshevSeries = { coefficients: vec(0.5, 0, -0.5), domain: [-2, 2], error: 0 };

/** low, high, l1 of the program's result. */
function boundsOf(program: OrderedProgram<'x' | 'y', 'z'>): readonly [number, number, number] {
  const circuit = recordOrdered(program, { x, y });
  const { low, high, l1 } = circuit.nodes[circuit.outputs.z]!.bound;
  return [low, high, l1];
}

describe('the bound of', () => {
  it.each<[string, OrderedProgram<'x' | 'y', 'z'>, readonly [number, number, number]]>([
    ['an input with l1', (_, of) => ({ z: of.x }), [-2, 2, 3]],
    ['an input without: length times bound', (_, of) => ({ z: of.y }), [-1, 1, 3]],
    ['add: l1 adds', (alg, of) => ({ z: alg.add(of.x, of.x) }), [-4, 4, 6]],
    ['add: never more than length times magnitude', (alg, of) => ({ z: alg.add(of.y, of.y) }), [-2, 2, 6]],
    ['sub', (alg, of) => ({ z: alg.sub(alg.addPlain(of.y, vec(1, 1, 1)), of.x) }), [-2, 4, 9]],
    ['sub of itself: no correlation is known', (alg, of) => ({ z: alg.sub(of.y, of.y) }), [-2, 2, 6]],
    ['scale', (alg, of) => ({ z: alg.scale(of.x, -0.5) }), [-1, 1, 1.5]],
    [
      'scale turns an interval',
      (alg, of) => ({ z: alg.scale(alg.addPlain(of.y, vec(2, 2, 2)), -2) }),
      [-6, -2, 18],
    ],
    ['scale by zero', (alg, of) => ({ z: alg.scale(of.x, 0) }), [0, 0, 0]],
    ['addPlain: hull of the operand', (alg, of) => ({ z: alg.addPlain(of.x, vec(1, -1, 0)) }), [-3, 3, 5]],
    [
      'mulPlain: l1 times the largest factor',
      (alg, of) => ({ z: alg.mulPlain(of.x, vec(2, -1, 0)) }),
      [-4, 4, 6],
    ],
    [
      "mulPlain: the operand's own l1 where smaller",
      (alg, of) => ({ z: alg.mulPlain(of.x, vec(0.5, 0, 0)) }),
      [-1, 1, 1],
    ],
    [
      'mulPlain by one sign',
      (alg, of) => ({ z: alg.mulPlain(alg.addPlain(of.y, vec(1, 1, 1)), vec(3, 3, 3)) }),
      [0, 6, 18],
    ],
    ['sum: cut by l1', (alg, of) => ({ z: alg.sum(of.x) }), [-3, 3, 3]],
    ['constant', (alg) => ({ z: alg.constant(vec(1, -3)) }), [-3, 1, 4]],
    ['within', (alg, of) => ({ z: alg.within(of.x, -0.5, 9) }), [-0.5, 2, 3]],
    ['replicate', (alg, of) => ({ z: alg.replicate(alg.sum(of.x), 5) }), [-3, 3, 15]],
    ['sum of one sign', (alg, of) => ({ z: alg.sum(alg.addPlain(of.y, vec(1, 1, 1))) }), [0, 6, 6]],
    // Row 1: intervals give 5 x 2 = 10, the 1-norm 4 x 3 = 12. Row 2: intervals 6, the 1-norm 1 x 3.
    [
      'matVecPlain',
      (alg, of) => ({ z: alg.matVecPlain(matrixOf(2, 3, vec(4, -1, 0, 1, 1, 1)), of.x) }),
      [-10, 10, 13],
    ],
    [
      'matVecPlain of one sign',
      (alg, of) => ({ z: alg.matVecPlain(matrixOf(1, 3, vec(1, -2, 0)), alg.addPlain(of.y, vec(1, 1, 1))) }),
      [-4, 2, 4],
    ],
    ['mul: all corners', (alg, of) => ({ z: alg.mul(of.x, alg.addPlain(of.y, vec(2, 2, 2))) }), [-6, 6, 9]],
    ['dot: cut by Hölder', (alg, of) => ({ z: alg.dot(of.x, of.y) }), [-3, 3, 3]],
    ['poly: sum of |c_k|', (alg, of) => ({ z: alg.poly(square, of.x) }), [-1, 1, 3]],
    ['lessThan', (alg, of) => ({ z: alg.lessThan(of.x, of.y) }), [0, 1, 3]],
    [
      'select: the hull of both',
      (alg, of) => ({ z: alg.select(alg.lessThan(of.x, of.y), alg.addPlain(of.y, vec(3, 3, 3)), of.x) }),
      [-2, 4, 12],
    ],
    ['max: the hull of both', (alg, of) => ({ z: alg.max(of.x, of.y) }), [-2, 2, 6]],
    ['kthSmallest', (alg, of) => ({ z: alg.kthSmallest(alg.addPlain(of.y, vec(2, 2, 2)), 2) }), [1, 3, 3]],
  ])('%s', (_, program, expected) => {
    // + 0: which zero does not matter.
    expect(boundsOf(program).map((value) => value + 0)).toEqual(expected);
  });

  it('a normalised book times a matrix: the largest entry, whatever the length', () => {
    const n = 10_000;
    const matrix = matrixOf(2, n, new Float64Array(2 * n).fill(1));
    const circuit = recordOrdered((alg, { book }) => ({ z: alg.matVecPlain(matrix, book) }), {
      book: { length: n, bound: 1, l1: 1 },
    });
    expect(circuit.nodes[1]!.bound).toEqual({ low: -1, high: 1, l1: 2 });
  });
});

describe('boundOf', () => {
  it('an element is never larger than the sum of magnitudes', () => {
    expect(boundOf(-5, 5, 4, 2)).toEqual({ low: -2, high: 2, l1: 2 });
    expect(boundOf(-5, 1, 4)).toEqual({ low: -5, high: 1, l1: 20 });
    expect(magnitudeOf({ low: -5, high: 1, l1: 20 })).toBe(5);
  });
});

describe('polyBound', () => {
  it.each([
    { low: -2.0000001, high: 2, l1: 9 },
    { low: -2, high: 2.0000001, l1: 9 },
    { low: Number.NaN, high: 2, l1: 9 },
    { low: -2, high: Number.NaN, l1: 9 },
  ])('refuses %o on [-2, 2]', (bound) => {
    expect(() => polyBound(square, bound, 3)).toThrow(PlanError);
  });
});
