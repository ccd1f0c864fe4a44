import { beforeAll, describe, expect, it } from 'vitest';
import { RangeError, UnsupportedError } from '../../../../src/base/errors.ts';
import { compilePayoff } from '../../../../src/pricing/custom/compile.ts';
import {
  loadPayoffParser,
  type PayoffParser,
  parsePayoff,
} from '../../../../src/pricing/custom/expression.ts';
import { createEvaluator } from '../../../../src/pricing/custom/program.ts';

let parse: PayoffParser;
beforeAll(async () => {
  parse = await loadPayoffParser();
});

/** The value of an expression for one spot, through the compiled program. */
function valueAt(source: string, spot: number, parameters: Record<string, number> = {}): number {
  const expression = parse(source, { parameters: Object.keys(parameters) });
  const evaluator = createEvaluator(compilePayoff(expression, parameters), 1);
  for (const input of evaluator.inputs) input[0] = spot;
  return evaluator.evaluate(1)[0]!;
}

describe('what an expression means', () => {
  it.each([
    ['max(S - K, 0) - max(S - 1.2*K, 0)', 130, 20],
    ['max(S - K, 0) - max(S - 1.2*K, 0)', 110, 10],
    ['-S^2 + 3', 2, -1],
    ['2 S K', 3, 600],
    ['1/2 S', 3, 1.5],
    ['2^3^2', 1, 512],
    ['S - 1 - 1', 5, 3],
    ['8 / 4 / 2', 1, 1],
    ['min(S, K, 7)', 9, 7],
    ['pow(S, 3)', 2, 8],
    ['abs(S - K)', 90, 10],
    ['sqrt(S) + exp(0) + log(1)', 16, 5],
    ['S > K ? S - K : 0', 101, 1],
    ['S > K ? 1 : S == 50 ? 2 : 3', 50, 2],
    ['S > K and S < 1.2K', 110, 1],
    ['S > K or S < 50', 70, 0],
    ['not (S >= K) ', 100, 0],
    ['(S != K) * 5', 100, 0],
    ['S <= K', 100, 1],
    ['+S', 3, 3],
    ['.5e1 * S', 2, 10],
    ['K > 0 ? S : 1/(K - K + 1)', 4, 4],
  ])('%s at S = %d is %d', (source, spot, expected) => {
    expect(valueAt(source, spot, { K: 100 })).toBeCloseTo(expected, 12);
  });

  it('takes the branch that the condition chooses, whatever the other one is', () => {
    expect(valueAt('S > 0 ? log(S) : 0', -1)).toBe(0);
    expect(valueAt('S == 0 ? 1 : 1 / S', 0)).toBe(1);
  });

  it('folds constants and keeps few registers', () => {
    const program = compilePayoff(parse('max(S - 2*K, 0) * exp(K - K)', { parameters: ['K'] }), { K: 3 });
    expect(program.instructions.map(({ operation }) => operation)).toEqual(['subtract', 'max', 'multiply']);
    expect(program.temporaries).toBe(1);
    expect(program.constants).toEqual([6, 0, 1]);
  });

  it('is plain data that survives a structured clone', () => {
    const program = compilePayoff(parse('max(average(S1) - S2, 0)', { assets: 2 }));
    expect(structuredClone(program)).toEqual(program);
    expect(program.inputs).toEqual([
      { statistic: 'average', asset: 0 },
      { statistic: 'terminal', asset: 1 },
    ]);
  });

  it('names parameters and underlyings as it likes, but not as the language does', () => {
    expect(parse('K_1 * S', { parameters: ['K_1', 'e'] }).parameters).toEqual(['K_1', 'e']);
    for (const name of ['S', 'S3', 'max', 'average', 'and', 'mod', 'true', 'NaN', '2x', 'a b', '']) {
      expect(() => parse('S', { parameters: [name] }), name).toThrow(RangeError);
    }
    expect(() => parse('S1', { assets: 0 })).toThrow(/1 to 100 underlyings, found 0/);
  });

  it('needs a finite value for every parameter', () => {
    const expression = parse('S - K', { parameters: ['K'] });
    expect(() => compilePayoff(expression)).toThrow(/parameter K, found undefined/);
    expect(() => compilePayoff(expression, { K: Number.NaN })).toThrow(/parameter K, found NaN/);
    expect(() => compilePayoff(parse('S * log(0 * K)', { parameters: ['K'] }), { K: 1 })).toThrow(
      /character 5: log of 0 is -Infinity/,
    );
  });

  it('parsePayoff loads the parser by itself', async () => {
    expect((await parsePayoff('S')).root).toEqual({ kind: 'path', statistic: 'terminal', asset: 0 });
  });
});

