import { describe, expect, it } from 'vitest';
import { blackScholesGreeks, blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import { blackScholesAllGreeks } from '../../src/pricing/black-scholes-all-greeks.ts';
import { BlackScholesBatch } from '../../src/pricing/black-scholes-batch.ts';
import { inputsOf, readEuropeanOptions } from '../support/options.ts';
import { expectSameBits } from '../support/same-bits.ts';
import { readVectors } from '../support/vectors.ts';

describe('european_black_scholes.csv', () => {
  const { file, inputs } = readEuropeanOptions();
  const greeks = blackScholesAllGreeks(inputs);

  // Absolute error at most tolerance x spot^power. Measured: price 6e-16, delta 5e-15, gamma 2e-13, theta 2e-15;
  // speed and zomma reach 1e6 and 1e4 near expiry, which is what their tolerances are for.
  it.each([
    ['price', 'price', 1, 2e-15],
    ['delta', 'delta', 0, 2e-14],
    ['gamma', 'gamma', -1, 1e-12],
    ['vega', 'vega', 1, 2e-15],
    ['theta', 'theta', 1, 1e-14],
    ['rho', 'rho', 1, 1e-14],
    ['phi', 'phi', 1, 1e-14],
    ['vanna', 'vanna', 0, 2e-13],
    ['volga', 'volga', 1, 5e-14],
    ['charm', 'charm', 0, 2e-12],
    ['speed', 'speed', -2, 2e-10],
    ['zomma', 'zomma', -1, 2e-11],
    ['dualDelta', 'dual_delta', 0, 2e-14],
  ] as const)('%s on every row', (name, column, power, tolerance) => {
    const expected = file.numbers(column);
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(greeks[name][i]! - expected[i]!), `row ${i}`).toBeLessThanOrEqual(
        tolerance * inputs.spot[i]! ** power,
      );
    }
  });

  it('prices above 1e-12 of the spot have a relative error below 1e-12', () => {
    const expected = file.numbers('price');
    for (let i = 0; i < file.rows; i++) {
      if (expected[i]! < 1e-12 * inputs.spot[i]!) continue;
      expect(Math.abs(greeks.price[i]! / expected[i]! - 1), `row ${i}`).toBeLessThanOrEqual(1e-12);
    }
  });

  it('prices alone are the same doubles', () => {
    expect(blackScholesPrices(inputs)).toEqual(greeks.price);
  });
});

describe('european_edge_cases.csv', () => {
  it('price within 1e-15 S and delta within 1e-15 on every row; no delta at the kink', () => {
    const file = readVectors('european_edge_cases.csv');
    const inputs = inputsOf(file);
    const { price, delta } = blackScholesGreeks(inputs);
    const expectedPrice = file.numbers('price');
    const expectedDelta = file.numbers('delta');
    for (let i = 0; i < file.rows; i++) {
      const spot = inputs.spot[i]!;
      expect(Math.abs(price[i]! - expectedPrice[i]!), `row ${i}`).toBeLessThanOrEqual(1e-15 * spot);
      if (Number.isNaN(expectedDelta[i]!)) expect(delta[i], `row ${i}`).toBeNaN();
      else expect(Math.abs(delta[i]! - expectedDelta[i]!), `row ${i}`).toBeLessThanOrEqual(1e-15);
    }
  });

  it('has the same bits in the kernel, which is not used for so few rows', () => {
    const inputs = inputsOf(readVectors('european_edge_cases.csv'));
    const batch = new BlackScholesBatch(inputs.sign.length);
    for (const name of Object.keys(inputs) as (keyof typeof inputs)[]) batch.inputs[name].set(inputs[name]);
    const expected = blackScholesGreeks(inputs);
    const found = batch.computeGreeks();
    for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
      expectSameBits(found[name], expected[name], name);
    }
  });
});
