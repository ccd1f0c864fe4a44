import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChebyshevSeries, OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import { boundOf, magnitudeOf } from '../../../src/algebra/bounds.ts';
import type { InputSpec } from '../../../src/algebra/circuit.ts';
import { recordOrdered, transcribe } from '../../../src/algebra/record.ts';
import { chebyshevSum } from '../../../src/numeric/chebyshev/expansion.ts';
import { rangeOf } from '../../../src/numeric/chebyshev/range.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
/** Each |x_i| <= 2, three of them, sum at most 3. */
const x: InputSpec = { length: 3, bound: 2, l1: 3 };
/** Each |y_i| <= 1, three of them. */
const y: InputSpec = { length: 3, bound: 1 };

/** low, high, l1 of the program's result. */
function boundsOf(program: OrderedProgram<'x' | 'y', 'z'>): readonly [number, number, number] {
  const circuit = transcribe(program, { x, y });
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
    // An outer product: an element within 2 x 1, all together within the 1-norms, 3 x 3.
    ['matMul: cut by Hölder', (alg, of) => ({ z: alg.matMul(of.x, of.y, 3) }), [-2, 2, 9]],
    [
      'matMul of one element is an inner product',
      (alg, of) => ({ z: alg.matMul(of.x, of.y, 1) }),
      [-3, 3, 3],
    ],
    ['sort', (alg, of) => ({ z: alg.sort(alg.addPlain(of.y, vec(2, 2, 2))) }), [1, 3, 9]],
    ['lessThan', (alg, of) => ({ z: alg.lessThan(of.x, of.y) }), [0, 1, 3]],
    [
      'select: the hull of both',
      (alg, of) => ({ z: alg.select(alg.lessThan(of.x, of.y), alg.addPlain(of.y, vec(3, 3, 3)), of.x) }),
      [-2, 4, 12],
    ],
    [
      'max: at least the larger of what both are at least',
      (alg, of) => ({ z: alg.max(of.x, of.y) }),
      [-1, 2, 6],
    ],
    ['mul of itself: a square', (alg, of) => ({ z: alg.mul(of.x, of.x) }), [0, 4, 6]],
    ['dot of itself: a square sum, cut by Hölder', (alg, of) => ({ z: alg.dot(of.x, of.x) }), [0, 6, 6]],
    [
      'the square of what is not zero',
      (alg, of) => {
        const positive = alg.addPlain(of.y, vec(3, 3, 3));
        return { z: alg.mul(positive, positive) };
      },
      [4, 16, 48],
    ],
    ['smallest', (alg, of) => ({ z: alg.smallest(alg.addPlain(of.y, vec(2, 2, 2)), 2) }), [1, 3, 6]],
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

describe('rangeOf', () => {
  const cubic: ChebyshevSeries = { coefficients: vec(0, 0.75, 0, 0.25), domain: [-1, 1], error: 0 };

  it('reaches the ends where the series is monotone', () => {
    // 3/4 T_1 + 1/4 T_3 = u^3.
    const [low, high] = rangeOf(cubic, 0.5, 0.75);
    expect(low).toBeCloseTo(0.125, 8);
    expect(high).toBeCloseTo(0.421875, 8);
    const [down, up] = rangeOf({ ...cubic, coefficients: vec(0, -0.75, 0, -0.25) }, 0.5, 0.75);
    expect(down).toBeCloseTo(-high, 12);
    expect(up).toBeCloseTo(-low, 12);
  });

  it('contains the extremes inside the interval, and little more', () => {
    const chebyshev: ChebyshevSeries = { coefficients: vec(0, 0, 0, 0, 0, 1), domain: [0, 10], error: 0 };
    const [low, high] = rangeOf(chebyshev, 0, 10);
    expect(low).toBeCloseTo(-1, 8);
    expect(high).toBeCloseTo(1, 8);
    // T_5 on u in [-0.2, 0.2]: 16 u^5 - 20 u^3 + 5 u is monotone only up to u = 0.309.
    const inner = rangeOf(chebyshev, 4, 8);
    let [least, most] = [Infinity, -Infinity];
    for (let i = 0; i <= 10_000; i++) {
      const u = (2 * (4 + (4 * i) / 10_000) - 10) / 10;
      const value = 16 * u ** 5 - 20 * u ** 3 + 5 * u;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    expect(inner[0]).toBeLessThanOrEqual(least);
    expect(inner[1]).toBeGreaterThanOrEqual(most);
    expect(inner[1] - inner[0]).toBeLessThan((most - least) * 1.0000001);
  });

  it('contains every value of random series on random intervals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (coefficients, a, b) => {
          const series: ChebyshevSeries = { coefficients: vec(...coefficients), domain: [-1, 1], error: 0 };
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const [low, high] = rangeOf(series, from, to);
          // The range is that of the series, from which its evaluation in doubles may differ by some ulp of its terms.
          const rounding = 2 ** -48 * coefficients.reduce((total, c) => total + Math.abs(c), 0);
          for (let i = 0; i <= 50; i++) {
            const value = chebyshevSum(series.coefficients, from + ((to - from) * i) / 50);
            expect(value).toBeGreaterThanOrEqual(low - rounding);
            expect(value).toBeLessThanOrEqual(high + rounding);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
