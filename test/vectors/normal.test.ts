import { describe, expect, it } from 'vitest';
import { inverseNormalCdf } from '../../src/numeric/inverse-normal.ts';
import { erf, erfc, erfcx, normalCdf, normalCdfComplement, normalPdf } from '../../src/numeric/normal.ts';
import { readVectors } from '../support/vectors.ts';

describe('normal_functions.csv', () => {
  const file = readVectors('normal_functions.csv');
  const x = file.numbers('x');
  it.each([
    ['norm_cdf', normalCdf, 1e-15],
    ['norm_pdf', normalPdf, 1e-15],
    ['erf', erf, 1e-15],
    ['erfc', erfc, 1e-15],
    ['erfcx', erfcx, 1e-15],
  ] as const)('%s within its relative tolerance on every row', (column, compute, tolerance) => {
    const expected = file.numbers(column);
    let compared = 0;
    for (let i = 0; i < file.rows; i++) {
      const truth = expected[i]!;
      // Blank: overflows. Subnormal: a double does not hold the digits.
      if (Number.isNaN(truth) || (truth !== 0 && Math.abs(truth) < 2.3e-308)) continue;
      compared++;
      expect(Math.abs(compute(x[i]!) - truth), `x = ${x[i]}`).toBeLessThanOrEqual(
        tolerance * Math.abs(truth),
      );
    }
    expect(compared).toBeGreaterThan(file.rows / 2);
  });

  it('the complement keeps the right tail', () => {
    const expected = file.numbers('norm_cdf');
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(normalCdfComplement(-x[i]!) - expected[i]!)).toBeLessThanOrEqual(1e-15 * expected[i]!);
    }
  });
});

describe('inverse_normal_cdf.csv', () => {
  it('within 1e-15 (1 + |x|) on every row', () => {
    const file = readVectors('inverse_normal_cdf.csv');
    const p = file.numbers('p');
    const x = file.numbers('x');
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(inverseNormalCdf(p[i]!) - x[i]!), `p = ${p[i]}`).toBeLessThanOrEqual(
        1e-15 * (1 + Math.abs(x[i]!)),
      );
    }
  });
});
