import type { BlackScholesInputs } from '../../src/pricing/black-scholes-inputs.ts';
import { readVectors, type VectorFile } from './vectors.ts';

/** The inputs of a vector file with the columns type, spot, strike, t, r, q, vol. */
export function inputsOf(file: VectorFile): BlackScholesInputs {
  return {
    sign: Float64Array.from(file.text('type'), (type) => (type === 'call' ? 1 : -1)),
    spot: file.numbers('spot'),
    strike: file.numbers('strike'),
    expiryYears: file.numbers('t'),
    rate: file.numbers('r'),
    dividendYield: file.numbers('q'),
    vol: file.numbers('vol'),
  };
}

/** The European options of the reference vectors. */
export function readEuropeanOptions(): { file: VectorFile; inputs: BlackScholesInputs } {
  const file = readVectors('european_black_scholes.csv');
  return { file, inputs: inputsOf(file) };
}

/** Terms of one option; absent ones are at the money, one year, 20 % vol, r = 5 %, q = 1 %. */
export type OptionTerms = {
  sign?: number;
  spot?: number;
  strike?: number;
  t?: number;
  r?: number;
  q?: number;
  vol?: number;
};

/** A batch from a list of terms. */
export function batchOf(...options: readonly OptionTerms[]): BlackScholesInputs {
  const column = (of: (option: OptionTerms) => number): Float64Array => Float64Array.from(options, of);
  return {
    sign: column(({ sign = 1 }) => sign),
    spot: column(({ spot = 100 }) => spot),
    strike: column(({ strike = 100 }) => strike),
    expiryYears: column(({ t = 1 }) => t),
    rate: column(({ r = 0.05 }) => r),
    dividendYield: column(({ q = 0.01 }) => q),
    vol: column(({ vol = 0.2 }) => vol),
  };
}
