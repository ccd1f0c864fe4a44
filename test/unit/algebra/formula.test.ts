import { beforeAll, describe, expect, it } from 'vitest';
import { costOf } from '../../../src/algebra/cost.ts';
import { executePlain } from '../../../src/algebra/execute.ts';
import { formula, formulaOrdered } from '../../../src/algebra/formula/formula.ts';
import { record } from '../../../src/algebra/record.ts';
import type { SeriesLibrary } from '../../../src/algebra/series/library.ts';
import { RangeError, ShapeError, UnsupportedError } from '../../../src/base/errors.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { normalCdf } from '../../../src/numeric/normal.ts';
import { interpolatedSeries } from '../../support/interpolated-series.ts';

const vec = (...values: number[]): Float64Array => Float64Array.from(values);
const three = { length: 3, bound: 4 };
const positive = { length: 3, bound: 4, range: [0.5, 4] as const };
const x = vec(1, -2, 3);
const y = vec(0.5, 4, -1);
const library = interpolatedSeries;
const none: SeriesLibrary = { ...interpolatedSeries, names: [] };

beforeAll(async () => {
  // Loaded once, and slowly where the machine is busy.
  await import('mathjs');
}, 60_000);

describe('formula', () => {
  it.each<[string, readonly number[]]>([
    ['x + y', [1.5, 2, 2]],
    ['x - y - 1', [-0.5, -7, 3]],
    ['2 - x', [1, 4, -1]],
    ['-x^2', [-1, -4, -9]],
    ['2 x y', [1, -16, -6]],
    ['x * w', [2, 0, -3]],
    ['w + x / w2', [2.5, -1, -4]],
    ['x / 4', [0.25, -0.5, 0.75]],
    ['(x + y)^3', [3.375, 8, 8]],
    ['x^5', [1, -32, 243]],
    ['sum(x)', [2]],
    ['mean(x * y)', [(0.5 - 8 - 3) / 3]],
    ['dot(x, y)', [-10.5]],
    ['dot(x, w)', [-1]],
    ['matMul(x, y, 1)', [-10.5]],
    ['matMul(x, w, 3)', [2, 0, -1, -4, 0, 2, 6, 0, -3]],
    ['matMul(w + 0 * w, x, 1)', [-1]],
    ['x - mean(x)', [1 - 2 / 3, -2 - 2 / 3, 3 - 2 / 3]],
    ['M * x', [6, -3]],
    ['2 * M * (x + y)', [23, 1]],
    ['M * w', [-1, -2]],
    ['x * 0 + 7', [7, 7, 7]],
    ['pow(x, 2) + sqrt(4) + exp(0) + k', [1 + 2 + 1 + 10, 4 + 13, 9 + 13]],
    ['x^0', [1, 1, 1]],
  ])('%s', async (text, expected) => {
    const circuit = await formula(text, {
      x: three,
      y: three,
      w: vec(2, 0, -1),
      w2: vec(2, 2, -1),
      k: 10,
      M: matrixOf(2, 3, vec(1, 2, 3, -1, 1, 0)),
    });
    const { value } = executePlain(circuit, { x, y });
    expect(value.length).toBe(expected.length);
    value.forEach((each, i) => {
      expect(each).toBeCloseTo(expected[i]!, 12);
    });
  });

  it('is the circuit that a program writes', async () => {
    const inputs = { delta: three, gamma: three, dS: three };
    const compiled = await formula({ pnl: 'delta*dS + gamma*dS^2/2' }, inputs);
    const written = record(
      (alg, { delta, gamma, dS }) => ({
        pnl: alg.add(alg.mul(delta, dS), alg.scale(alg.mul(gamma, alg.mul(dS, dS)), 0.5)),
      }),
      inputs,
    );
    expect(compiled.digest).toBe(written.digest);
    expect(costOf(compiled)).toMatchObject({ depth: 2, secretProducts: 9 });
  });

  it.each([
    ['x^7 with three levels', 'x^7', { depth: 3 }],
    ['a chain of factors', 'x * y * x * y * x * y * x * y', { depth: 3 }],
    ['what mathjs simplifies', 'x^2 + 2*x*y - x^2 - x*y', { depth: 1, secretProducts: 3 }],
    ['what mathjs expands', '(x + y)^2 - (x - y)^2', { depth: 1, secretProducts: 3 }],
    ['what cancels, at its full length', '(x + 1)^2 - x^2 - 2*x', { depth: 0, secretProducts: 0 }],
    ['a power among factors', 'x^3 * y', { depth: 2 }],
    ['a public factor on the shallow side', 'x * x * (y * 0.3)', { depth: 2 }],
  ])('%s', async (_, text, cost) => {
    const circuit = await formula(text, { x: three, y: three });
    expect(costOf(circuit)).toMatchObject(cost);
  });

  it('takes series on the interval where they are needed', async () => {
    const circuit = await formula(
      { price: 'F * Phi(d) - K * normcdf(d - s)', odd: 'exp(-x/2) + 1/F + log(F) + sqrt(F) + F^-2 + F^0.5' },
      { F: positive, K: positive, d: three, s: positive, x: three },
      { library },
    );
    const inputs = { F: vec(1, 2, 4), K: vec(1, 1, 0.5), d: vec(-1, 0, 2), s: vec(0.5, 1, 2), x };
    const { price, odd } = executePlain(circuit, inputs);
    for (let i = 0; i < 3; i++) {
      const [F, K, d, s] = [inputs.F[i]!, inputs.K[i]!, inputs.d[i]!, inputs.s[i]!];
      expect(price[i]).toBeCloseTo(F * normalCdf(d) - K * normalCdf(d - s), 9);
      expect(odd[i]).toBeCloseTo(Math.exp(-x[i]! / 2) + 1 / F + Math.log(F) + 2 * Math.sqrt(F) + F ** -2, 9);
    }
    const domains = circuit.nodes.flatMap((node) => (node.op === 'poly' ? [node.series.domain] : []));
    expect(domains).toContainEqual([-4, 4]);
    expect(domains).toContainEqual([0.5, 4]);
  });

  it('takes its series from the certified library if nothing is said', async () => {
    const circuit = await formula('Phi(x / 2) / F', { x: three, F: positive }, { error: 1e-6 });
    const F = vec(1, 2, 4);
    const { value } = executePlain(circuit, { x, F });
    for (let i = 0; i < 3; i++) expect(value[i]).toBeCloseTo(normalCdf(x[i]! / 2) / F[i]!, 5);
    await expect(formula('abs(x)', { x: three })).rejects.toThrow(/character 1: .*abs/);
  });

  it('divides by what is negative', async () => {
    const below = { length: 3, bound: 4, range: [-4, -1] as const };
    const circuit = await formula('1 / n', { n: below }, { library });
    expect(executePlain(circuit, { n: vec(-1, -2, -4) }).value[1]).toBeCloseTo(-0.5, 9);
  });
});

