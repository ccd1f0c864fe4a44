import type { PricingModel } from '../model.ts';
import { blackImpliedVols } from './black-implied-vol.ts';

/** Black implied volatilities from discounted prices on a forward (F70-F72). */
export const impliedVolModel: PricingModel = {
  name: 'implied_vol',
  inputs: [
    { name: 'type', kind: 'choice', choices: ['call', 'put'] },
    { name: 'forward', kind: 'number', rule: 'positive' },
    { name: 'strike', kind: 'number', rule: 'positive' },
    { name: 't', kind: 'number', rule: 'nonNegative' },
    { name: 'r', kind: 'number', rule: 'finite' },
    { name: 'price', kind: 'number', rule: 'finite' },
  ],
  results: ['implied_vol'],
  price: (table) => ({
    implied_vol: blackImpliedVols({
      sign: Float64Array.from(table.text('type'), (type) => (type === 'call' ? 1 : -1)),
      forward: table.number('forward'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      price: table.number('price'),
    }),
  }),
};
