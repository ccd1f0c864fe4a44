import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../src/algebra/circuit.ts';
import { execute, executePlain } from '../../../src/algebra/execute.ts';
import { checkInput, plainAlgebra } from '../../../src/algebra/plain.ts';
import { record, recordOrdered } from '../../../src/algebra/record.ts';
import { type BlindRiskError, RangeError, ShapeError, UnsupportedError } from '../../../src/base/errors.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
const spec = { length: 3, bound: 10 };

function caught(run: () => unknown): BlindRiskError {
  try {
    run();
  } catch (error) {
    return error as BlindRiskError;
  }
  throw new Error('expected an error');
}

/** The matrix, row by row, by which x becomes x and 2 x, one after the other. */
function repeat(times: number, length: number): number[] {
  return Array.from({ length: times * length * length }, (_, i) => {
    const [row, col] = [Math.floor(i / length), i % length];
    return row % length === col ? 1 + Math.floor(row / length) : 0;
  });
}

describe('executePlain', () => {
  it('known answers for every operation', () => {
    const circuit = recordOrdered(
      (alg, { x, y }) => ({
        constant: alg.constant(vec(4, -1)),
        add: alg.add(x, y),
        sub: alg.sub(x, y),
        scale: alg.scale(x, -2),
        addPlain: alg.addPlain(x, vec(1, 0, -1)),
        mulPlain: alg.mulPlain(x, vec(2, 0, -1)),
        sum: alg.sum(x),
        replicate: alg.replicate(alg.sum(x), 2),
        matVecPlain: alg.matVecPlain(matrixOf(2, 3, vec(1, 1, 1, 0, 2, 0)), x),
        mul: alg.mul(x, y),
        dot: alg.dot(x, y),
        matMul: alg.matMul(alg.matVecPlain(matrixOf(6, 3, vec(...repeat(2, 3))), x), y, 2),
        outer: alg.matMul(alg.sub(x, y), y, 3),
        // T_0 / 2 + T_2 / 2 = u^2, u = x / 10.
        poly: alg.poly({ coefficients: vec(0.5, 0, 0.5), domain: [-10, 10], error: 0 }, x),
        lessThan: alg.lessThan(x, y),
        select: alg.select(alg.lessThan(x, y), x, y),
        max: alg.max(x, y),
        first: alg.kthSmallest(x, 1),
        last: alg.kthSmallest(x, 3),
        two: alg.smallest(x, 2),
        sort: alg.sort(x),
      }),
      { x: spec, y: spec },
    );
    const results = executePlain(circuit, { x: vec(10, -3, 5), y: vec(9, -3, 7) });
    const { poly, ...exact } = results;
    expect(Object.fromEntries(Object.entries(exact).map(([name, v]) => [name, Array.from(v)]))).toEqual({
      constant: [4, -1],
      add: [19, -6, 12],
      sub: [1, 0, -2],
      scale: [-20, 6, -10],
      addPlain: [11, -3, 4],
      mulPlain: [20, -0, -5],
      sum: [12],
      replicate: [12, 12],
      matVecPlain: [12, -6],
      mul: [90, 9, 35],
      dot: [134],
      // Rows (10, -3, 5) and (20, -6, 10) times (9, -3, 7)'.
      matMul: [134, 268],
      outer: [9, -3, 7, 0, 0, 0, -18, 6, -14],
      lessThan: [0, 0, 1],
      select: [9, -3, 5],
      max: [10, -3, 7],
      first: [-3],
      last: [10],
      two: [-3, 5],
      sort: [-3, 5, 10],
    });
    [1, 0.09, 0.25].forEach((value, i) => {
      expect(poly[i]).toBeCloseTo(value, 15);
    });
  });

  it('holds an owner to what it guaranteed of a value, to rounding, and does not say what it was', () => {
    const circuit = record((alg, { x }) => ({ z: alg.within(alg.scale(x, 0.1), -0.5, 0.3) }), { x: spec });
    const run = (...x: number[]) => executePlain(circuit, { x: Float64Array.from(x) });
    expect([...run(3, -5, 0).z]).toEqual([3 * 0.1, -0.5, 0]);
    const error = caught(() => run(3, 4.56789, 0));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.facts).toEqual({ index: 1, low: -0.5, high: 0.3 });
    expect(error.message).not.toContain('456789');
    expect(caught(() => run(0, 0, -5.001)).facts['index']).toBe(2);
  });

  it('orders numbers, not their texts', () => {
    const circuit = recordOrdered((alg, { x }) => ({ z: alg.kthSmallest(x, 2) }), { x: spec });
    expect(executePlain(circuit, { x: vec(10, 9, -1) }).z[0]).toBe(9);
  });

  it('select is exact, whatever the other branch is', () => {
    const x = plainAlgebra.select(vec(1, 0, 1), vec(1e-17, 5, 3), vec(1, 1e-300, 1e300));
    expect([...x]).toEqual([1e-17, 1e-300, 3]);
  });

  it('keeps what a later node or an output needs, and its inputs as they are', () => {
    const circuit = record(
      (alg, { x }) => {
        const twice = alg.add(x, x);
        const four = alg.add(twice, twice);
        return { twice, four, back: alg.sub(four, twice), x };
      },
      { x: spec },
    );
    const x = vec(1, 2, 3);
    const results = executePlain(circuit, { x });
    expect([...results.twice]).toEqual([2, 4, 6]);
    expect([...results.four]).toEqual([4, 8, 12]);
    expect([...results.back]).toEqual([2, 4, 6]);
    expect([...results.x]).toEqual([1, 2, 3]);
    expect([...x]).toEqual([1, 2, 3]);
  });

  it('refuses an operation that this version does not know', () => {
    const circuit = record((alg, { x }) => ({ z: alg.sum(x) }), { x: spec });
    const [input, sum] = circuit.nodes;
    const foreign = { ...circuit, nodes: [input, { ...sum, op: 'sqrt' }] } as unknown as Circuit<'x', 'z'>;
    expect(() => execute(foreign, plainAlgebra, { x: vec(1, 2, 3) })).toThrow(UnsupportedError);
  });
});

