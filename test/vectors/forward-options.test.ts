import { describe, expect, it } from 'vitest';
import { bachelierGreeks, bachelierModel } from '../../src/pricing/bachelier.ts';
import { black76Model } from '../../src/pricing/black76.ts';
import { inverseModel } from '../../src/pricing/crypto/inverse-option.ts';
import { margrabeGreeks, margrabeModel } from '../../src/pricing/margrabe.ts';
import { expectClose } from '../support/close.ts';
import { priceVectors } from '../support/model.ts';
import { readVectors } from '../support/vectors.ts';

describe('black76.csv', () => {
  const { file, results } = priceVectors('black76.csv', black76Model);
  const forward = file.numbers('forward');

  it.each([
    ['price', 1, 2e-15],
    ['delta_forward', 0, 2e-14],
    ['gamma_forward', -1, 1e-12],
    ['vega', 1, 2e-15],
    ['theta', 1, 1e-14],
    ['rho', 1, 1e-14],
  ] as const)('%s on every row', (column, power, tolerance) => {
    expectClose(results[column]!, file.numbers(column), (i) => tolerance * forward[i]! ** power);
  });

  it('prices keep ten digits however small, from 1e-280', () => {
    const expected = file.numbers('price');
    expectClose(results['price']!, expected, (i) => 1e-11 * expected[i]! + 1e-290);
  });
});

describe('bachelier.csv', () => {
  const { file, results } = priceVectors('bachelier.csv', bachelierModel);

  it.each(['price', 'delta_forward', 'gamma_forward', 'vega'])('%s to 13 digits on every row', (column) => {
    const expected = file.numbers(column);
    expectClose(results[column]!, expected, (i) => 2e-13 * Math.abs(expected[i]!));
  });
});

describe('extreme/bachelier.csv', () => {
  const file = readVectors('extreme/bachelier.csv');
  const found = bachelierGreeks({
    sign: Float64Array.from(file.text('type'), (type) => (type === 'call' ? 1 : -1)),
    forward: file.numbers('forward'),
    strike: file.numbers('strike'),
    expiryYears: file.numbers('t'),
    rate: file.numbers('r'),
    normalVol: file.numbers('normal_vol'),
  });

  it.each([
    ['price', 'price'],
    ['delta_forward', 'deltaForward'],
    ['gamma_forward', 'gammaForward'],
    ['vega', 'vega'],
  ] as const)('%s to 12 digits on every row', (column, name) => {
    const expected = file.numbers(column);
    expectClose(found[name], expected, (i) => 1e-12 * Math.abs(expected[i]!));
  });
});

describe('inverse_options.csv', () => {
  const { file, results } = priceVectors('inverse_options.csv', inverseModel);
  const forward = file.numbers('forward');
  const strike = file.numbers('strike');

  // Absolute error at most tolerance (1 + K/F) F^power.
  it.each([
    ['price_usd', 1, 2e-15],
    ['price_coin', 0, 2e-15],
    ['delta_usd', 0, 1e-14],
    ['delta_premium_adjusted', 0, 1e-14],
    ['dcoin_dF', -1, 1e-14],
    ['d2coin_dF2', -2, 2e-12],
    ['vega_coin', 0, 2e-15],
    ['theta_coin', 0, 2e-14],
  ] as const)('%s on every row', (column, power, tolerance) => {
    expectClose(
      results[column]!,
      file.numbers(column),
      (i) => tolerance * (1 + strike[i]! / forward[i]!) * forward[i]! ** power,
    );
  });
});

describe('margrabe.csv', () => {
  const { file, results } = priceVectors('margrabe.csv', margrabeModel);

  it('price within 2e-15 (Q1 S1 + Q2 S2) and to 13 digits on every row', () => {
    const column = (name: string): Float64Array => file.numbers(name);
    const [Q1, S1, Q2, S2] = [column('quantity1'), column('spot1'), column('quantity2'), column('spot2')];
    const expected = file.numbers('price');
    expectClose(results['price']!, expected, (i) => 2e-15 * (Q1[i]! * S1[i]! + Q2[i]! * S2[i]!));
    expectClose(results['price']!, expected, (i) => 1e-13 * expected[i]!);
  });
});

describe('extreme/margrabe.csv', () => {
  const file = readVectors('extreme/margrabe.csv');
  const column = (name: string): Float64Array => file.numbers(name);
  const inputs = {
    spot1: column('spot1'),
    spot2: column('spot2'),
    quantity1: column('quantity1'),
    quantity2: column('quantity2'),
    expiryYears: column('t'),
    dividendYield1: column('q1'),
    dividendYield2: column('q2'),
    vol1: column('vol1'),
    vol2: column('vol2'),
    correlation: column('rho'),
  };
  const found = margrabeGreeks(inputs);
  const { spot1, spot2, quantity1, quantity2, expiryYears, vol1, vol2, correlation } = inputs;
  const scaleOf = (i: number): number =>
    quantity1[i]! * spot1[i]! * Math.exp(Math.max(0, -inputs.dividendYield1[i]! * expiryYears[i]!)) +
    quantity2[i]! * spot2[i]! * Math.exp(Math.max(0, -inputs.dividendYield2[i]! * expiryYears[i]!));
  // d1 carries the rounding of the quotient of the assets, over the deviation of the ratio.
  const rounding = (i: number): number => {
    const [v1, v2, rho] = [vol1[i]!, vol2[i]!, correlation[i]!];
    return 2e-15 + 3e-16 / Math.sqrt(((v1 - v2) ** 2 + 2 * (1 - rho) * v1 * v2) * expiryYears[i]!);
  };

  it('holds rows with vols and correlations that nearly cancel', () => {
    expect(correlation.some((rho, i) => rho === 1 && Math.abs(vol1[i]! - vol2[i]!) < 1e-3)).toBe(true);
  });

  it.each([
    ['price', 'price', (i: number) => 1e-15 * scaleOf(i)],
    ['delta1', 'delta1', (i: number) => (rounding(i) * scaleOf(i)) / spot1[i]!],
    ['delta2', 'delta2', (i: number) => (rounding(i) * scaleOf(i)) / spot2[i]!],
    ['vega1', 'vega1', (i: number) => rounding(i) * scaleOf(i) * Math.sqrt(expiryYears[i]!)],
    ['vega2', 'vega2', (i: number) => rounding(i) * scaleOf(i) * Math.sqrt(expiryYears[i]!)],
    [
      'correlation_sensitivity',
      'correlationSensitivity',
      (i: number) => rounding(i) * scaleOf(i) * Math.sqrt(expiryYears[i]!),
    ],
  ] as const)('%s on every row', (name, field, tolerance) => {
    expectClose(found[field], file.numbers(name), tolerance);
  });
});
