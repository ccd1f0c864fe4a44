import { describe, expect, it } from 'vitest';
import { americanGreeks, americanPrices } from '../../src/pricing/american/american.ts';
import { americanModel } from '../../src/pricing/american/american-model.ts';
import { AMERICAN_REGIMES } from '../../src/pricing/american/regime.ts';
import { AMERICAN_SCHEMES } from '../../src/pricing/american/scheme.ts';
import { inputsOf } from '../support/options.ts';
import { readVectors } from '../support/vectors.ts';

describe('american_options.csv', () => {
  const file = readVectors('american_options.csv');
  const inputs = inputsOf(file);
  const expected = file.numbers('price');
  const tolerance = file.numbers('suggested_abs_tolerance');
  const { price, delta, europeanPrice, regime } = americanGreeks(inputs);

  it('accurate prices within the tolerance of every row', () => {
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(price[i]! - expected[i]!), `row ${i}`).toBeLessThanOrEqual(tolerance[i]!);
    }
  });

  it('European prices within 1e-15 S', () => {
    const european = file.numbers('european_price');
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(europeanPrice[i]! - european[i]!), `row ${i}`).toBeLessThanOrEqual(
        1e-15 * inputs.spot[i]!,
      );
    }
  });

  it('deltas within 1e-4 of the central bump of 1e-3 S', () => {
    const bumped = file.numbers('delta_central_bump_1e-3');
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(delta[i]! - bumped[i]!), `row ${i}`).toBeLessThanOrEqual(1e-4);
    }
  });

  it('regimes agree, up to what the tolerance cannot tell apart', () => {
    const names = file.text('regime');
    const seen = new Set<string>();
    for (let i = 0; i < file.rows; i++) {
      const found = AMERICAN_REGIMES[regime[i]!]!;
      const intrinsic = inputs.sign[i]! * (inputs.spot[i]! - inputs.strike[i]!);
      seen.add(found);
      if (found === names[i]) continue;
      const limit = found === 'immediate' ? intrinsic : europeanPrice[i]!;
      const isUndecided =
        found === 'early' || Math.abs(expected[i]! - limit) <= Math.max(tolerance[i]!, 1e-12 * limit);
      expect(isUndecided, `row ${i}: ${found} for ${names[i]}`).toBe(true);
      if (found === 'early') expect(price[i]! - europeanPrice[i]!).toBeLessThan(1e-12 * inputs.spot[i]!);
    }
    expect([...seen].sort()).toEqual(['early', 'european', 'immediate']);
  });

  it('fast prices: median error below 1e-10 S, the largest below 1e-6 S', () => {
    const errors = americanPrices(inputs, AMERICAN_SCHEMES.fast)
      .map((fast, i) => Math.abs(fast - expected[i]!) / inputs.spot[i]!)
      .sort();
    expect(errors[file.rows >> 1]).toBeLessThan(1e-10);
    expect(errors[file.rows - 1]).toBeLessThan(1e-6);
  });

  it('the model answers with the same numbers', () => {
    const results = americanModel.price({
      length: file.rows,
      number: (name) => file.numbers(name),
      text: (name) => file.text(name),
    });
    expect(results['price']).toEqual(price);
    expect(results['delta']).toEqual(delta);
    expect(results['european_price']).toEqual(europeanPrice);
    for (const name of [...americanModel.results, ...(americanModel.moreResults ?? [])]) {
      expect(results[name]).toHaveLength(file.rows);
    }
  });
});