describe('declared bounds are checked before anything runs', () => {
  const circuit = record((alg, { x }) => ({ z: alg.sum(x) }), { x: { length: 3, bound: 2, l1: 4 } });
  const run = (...x: number[]) => caught(() => executePlain(circuit, { x: Float64Array.from(x) }));

  it.each([Number.NaN, Infinity, -Infinity, 2.000001, -2.000001, 1e308])('an element of %d', (bad) => {
    for (const x of [
      [bad, 0, 0],
      [0, 0, bad],
    ]) {
      const error = run(...x);
      expect(error).toBeInstanceOf(RangeError);
      expect(error.facts).toEqual({ name: 'x', index: x[0] === 0 ? 2 : 0, bound: 2 });
    }
  });

  it('the sum of magnitudes, with its signs', () => {
    expect(run(2, -2, 0.1)).toBeInstanceOf(RangeError);
    expect(run(2, -2, 0.1).facts).toEqual({ name: 'x', l1: 4 });
    expect(executePlain(circuit, { x: vec(2, -2, 0) }).z[0]).toBe(0);
  });

  it('the length, and that there is a vector at all', () => {
    expect(run(1, 1)).toBeInstanceOf(ShapeError);
    expect(run(1, 1, 1, 1)).toBeInstanceOf(ShapeError);
    expect(caught(() => executePlain(circuit, {} as { x: Float64Array }))).toBeInstanceOf(ShapeError);
  });

  it('the slack is for rounding only', () => {
    const one = { length: 1, bound: 1 };
    expect(() => checkInput('x', vec(1 + 4e-16), one)).not.toThrow();
    expect(() => checkInput('x', vec(1 + 1e-11), one)).toThrow(RangeError);
  });

  it('never puts the value into the message or the facts', () => {
    const secret = 271828.1828;
    const small = 1.7320508;
    for (const error of [run(0, secret, 0), run(small, -small, small), run(Number.NaN, secret, 0)]) {
      const text = JSON.stringify([error.message, error.facts, error.stack]);
      expect(text).not.toContain('271828');
      expect(text).not.toContain('1.732');
      // Nor what follows from it: the sum of magnitudes.
      expect(text).not.toContain('5.196');
    }
  });
});
