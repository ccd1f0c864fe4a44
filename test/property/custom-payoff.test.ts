import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BlindRiskError } from '../../src/base/errors.ts';
import { blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import { compilePayoff } from '../../src/pricing/custom/compile.ts';
import { loadPayoffParser, type PayoffParser } from '../../src/pricing/custom/expression.ts';
import { priceCustomPayoff } from '../../src/pricing/custom/price.ts';
import { createEvaluator } from '../../src/pricing/custom/program.ts';
import { batchOf } from '../support/options.ts';

let parse: PayoffParser;
beforeAll(async () => {
  parse = await loadPayoffParser();
});

const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

describe('piecewise linear payoffs', () => {
  it('are worth what their options are worth, to 1e-10 of the sum of these', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ sign: fc.constantFrom(1, -1), quantity: number(0.1, 3), u: number(-4, 4) }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.record({
          t: number(1 / 365, 5),
          vol: number(0.03, 1.5),
          r: number(-0.01, 0.08),
          q: number(0, 0.06),
        }),
        fc.boolean(),
        (legs, { t, vol, r, q }, short) => {
          const strikes = legs.map(({ u }) => 100 * Math.exp(u * vol * Math.sqrt(t)));
          // Every second option is sold if `short`.
          const side = (i: number): number => (short && i % 2 === 1 ? -1 : 1);
          const source = legs
            .map(({ sign, quantity }, i) => {
              const inner = sign > 0 ? `S - K${i}` : `K${i} - S`;
              return `${side(i) < 0 ? '-' : '+'} ${quantity} * max(${inner}, 0)`;
            })
            .join(' ');
          const parameters = Object.fromEntries(strikes.map((strike, i) => [`K${i}`, strike]));
          const { price, error } = priceCustomPayoff(parse(source, { parameters: Object.keys(parameters) }), {
            spot: 100,
            expiryYears: t,
            rate: r,
            dividendYield: q,
            vol,
            parameters,
          });
          const options = blackScholesPrices(
            batchOf(...legs.map(({ sign }, i) => ({ sign, strike: strikes[i]!, t, r, q, vol }))),
          );
          let expected = 0;
          let gross = 0;
          legs.forEach(({ quantity }, i) => {
            expected += side(i) * quantity * options[i]!;
            gross += quantity * options[i]!;
          });
          expect(Math.abs(price - expected)).toBeLessThan(1e-10 * gross);
          expect(error).toBeLessThan(1e-10 * gross);
        },
      ),
      { numRuns: 80 },
    );
  });
});

/** An expression and what it means, made together. */
type Meaning = { readonly text: string; readonly value: (s: number) => number };

const meanings: fc.Arbitrary<Meaning> = fc.letrec<{ node: Meaning; leaf: Meaning }>((tie) => ({
  leaf: fc.oneof(
    fc.constant<Meaning>({ text: 'S', value: (s) => s }),
    fc.constant<Meaning>({ text: 'K', value: () => 100 }),
    fc.integer({ min: 0, max: 300 }).map((n): Meaning => ({ text: `${n / 2}`, value: () => n / 2 })),
  ),
  node: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'expression' },
    tie('leaf'),
    fc.tuple(fc.constantFrom('+', '-', '*', '<', '>=', 'and', 'or', '=='), tie('node'), tie('node')).map(
      ([operator, a, b]): Meaning => ({
        text: `(${a.text}) ${operator} (${b.text})`,
        value: (s) => {
          const [x, y] = [a.value(s), b.value(s)];
          switch (operator) {
            case '+':
              return x + y;
            case '-':
              return x - y;
            case '*':
              return x * y;
            case '<':
              return x < y ? 1 : 0;
            case '>=':
              return x >= y ? 1 : 0;
            case '==':
              return x === y ? 1 : 0;
            case 'and':
              return x !== 0 && y !== 0 ? 1 : 0;
            default:
              return x !== 0 || y !== 0 ? 1 : 0;
          }
        },
      }),
    ),
    fc.tuple(fc.constantFrom('max', 'min'), fc.array(tie('node'), { minLength: 2, maxLength: 4 })).map(
      ([name, parts]): Meaning => ({
        text: `${name}(${parts.map(({ text }) => text).join(', ')})`,
        value: (s) => Math[name](...parts.map(({ value }) => value(s))),
      }),
    ),
    fc.tuple(fc.constantFrom('abs', 'neg', 'not'), tie('node')).map(
      ([name, a]): Meaning => ({
        text: name === 'abs' ? `abs(${a.text})` : name === 'neg' ? `-(${a.text})` : `not (${a.text})`,
        value: (s) =>
          name === 'abs' ? Math.abs(a.value(s)) : name === 'neg' ? -a.value(s) : a.value(s) === 0 ? 1 : 0,
      }),
    ),
    fc.tuple(tie('node'), tie('node'), tie('node')).map(
      ([a, b, c]): Meaning => ({
        text: `((${a.text}) > 0 ? (${b.text}) : (${c.text}))`,
        value: (s) => (a.value(s) > 0 ? b.value(s) : c.value(s)),
      }),
    ),
  ),
})).node;

describe('any expression of the language', () => {
  it('means what it says', () => {
    fc.assert(
      fc.property(
        meanings.filter(({ text }) => text.length <= 2000),
        ({ text, value }) => {
          const program = compilePayoff(parse(text, { parameters: ['K'] }), { K: 100 });
          const spots = [0.5, 50, 99.5, 100, 250];
          const evaluator = createEvaluator(program, spots.length);
          for (const input of evaluator.inputs) input.set(spots);
          const found = [...evaluator.evaluate(spots.length).subarray(0, spots.length)];
          spots.forEach((spot, i) => {
            // Constant folding may leave a -0 where plain evaluation finds 0.
            expect(found[i]! + 0).toBe(value(spot) + 0);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('any text at all', () => {
  const words = fc.constantFrom(
    'S',
    'K',
    'max',
    '(',
    ')',
    ',',
    '+',
    '-',
    '*',
    '^',
    '?',
    ':',
    '<',
    'and',
    'not',
    '1',
    '2.5',
    ' ',
    'average',
  );
  it.each([
    ['characters', fc.string({ maxLength: 40 })],
    ['words of the language', fc.array(words, { maxLength: 15 }).map((list) => list.join(''))],
  ] as [string, fc.Arbitrary<string>][])('%s: a payoff, or a typed error with a position', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const expression = parse(text, { parameters: ['K'] });
          compilePayoff(expression, { K: 100 });
        } catch (error) {
          expect(error).toBeInstanceOf(BlindRiskError);
          expect((error as BlindRiskError).facts['position']).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 80 },
    );
  });
});
