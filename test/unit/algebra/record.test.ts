import { describe, expect, it } from 'vitest';
import type { ChebyshevSeries, OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import type { InputSpec } from '../../../src/algebra/circuit.ts';
import { executePlain } from '../../../src/algebra/execute.ts';
import { record, recordOrdered } from '../../../src/algebra/record.ts';
import { PlanError, RangeError, ShapeError } from '../../../src/base/errors.ts';
import { planCkks } from '../../../src/ckks/plan.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const three: InputSpec = { length: 3, bound: 1 };
const two: InputSpec = { length: 2, bound: 1 };
const vec = (...values: number[]): Float64Array => Float64Array.from(values);
const series = (domain: readonly [number, number], ...coefficients: number[]): ChebyshevSeries => ({
  coefficients: Float64Array.from(coefficients),
  domain,
  error: 0,
});
const recording = (program: OrderedProgram<'x' | 'y', 'z'>, x = three, y = two) => {
  return () => recordOrdered(program, { x, y });
};

describe('record', () => {
  it('writes nodes in order, with their public operands', () => {
    const matrix = matrixOf(2, 3, vec(1, 2, 3, 4, 5, 6));
    const circuit = record(
      (alg, { x, y }) => ({ z: alg.add(alg.matVecPlain(matrix, x), y), w: alg.sum(x) }),
      { x: three, y: two },
    );
    expect(circuit.nodes.map(({ op, length }) => [op, length])).toEqual([
      ['input', 3],
      ['input', 2],
      ['matVecPlain', 2],
      ['add', 2],
      ['sum', 1],
    ]);
    expect(circuit.nodes[3]).toMatchObject({ args: [1, 2] });
    expect(circuit.outputs).toEqual({ z: 3, w: 4 });
    expect(circuit.power).toBe('arithmetic');
    expect(circuit.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('an input may be an output', () => {
    expect(record((_, { x }) => ({ z: x }), { x: two }).outputs).toEqual({ z: 0 });
  });

  it('is not changed by operands that change later', () => {
    const plain = vec(1, 2);
    const p = series([-1, 1], 0, 1);
    const circuit = record((alg, { x }) => ({ z: alg.poly(p, x), w: alg.mulPlain(x, plain) }), { x: two });
    const before = executePlain(circuit, { x: vec(0.5, 0.25) });
    plain.fill(9);
    p.coefficients.fill(9);
    expect(executePlain(circuit, { x: vec(0.5, 0.25) })).toEqual(before);
  });
});

describe('the recorder refuses', () => {
  it.each<[string, OrderedProgram<'x' | 'y', 'z'>]>([
    ['add', (alg, { x, y }) => ({ z: alg.add(x, y) })],
    ['sub', (alg, { x, y }) => ({ z: alg.sub(y, x) })],
    ['mul', (alg, { x, y }) => ({ z: alg.mul(x, y) })],
    ['dot', (alg, { x, y }) => ({ z: alg.dot(x, y) })],
    ['matMul, inner sides', (alg, { x, y }) => ({ z: alg.matMul(x, y, 1) })],
    ['matMul, rows that do not divide', (alg, { x }) => ({ z: alg.matMul(x, x, 2) })],
    ['matMul, no rows', (alg, { x }) => ({ z: alg.matMul(x, x, 0) })],
    ['lessThan', (alg, { x, y }) => ({ z: alg.lessThan(x, y) })],
    ['max', (alg, { x, y }) => ({ z: alg.max(x, y) })],
    ['select, branches', (alg, { x, y }) => ({ z: alg.select(alg.lessThan(x, x), x, y) })],
    ['select, bit', (alg, { x, y }) => ({ z: alg.select(alg.lessThan(y, y), x, x) })],
    ['constant', (alg) => ({ z: alg.constant(vec()) })],
    ['replicate of a vector', (alg, { x }) => ({ z: alg.replicate(x, 3) })],
    ['replicate no times', (alg, { x }) => ({ z: alg.replicate(alg.sum(x), 0) })],
    ['replicate a fraction', (alg, { x }) => ({ z: alg.replicate(alg.sum(x), 1.5) })],
    ['addPlain', (alg, { x }) => ({ z: alg.addPlain(x, vec(1, 2)) })],
    ['mulPlain', (alg, { x }) => ({ z: alg.mulPlain(x, vec(1, 2, 3, 4)) })],
    ['matVecPlain', (alg, { x }) => ({ z: alg.matVecPlain(matrixOf(3, 2), x) })],
    ['matVecPlain without rows', (alg, { x }) => ({ z: alg.matVecPlain(matrixOf(0, 3), x) })],
  ])('%s of lengths that do not fit', (_, program) => {
    expect(recording(program)).toThrow(ShapeError);
  });

  it('a guarantee that is no interval, or that the declared bounds contradict', () => {
    const within = (low: number, high: number) =>
      recording((alg, { x }) => ({ z: alg.within(x, low, high) }));
    expect(within(1, -1)).toThrow(RangeError);
    expect(within(0, Infinity)).toThrow(RangeError);
    expect(within(Number.NaN, 1)).toThrow(RangeError);
    expect(within(1e6, 1e7)).toThrow(PlanError);
  });

  it('a matrix whose data is not rows x cols numbers', () => {
    const data = new Float64Array(5);
    expect(recording((alg, { x }) => ({ z: alg.matVecPlain({ rows: 2, cols: 3, data }, x) }))).toThrow(
      ShapeError,
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('public operands that are %d', (bad) => {
    expect(recording((alg, { x }) => ({ z: alg.scale(x, bad) }))).toThrow(RangeError);
    expect(recording((alg) => ({ z: alg.constant(vec(0, bad)) }))).toThrow(RangeError);
    expect(recording((alg, { y }) => ({ z: alg.addPlain(y, vec(0, bad)) }))).toThrow(RangeError);
    expect(recording((alg, { y }) => ({ z: alg.mulPlain(y, vec(bad, 0)) }))).toThrow(RangeError);
    const matrix = matrixOf(1, 2, vec(0, bad));
    expect(recording((alg, { y }) => ({ z: alg.matVecPlain(matrix, y) }))).toThrow(RangeError);
    expect(recording((alg, { y }) => ({ z: alg.poly(series([-1, 1], 0, bad), y) }))).toThrow(RangeError);
    expect(recording((alg, { y }) => ({ z: alg.poly(series([-1, bad], 1), y) }))).toThrow(RangeError);
  });

  it.each([
    { length: 0, bound: 1 },
    { length: -1, bound: 1 },
    { length: 1.5, bound: 1 },
    { length: Number.NaN, bound: 1 },
  ])('an input of shape %o', (spec) => {
    expect(() => record((_, { x }) => ({ z: x }), { x: spec })).toThrow(ShapeError);
  });

  it.each([
    { length: 1, bound: 0 },
    { length: 1, bound: -1 },
    { length: 1, bound: Infinity },
    { length: 1, bound: Number.NaN },
    { length: 1, bound: 1, l1: 0 },
    { length: 1, bound: 1, l1: Number.NaN },
  ])('an input with bounds %o', (spec) => {
    expect(() => record((_, { x }) => ({ z: x }), { x: spec })).toThrow(RangeError);
  });

  it.each([0, 4, 1.5, -1, Number.NaN])('kthSmallest and smallest of rank %d of 3', (k) => {
    expect(recording((alg, { x }) => ({ z: alg.kthSmallest(x, k) }))).toThrow(RangeError);
    expect(recording((alg, { x }) => ({ z: alg.smallest(x, k) }))).toThrow(RangeError);
  });

  it('a condition that is not 0 or 1', () => {
    expect(recording((alg, { x }) => ({ z: alg.select(x, x, x) }))).toThrow(PlanError);
    const twice: OrderedProgram<'x' | 'y', 'z'> = (alg, { x }) => {
      const bit = alg.lessThan(x, x);
      return { z: alg.select(alg.add(bit, bit), x, x) };
    };
    expect(recording(twice)).toThrow(PlanError);
  });

  it('values of another program, in every position', () => {
    let stranger: unknown;
    record(
      (_, { x }) => {
        stranger = x;
        return { z: x };
      },
      { x: three },
    );
    const smuggled = <V>(): V => stranger as V;
    const programs: OrderedProgram<'x' | 'y', 'z'>[] = [
      (alg, { x }) => ({ z: alg.add(x, smuggled()) }),
      (alg, { x }) => ({ z: alg.add(smuggled(), x) }),
      (alg) => ({ z: alg.scale(smuggled(), 2) }),
      (alg) => ({ z: alg.sum(smuggled()) }),
      (alg) => ({ z: alg.addPlain(smuggled(), vec(1, 2, 3)) }),
      (alg) => ({ z: alg.matVecPlain(matrixOf(1, 3), smuggled()) }),
      (alg) => ({ z: alg.poly(series([-1, 1], 1), smuggled()) }),
      (alg) => ({ z: alg.kthSmallest(smuggled(), 1) }),
      (alg, { x }) => ({ z: alg.select(alg.lessThan(x, x), x, smuggled()) }),
      () => ({ z: smuggled() }),
    ];
    for (const program of programs)
      expect(recording(program), program.toString()).toThrow(/programs do not mix/);
  });

  it('a program without outputs', () => {
    expect(() => record(() => ({}), { x: three })).toThrow(ShapeError);
  });

  it('a result that may exceed a double, which no later check of a bound would notice', () => {
    expect(recording((alg, { x }) => ({ z: alg.scale(alg.scale(x, 1e200), 1e200) }))).toThrow(RangeError);
  });
});

describe('a series', () => {
  it.each([
    ['a domain that is too small above', series([-1, 0.999], 1)],
    ['a domain that is too small below', series([-0.5, 2], 1)],
    ['a domain elsewhere', series([5, 6], 1)],
  ])('on %s is refused when it is recorded', (_, p) => {
    expect(recording((alg, { x }) => ({ z: alg.poly(p, x) }))).toThrow(PlanError);
  });

  it.each([
    ['nothing', series([-1, 1])],
    ['a point', series([1, 1], 1)],
    ['an interval that is upside down', series([1, -1], 1)],
    ['NaN', series([Number.NaN, Number.NaN], 1)],
    ['the whole line', series([-Infinity, Infinity], 1)],
  ])('on %s is refused', (_, p) => {
    expect(recording((alg, { x }) => ({ z: alg.poly(p, x) }))).toThrow(RangeError);
  });

  it('on exactly the declared bound is taken, and the derived bound of a sum is what counts', () => {
    expect(recording((alg, { x }) => ({ z: alg.poly(series([-1, 1], 1), x) }))).not.toThrow();
    const ofSum: OrderedProgram<'x' | 'y', 'z'> = (alg, { x }) => ({
      z: alg.poly(series([-1, 1], 1), alg.sum(x)),
    });
    expect(recording(ofSum)).toThrow(PlanError);
    expect(recording(ofSum, { length: 3, bound: 1, l1: 1 })).not.toThrow();
  });
});

describe('power', () => {
  it('is known at run time too: an ordered program that got past the types is not planned for CKKS', () => {
    const compares: OrderedProgram<'x', 'z'> = (alg, { x }) => ({ z: alg.max(x, x) });
    const circuit = record(compares as Parameters<typeof record<'x', 'z'>>[0], { x: three });
    expect(circuit.power).toBe('ordered');
    expect(() => planCkks(circuit, { precision: 1e-3 })).toThrow(/compar|order/);
  });

  it('recordOrdered calls everything ordered', () => {
    const circuit = recordOrdered((alg, { x }) => ({ z: alg.sum(x) }), { x: three });
    expect(circuit.power).toBe('ordered');
  });
});

describe('a refusal names the node', () => {
  it.each<[string, OrderedProgram<'x' | 'y', 'z'>, RegExp]>([
    [
      'a domain',
      (alg, { x }) => ({
        z: alg.poly(series([0, 4], 0, 0, 1), alg.addPlain(alg.mul(x, x), vec(-1, -1, -1))),
      }),
      /holds on \[0, 4\], but its argument \(node 3, x \* x \+ -1\) may reach \[-1, 0\]/,
    ],
    [
      'an overflow',
      (alg, { x }) => ({ z: alg.mul(alg.scale(x, 1e200), alg.scale(x, 1e200)) }),
      /result \(node 4, 1e\+200 \* x \* \(1e\+200 \* x\)\) may exceed a double; declare tighter/,
    ],
    [
      'lengths',
      (alg, { x, y }) => ({ z: alg.add(alg.sum(x), y) }),
      /found 1 \(node 2, sum\(x\)\) and 2 \(node 1, y\); replicate/,
    ],
    [
      'a condition',
      (alg, { x }) => ({ z: alg.select(alg.add(x, x), x, x) }),
      /found node 2, x \+ x, which may reach \[-2, 2\]/,
    ],
  ])('%s', (_, program, message) => {
    expect(recording(program)).toThrow(message);
  });

  it('and says the range of an input', () => {
    const bad = { length: 2, bound: 1, range: [0, 2] as const };
    expect(() => record((_, { x }) => ({ z: x }), { x: bad })).toThrow(/input x.*\[-1, 1\].*\[0, 2\]/);
    const positive = record((_, { x }) => ({ z: x }), { x: { length: 2, bound: 2, range: [0.5, 2] } });
    expect(positive.nodes[0]!.bound).toMatchObject({ low: 0.5, high: 2 });
    expect(() => executePlain(positive, { x: vec(1, 0.25) })).toThrow(/element 1.*range \[0.5, 2\]/);
  });
});
