import { blackScholesAllGreeks } from './black-scholes-all-greeks.ts';
import type { PricingModel } from './model.ts';

/** European options under Black-Scholes-Merton, price and twelve Greeks (F1-F7). */
export const blackScholesModel: PricingModel = {
  name: 'bsm',
  inputs: [
    { name: 'type', kind: 'choice', choices: ['call', 'put'] },
    { name: 'spot', kind: 'number', rule: 'positive' },
    { name: 'strike', kind: 'number', rule: 'positive' },
    { name: 't', kind: 'number', rule: 'nonNegative' },
    { name: 'r', kind: 'number', rule: 'finite' },
    { name: 'q', kind: 'number', rule: 'finite' },
    { name: 'vol', kind: 'number', rule: 'nonNegative' },
  ],
  results: ['price', 'delta', 'gamma', 'vega', 'theta', 'rho'],
  moreResults: ['phi', 'vanna', 'volga', 'charm', 'speed', 'zomma', 'dual_delta'],
  price(table) {
    const { dualDelta, ...results } = blackScholesAllGreeks({
      sign: Float64Array.from(table.text('type'), (type) => (type === 'call' ? 1 : -1)),
      spot: table.number('spot'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      vol: table.number('vol'),
    });
    return { ...results, dual_delta: dualDelta };
  },
};
