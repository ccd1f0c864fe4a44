import { describe, expect, it } from 'vitest';
import { heston, hestonGreeks, hestonPrices } from '../../src/pricing/models/heston.ts';
import { hestonContour, NORMALISED } from '../../src/pricing/models/heston-contour.ts';
import { expectedVariance } from '../../src/pricing/models/heston-expiry.ts';
import { criticalMoments } from '../../src/pricing/models/heston-moments.ts';
import { hestonInputsOf } from '../support/heston.ts';
import { tableOf } from '../support/table.ts';
import { readVectors } from '../support/vectors.ts';

describe('heston.csv', () => {
  const file = readVectors('heston.csv');
  const inputs = hestonInputsOf(file);
  const expected = file.numbers('price');
  const compare = (prices: Float64Array, rows: (i: number) => number): void => {
    for (let i = 0; i < file.rows; i++) {
      const error = Math.abs(prices[rows(i)]! - expected[i]!) / inputs.spot[i]!;
      // The reference itself is good to 2e-14.
      expect(error, `row ${i}`).toBeLessThanOrEqual(3e-14);
    }
  };

  it('within 3e-14 S on every row, each on a contour of its own', () => {
    compare(hestonPrices(inputs), (i) => i);
  });

  it('within 3e-14 S on every row, from values shared by eleven strikes', () => {
    const factors = [1, 0.8, 0.85, 0.9, 0.95, 0.98, 1.02, 1.05, 1.1, 1.15, 1.2];
    const repeat = (column: Float64Array): Float64Array =>
      Float64Array.from({ length: 11 * file.rows }, (_, n) => column[Math.floor(n / 11)]!);
    const groups = Object.fromEntries(Object.entries(inputs).map(([name, column]) => [name, repeat(column)]));
    const many = groups as typeof inputs;
    factors.forEach((factor, n) => {
      for (let i = 0; i < file.rows; i++) many.strike[11 * i + n]! *= factor;
    });
    compare(hestonPrices(many), (i) => 11 * i);
  });

  it('through the model of the command line: the same doubles', () => {
    expect(heston.results).toEqual(['price']);
    expect(heston.price(tableOf(file, heston))['price']).toEqual(hestonPrices(inputs));
  });
});

describe('heston_greeks.csv', () => {
  const file = readVectors('heston_greeks.csv');
  const inputs = hestonInputsOf(file);
  const greeks = hestonGreeks(inputs);
  const deviation = inputs.spot.map((_, i) =>
    Math.sqrt(
      expectedVariance({
        t: inputs.expiryYears[i]!,
        initialVariance: inputs.initialVariance[i]!,
        meanReversion: inputs.meanReversion[i]!,
        longVariance: inputs.longVariance[i]!,
        volOfVol: inputs.volOfVol[i]!,
        correlation: inputs.correlation[i]!,
      }).total,
    ),
  );

  // In units of the size that the Greek takes at the money: s is the deviation of the return.
  type Scale = (S: number, s: number, t: number) => number;
  it.each([
    ['price', 'price', 1e-14, (S) => S],
    ['delta', 'delta', 1e-14, () => 1],
    ['gamma', 'gamma', 1e-14, (S, s) => 1 / (S * s)],
    ['theta', 'theta_greek', 1e-14, (S, s, t) => (S * s) / t],
    ['rho', 'rho_greek', 1e-14, (S, _, t) => S * t],
    ['varianceVega', 'variance_vega', 1e-14, (S, s, t) => (S * t) / s],
  ] as readonly (readonly [keyof typeof greeks, string, number, Scale])[])(
    '%s on every row',
    (name, column, tolerance, scale) => {
      const expected = file.numbers(column);
      for (let i = 0; i < file.rows; i++) {
        const unit = scale(inputs.spot[i]!, deviation[i]!, inputs.expiryYears[i]!);
        expect(Math.abs(greeks[name][i]! - expected[i]!), `row ${i}`).toBeLessThanOrEqual(tolerance * unit);
      }
    },
  );

  it('prices alone agree to 1e-15 S', () => {
    const prices = hestonPrices(inputs);
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(prices[i]! - greeks.price[i]!), `row ${i}`).toBeLessThanOrEqual(
        1e-15 * inputs.spot[i]!,
      );
    }
  });
});

describe('heston_extreme.csv', () => {
  it('out-of-the-money options to 1e-11 of their own value on every row, to 1e-13 on 19 of 20', () => {
    const file = readVectors('heston_extreme.csv');
    const column = (name: string): Float64Array => file.numbers(name);
    const [t, v0, kappa, theta, sigma, rho] = ['t', 'v0', 'kappa', 'theta', 'sigma', 'rho'].map(column);
    const k = column('k');
    const value = column('value');
    const errors = Array.from(k, (at, i) => {
      const model = {
        t: t![i]!,
        initialVariance: v0![i]!,
        meanReversion: kappa![i]!,
        longVariance: theta![i]!,
        volOfVol: sigma![i]!,
        correlation: rho![i]!,
      };
      hestonContour(model, criticalMoments(model), expectedVariance(model).total, at, false);
      const error = Math.abs(NORMALISED[0]! / value[i]! - 1);
      expect(error, `row ${i}`).toBeLessThanOrEqual(1e-11);
      return error;
    });
    errors.sort((a, b) => a - b);
    expect(errors[Math.floor(0.95 * errors.length)]).toBeLessThanOrEqual(1e-13);
  });
});
