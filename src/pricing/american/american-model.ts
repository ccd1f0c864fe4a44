import type { PricingModel } from '../model.ts';
import { americanGreeks } from './american.ts';

/** American calls and puts by the exercise boundary, with the scheme `accurate` (F60-F67). */
export const americanModel: PricingModel = {
  name: 'american',
  inputs: [
    { name: 'type', kind: 'choice', choices: ['call', 'put'] },
    { name: 'spot', kind: 'number', rule: 'positive' },
    { name: 'strike', kind: 'number', rule: 'positive' },
    { name: 't', kind: 'number', rule: 'nonNegative' },
    { name: 'r', kind: 'number', rule: 'finite' },
    { name: 'q', kind: 'number', rule: 'finite' },
    { name: 'vol', kind: 'number', rule: 'nonNegative' },
  ],
  results: ['price', 'delta', 'european_price'],
  moreResults: ['gamma', 'theta'],
  price(table) {
    const { price, delta, gamma, theta, europeanPrice } = americanGreeks({
      sign: Float64Array.from(table.text('type'), (type) => (type === 'call' ? 1 : -1)),
      spot: table.number('spot'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      vol: table.number('vol'),
    });
    return { price, delta, european_price: europeanPrice, gamma, theta };
  },
};