describe('what is refused, with its position', () => {
  it.each([
    ['maxx(S, 0)', 1, /function maxx .* nearest: max/],
    ['S - Kx', 5, /name Kx .* nearest: K; allowed are S, S1, K/],
    ['evaluate("1")', 1, /function evaluate/],
    ['import(S)', 1, /function import/],
    ['S + mean(S)', 5, /function mean/],
    ['S = 3', 3, /"="/],
    ['S.constructor', 2, /"."/],
    ['S["a"]', 2, /"\["/],
    ['[S, 1]', 1, /"\["/],
    ['{a: S}', 1, /"\{"/],
    ['"S"', 1, /"\\""/],
    ['S; K', 2, /";"/],
    ['S # comment', 3, /"#"/],
    ['S\nK', 2, /"\\n"/],
    ["S'", 2, /"'"/],
    ['S!', 2, /"!"/],
    ['S % 2', 3, /"%"/],
    ['S & K', 3, /"&"/],
    ['S ~ K', 3, /"~"/],
    ['π', 1, /"π"/],
    ['S mod 2', 3, /operator mod/],
    ['S to K', 3, /operator to/],
    ['S xor K', 3, /operator xor/],
    ['f(S) = S', 1, /function f/],
    ['K(S - 1)', 1, /function K .* write K \* \(\.\.\.\)/],
    ['max', 1, /write max\(\.\.\.\)/],
    ['true', 1, /name true/],
    ['NaN', 1, /name NaN/],
    ['i', 1, /name i/],
    ['0x1F', 2, /name x1F/],
    ['S1 + S2', 6, /name S2 .* nearest: S/],
    ['1 < S < 3', 1, /chain of comparisons .* a < b and b < c/],
    ['2.*S', 1, /2\. is not part/],
    ['S .* K', 3, /"\."/],
    ['1:S', 1, /RangeNode/],
  ])('%s', (source, position, message) => {
    let error: unknown;
    try {
      parse(source, { parameters: ['K'] });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as UnsupportedError).message).toMatch(message);
    expect((error as UnsupportedError).message).toContain(`character ${position}:`);
    expect((error as UnsupportedError).facts['position']).toBe(position);
  });

  it.each([
    ['', 1, /found nothing/],
    ['S +', 4, /complete expression/],
    ['(S', 3, /complete expression/],
    ['S)', 2, /complete expression/],
    ['S ? 1', 6, /complete expression/],
    ['S and', 6, /complete expression/],
    ['1, 2', 2, /complete expression/],
    ['max(S)', 1, /at least 2 arguments of max, found 1; over a path, write maximum\(S\)/],
    ['K + abs(S, K)', 5, /expected 1 arguments of abs, found 2/],
    ['1 + average(S + 1)', 5, /average is taken over the path of one underlying/],
    ['average(average(S))', 1, /average is taken/],
    ['1e999 * S', 1, /finite number, found 1e999/],
  ])('%s', (source, position, message) => {
    let error: unknown;
    try {
      parse(source, { parameters: ['K'] });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toMatch(message);
    expect((error as RangeError).facts['position']).toBe(position);
  });

  it('is too long or too deep', () => {
    expect(() => parse(`S${'+S'.repeat(1000)}`)).toThrow(/at most 2000 characters, found 2001/);
    const nested = (depth: number): string => `${'('.repeat(depth)}S${')'.repeat(depth)}`;
    expect(parse(nested(100)).root).toEqual({ kind: 'path', statistic: 'terminal', asset: 0 });
    expect(() => parse(nested(101))).toThrow(/character 101: expected brackets at most 100 deep/);
    expect(valueAt(`${'-'.repeat(499)}S`, 3)).toBe(-3);
    expect(() => parse(`${'-'.repeat(1999)}S`)).toThrow(/operations at most 500 deep/);
    expect(valueAt(`S${'+S'.repeat(400)}`, 2)).toBe(802);
  });
});
