import { describe, expect, it } from 'vitest';
import type { OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import { type CircuitCost, costOf } from '../../../src/algebra/cost.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { asWritten } from '../../support/random-circuits.ts';

const spec = { length: 4, bound: 1 };
const cost = (program: OrderedProgram<'x' | 'y', string>): CircuitCost =>
  costOf(asWritten(program, { x: spec, y: spec }));
const free: CircuitCost = {
  depth: 0,
  secretDepth: 0,
  secretProducts: 0,
  plainProducts: 0,
  comparisons: 0,
  linear: true,
};
const series = (degree: number) => ({
  coefficients: new Float64Array(degree + 1).fill(0.1),
  domain: [-1, 1] as const,
  error: 0,
});

describe('costOf', () => {
  it.each<[string, OrderedProgram<'x' | 'y', string>, CircuitCost]>([
    ['additions are free', (alg, { x, y }) => ({ z: alg.sum(alg.sub(alg.add(x, y), y)) }), free],
    ['addPlain', (alg, { x }) => ({ z: alg.addPlain(x, new Float64Array(4)) }), free],
    ['scale', (alg, { x }) => ({ z: alg.scale(x, 2.5) }), { ...free, depth: 1, plainProducts: 4 }],
    ['a whole factor takes no level', (alg, { x }) => ({ z: alg.scale(x, -3) }), free],
    [
      'public products count as levels, not as rounds',
      (alg, { x }) => ({ z: alg.mulPlain(alg.matVecPlain(matrixOf(3, 4), x), new Float64Array(3)) }),
      { ...free, depth: 2, plainProducts: 15 },
    ],
    [
      'variance: x · (M x)',
      (alg, { x }) => ({ z: alg.dot(x, alg.matVecPlain(matrixOf(4, 4), x)) }),
      { ...free, depth: 2, secretDepth: 1, secretProducts: 4, plainProducts: 16, linear: false },
    ],
    [
      'the longest chain, not the number of products',
      (alg, { x, y }) => {
        const a = alg.mul(x, y);
        const b = alg.mul(y, y);
        return { z: alg.add(alg.mul(a, b), alg.mul(x, x)) };
      },
      { ...free, depth: 2, secretDepth: 2, secretProducts: 16, linear: false },
    ],
    [
      // 1 + T_1 + ... + T_7 = 1 + T_4 (1 + 2 T_1 + 2 T_2 + 2 T_3) falls apart further: no coefficient is left but one.
      'degree 7: 3 levels; what its schedule takes, an element',
      (alg, { x }) => ({ z: alg.poly(series(7), x) }),
      { ...free, depth: 3, secretDepth: 3, secretProducts: 16, plainProducts: 4, linear: false },
    ],
    [
      'degree 8: one level more',
      (alg, { x }) => ({ z: alg.poly(series(8), x) }),
      { ...free, depth: 4, secretDepth: 3, secretProducts: 16, plainProducts: 8, linear: false },
    ],
    [
      'a constant polynomial costs nothing but is a polynomial',
      (alg, { x }) => ({ z: alg.poly(series(0), x) }),
      { ...free, linear: false },
    ],
    [
      'comparisons and a selection',
      (alg, { x, y }) => ({ z: alg.select(alg.lessThan(x, y), x, y) }),
      { ...free, depth: 2, secretDepth: 2, secretProducts: 4, comparisons: 4, linear: false },
    ],
    [
      'matMul: a product a term, moved to its place first under CKKS',
      (alg, { x, y }) => ({ z: alg.matMul(x, y, 4) }),
      { ...free, depth: 2, secretDepth: 1, secretProducts: 16, linear: false },
    ],
    [
      'sort',
      (alg, { x }) => ({ z: alg.sort(x) }),
      { ...free, depth: 1, secretDepth: 3, comparisons: 8, linear: false },
    ],
    [
      'max',
      (alg, { x, y }) => ({ z: alg.max(x, y) }),
      { ...free, depth: 1, secretDepth: 1, comparisons: 4, linear: false },
    ],
    [
      'kthSmallest: quickselect on 4',
      (alg, { x }) => ({ z: alg.kthSmallest(x, 2) }),
      { ...free, depth: 1, secretDepth: 3, comparisons: 14, linear: false },
    ],
    [
      'smallest: that, and a sort of the 3',
      (alg, { x }) => ({ z: alg.smallest(x, 3) }),
      { ...free, depth: 1, secretDepth: 5, comparisons: 19, linear: false },
    ],
  ])('%s', (_, program, expected) => {
    expect(cost(program)).toEqual(expected);
  });

  it('depth is that of the deepest output', () => {
    const { depth } = cost((alg, { x, y }) => ({ a: x, b: alg.mul(x, y), c: alg.sum(y) }));
    expect(depth).toBe(1);
  });
});