describe('formulaOrdered', () => {
  it.each<[string, readonly number[]]>([
    ['max(x, y)', [1, 4, 3]],
    ['max(x, 0)', [1, 0, 3]],
    ['min(x, y, 0)', [0, -2, -1]],
    ['abs(x)', [1, 2, 3]],
    ['x < y', [0, 1, 0]],
    ['x >= 1', [1, 0, 1]],
    ['x <= 1 and y > 0', [1, 1, 0]],
    ['x == 1 or y != 4', [1, 0, 1]],
    ['not (x > y)', [0, 1, 0]],
    ['x > 0 ? x : 0', [1, 0, 3]],
    ['x < y ? 2*x : y - 1', [-0.5, -4, -2]],
    ['kthSmallest(x, 2)', [1]],
    ['smallest(x, 2)', [-2, 1]],
    ['sort(x * 2)', [-4, 2, 6]],
    ['sort(w) + x', [0, -2, 5]],
    ['w > 1 ? x : y', [1, 4, -1]],
    ['k > 1 ? x : log(0 - 1)', [1, -2, 3]],
    ['max(k, w)', [10, 10, 10]],
    ['mean(max(kthSmallest(x, 2) - x, 0))', [1]],
  ])('%s', async (text, expected) => {
    const circuit = await formulaOrdered(text, { x: three, y: three, w: vec(2, 0, -1), k: 10 });
    expect(circuit.power).toBe('ordered');
    const { value } = executePlain(circuit, { x, y });
    expect(Array.from(value, (each) => each + 0)).toEqual(expected);
  });
});

