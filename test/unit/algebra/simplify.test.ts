import { describe, expect, it } from 'vitest';
import type { OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import { costOf } from '../../../src/algebra/cost.ts';
import { executePlain } from '../../../src/algebra/execute.ts';
import { record, recordOrdered } from '../../../src/algebra/record.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
const three = { length: 3, bound: 1 };
type Program = OrderedProgram<'x' | 'y', 'z'>;
const recorded = (program: Program) => recordOrdered(program, { x: three, y: three });
const opsOf = (program: Program): readonly string[] =>
  recorded(program)
    .nodes.map(({ op }) => op)
    .filter((op) => op !== 'input');
const cubic = (...coefficients: number[]) => ({
  coefficients: vec(...coefficients),
  domain: [-1, 1] as const,
  error: 0,
});

describe('two writings of one formula have one digest', () => {
  it.each<[string, Program, Program]>([
    [
      'commuted',
      (alg, { x, y }) => ({ z: alg.mul(alg.add(x, y), x) }),
      (alg, { x, y }) => ({ z: alg.mul(x, alg.add(y, x)) }),
    ],
    [
      'associated',
      (alg, { x, y }) => ({ z: alg.add(alg.add(x, y), alg.mul(x, y)) }),
      (alg, { x, y }) => ({ z: alg.add(x, alg.add(alg.mul(y, x), y)) }),
    ],
    [
      'a factor here or there',
      (alg, { x, y }) => ({ z: alg.scale(alg.add(x, y), 0.5) }),
      (alg, { x, y }) => ({ z: alg.add(alg.scale(y, 0.5), alg.scale(x, 0.5)) }),
    ],
    [
      'a subterm written twice',
      (alg, { x, y }) => {
        const s = alg.add(x, y);
        return { z: alg.mul(s, s) };
      },
      (alg, { x, y }) => ({ z: alg.mul(alg.add(x, y), alg.add(y, x)) }),
    ],
    [
      'subtraction',
      (alg, { x, y }) => ({ z: alg.sub(x, y) }),
      (alg, { x, y }) => ({ z: alg.scale(alg.sub(y, x), -1) }),
    ],
    [
      'a weighted sum',
      (alg, { x }) => ({ z: alg.sum(alg.mulPlain(x, vec(1, 2, 3))) }),
      (alg, { x }) => ({ z: alg.dot(alg.constant(vec(1, 2, 3)), x) }),
    ],
    [
      'an inner product',
      (alg, { x, y }) => ({ z: alg.sum(alg.mul(x, y)) }),
      (alg, { x, y }) => ({ z: alg.dot(y, x) }),
    ],
    [
      'an inner product as a product of matrices',
      (alg, { x, y }) => ({ z: alg.matMul(x, alg.scale(y, 0.5), 1) }),
      (alg, { x, y }) => ({ z: alg.scale(alg.dot(y, x), 0.5) }),
    ],
    [
      'a product with a public matrix',
      (alg, { x }) => ({ z: alg.matMul(x, alg.constant(vec(1, 2, 3, 4, 5, 6)), 1) }),
      (alg, { x }) => ({ z: alg.matVecPlain(matrixOf(2, 3, vec(1, 3, 5, 2, 4, 6)), x) }),
    ],
    [
      'a factor of a matrix',
      (alg, { x, y }) => ({ z: alg.matMul(alg.scale(x, 3), y, 3) }),
      (alg, { x, y }) => ({ z: alg.scale(alg.matMul(x, y, 3), 3) }),
    ],
    [
      'all of the smallest, sorted again',
      (alg, { x }) => ({ z: alg.sort(alg.smallest(x, 3)) }),
      (alg, { x }) => ({ z: alg.sort(x) }),
    ],
    [
      'matrices in a row',
      (alg, { x }) => ({
        z: alg.matVecPlain(
          matrixOf(1, 2, vec(1, -1)),
          alg.matVecPlain(matrixOf(2, 3, vec(1, 2, 3, 4, 5, 6)), x),
        ),
      }),
      (alg, { x }) => ({ z: alg.matVecPlain(matrixOf(1, 3, vec(-3, -3, -3)), x) }),
    ],
    [
      'what is added or used by nobody',
      (alg, { x, y }) => {
        alg.mul(y, y);
        return { z: alg.add(alg.sub(alg.add(x, y), y), alg.scale(y, 0)) };
      },
      (_, { x }) => ({ z: x }),
    ],
    [
      'zeros of either sign',
      (alg, { x }) => ({ z: alg.mulPlain(alg.mulPlain(x, vec(0, 1, 2)), vec(-1, 1, 1)) }),
      (alg, { x }) => ({ z: alg.mulPlain(x, vec(0, 1, 2)) }),
    ],
    [
      'max by selection',
      (alg, { x, y }) => ({ z: alg.select(alg.lessThan(x, y), y, x) }),
      (alg, { x, y }) => ({ z: alg.max(y, x) }),
    ],
  ])('%s', (_, one, other) => {
    expect(recorded(one).digest).toBe(recorded(other).digest);
  });
});

describe('simplify', () => {
  it.each<[string, Program, readonly string[]]>([
    ['x - x', (alg, { x }) => ({ z: alg.sub(x, x) }), ['constant']],
    ['a product with zeros', (alg, { x, y }) => ({ z: alg.mul(x, alg.scale(y, 0)) }), ['constant']],
    [
      'a sum of constants',
      (alg) => ({ z: alg.add(alg.constant(vec(1, 2, 3)), alg.constant(vec(0, 0, 1))) }),
      ['constant'],
    ],
    [
      'factors in a row',
      (alg, { x }) => ({ z: alg.scale(alg.mulPlain(alg.scale(x, 0.5), vec(1, 2, 3)), 3) }),
      ['mulPlain'],
    ],
    ['a constant vector', (alg, { x }) => ({ z: alg.mulPlain(x, vec(2.5, 2.5, 2.5)) }), ['scale']],
    [
      'a diagonal matrix',
      (alg, { x }) => ({ z: alg.matVecPlain(matrixOf(3, 3, vec(1, 0, 0, 0, 2, 0, 0, 0, 3)), x) }),
      ['mulPlain'],
    ],
    ['a series of degree 0', (alg, { x }) => ({ z: alg.poly(cubic(3, 0, 0), x) }), ['constant']],
    ['a series of degree 1', (alg, { x }) => ({ z: alg.poly(cubic(3, 0.5), x) }), ['scale', 'addPlain']],
    [
      'a series of a scaled and shifted value',
      (alg, { x }) => ({
        z: alg.poly(
          { ...cubic(0, 0, 1, 1), domain: [-2, 3] },
          alg.addPlain(alg.scale(x, 2.5), vec(0.5, 0.5, 0.5)),
        ),
      }),
      ['poly'],
    ],
    [
      'two series of one value',
      (alg, { x }) => ({
        z: alg.sub(alg.scale(alg.poly(cubic(0, 0, 1), x), 0.5), alg.poly(cubic(1, 2, 3, 4), x)),
      }),
      ['poly'],
    ],
    ['a guarantee that the bounds give', (alg, { x }) => ({ z: alg.within(x, -1, 2) }), []],
    ['guarantees in a row', (alg, { x }) => ({ z: alg.within(alg.within(x, -0.5, 1), -2, 0.5) }), ['within']],
    [
      'a comparison that the bounds decide',
      (alg, { x }) => ({ z: alg.lessThan(x, alg.constant(vec(2, 2, 2))) }),
      ['constant'],
    ],
    [
      'a maximum that the bounds decide',
      (alg, { x }) => ({ z: alg.max(x, alg.constant(vec(-1, -1, -2))) }),
      [],
    ],
    [
      'replicated products',
      (alg, { x, y }) => ({
        z: alg.mul(alg.replicate(alg.sum(x), 3), alg.replicate(alg.sum(y), 3)),
      }),
      ['sum', 'sum', 'mul', 'replicate'],
    ],
  ])('%s', (_, program, expected) => {
    expect(opsOf(program)).toEqual(expected);
  });

  it('puts a factor where it takes no level of its own', () => {
    const squares = record((alg, { g, s }) => ({ z: alg.scale(alg.mul(g, alg.mul(s, s)), 0.5) }), {
      g: three,
      s: three,
    });
    expect(costOf(squares).depth).toBe(2);
  });

  it('keeps what is shared: a value that an output shows is not computed again inside another', () => {
    const circuit = record(
      (alg, { x }) => {
        const y = alg.matVecPlain(matrixOf(2, 3, vec(1, 2, 3, 4, 5, 6)), x);
        return { y, half: alg.scale(y, 0.5), total: alg.sum(y) };
      },
      { x: three },
    );
    expect(circuit.nodes.map(({ op }) => op)).toEqual(['input', 'matVecPlain', 'scale', 'sum']);
    const { y, half, total } = executePlain(circuit, { x: vec(1, 1, 1) });
    expect([[...y], [...half], [...total]]).toEqual([[6, 15], [3, 7.5], [21]]);
  });

  it('keeps inputs that nothing needs, and the order of inputs and outputs', () => {
    const circuit = record((_, { b, a }) => ({ second: b, first: a }), { b: three, unused: three, a: three });
    expect(circuit.nodes.map((node) => (node.op === 'input' ? node.name : node.op))).toEqual([
      'b',
      'unused',
      'a',
    ]);
    expect(Object.entries(circuit.outputs)).toEqual([
      ['second', 0],
      ['first', 2],
    ]);
  });

  it('folds nothing that leaves the doubles', () => {
    const tiny = record((alg, { x }) => ({ z: alg.scale(alg.scale(x, 1e-200), 1e-200) }), { x: three });
    expect(tiny.nodes.map(({ op }) => op)).toEqual(['input', 'scale', 'scale']);
    const { z } = executePlain(
      record((alg, { x }) => ({ z: alg.scale(alg.scale(x, 1e-300), 1e300) }), { x: three }),
      { x: vec(1, 0, -1) },
    );
    expect(z[0]).toBeCloseTo(1, 12);
  });

  it('takes sums of ten thousand terms, neither recursing nor starting over at every one', () => {
    const long = record(
      (alg, { x, y }) => {
        let sum = x;
        for (let i = 0; i < 10_000; i++) sum = alg.add(sum, i % 2 === 0 ? y : alg.scale(x, i));
        return { sum };
      },
      { x: three, y: three },
    );
    expect(long.nodes.map(({ op }) => op)).toEqual(['input', 'input', 'scale', 'scale', 'add']);
  });
});
