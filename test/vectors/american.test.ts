import { expect, it } from 'vitest';
import { americanModel } from '../../src/pricing/american/american-model.ts';
import { americanPrices } from '../../src/pricing/american/american.ts';
import { AMERICAN_SCHEMES } from '../../src/pricing/american/scheme.ts';
import { priceVectors } from '../support/model.ts';

const { file, results } = priceVectors('american_options.csv', americanModel);
const numbers = (name: string) => file.numbers(name);

it('meets every row within its own tolerance', () => {
  expect(file.rows).toBeGreaterThan(200);
  const price = numbers('price');
  const tolerance = numbers('suggested_abs_tolerance');
  results['price']!.forEach((value, i) => {
    expect(Math.abs(value - price[i]!), `row ${i}`).toBeLessThanOrEqual(tolerance[i]!);
  });
});

it('has the European prices to rounding, and deltas as far as a bump of 1e-3 of spot tells', () => {
  const spot = numbers('spot');
  const european = numbers('european_price');
  const delta = numbers('delta_central_bump_1e-3');
  file.text('regime').forEach((regime, i) => {
    expect(Math.abs(results['european_price']![i]! - european[i]!)).toBeLessThanOrEqual(1e-13 * spot[i]!);
    // A bump across the exercise boundary says nothing about either side.
    if (regime === 'european') expect(Math.abs(results['delta']![i]! - delta[i]!), `row ${i}`).toBeLessThanOrEqual(1e-3);
  });
});

it('is as good with the fast scheme as the published one: a median below 2e-9 of spot', () => {
  const spot = numbers('spot');
  const prices = americanPrices(
    {
      sign: Float64Array.from(file.text('type'), (type) => (type === 'call' ? 1 : -1)),
      spot,
      strike: numbers('strike'),
      expiryYears: numbers('t'),
      rate: numbers('r'),
      dividendYield: numbers('q'),
      vol: numbers('vol'),
    },
    AMERICAN_SCHEMES.fast,
  );
  const truth = numbers('price');
  const errors = prices.map((price, i) => Math.abs(price - truth[i]!) / spot[i]!).sort();
  expect(errors[errors.length >> 1]).toBeLessThan(2e-9);
});
