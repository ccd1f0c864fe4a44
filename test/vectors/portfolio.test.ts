import { describe, expect, it } from 'vitest';
import { matVec } from '../../src/numeric/matrix.ts';
import { scenarioPnl, scenarioPnlSync } from '../../src/pricing/revalue.ts';
import { unitGreeks, unitValues } from '../../src/pricing/unit-value.ts';
import { readReferencePortfolio } from '../support/portfolio.ts';
import { readVectors } from '../support/vectors.ts';

describe('portfolio', () => {
  const { instruments, weights, market, scenarios, gross } = readReferencePortfolio();

  it('unit values and Greeks: expected_position_greeks.csv', () => {
    const file = readVectors('portfolio/expected_position_greeks.csv');
    const greeks = unitGreeks(instruments, market);
    const spot = instruments.map(
      (instrument) => market.underlyings.find(({ name }) => name === instrument.underlying)!.spot,
    );
    for (const [name, column, power, tolerance] of [
      ['value', 'unit_price', 1, 1e-14],
      ['delta', 'unit_delta', 0, 1e-14],
      ['gamma', 'unit_gamma', -1, 1e-12],
      ['vega', 'unit_vega', 1, 1e-14],
      ['theta', 'unit_theta', 1, 1e-14],
      ['rho', 'unit_rho', 1, 1e-14],
    ] as const) {
      const expected = file.numbers(column);
      expect(file.rows).toBe(instruments.length);
      for (let i = 0; i < file.rows; i++) {
        expect(Math.abs(greeks[name][i]! - expected[i]!), `${name} of ${i}`).toBeLessThanOrEqual(
          tolerance * spot[i]! ** power,
        );
      }
    }
    expect(unitValues(instruments, market)).toEqual(greeks.value);
  });

  it('scenario P&L: expected_scenario_pnl.csv, within 1e-14 of gross', async () => {
    const file = readVectors('portfolio/expected_scenario_pnl.csv');
    const expected = file.numbers('full_revaluation');
    const matrix = scenarioPnlSync(instruments, market, scenarios);
    expect([matrix.rows, matrix.cols]).toEqual([file.rows, instruments.length]);
    const pnl = matVec(matrix, weights);
    for (let s = 0; s < file.rows; s++) {
      expect(Math.abs(pnl[s]! - expected[s]!), `scenario ${s}`).toBeLessThanOrEqual(1e-14 * gross);
    }
    expect((await scenarioPnl(instruments, market, scenarios)).data).toEqual(matrix.data);
  });
});
