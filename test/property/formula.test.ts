import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Circuit, InputSpec, Power } from '../../src/algebra/circuit.ts';
import { executePlain } from '../../src/algebra/execute.ts';
import { type FormulaOptions, formula, formulaOrdered } from '../../src/algebra/formula/formula.ts';
import { interpolatedSeries } from '../support/interpolated-series.ts';

let evaluate: (text: string, scope: Record<string, number>) => number;
beforeAll(async () => {
  evaluate = (await import('mathjs')).evaluate;
});

const LENGTH = 3;
const spec: InputSpec = { length: LENGTH, bound: 2, range: [0.25, 2] };

/** Expressions whose values stay moderate: what leaves the range of their operands is damped. */
const expressions = (ordered: boolean): fc.Arbitrary<string> =>
  fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('x', 'y', 'w', 'k'),
      fc.constantFrom('0', '1', '2', '0.5', '3'),
      fc
        .tuple(tie('tree'), fc.constantFrom('+', '-', '*'), tie('tree'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(tie('tree'), fc.constantFrom('2', '4', 'k')).map(([a, b]) => `(${a} / ${b})`),
      fc.tuple(tie('tree'), fc.constantFrom('2', '3')).map(([a, n]) => `(${a})^${n}`),
      tie('tree').map((a) => `-(${a})`),
      fc.constantFrom('1 / (x + 1)', 'exp(-x * y / 2)', 'log(x + y)', 'sqrt(x * y)', 'tanh(x - y)'),
      ...(ordered
        ? [
            fc
              .tuple(fc.constantFrom('max', 'min'), tie('tree'), tie('tree'))
              .map(([f, a, b]) => `${f}(${a}, ${b})`),
            tie('tree').map((a) => `abs(${a})`),
          ]
        : []),
    ),
  })).tree;

const points = fc.array(fc.double({ min: 0.25, max: 2, noNaN: true }), {
  minLength: LENGTH,
  maxLength: LENGTH,
});

const operands = { x: spec, y: spec, w: new Float64Array(LENGTH), k: 1.5 };

async function expectAsMathjs(
  compile: (
    text: string,
    inputs: typeof operands,
    options: FormulaOptions,
  ) => Promise<Circuit<'x' | 'y', 'value', Power>>,
  text: string,
  [x, y, w]: readonly [number[], number[], number[]],
): Promise<void> {
  const publicVector = Float64Array.from(w);
  const circuit = await compile(text, { ...operands, w: publicVector }, { library: interpolatedSeries });
  const { value } = executePlain(circuit, { x: Float64Array.from(x), y: Float64Array.from(y) });
  const largest = Math.max(1, ...circuit.nodes.map(({ bound }) => Math.max(-bound.low, bound.high)));
  for (let i = 0; i < LENGTH; i++) {
    const expected = evaluate(text, { x: x[i]!, y: y[i]!, w: w[i]!, k: 1.5 });
    // One element where nothing but numbers is in the text.
    const found = value[value.length === 1 ? 0 : i]!;
    expect(Math.abs(found - expected), `${text} at ${i}`).toBeLessThanOrEqual(1e-9 * largest);
  }
}

describe('a compiled formula', () => {
  it('computes what mathjs evaluates', async () => {
    let met = 0;
    await fc.assert(
      fc.asyncProperty(expressions(false), fc.tuple(points, points, points), async (text, at) => {
        if (text.length > 60) return;
        met++;
        await expectAsMathjs((...of) => formula(...of), text, at);
      }),
      { numRuns: 60 },
    );
    expect(met).toBeGreaterThan(20);
  });

  it('computes what mathjs evaluates, comparing', async () => {
    await fc.assert(
      fc.asyncProperty(expressions(true), fc.tuple(points, points, points), async (text, at) => {
        if (text.length > 60) return;
        await expectAsMathjs((...of) => formulaOrdered(...of), text, at);
      }),
      { numRuns: 40 },
    );
  });
});
