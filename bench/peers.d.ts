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
