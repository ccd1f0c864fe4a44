/** The part of a peer without types of its own that the benchmarks call. */
declare module 'option-pricing' {
  export class Option {
    constructor(terms: {
      style: 'european' | 'american';
      type: 'call' | 'put';
      initialSpotPrice: number;
      strikePrice: number;
      timeToMaturity: number;
      volatility: number;
      riskFreeRate?: number;
      dividendYield?: number;
    });
    price(method: 'bs'): number;
    price(method: 'bt', options: { timeSteps: number }): number;
  }
}

/** Declared here because the package's own declarations do not compile under strict checks. */
declare module '@quantlib/ql' {
  export class BlackCalculator {
    init2(
      type: number,
      strike: number,
      forward: number,
      standardDeviation: number,
      discount: number,
    ): BlackCalculator;
    value(): number;
    delta(spot: number): number;
    gamma(spot: number): number;
    vega(maturity: number): number;
    theta(spot: number, maturity: number): number;
    rho(maturity: number): number;
  }
  export const Option: { readonly Type: { readonly Call: number; readonly Put: number } };
}