describe('a formula is refused', () => {
  it.each<[string, string, new (...args: never[]) => Error, RegExp]>([
    ['an unknown function', 'x + sine(x)', UnsupportedError, /character 5: function sine.*nearest: min/],
    ['an unknown name', 'x + dS', UnsupportedError, /character 5: name dS.*allowed are x, y/],
    [
      'a comparison',
      'x + max(x, y)',
      UnsupportedError,
      /character 5: max of secrets.*formulaOrdered.*shares/,
    ],
    ['a condition', 'x < y ? 1 : 2', UnsupportedError, /character 3: comparison of secrets.*formulaOrdered/],
    [
      'division by a secret without series',
      'x / y',
      UnsupportedError,
      /character 3: division by a secret.*library/,
    ],
    ['exp without series', 'exp(x)', UnsupportedError, /character 1: exp of a secret.*nearest.*library/],
    [
      'a broken exponent',
      'x^1.5',
      UnsupportedError,
      /character 2: expected a whole exponent.*found 1.5; nearest: \^2/,
    ],
    [
      'a secret exponent',
      'x^y',
      UnsupportedError,
      /character 2: expected a number as exponent.*exp\(y \* log\(x\)\)/,
    ],
    ['half a formula', 'x + ', RangeError, /character \d+: expected a complete expression/],
    ['nothing', ' ', RangeError, /expected an expression, found nothing/],
    ['division by zero', 'x / 0', RangeError, /character 3: reciprocal of public numbers gives Infinity/],
    [
      'lengths',
      'x + M * x',
      ShapeError,
      /character 3: add: expected vectors of equal length, found 3 \(node 0, x\) and 2/,
    ],
    [
      'a matrix on the right',
      'x * M',
      ShapeError,
      /character 3: expected a matrix times a vector.*found a secret vector of 3 times a 2 x 3 matrix/,
    ],
    ['a matrix alone', '2 * M', ShapeError, /expected a vector as the result/],
    [
      'secret rows',
      'matMul(x, y, sum(x))',
      RangeError,
      /expected a number of rows, found a secret vector of 1/,
    ],
    [
      'rows that do not fit',
      'matMul(x, y, 2)',
      ShapeError,
      /character 1: matMul: expected matrices that fit/,
    ],
    ['a sort where nothing compares', 'sort(x)', UnsupportedError, /sort/],
    ['arguments', 'dot(x)', RangeError, /character 1: expected 2 arguments of dot, found 1/],
    ['overflow', `${'1e300 * '.repeat(1)}x * 1e300`, RangeError, /gives Infinity/],
  ])('%s', async (_, text, type, message) => {
    const attempt = formula(
      text,
      { x: three, y: three, M: matrixOf(2, 3, vec(1, 2, 3, 4, 5, 6)) },
      { library: none },
    );
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toBeInstanceOf(type);
  });

  it.each([
    [
      'log(x)',
      /character 1: expected an argument of log above 0, found x, which may reach \[-4, 4\]; declare a range/,
    ],
    [
      '1 / (x^2 - 1)',
      /character 3: expected a divisor away from 0, found x \* x \+ -1, which may reach \[-1, 15\]/,
    ],
    ['sqrt(x - 1)', /argument of sqrt above 0/],
  ])('%s, for its domain', async (text, message) => {
    await expect(formula(text, { x: three }, { library })).rejects.toThrow(message);
  });

  it('by name where there are several', async () => {
    await expect(formula({ good: 'x', bad: 'x + z' }, { x: three })).rejects.toThrow(
      /^bad, character 5: name z/,
    );
  });

  it.each([
    ['a reserved name', { and: three }],
    ['a function as a name', { exp: three }],
    ['an infinite number', { k: Infinity }],
    ['an empty vector', { w: vec() }],
    ['something else', { z: {} as never }],
  ])('%s', async (_, inputs) => {
    await expect(formula('1', inputs)).rejects.toThrow(RangeError);
  });
});
