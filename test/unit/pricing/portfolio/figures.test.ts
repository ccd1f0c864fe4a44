import { describe, expect, it } from 'vitest';
import { AbortError, RangeError, ShapeError, UnsupportedError } from '../../../../src/base/errors.ts';
import type { Instrument } from '../../../../src/domain/instrument.ts';
import type { Market } from '../../../../src/domain/market.ts';
import { matrixOf, rowOf } from '../../../../src/numeric/matrix.ts';
import { gridMoves } from '../../../../src/pricing/market-moves.ts';
import { cornishFisherVar } from '../../../../src/pricing/portfolio/delta-gamma.ts';
import { explainPnl } from '../../../../src/pricing/portfolio/explain.ts';
import { factorCurvature, factorExposures } from '../../../../src/pricing/portfolio/exposures.ts';
import { historicalContributions } from '../../../../src/pricing/portfolio/historical-contributions.ts';
import { type Holdings, holdingsOf } from '../../../../src/pricing/portfolio/holdings.ts';
import { nestedCharge } from '../../../../src/pricing/portfolio/nested-aggregation.ts';
import { portfolioGreeks } from '../../../../src/pricing/portfolio/net-greeks.ts';
import { incrementalVar, parametricRisk } from '../../../../src/pricing/portfolio/parametric.ts';
import { largestLoss, portfolioPnl, portfolioPnlSync } from '../../../../src/pricing/portfolio/pnl.ts';
import { portfolioMargin } from '../../../../src/pricing/portfolio/portfolio-margin.ts';
import { spanRisk, spanScenarios } from '../../../../src/pricing/portfolio/span.ts';
import { stressGrid } from '../../../../src/pricing/portfolio/stress-grid.ts';
import { taylorTerms } from '../../../../src/pricing/portfolio/taylor.ts';
import { portfolioValue } from '../../../../src/pricing/portfolio/value.ts';
import { scenarioPnlSync } from '../../../../src/pricing/revalue.ts';
import { unitValues } from '../../../../src/pricing/unit-value.ts';
import { VENUE_MARGIN } from '../../../support/venue-margin.ts';

