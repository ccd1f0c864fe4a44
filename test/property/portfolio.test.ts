import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Market } from '../../src/domain/market.ts';
import { VOL_FLOOR } from '../../src/domain/scenarios.ts';
import { matrixOf, matVec, rowOf } from '../../src/numeric/matrix.ts';
import type { MarketMoves } from '../../src/pricing/market-moves.ts';
import { explainPnl } from '../../src/pricing/portfolio/explain.ts';
import type { Holdings } from '../../src/pricing/portfolio/holdings.ts';
import { PORTFOLIO_GREEK_NAMES, portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { portfolioPnl, portfolioPnlSync, totalPnl } from '../../src/pricing/portfolio/pnl.ts';
import { portfolioMargin } from '../../src/pricing/portfolio/portfolio-margin.ts';
import { spanRisk } from '../../src/pricing/portfolio/span.ts';
import { stressGrid } from '../../src/pricing/portfolio/stress-grid.ts';
import { approximatePnl, taylorTerms } from '../../src/pricing/portfolio/taylor.ts';
import { portfolioValue } from '../../src/pricing/portfolio/value.ts';
import { scenarioPnlSync } from '../../src/pricing/revalue.ts';
import { unitValues } from '../../src/pricing/unit-value.ts';
import { randomHoldings, randomMarket, randomMoves } from '../support/random-portfolio.ts';

const ROWS = 4;
const moves: fc.Arbitrary<MarketMoves> = fc.record({
  spotReturns: randomMoves(ROWS, -0.9, 1),
  volShifts: randomMoves(ROWS, -0.5, 0.5),
  relativeVolShifts: randomMoves(ROWS, -1, 1),
  elapsedYears: fc.constantFrom(0, 1 / 365, 0.1),
  volTerm: fc.constantFrom(
    () => 1,
    (years: number) => 1 / (0.1 + years),
  ),
});

/** The size of everything that enters the value of a unit: what rounding is measured against. */
const scaleOf = (instrument: Instrument, market: Market): number => {
  const spot = market.underlyings.find(({ name }) => name === instrument.underlying)!.spot;
  return 3 * spot + ('strike' in instrument ? instrument.strike : 0);
};
const grossOf = ({ instruments, units }: Holdings, market: Market): number =>
  instruments.reduce((sum, instrument, i) => sum + Math.abs(units[i]!) * scaleOf(instrument, market), 0);

describe('revaluation under any moves', () => {
  it('is the value of the moved contracts in the moved market, less the value now', () => {
    fc.assert(
      fc.property(randomHoldings, randomMarket, moves, ({ instruments }, market, moved) => {
        const matrix = scenarioPnlSync(instruments, market, moved);
        const now = unitValues(
          instruments.map((one) => floored(one, 0, 0, 0)),
          market,
        );
        const { volShifts, relativeVolShifts, spotReturns, elapsedYears = 0, volTerm } = moved;
        for (let s = 0; s < ROWS; s++) {
          const after: Market = {
            ...market,
            underlyings: market.underlyings.map((underlying, u) => ({
              ...underlying,
              spot: underlying.spot * (1 + rowOf(spotReturns, s)[u]!),
            })),
          };
          const contracts = instruments.map((one) => {
            const u = market.underlyings.findIndex(({ name }) => name === one.underlying);
            const relative =
              rowOf(relativeVolShifts!, s)[u]! * volTerm!('expiryYears' in one ? one.expiryYears : 0);
            return floored(one, rowOf(volShifts!, s)[u]!, relative, elapsedYears);
          });
          unitValues(contracts, after).forEach((value, i) => {
            const difference = Math.abs(rowOf(matrix, s)[i]! - (value - now[i]!));
            expect(difference, `scenario ${s}, instrument ${i}`).toBeLessThanOrEqual(
              5e-14 * scaleOf(instruments[i]!, market),
            );
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('by underlying is the matrix of all instruments times the units, and the same in blocks', async () => {
    await fc.assert(
      fc.asyncProperty(randomHoldings, randomMarket, moves, async (holdings, market, moved) => {
        const matrix = scenarioPnlSync(holdings.instruments, market, moved);
        const found = portfolioPnlSync(holdings, market, moved);
        expect([found.rows, found.cols]).toEqual([market.underlyings.length, ROWS]);
        market.underlyings.forEach(({ name }, u) => {
          const own = holdings.units.map((units, i) =>
            holdings.instruments[i]!.underlying === name ? units : 0,
          );
          matVec(matrix, own).forEach((value, s) => {
            expect(Math.abs(rowOf(found, u)[s]! - value)).toBeLessThanOrEqual(
              1e-14 * grossOf(holdings, market),
            );
          });
        });
        expect(await portfolioPnl(holdings, market, moved)).toEqual(found);
      }),
    );
  });

  it('without moves and time is exactly zero', () => {
    fc.assert(
      fc.property(randomHoldings, randomMarket, (holdings, market) => {
        const still = { spotReturns: matrixOf(2, 3) };
        expect(portfolioPnlSync(holdings, market, still).data).toEqual(new Float64Array(6));
      }),
    );
  });
});

function floored(instrument: Instrument, shift: number, relative: number, elapsed: number): Instrument {
  if (instrument.kind !== 'option' && instrument.kind !== 'forward') return instrument;
  const expiryYears = Math.max(instrument.expiryYears - elapsed, 0);
  if (instrument.kind === 'forward') return { ...instrument, expiryYears };
  const vol = Math.max(instrument.vol!, VOL_FLOOR);
  return { ...instrument, expiryYears, vol: Math.max(vol * (1 + relative) + shift, VOL_FLOOR) };
}

const joined = (one: Holdings, other: Holdings): Holdings => ({
  instruments: [...one.instruments, ...other.instruments],
  units: Float64Array.of(...one.units, ...other.units),
});
const scaled = (holdings: Holdings, by: number): Holdings => ({
  ...holdings,
  units: holdings.units.map((units) => by * units),
});

describe('portfolio figures', () => {
  const grid = { spotRelativeShift: [-0.3, 0, 0.2], volRelativeShift: [-0.4, 0, 0.5] };
  const span = { priceScanRange: [0.1, 0.2, 0.3], volScanRange: [0.25, 0.25, 0.5] };
  const venue = {
    priceRange: 0.16,
    priceBuckets: 5,
    volUp: 0.5,
    volDown: 0.25,
    exponentShort: 0.3,
    exponentLong: 0.13,
    pivotDays: 30,
  };

  it('value, Greeks and P&L of two books together are the sums; gross too', () => {
    fc.assert(
      fc.property(randomHoldings, randomHoldings, randomMarket, moves, (one, other, market, moved) => {
        const both = joined(one, other);
        const slack = 1e-13 * grossOf(both, market);
        const [a, b, sum] = [one, other, both].map((holdings) => portfolioValue(holdings, market));
        expect(Math.abs(sum!.total - a!.total - b!.total)).toBeLessThanOrEqual(slack);
        expect(Math.abs(sum!.grossAbsolute - a!.grossAbsolute - b!.grossAbsolute)).toBeLessThanOrEqual(slack);
        expect(Math.abs(Object.values(sum!.byUnderlying).reduce((x, y) => x + y) - sum!.total)).toBeLessThan(
          slack + 1e-300,
        );
        const [p, q, pnl] = [one, other, both].map(
          (holdings) => portfolioPnlSync(holdings, market, moved).data,
        );
        pnl!.forEach((value, i) => {
          expect(Math.abs(value - p![i]! - q![i]!)).toBeLessThanOrEqual(slack);
        });
        const greeks = [one, other, both].map((holdings) => portfolioGreeks(holdings, market));
        for (const name of PORTFOLIO_GREEK_NAMES) {
          for (const { name: underlying } of market.underlyings) {
            const [x, y, z] = greeks.map((of) => of[name][underlying]!);
            // NaN on both sides where an option stands exactly at its kink.
            const size = Math.abs(x!) + Math.abs(y!);
            if (Number.isNaN(size)) expect(z).toBeNaN();
            else expect(Math.abs(z! - x! - y!)).toBeLessThanOrEqual(1e-9 * size + slack);
          }
        }
      }),
    );
  });

  it('doubling a book doubles its stress, its scan risk and its margin; none is negative; nets are within sums', () => {
    fc.assert(
      fc.property(randomHoldings, randomMarket, (holdings, market) => {
        const slack = 1e-13 * grossOf(holdings, market);
        const twice = scaled(holdings, 2);
        const stress = stressGrid(holdings, market, grid);
        expect(stressGrid(twice, market, grid).worstTotal).toBe(2 * stress.worstTotal);
        expect(spanRisk(twice, market, span).total).toBe(2 * spanRisk(holdings, market, span).total);
        expect(portfolioMargin(twice, market, venue).total).toBe(
          2 * portfolioMargin(holdings, market, venue).total,
        );
        expect(stress.worstTotal).toBeGreaterThanOrEqual(stress.sumOfWorstByUnderlying - slack);
        expect(rowOf(stress.total, 1)[1]).toBe(0);
        expect(spanRisk(holdings, market, span).total).toBeGreaterThanOrEqual(0);
        const { byUnderlying } = portfolioMargin(holdings, market, venue);
        for (const pnl of Object.values(byUnderlying)) expect(rowOf(pnl, 2)[1]).toBe(0);
      }),
    );
  });

  it('a book against itself needs no margin; margins of two books together are at most the sum', () => {
    fc.assert(
      fc.property(randomHoldings, randomHoldings, randomMarket, (one, other, market) => {
        const hedged = joined(one, scaled(one, -1));
        const slack = 1e-13 * grossOf(joined(one, other), market);
        expect(spanRisk(hedged, market, span).total).toBeLessThanOrEqual(slack);
        expect(portfolioMargin(hedged, market, venue).total).toBeLessThanOrEqual(slack);
        for (const total of [
          (holdings: Holdings) => spanRisk(holdings, market, span).total,
          (holdings: Holdings) => portfolioMargin(holdings, market, venue).total,
        ]) {
          expect(total(joined(one, other))).toBeLessThanOrEqual(total(one) + total(other) + slack);
        }
      }),
    );
  });

  it('the second-order expansion is good to third order: halving a small move divides its error by about eight', () => {
    const market: Market = {
      valuation: 'now',
      underlyings: [{ name: 'A', spot: 100, rate: 0.03, dividendYield: 0.01, referenceVol: 0.3 }],
      factors: [],
      dailyCovariance: matrixOf(0, 0),
    };
    const holdings: Holdings = {
      instruments: [
        { kind: 'option', underlying: 'A', type: 'call', strike: 110, expiryYears: 0.5, vol: 0.3 },
        { kind: 'option', underlying: 'A', type: 'put', strike: 95, expiryYears: 0.2, vol: 0.4 },
        { kind: 'forward', underlying: 'A', strike: 100, expiryYears: 1 },
      ],
      units: Float64Array.of(10, -7, 3),
    };
    const errorOf = (size: number): number => {
      const moved = {
        spotReturns: matrixOf(1, 1, Float64Array.of(size)),
        volShifts: matrixOf(1, 1, Float64Array.of(size)),
      };
      const { fullSecondOrder } = approximatePnl(
        taylorTerms(portfolioGreeks(holdings, market), market, moved),
      );
      return totalPnl(portfolioPnlSync(holdings, market, moved))[0]! - fullSecondOrder[0]!;
    };
    const ratio = errorOf(2e-3) / errorOf(1e-3);
    expect(ratio).toBeGreaterThan(7.5);
    expect(ratio).toBeLessThan(8.5);
  });

  it('explained terms and the rest sum to the actual P&L, of which a pure day without a move is nearly theta', () => {
    fc.assert(
      fc.property(randomHoldings, randomMarket, randomMoves(3, -0.05, 0.05), (held, market, table) => {
        // No expiry within the days explained, where theta says nothing, and no kink, where it does not exist.
        const holdings = {
          ...held,
          instruments: held.instruments.map((one): Instrument => {
            if (one.kind !== 'option' && one.kind !== 'forward') return one;
            const later = { ...one, expiryYears: 0.5 + one.expiryYears };
            return later.kind === 'option' ? { ...later, vol: 0.2 + later.vol! } : later;
          }),
        };
        const scenarios = {
          labels: ['0', '1', '2'],
          factors: market.factors.slice(0, 3),
          moves: table,
        };
        const { actual, ...terms } = explainPnl(holdings, market, scenarios, 1);
        const sum = Object.values(terms).reduce((all, term) => all + term, 0);
        expect(Math.abs(sum - actual)).toBeLessThanOrEqual(1e-12 * grossOf(holdings, market));
        const still = { ...scenarios, moves: matrixOf(3, 3) };
        const day = explainPnl(holdings, market, still, 0, { days: 0.01 });
        expect([day.delta, day.gamma, day.vega]).toEqual([0, 0, 0]);
        expect(Math.abs(day.unexplained)).toBeLessThanOrEqual(1e-7 * grossOf(holdings, market));
        const none = explainPnl(holdings, market, still, 0, { days: 0 });
        expect([none.actual, none.theta, none.unexplained]).toEqual([0, 0, 0]);
      }),
    );
  });
});
