import { describe, expect, it } from 'vitest';
import type { OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import type { InputSpec } from '../../../src/algebra/circuit.ts';
import { recordOrdered } from '../../../src/algebra/record.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
const spec: InputSpec = { length: 2, bound: 1 };
type Names = 'x' | 'y';

function digest(program: OrderedProgram<Names, string>, x: InputSpec = spec, y: InputSpec = spec): string {
  return recordOrdered(program, { x, y }).digest;
}

describe('the digest of a circuit', () => {
  const matrix = () => matrixOf(2, 2, vec(1, 2, 3, 4));
  const base: OrderedProgram<Names, string> = (alg, { x, y }) => ({
    a: alg.add(alg.matVecPlain(matrix(), x), y),
  });

  it('is the same for the same formula, recorded again', () => {
    expect(digest(base)).toBe(digest(base));
    expect(digest(base, { ...spec })).toBe(digest(base));
  });

  it('differs with every operand, structure, bound and name', () => {
    const p = (domain: readonly [number, number], error: number, ...c: number[]) => ({
      coefficients: Float64Array.from(c),
      domain,
      error,
    });
    const variants: Record<string, string> = {
      base: digest(base),
      'length of x': digest((_, { x }) => ({ a: x }), { length: 3, bound: 1 }),
      'x alone': digest((_, { x }) => ({ a: x })),
      'y alone': digest((_, { y }) => ({ a: y })),
      'another bound': digest(base, { length: 2, bound: 1.5 }),
      'a 1-norm': digest(base, { length: 2, bound: 1, l1: 1 }),
      'another 1-norm': digest(base, { length: 2, bound: 1, l1: 1.5 }),
      'bounds of the other input': digest(base, spec, { length: 2, bound: 1.5 }),
      'another name': digest((alg, { x, y }) => ({ b: alg.add(alg.matVecPlain(matrix(), x), y) })),
      'one more output': digest((alg, { x, y }) => ({ a: alg.add(alg.matVecPlain(matrix(), x), y), b: y })),
      'operands exchanged': digest((alg, { x, y }) => ({ a: alg.sub(y, alg.matVecPlain(matrix(), x)) })),
      'inputs swapped': digest((alg, { x, y }) => ({ a: alg.add(alg.matVecPlain(matrix(), y), x) })),
      'another operation': digest((alg, { x, y }) => ({ a: alg.sub(alg.matVecPlain(matrix(), x), y) })),
      'another entry': digest((alg, { x, y }) => ({
        a: alg.add(alg.matVecPlain(matrixOf(2, 2, vec(1, 2, 3, 4.000000000000001)), x), y),
      })),
      'scale 2': digest((alg, { x }) => ({ a: alg.scale(x, 2) })),
      'scale 3': digest((alg, { x }) => ({ a: alg.scale(x, 3) })),
      addPlain: digest((alg, { x }) => ({ a: alg.addPlain(x, vec(1, 2)) })),
      'addPlain, other': digest((alg, { x }) => ({ a: alg.addPlain(x, vec(2, 1)) })),
      mulPlain: digest((alg, { x }) => ({ a: alg.mulPlain(x, vec(1, 2)) })),
      'a 1 x 2 matrix': digest((alg, { x }) => ({ a: alg.matVecPlain(matrixOf(1, 2, vec(1, 2)), x) })),
      sum: digest((alg, { x }) => ({ a: alg.sum(x) })),
      mul: digest((alg, { x }) => ({ a: alg.mul(x, x) })),
      dot: digest((alg, { x }) => ({ a: alg.dot(x, x) })),
      'a column times a row': digest((alg, { x, y }) => ({ a: alg.matMul(x, y, 2) })),
      'a row times a column': digest((alg, { x, y }) => ({ a: alg.matMul(y, x, 2) })),
      sort: digest((alg, { x }) => ({ a: alg.sort(x) })),
      max: digest((alg, { x, y }) => ({ a: alg.max(x, y) })),
      lessThan: digest((alg, { x, y }) => ({ a: alg.lessThan(x, y) })),
      constant: digest((alg) => ({ a: alg.constant(vec(1, 2)) })),
      replicate: digest((alg, { x }) => ({ a: alg.replicate(alg.sum(x), 2) })),
      'replicate, longer': digest((alg, { x }) => ({ a: alg.replicate(alg.sum(x), 3) })),
      'a range': digest(base, { length: 2, bound: 1, range: [0, 1] }),
      'rank 1': digest((alg, { x }) => ({ a: alg.kthSmallest(x, 1) })),
      'rank 2': digest((alg, { x }) => ({ a: alg.kthSmallest(x, 2) })),
      'the smallest 2': digest((alg, { x }) => ({ a: alg.smallest(x, 2) }), { length: 3, bound: 1 }),
      poly: digest((alg, { x }) => ({ a: alg.poly(p([-1, 1], 0, 1, 2, 3), x) })),
      'poly, coefficients': digest((alg, { x }) => ({ a: alg.poly(p([-1, 1], 0, 1, 2.5, 3), x) })),
      'poly, domain': digest((alg, { x }) => ({ a: alg.poly(p([-1, 2], 0, 1, 2, 3), x) })),
      'poly, error': digest((alg, { x }) => ({ a: alg.poly(p([-1, 1], 1e-9, 1, 2, 3), x) })),
    };
    const seen = new Map<string, string>();
    for (const [name, of] of Object.entries(variants)) {
      expect(seen.get(of), `${name} collides`).toBeUndefined();
      seen.set(of, name);
    }
  });

  it('differs where outputs come in another order: results are stacked in that order', () => {
    const one = digest((_, { x, y }) => ({ a: x, b: y }));
    const other = digest((_, { x, y }) => ({ b: y, a: x }));
    expect(one).not.toBe(other);
  });

  it('differs where inputs come in another order, for the same reason', () => {
    const program: OrderedProgram<Names, 'a'> = (alg, { x, y }) => ({ a: alg.add(x, y) });
    const one = recordOrdered(program, { x: spec, y: spec });
    const other = recordOrdered(program, { y: spec, x: spec });
    expect(one.digest).not.toBe(other.digest);
  });
});
