import { RangeError } from '../../base/errors.ts';
import type { ModelTable, PricingModel } from '../model.ts';
import type { ParameterValues } from './compile.ts';
import { loadPayoffParser, type PayoffExpression, type PayoffParser } from './expression.ts';
import { type CustomPrice, priceCustomPayoff } from './price.ts';

const RESULTS = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho', 'error'] as const;

/**
 * European payoffs written as expressions, as a pricing model: column `payoff` holds the expression, `parameters`
 * values such as `K=100 B=120`, separated by blanks or semicolons. A function and not a constant: loading the
 * parser takes about a second, which nobody else should pay.
 */
export async function loadCustomModel(): Promise<PricingModel> {
  const parse = await loadPayoffParser();
  return {
    name: 'custom',
    inputs: [
      { name: 'payoff', kind: 'text' },
      { name: 'parameters', kind: 'text', optional: true },
      { name: 'spot', kind: 'number', rule: 'positive' },
      { name: 't', kind: 'number', rule: 'nonNegative' },
      { name: 'r', kind: 'number', rule: 'finite' },
      { name: 'q', kind: 'number', rule: 'finite' },
      { name: 'vol', kind: 'number', rule: 'nonNegative' },
    ],
    results: RESULTS,
    price: (table) => priceTable(table, parse),
  };
}

function priceTable(table: ModelTable, parse: PayoffParser): Record<string, Float64Array> {
  const results = Object.fromEntries(RESULTS.map((name) => [name, new Float64Array(table.length)])) as Record<
    (typeof RESULTS)[number],
    Float64Array
  >;
  const [spot, t, r, q, vol] = ['spot', 't', 'r', 'q', 'vol'].map((name) =>
    table.number(name),
  ) as Float64Array[];
  const payoffs = table.text('payoff');
  const texts = table.text('parameters');
  const parsed = new Map<string, PayoffExpression>();
  for (let i = 0; i < table.length; i++) {
    const priced = located(i, (): CustomPrice => {
      const parameters = parseParameters(texts[i] ?? '');
      const names = Object.keys(parameters);
      const key = JSON.stringify([payoffs[i], names]);
      const expression = parsed.get(key) ?? parse(payoffs[i]!, { parameters: names });
      parsed.set(key, expression);
      return priceCustomPayoff(expression, {
        spot: spot![i]!,
        expiryYears: t![i]!,
        rate: r![i]!,
        dividendYield: q![i]!,
        vol: vol![i]!,
        parameters,
      });
    });
    for (const name of RESULTS) results[name][i] = priced[name];
  }
  return results;
}

/** Says in which row of a file an error was found. */
function located<Result>(index: number, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`option ${index}: ${error.message}`, { ...error.facts, index }, { cause: error });
  }
}

function parseParameters(text: string): ParameterValues {
  const entries = text.split(/[\s;]+/).filter((part) => part !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/.exec(entry);
      const value = Number(match?.[2]);
      if (match === null || !Number.isFinite(value)) {
        throw new RangeError(`expected parameters like K=100, found ${JSON.stringify(entry)}`, {
          found: entry,
        });
      }
      return [match[1]!, value];
    }),
  );
}
