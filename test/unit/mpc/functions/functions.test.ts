import { describe, expect, test } from 'vitest';
import { plainAlgebra } from '../../../../src/algebra/plain.ts';
import { evaluateSeries } from '../../../../src/mpc/circuit/chebyshev.ts';
import { type Fixed, FixedPoint } from '../../../../src/mpc/circuit/fixed.ts';
import type { Protocol } from '../../../../src/mpc/engine/protocol.ts';
import { decodeFixed, encodeFixed } from '../../../../src/mpc/field.ts';
import { divide, inverseSqrt, reciprocal, sqrt } from '../../../../src/mpc/functions/newton.ts';
import {
  type Domain,
  expSeries,
  inverseSqrtSeries,
  logSeries,
  normalCdfSeries,
  normalPdfSeries,
} from '../../../../src/mpc/functions/series.ts';
import { normalCdf, normalPdf } from '../../../../src/numeric/normal.ts';
import { openShares, runParties, sharesOf } from '../../../support/parties.ts';

const scheme = { parties: 3, threshold: 1 };

/** Points of an interval, its ends included, denser at the lower end. */
function pointsOf([low, high]: Domain, count: number = 60): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const s = i / (count - 1);
    return i === count - 1 ? high : low + (high - low) * s * s;
  });
}

/** The function on shares, and the error that it promises. */
async function onShares(
  x: Float64Array,
  frac: number,
  magnitude: number,
  f: (fixed: FixedPoint, x: Fixed) => Protocol<Fixed>,
): Promise<{ readonly y: Float64Array; readonly promised: number }> {
  const shares = sharesOf(encodeFixed(x, frac), scheme);
  const results = await runParties(
    scheme,
    (context, self) => {
      const fixed = new FixedPoint(context, frac);
      return f(fixed, fixed.of(shares[self - 1]!, frac, magnitude, 2 ** -(frac + 1)));
    },
    { security: 'semiHonest' },
  );
  const opened = openShares(
    results.map(({ v }) => v),
    scheme,
  );
  return { y: decodeFixed(opened, results[0]!.frac), promised: results[0]!.error };
}

describe('series are as close as they say', () => {
  test.each([
    ['exp', expSeries, Math.exp, [-5, 3]],
    ['log', logSeries, Math.log, [0.25, 20]],
    ['normal cdf', normalCdfSeries, normalCdf, [-8, 8]],
    ['normal pdf', normalPdfSeries, normalPdf, [-6, 6]],
    ['inverse square root', inverseSqrtSeries, (v: number) => 1 / Math.sqrt(v), [0.1, 4]],
  ] as const)('%s', (_, seriesOf, f, domain) => {
    for (const wanted of [1e-3, 1e-6, 1e-10]) {
      const series = seriesOf(domain, wanted);
      expect(series.error).toBeLessThanOrEqual(wanted);
      const x = pointsOf(domain, 2001);
      const worst = plainAlgebra
        .poly(series, x)
        .reduce((most, y, i) => Math.max(most, Math.abs(y - f(x[i]!))), 0);
      expect(worst).toBeLessThanOrEqual(series.error);
      // A bound that is far above what happens would hide a wrong one.
      expect(worst).toBeGreaterThan(series.error / 1e4);
    }
  });

  test.each([
    ['a domain that is not positive', () => logSeries([0, 1], 1e-3)],
    ['a domain that is too wide', () => logSeries([1e-9, 1], 1e-9)],
    ['an empty domain', () => expSeries([1, 1], 1e-3)],
    ['no error', () => expSeries([0, 1], 0)],
  ])('refuse %s', (_, make) => {
    expect(make).toThrowError(expect.objectContaining({ code: 'plan' }));
  });
});

describe('on shares, within the error that is promised', () => {
  const cases: [
    string,
    Domain,
    number,
    (x: number) => number,
    (fixed: FixedPoint, x: Fixed, d: Domain) => Protocol<Fixed>,
  ][] = [
    ['reciprocal', [0.5, 2], 30, (x) => 1 / x, reciprocal],
    ['reciprocal', [1, 1000], 28, (x) => 1 / x, reciprocal],
    ['reciprocal', [0.01, 1], 28, (x) => 1 / x, reciprocal],
    ['inverse square root', [0.25, 16], 28, (x) => 1 / Math.sqrt(x), inverseSqrt],
    ['square root', [0.01, 4], 28, Math.sqrt, sqrt],
    ['square root', [1, 400], 26, Math.sqrt, sqrt],
    ['exp', [-4, 2], 28, Math.exp, (fixed, x, d) => evaluateSeries(fixed, expSeries(d, 1e-8), x)],
    ['log', [0.5, 8], 28, Math.log, (fixed, x, d) => evaluateSeries(fixed, logSeries(d, 1e-8), x)],
    [
      'normal cdf',
      [-6, 6],
      28,
      normalCdf,
      (fixed, x, d) => evaluateSeries(fixed, normalCdfSeries(d, 1e-8), x),
    ],
    [
      'normal pdf',
      [-6, 6],
      28,
      normalPdf,
      (fixed, x, d) => evaluateSeries(fixed, normalPdfSeries(d, 1e-8), x),
    ],
    [
      'division',
      [0.5, 8],
      28,
      (x) => 1 / x,
      (fixed, x, d) => divide(fixed, fixed.addNumber(fixed.scale(x, 0), 1), x, d),
    ],
  ];
  test.each(cases)('%s on %j', async (_, domain, frac, f, protocol) => {
    const x = pointsOf(domain);
    const magnitude = Math.max(...domain.map(Math.abs));
    const { y, promised } = await onShares(x, frac, magnitude, (fixed, v) => protocol(fixed, v, domain));
    const worst = y.reduce((most, value, i) => Math.max(most, Math.abs(value - f(x[i]!))), 0);
    expect(worst).toBeLessThanOrEqual(promised);
    // Of use: better than a hundred thousandth of the function's range.
    expect(promised).toBeLessThan(1e-5 * Math.max(...domain.map((v) => Math.abs(f(v)))) + 1e-6);
  });
});
