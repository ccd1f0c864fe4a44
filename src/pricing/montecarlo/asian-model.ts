import { RangeError } from '../../base/errors.ts';
import { commonLength } from '../column-checks.ts';
import type { ModelTable, PricingModel } from '../model.ts';
import { simulate } from './simulate.ts';
import type { Sampling } from './specification.ts';

const FIELDS: readonly (keyof AsianSimulationInputs)[] = [
  'type',
  'spot',
  'strike',
  'fixingDays',
  'rate',
  'dividendYield',
  'vol',
];

/** A batch of arithmetic Asian options, a column a field; element i of every column is option i. */
export type AsianSimulationInputs = {
  readonly type: readonly string[];
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  /**
   * Days from today to each fixing, separated by blanks, ascending; the last is the day of payment. A year has 365.
   */
  readonly fixingDays: readonly string[];
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly vol: Float64Array;
};

/** Prices and their standard errors. */
export type SimulatedPrices = { readonly price: Float64Array; readonly standardError: Float64Array };

const SAMPLING: Sampling = { kind: 'sobol', seed: 20_260_101, pathsPerScrambling: 2048, scramblings: 16 };

/**
 * Arithmetic Asian options on the average over fixing days (today's spot is not in it), by simulation with the
 * geometric option as control variate (F54, F120).
 *
 * A. G. Z. Kemna and A. C. F. Vorst, "A pricing method for options based on average asset values", J. Banking and
 * Finance 14 (1990).
 * Accuracy: as the standard error says; by default 16 scramblings of 2048 Sobol' paths, some 1e-6 of the spot.
 * Every option takes the same random numbers. Cost: 1 ms a fixing and option.
 * @throws ShapeError where columns differ in length. @throws RangeError naming the option and what is wrong with it.
 */
export function simulateAsianOptions(
  inputs: AsianSimulationInputs,
  sampling: Sampling = SAMPLING,
): SimulatedPrices {
  const count = commonLength(inputs, FIELDS);
  const price = new Float64Array(count);
  const standardError = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const type = inputs.type[i]!;
    if (type !== 'call' && type !== 'put') {
      throw new RangeError(`option ${i}: expected call or put as type, found ${type}`, {
        index: i,
        field: 'type',
      });
    }
    const result = located(i, () =>
      simulate({
        market: {
          spots: [inputs.spot[i]!],
          vols: [inputs.vol[i]!],
          dividendYields: [inputs.dividendYield[i]!],
          rate: inputs.rate[i]!,
        },
        times: fixingTimes(inputs.fixingDays[i]!, i),
        payoff: { kind: 'asian', average: 'arithmetic', type, strike: inputs.strike[i]! },
        sampling,
        controls: ['geometric'],
      }),
    );
    price[i] = result.price.value;
    standardError[i] = result.price.standardError;
  }
  return { price, standardError };
}

function located<Result>(index: number, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`option ${index}: ${error.message}`, { ...error.facts, index }, { cause: error });
  }
}

function fixingTimes(days: string, index: number): number[] {
  const numbers = days
    .trim()
    .split(/\s+/)
    .map((text) => (text === '' ? Number.NaN : Number(text)));
  numbers.forEach((day, i) => {
    const after = i === 0 ? 0 : numbers[i - 1]!;
    if (!(i === 0 ? day >= 0 : day > after) || !Number.isFinite(day)) {
      throw new RangeError(
        `option ${index}: expected ascending numbers of days separated by blanks as fixing_days, found ${JSON.stringify(days)}`,
        { index, field: 'fixing_days' },
      );
    }
  });
  return numbers.map((day) => day / 365);
}

/** Arithmetic Asian options by simulation with a geometric control variate: {@link simulateAsianOptions}. */
export const asianMonteCarloModel: PricingModel = {
  name: 'asian_mc',
  inputs: [
    { name: 'type', kind: 'choice', choices: ['call', 'put'] },
    { name: 'spot', kind: 'number', rule: 'positive' },
    { name: 'strike', kind: 'number', rule: 'nonNegative' },
    { name: 'fixing_days', kind: 'text' },
    { name: 'r', kind: 'number', rule: 'finite' },
    { name: 'q', kind: 'number', rule: 'finite' },
    { name: 'vol', kind: 'number', rule: 'nonNegative' },
  ],
  results: ['arithmetic_mc_cv', 'arithmetic_mc_stderr'],
  price(table: ModelTable) {
    const { price, standardError } = simulateAsianOptions({
      type: table.text('type'),
      spot: table.number('spot'),
      strike: table.number('strike'),
      fixingDays: table.text('fixing_days'),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      vol: table.number('vol'),
    });
    return { arithmetic_mc_cv: price, arithmetic_mc_stderr: standardError };
  },
};
