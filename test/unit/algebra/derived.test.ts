import { describe, expect, it } from 'vitest';
import type { Ordered, OrderedProgram } from '../../../src/algebra/arithmetic.ts';
import { absolute, and, equal, min, negate, not, or, positivePart } from '../../../src/algebra/derived.ts';
import { executePlain } from '../../../src/algebra/execute.ts';
import { recordOrdered } from '../../../src/algebra/record.ts';

const spec = { length: 4, bound: 9 };
const x = Float64Array.of(-3, 0, 2.5, 7);
const y = Float64Array.of(1, 0, -2.5, 8);

describe('derived operations', () => {
  it.each<[string, <V>(alg: Ordered<V>, a: V, b: V) => V, readonly number[]]>([
    ['negate', (alg, a) => negate(alg, a), [3, -0, -2.5, -7]],
    ['min', (alg, a, b) => min(alg, a, b), [-3, 0, -2.5, 7]],
    ['absolute', (alg, a) => absolute(alg, a), [3, 0, 2.5, 7]],
    ['positivePart', (alg, a) => positivePart(alg, a, 4), [0, 0, 2.5, 7]],
    ['equal', (alg, a, b) => equal(alg, a, b, 4), [0, 1, 0, 0]],
    ['not', (alg, a, b) => not(alg, alg.lessThan(a, b), 4), [0, 1, 1, 0]],
  ])('%s', (_, operation, expected) => {
    const program: OrderedProgram<'x' | 'y', 'z'> = (alg, inputs) => ({
      z: operation(alg, inputs.x, inputs.y),
    });
    const { z } = executePlain(recordOrdered(program, { x: spec, y: spec }), { x, y });
    expect(Array.from(z, (value) => value + 0)).toEqual(expected.map((value) => value + 0));
  });

  it('logic over all pairs of bits', () => {
    const bits: OrderedProgram<'x' | 'y', 'both' | 'either'> = (alg, inputs) => {
      const zero = alg.constant(new Float64Array(4));
      const a = alg.lessThan(zero, inputs.x);
      const b = alg.lessThan(zero, inputs.y);
      return { both: and(alg, a, b), either: or(alg, a, b) };
    };
    const results = executePlain(recordOrdered(bits, { x: spec, y: spec }), {
      x: Float64Array.of(0, 0, 1, 1),
      y: Float64Array.of(0, 1, 0, 1),
    });
    expect(results).toEqual({
      both: Float64Array.of(0, 0, 0, 1),
      either: Float64Array.of(0, 1, 1, 1),
    });
  });
});
