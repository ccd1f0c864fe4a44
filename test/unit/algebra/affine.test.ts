import { describe, expect, it } from 'vitest';
import { affineMapOf } from '../../../src/algebra/affine.ts';
import type { OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import { record, recordOrdered } from '../../../src/algebra/record.ts';
import { PlanError, UnsupportedError } from '../../../src/base/errors.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
const two = { length: 2, bound: 1 };
const three = { length: 3, bound: 1 };
const series = { coefficients: vec(0, 1, 1), domain: [-1, 1] as const, error: 0 };

describe('affineMapOf', () => {
  it('stacks inputs and outputs, by hand', () => {
    const m = matrixOf(2, 3, vec(1, 2, 3, 4, 5, 6));
    const circuit = record(
      (alg, { x, y }) => ({
        a: alg.addPlain(
          alg.sub(alg.scale(alg.matVecPlain(m, x), 2), alg.mulPlain(y, vec(10, 20))),
          vec(7, 8),
        ),
        b: alg.sum(y),
        c: x,
      }),
      { x: three, y: two },
    );
    const map = affineMapOf(circuit);
    expect(map.inputs).toEqual([
      { name: 'x', offset: 0, length: 3 },
      { name: 'y', offset: 3, length: 2 },
    ]);
    expect(map.outputs).toEqual([
      { name: 'a', offset: 0, length: 2 },
      { name: 'b', offset: 2, length: 1 },
      { name: 'c', offset: 3, length: 3 },
    ]);
    expect([map.matrix.rows, map.matrix.cols]).toEqual([6, 5]);
    expect(Array.from(map.matrix.data, (value) => value + 0)).toEqual(
      [
        [2, 4, 6, -10, 0],
        [8, 10, 12, 0, -20],
        [0, 0, 0, 1, 1],
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
      ].flat(),
    );
    expect([...map.constant]).toEqual([7, 8, 0, 0, 0, 0]);
  });

  it('carries constants through every linear operation', () => {
    const m = matrixOf(1, 2, vec(3, 5));
    const circuit = record(
      (alg, { x }) => {
        const one = alg.addPlain(x, vec(1, 2));
        const mixed = alg.sub(alg.mulPlain(one, vec(10, 10)), alg.scale(one, 4));
        return { a: alg.matVecPlain(m, mixed), b: alg.sum(one), c: alg.sub(one, one) };
      },
      { x: two },
    );
    const map = affineMapOf(circuit);
    expect([...map.constant]).toEqual([6 * 3 + 12 * 5, 3, 0, 0]);
    expect([...map.matrix.data]).toEqual([18, 30, 1, 1, 0, 0, 0, 0]);
  });

  it('adds up what an input contributes by several ways', () => {
    const m = matrixOf(2, 2, vec(1, 2, 3, 4));
    const circuit = record(
      (alg, { x }) => ({ a: alg.add(alg.add(x, alg.matVecPlain(m, alg.matVecPlain(m, x))), x) }),
      { x: two },
    );
    // M² + 2 I
    expect([...affineMapOf(circuit).matrix.data]).toEqual([9, 10, 15, 24]);
  });

  it('passes one matrix on one input through by reference, and does not change any operand', () => {
    const m = matrixOf(2, 3, vec(1, 2, 3, 4, 5, 6));
    expect(affineMapOf(record((alg, { x }) => ({ a: alg.matVecPlain(m, x) }), { x: three })).matrix).toBe(m);
    const negated = record((alg, { x, y }) => ({ a: alg.sub(y, alg.matVecPlain(m, x)) }), {
      x: three,
      y: two,
    });
    affineMapOf(negated);
    expect([...m.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[string, OrderedProgram<'x', 'a'>]>([
    ['mul', (alg, { x }) => ({ a: alg.mul(x, x) })],
    ['dot', (alg, { x }) => ({ a: alg.dot(x, x) })],
    ['matMul', (alg, { x }) => ({ a: alg.matMul(x, x, 2) })],
    ['sort', (alg, { x }) => ({ a: alg.sort(x) })],
    ['poly', (alg, { x }) => ({ a: alg.poly(series, x) })],
    ['lessThan', (alg, { x }) => ({ a: alg.lessThan(x, alg.scale(x, 2)) })],
    ['select', (alg, { x }) => ({ a: alg.select(alg.lessThan(x, alg.scale(x, 2)), x, alg.scale(x, 3)) })],
    ['max', (alg, { x }) => ({ a: alg.max(x, alg.scale(x, 2)) })],
    ['kthSmallest', (alg, { x }) => ({ a: alg.kthSmallest(x, 1) })],
    ['smallest', (alg, { x }) => ({ a: alg.smallest(x, 2) })],
  ])('refuses %s', (_, program) => {
    expect(() => affineMapOf(recordOrdered(program, { x: two }))).toThrow(UnsupportedError);
  });

  it('refuses a matrix of more than 2^27 entries before it is allocated', () => {
    const long = { length: 20_000, bound: 1 };
    const before = process.memoryUsage().arrayBuffers;
    expect(() => affineMapOf(record((_, { x }) => ({ a: x }), { x: long }))).toThrow(PlanError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });
});