const market: Market = {
  valuation: 'now',
  underlyings: [
    { name: 'A', spot: 100, rate: 0.03, dividendYield: 0.01, referenceVol: 0.2 },
    { name: 'B', spot: 50, rate: 0.03, dividendYield: 0, referenceVol: 0.3 },
  ],
  factors: [
    { name: 'B:vol_shift', underlying: 'B', kind: 'vol_shift' },
    { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
    { name: 'B:spot_return', underlying: 'B', kind: 'spot_return' },
  ],
  dailyCovariance: matrixOf(3, 3, Float64Array.of(1e-4, 0, 0, 0, 4e-4, 0, 0, 0, 9e-4)),
};
const spot = (underlying: string): Instrument => ({ kind: 'spot', underlying });
const option: Instrument = {
  kind: 'option',
  underlying: 'B',
  type: 'put',
  strike: 55,
  expiryYears: 0.5,
  vol: 0.3,
};
/** Long 2 A, short 3 B. */
const linear: Holdings = { instruments: [spot('A'), spot('B')], units: Float64Array.of(2, -3) };
const mixed: Holdings = { instruments: [spot('A'), option], units: Float64Array.of(2, -3) };
const moves = (data: number[]) => ({ spotReturns: matrixOf(data.length / 2, 2, Float64Array.from(data)) });

describe('portfolio of spot positions', () => {
  it('has the value, Greeks and P&L that one computes by hand', () => {
    expect(portfolioValue(linear, market)).toEqual({
      total: 50,
      byUnderlying: { A: 200, B: -150 },
      grossAbsolute: 350,
    });
    const greeks = portfolioGreeks(linear, market);
    expect(greeks.delta).toEqual({ A: 2, B: -3 });
    expect(greeks.cashDelta).toEqual({ A: 200, B: -150 });
    expect(greeks.vega).toEqual({ A: 0, B: 0 });
    const pnl = portfolioPnlSync(linear, market, moves([0.1, 0, -0.2, 0.5]));
    expect([...rowOf(pnl, 0)]).toEqual([20, -40]);
    expect([...rowOf(pnl, 1)]).toEqual([0, -75]);
    const exposures = factorExposures(greeks, market);
    expect([...exposures]).toEqual([0, 200, -150]);
    const risk = parametricRisk(exposures, market.dailyCovariance, 0.975);
    expect(risk.sigma).toBeCloseTo(Math.hypot(200 * 0.02, 150 * 0.03), 12);
  });

  it('is stressed, scanned and margined by its worst moves', () => {
    const shifts = { spotRelativeShift: [-0.1, 0, 0.2], volRelativeShift: [0] };
    const grid = stressGrid(linear, market, shifts);
    expect([...grid.total.data]).toEqual([-5, 0, 10]);
    expect([grid.worstTotal, grid.sumOfWorstByUnderlying]).toEqual([-5, -50]);
    const scan = spanRisk(linear, market, { priceScanRange: [0.1, 0.1], volScanRange: [0.2, 0.2] });
    // Three ranges, of which a third counts, is less than one range.
    expect(scan).toMatchObject({ scanRisk: { A: 20, B: 15 } });
    const far = spanRisk(linear, market, {
      priceScanRange: [0.1, 0.1],
      volScanRange: [0.2, 0.2],
      scenarios: spanScenarios(5, 0.4),
    });
    expect(far.scanRisk['A']).toBeCloseTo(40, 12);
    expect(far.riskArrayPnl['A']).toHaveLength(16);
    expect(portfolioMargin(linear, market, VENUE_MARGIN).margin).toEqual({ A: 32, B: 24 });
  });

  it('comes from a book', () => {
    const book = { positions: [{ id: '1', instrument: spot('A'), quantity: -1.5, multiplier: 10 }] };
    expect(holdingsOf(book)).toEqual({ instruments: [spot('A')], units: Float64Array.of(-15) });
  });
});

describe('factors', () => {
  it('exposures and curvature follow the market order and the kinds asked for', () => {
    const greeks = portfolioGreeks(mixed, market);
    const exposures = factorExposures(greeks, market);
    expect(exposures[0]).toBe(greeks.vega['B']);
    expect(exposures[2]).toBe(greeks.cashDelta['B']);
    expect([...factorExposures(greeks, market, ['vol_shift'])]).toEqual([greeks.vega['B'], 0, 0]);
    const curvature = factorCurvature(greeks, market);
    expect(curvature.data[0]).toBe(greeks.volga['B']);
    expect(curvature.data[8]).toBeCloseTo(greeks.cashGamma1pct['B']! * 100, 10);
    expect(curvature.data[2]).toBeCloseTo(greeks.vanna['B']! * 50, 12);
    expect([curvature.data[1], curvature.data[5]]).toEqual([0, 0]);
  });

  it('without variance there is no risk, and no derivative of it', () => {
    const none = parametricRisk(new Float64Array(3), market.dailyCovariance, 0.99);
    expect([none.sigma, none.var, none.es]).toEqual([0, 0, 0]);
    expect([...none.componentVar]).toEqual([0, 0, 0]);
    expect(none.marginalVar[0]).toBeNaN();
    const flat = { mean: 2, variance: 0, skewness: Number.NaN, excessKurtosis: Number.NaN };
    expect(cornishFisherVar(flat, 0.99).var).toBe(-2);
  });
});

describe('time', () => {
  it('lets options expire: they are worth their payoff at the moved spot', () => {
    const call: Instrument = { ...option, type: 'call', strike: 40, expiryYears: 0.01 };
    const holdings = { instruments: [call], units: Float64Array.of(1) };
    const now = portfolioValue(holdings, market).total;
    const after = { ...moves([0, -0.1, 0, -0.3]), elapsedYears: 0.02 };
    const pnl = rowOf(portfolioPnlSync(holdings, market, after), 1);
    expect(pnl[0]).toBeCloseTo(5 - now, 12);
    expect(pnl[1]).toBeCloseTo(-now, 12);
  });

  it('carries forwards to their strike', () => {
    const forward: Instrument = { kind: 'forward', underlying: 'A', strike: 90, expiryYears: 1 };
    const holdings = { instruments: [forward], units: Float64Array.of(1) };
    const now = portfolioValue(holdings, market).total;
    const after = { ...moves([0.1, 0]), elapsedYears: 2 };
    expect(portfolioPnlSync(holdings, market, after).data[0]).toBeCloseTo(20 - now, 12);
  });
});

describe('many options on one underlying', () => {
  it('are revalued in segments, each of them, some expiring in between', () => {
    const count = 2500;
    const instruments = Array.from({ length: count }, (_, i): Instrument => {
      const type = i % 2 === 0 ? 'call' : 'put';
      return { ...option, type, strike: 30 + i / 50, expiryYears: 0.01 + (i % 7) / 20 };
    });
    const units = Float64Array.from({ length: count }, (_, i) => (i % 5) - 2);
    const now = unitValues(instruments, market);
    const moved = {
      ...market,
      underlyings: market.underlyings.map((underlying) => ({ ...underlying, spot: 0.9 * underlying.spot })),
    };
    for (const elapsedYears of [0, 0.02]) {
      const aged = instruments.map((one): Instrument => {
        return one.kind === 'option'
          ? { ...one, expiryYears: Math.max(one.expiryYears - elapsedYears, 0) }
          : one;
      });
      const after = unitValues(aged, moved);
      const moves = { spotReturns: matrixOf(1, 2, Float64Array.of(-0.1, -0.1)), elapsedYears };
      let expected = 0;
      const matrix = scenarioPnlSync(instruments, market, moves);
      after.forEach((value, i) => {
        expected += units[i]! * (value - now[i]!);
        expect(Math.abs(matrix.data[i]! - (value - now[i]!)), `option ${i}`).toBeLessThan(1e-12);
      });
      const pnl = portfolioPnlSync({ instruments, units }, market, moves);
      expect(pnl.data[1]).toBeCloseTo(expected, 9);
    }
  });
});

describe('bad input', () => {
  const short = { ...mixed, units: Float64Array.of(1) };
  const infinite = { ...mixed, units: Float64Array.of(1, Number.NaN) };
  const unknown = { ...mixed, instruments: [spot('A'), spot('C')] };
  const still = moves([0, 0]);

  it('of holdings is refused by name, everywhere', () => {
    for (const [holdings, error] of [
      [short, ShapeError],
      [unknown, ShapeError],
      [infinite, RangeError],
    ] as const) {
      expect(() => portfolioValue(holdings, market)).toThrow(error);
      expect(() => portfolioGreeks(holdings, market)).toThrow(error);
      expect(() => portfolioPnlSync(holdings, market, still)).toThrow(error);
    }
    expect(() => portfolioValue(infinite, market)).toThrow(/instrument 1/);
    const twice = { ...market, underlyings: [market.underlyings[0]!, market.underlyings[0]!] };
    expect(() => portfolioValue(linear, twice)).toThrow(ShapeError);
    const strange = { ...linear, instruments: [{ ...option, strike: Number.NaN }, spot('A')] };
    expect(() => portfolioPnlSync(strange, market, still)).toThrow(RangeError);
  });

  it('of moves is refused by scenario and name', () => {
    expect(() => portfolioPnlSync(mixed, market, moves([0, 0, 0, -1]))).toThrow(
      /scenario 1, spotReturns of B/,
    );
    expect(() => portfolioPnlSync(mixed, market, moves([Number.NaN, 0]))).toThrow(RangeError);
    expect(() => portfolioPnlSync(mixed, market, moves([1e11, 0]))).toThrow(RangeError);
    expect(() => portfolioPnlSync(mixed, market, { spotReturns: matrixOf(2, 3) })).toThrow(ShapeError);
    const shifts = { ...still, volShifts: matrixOf(2, 2) };
    expect(() => portfolioPnlSync(mixed, market, shifts)).toThrow(ShapeError);
    expect(() => portfolioPnlSync(mixed, market, { ...still, elapsedYears: -1 })).toThrow(RangeError);
    expect(() => portfolioPnlSync(mixed, market, { ...still, volTerm: () => Number.NaN })).toThrow(/volTerm/);
    expect(() => spanRisk(mixed, market, { priceScanRange: [0.1], volScanRange: [0, 0] })).toThrow(
      ShapeError,
    );
    expect(() => spanRisk(mixed, market, { priceScanRange: [0.1, -1], volScanRange: [0, 0] })).toThrow(/B/);
    expect(() => spanRisk(mixed, market, { priceScanRange: [0.1, 0.4], volScanRange: [0, 0] })).toThrow(
      RangeError,
    );
  });

  it('of expansions, explanations and contributions is refused', () => {
    const greeks = portfolioGreeks(mixed, market);
    expect(() => taylorTerms(greeks, market, gridMoves(market, [0.1], [0.1]))).toThrow(UnsupportedError);
    expect(() => taylorTerms(greeks, market, { ...still, elapsedYears: 0.1 })).toThrow(UnsupportedError);
    const scenarios = { labels: ['0'], factors: market.factors, moves: matrixOf(1, 3) };
    expect(() => explainPnl(mixed, market, scenarios, 1)).toThrow(RangeError);
    expect(() => explainPnl(mixed, market, scenarios, 0, { days: -1 })).toThrow(RangeError);
    const measure = { kind: 'valueAtRisk', convention: 'type1', level: 0.9 } as const;
    expect(() => historicalContributions(matrixOf(2, 3), measure, Float64Array.of(1))).toThrow(ShapeError);
    expect(() => historicalContributions(matrixOf(2, 0), measure)).toThrow(RangeError);
  });

  it('of parameters is refused by name', () => {
    for (const [name, value] of [
      ['priceRange', 1],
      ['priceBuckets', 2.5],
      ['volUp', -1],
      ['volDown', 1.5],
      ['exponentShort', Number.NaN],
      ['pivotDays', 0],
      ['daysPerYear', 0],
    ] as const) {
      expect(() => portfolioMargin(mixed, market, { ...VENUE_MARGIN, [name]: value })).toThrow(
        new RegExp(name),
      );
    }
    expect(() => portfolioGreeks(mixed, market, { daysPerYear: 0 })).toThrow(/daysPerYear/);
    const x = Float64Array.of(1, 2, 3);
    expect(() => parametricRisk(x, market.dailyCovariance, 1)).toThrow(RangeError);
    expect(() => incrementalVar(x, market.dailyCovariance, 0.9, [0, 1])).toThrow(ShapeError);
    expect(() => incrementalVar(x, market.dailyCovariance, 0.9, [0, -1, 1])).toThrow(RangeError);
    expect(() => cornishFisherVar({ mean: 0, variance: 1, skewness: 0, excessKurtosis: 0 }, 0)).toThrow(
      RangeError,
    );
    const doubled = { ...market, factors: [market.factors[0]!, market.factors[0]!] };
    expect(() => factorExposures(portfolioGreeks(mixed, market), doubled)).toThrow(ShapeError);
    const foreign = { ...market, factors: [{ ...market.factors[0]!, underlying: 'C' }] };
    expect(() => factorExposures(portfolioGreeks(mixed, market), foreign)).toThrow(ShapeError);
  });

  it('of aggregations is refused by bucket', () => {
    const bucket = { sensitivities: Float64Array.of(1, 2), riskWeight: 1, rho: 0.5 };
    const of = (change: object) => () =>
      nestedCharge({ buckets: [bucket, { ...bucket, ...change }], gamma: 0.2 });
    expect(of({ rho: 1.1 })).toThrow(/bucket 1/);
    expect(of({ rho: matrixOf(1, 1) })).toThrow(ShapeError);
    expect(of({ rho: matrixOf(2, 2, Float64Array.of(1, 2, 2, 1)) })).toThrow(/bucket 1, rho of 0 and 1/);
    expect(of({ riskWeight: Float64Array.of(1) })).toThrow(ShapeError);
    expect(of({ sensitivities: Float64Array.of(1, Number.NaN) })).toThrow(/bucket 1/);
    expect(() => nestedCharge({ buckets: [bucket], gamma: Number.NaN })).toThrow(RangeError);
  });

  it('a run can be stopped', async () => {
    const abort = new AbortController();
    const many = { spotReturns: matrixOf(300_000, 2) };
    const run = portfolioPnl(mixed, market, many, {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(run).rejects.toThrow(AbortError);
  });
});

describe('largest loss', () => {
  it('is zero where nothing is lost', () => {
    expect(largestLoss(Float64Array.of(1, 2))).toBe(0);
    expect(largestLoss(Float64Array.of(1, -2))).toBe(2);
  });
});
