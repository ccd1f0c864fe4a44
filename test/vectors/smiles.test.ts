import { describe, expect, it } from 'vitest';
import { sabr } from '../../src/pricing/models/sabr.ts';
import { svi } from '../../src/pricing/models/svi.ts';
import { sviArbitrage } from '../../src/pricing/models/svi-arbitrage.ts';
import { tableOf } from '../support/table.ts';
import { readVectors } from '../support/vectors.ts';

describe('svi_raw.csv', () => {
  const file = readVectors('svi_raw.csv');
  const results = svi.price(tableOf(file, svi));

  // In units of the terms: where w is a small difference, so is its relative accuracy, and g holds quotients by w.
  it.each([
    ['total_variance', 2e-16],
    ['dw_dk', 2e-16],
    ['d2w_dk2', 2e-15],
    ['durrleman_g', 1e-15],
    ['implied_vol', 1e-15],
    ['min_total_variance', 1e-16],
  ])('%s on every row', (column, tolerance) => {
    const expected = file.numbers(column);
    for (let i = 0; i < file.rows; i++) {
      if (Number.isNaN(expected[i]!)) expect(results[column]![i], `row ${i}`).toBeNaN();
      else expect(Math.abs(results[column]![i]! - expected[i]!), `row ${i}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it('declares exactly these results', () => {
    expect(svi.results).toEqual(Object.keys(results));
  });

  it('every slice with a negative minimum or a negative g in the file is found to be arbitrageable', () => {
    const [a, b, rho, m, sigma, k, g, least] = (
      ['a', 'b', 'rho', 'm', 'sigma', 'k', 'durrleman_g', 'min_total_variance'] as const
    ).map((name) => file.numbers(name)) as Float64Array[];
    let found = 0;
    for (let i = 0; i < file.rows; i++) {
      const slice = { a: a![i]!, b: b![i]!, rho: rho![i]!, m: m![i]!, sigma: sigma![i]! };
      const report = sviArbitrage(slice);
      expect(Math.abs(report.minimumTotalVariance - least![i]!)).toBeLessThanOrEqual(1e-16);
      if (least![i]! < 0) {
        expect(report.free, `row ${i}`).toBe(false);
        found++;
      } else if (g![i]! < 0) {
        const at = k![i]!;
        expect(
          report.negativeDensity.some(({ from, to }) => from < at && at < to),
          `row ${i}`,
        ).toBe(true);
        found++;
      }
    }
    expect(found).toBeGreaterThan(0);
  });
});

describe('sabr_hagan2002.csv', () => {
  it('lognormal vol within 1e-15 relative on every row', () => {
    const file = readVectors('sabr_hagan2002.csv');
    const vols = sabr.price(tableOf(file, sabr))['lognormal_vol']!;
    const expected = file.numbers('lognormal_vol');
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(vols[i]! / expected[i]! - 1), `row ${i}`).toBeLessThanOrEqual(1e-15);
    }
  });
});
