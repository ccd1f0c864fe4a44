import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import type { Instrument } from '../../../src/domain/instrument.ts';
import { matVec } from '../../../src/numeric/matrix.ts';
import { holdingsOf } from '../../../src/pricing/portfolio/holdings.ts';
import { portfolioGreeks } from '../../../src/pricing/portfolio/net-greeks.ts';
import { approximatePnl, taylorTerms } from '../../../src/pricing/portfolio/taylor.ts';
import { factorsBasis, factorUnits, projectOnFactors } from '../../../src/risk/bases/factors.ts';
import { valuationOf } from '../../../src/risk/valuation.ts';
import { bookOf, forward, market, option, scenariosOf, spot } from '../../support/small-market.ts';

const book = bookOf(
  [3, option('A', 'call', 110)],
  [-2, option('B', 'put', 45)],
  [1, spot('A')],
  [-4, forward('B', 52)],
);
const scenarios = scenariosOf([0.01, 0.01, -0.02, 0.02], [-0.05, 0.1, 0.03, -0.01], [0, 0, 0, 0]);
const basis = factorsBasis(market);
const x = projectOnFactors(book.positions, basis, market);
const greeks = portfolioGreeks(holdingsOf(book), market);

describe('the factors basis', () => {
  it('holds the net sensitivities of the book and its value', () => {
    expect(x.length).toBe(2 * 6 + 1);
    ['B', 'A'].forEach((name, u) => {
      const own = ['delta', 'gamma', 'vega', 'vanna', 'volga', 'theta'] as const;
      own.forEach((greek, n) => {
        const expected = greeks[greek][name]!;
        expect(Math.abs(x[6 * u + n]! - expected)).toBeLessThanOrEqual(1e-13 * Math.abs(expected));
      });
    });
  });

  it('has the P&L of the expansion to second order', () => {
    const { fullSecondOrder } = approximatePnl(taylorTerms(greeks, market, scenarios));
    const pnl = matVec(factorUnits(basis, market, scenarios).pnl, x);
    fullSecondOrder.forEach((expected, s) => {
      expect(Math.abs(pnl[s]! - expected)).toBeLessThanOrEqual(1e-13 * (1 + Math.abs(expected)));
    });
  });

  it('keeps every Greek where nothing moves', async () => {
    const still = await valuationOf(basis, market, scenariosOf([0, 0, 0, 0]));
    expect(still.columnScale.filter((scale) => scale === 0).length).toBe(4); // vanna and volga have no row but the P&L's
    const scaled = matVec(
      still.greeks,
      x.map((value, j) => value * still.columnScale[j]!),
    );
    still.greekRows.forEach(({ greek, underlying }, r) => {
      const expected = greeks[greek][underlying]!;
      expect(Math.abs(scaled[r]! * still.greekScale[r]! - expected)).toBeLessThanOrEqual(
        1e-12 * Math.abs(expected),
      );
    });
  });

  it('has a digest of its underlyings, whatever is held', () => {
    expect(factorsBasis({ ...market, underlyings: market.underlyings.slice(1) }).digest).not.toBe(
      basis.digest,
    );
  });

  it('refuses positions without sensitivities, and underlyings that it lacks', () => {
    const atItsKink: Instrument = { ...option('A', 'call', 100, 0) };
    expect(() => projectOnFactors(bookOf([1, atItsKink]).positions, basis, market)).toThrow(RangeError);
    const narrow = factorsBasis({ ...market, underlyings: market.underlyings.slice(1) });
    expect(() => projectOnFactors(book.positions, narrow, market)).toThrow(ShapeError);
  });
});
