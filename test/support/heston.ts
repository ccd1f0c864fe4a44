import type { HestonInputs } from '../../src/pricing/models/heston.ts';
import type { VectorFile } from './vectors.ts';

/** Terms of one option under Heston's model; absent ones are those of an ordinary equity index. */
export type HestonTerms = {
  sign?: number;
  spot?: number;
  strike?: number;
  t?: number;
  r?: number;
  q?: number;
  v0?: number;
  kappa?: number;
  theta?: number;
  sigma?: number;
  rho?: number;
};

export function hestonBatch(...options: readonly HestonTerms[]): HestonInputs {
  const column = (of: (option: HestonTerms) => number): Float64Array => Float64Array.from(options, of);
  return {
    sign: column(({ sign = 1 }) => sign),
    spot: column(({ spot = 100 }) => spot),
    strike: column(({ strike = 100 }) => strike),
    expiryYears: column(({ t = 1 }) => t),
    rate: column(({ r = 0.03 }) => r),
    dividendYield: column(({ q = 0.01 }) => q),
    initialVariance: column(({ v0 = 0.04 }) => v0),
    meanReversion: column(({ kappa = 1.5 }) => kappa),
    longVariance: column(({ theta = 0.05 }) => theta),
    volOfVol: column(({ sigma = 0.6 }) => sigma),
    correlation: column(({ rho = -0.7 }) => rho),
  };
}

/** The inputs of a vector file with the columns of heston.csv. */
export function hestonInputsOf(file: VectorFile): HestonInputs {
  return {
    sign: Float64Array.from(file.text('type'), (type) => (type === 'call' ? 1 : -1)),
    spot: file.numbers('spot'),
    strike: file.numbers('strike'),
    expiryYears: file.numbers('t'),
    rate: file.numbers('r'),
    dividendYield: file.numbers('q'),
    initialVariance: file.numbers('v0'),
    meanReversion: file.numbers('kappa'),
    longVariance: file.numbers('theta'),
    volOfVol: file.numbers('sigma'),
    correlation: file.numbers('rho'),
  };
}
