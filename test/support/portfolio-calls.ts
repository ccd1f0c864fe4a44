import type { Instrument } from '../../src/domain/instrument.ts';
import type { Factor, Market } from '../../src/domain/market.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import * as pricing from '../../src/pricing/index.ts';
import { of, type PricingCall } from './pricing-call.ts';
import { VENUE_MARGIN } from './venue-margin.ts';

const FACTORS: readonly Factor[] = [
  { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
  { name: 'A:vol_shift', underlying: 'A', kind: 'vol_shift' },
];
const MARKET: Market = {
  valuation: 't = 0',
  underlyings: [{ name: 'A', spot: 100, rate: 0.02, dividendYield: 0.01, referenceVol: 0.2 }],
  factors: FACTORS,
  dailyCovariance: matrixOf(2, 2, Float64Array.of(4e-4, 1e-5, 1e-5, 1e-4)),
};
const INSTRUMENTS: readonly Instrument[] = [
  { kind: 'option', underlying: 'A', type: 'call', strike: 95, expiryYears: 0.5, vol: 0.25 },
  {
    kind: 'option',
    underlying: 'A',
    type: 'put',
    strike: 95,
    expiryYears: 0.5,
    vol: 0.25,
    exercise: 'american',
  },
  { kind: 'forward', underlying: 'A', strike: 100, expiryYears: 1 },
  { kind: 'spot', underlying: 'A' },
];
const HOLDINGS = { instruments: INSTRUMENTS, units: Float64Array.of(10, -5, 2, 1) };
const SCENARIOS = {
  labels: ['s0', 's1'],
  factors: FACTORS,
  moves: matrixOf(2, 2, Float64Array.of(0.1, -0.02, -0.1, 0.05)),
};
const GREEKS = pricing.portfolioGreeks(HOLDINGS, MARKET);
const PNL = Float64Array.of(1, -2, 3, -4, 5, -6, 0.5, -0.25);
const BY_PART = matrixOf(2, 4, PNL);
const NESTED = {
  buckets: [
    { sensitivities: Float64Array.of(10, -4), riskWeight: Float64Array.of(0.3, 0.2), rho: 0.4 },
    { sensitivities: Float64Array.of(3), riskWeight: 0.5, rho: 0.1 },
  ],
  gamma: matrixOf(2, 2, Float64Array.of(1, 0.2, 0.2, 1)),
};
const SPAN = { priceScanRange: [0.12], volScanRange: [0.25] };
const MARGIN = { ...VENUE_MARGIN, daysPerYear: 365 };

/** A valid call of the exported functions that value and measure portfolios. */
export const PORTFOLIO_CALLS: Readonly<Record<string, PricingCall>> = {
  unitValues: of(pricing.unitValues, INSTRUMENTS, MARKET),
  unitGreeks: of(pricing.unitGreeks, INSTRUMENTS, MARKET),
  unitSecondOrderGreeks: of(pricing.unitSecondOrderGreeks, INSTRUMENTS, MARKET),
  scenarioPnl: of(pricing.scenarioPnl, INSTRUMENTS, MARKET, SCENARIOS),
  scenarioPnlSync: of(pricing.scenarioPnlSync, INSTRUMENTS, MARKET, SCENARIOS),
  gridMoves: of(pricing.gridMoves, MARKET, [-0.1, 0.1], [-0.2, 0, 0.2]),
  // The instruments pass through, and are checked where they are valued.
  holdingsOf: of((book: Parameters<typeof pricing.holdingsOf>[0]) => pricing.holdingsOf(book).units, {
    positions: INSTRUMENTS.map((instrument, i) => ({
      id: `p${i}`,
      instrument,
      quantity: i - 2,
      multiplier: 10,
    })),
  }),
  portfolioValue: of(pricing.portfolioValue, HOLDINGS, MARKET),
  portfolioGreeks: of(pricing.portfolioGreeks, HOLDINGS, MARKET, { daysPerYear: 365 }),
  portfolioPnl: of(pricing.portfolioPnl, HOLDINGS, MARKET, SCENARIOS),
  portfolioPnlSync: of(pricing.portfolioPnlSync, HOLDINGS, MARKET, {
    spotReturns: matrixOf(2, 1, Float64Array.of(0.1, -0.1)),
    volShifts: matrixOf(2, 1, Float64Array.of(0.01, -0.01)),
    relativeVolShifts: matrixOf(2, 1, Float64Array.of(0.1, -0.1)),
    elapsedYears: 0.01,
  }),
  totalPnl: of(pricing.totalPnl, BY_PART),
  explainPnl: of(pricing.explainPnl, HOLDINGS, MARKET, SCENARIOS, 1, { days: 1, daysPerYear: 365 }),
  taylorTerms: of(pricing.taylorTerms, GREEKS, MARKET, SCENARIOS),
  approximatePnl: of(pricing.approximatePnl, pricing.taylorTerms(GREEKS, MARKET, SCENARIOS)),
  factorExposures: of(pricing.factorExposures, GREEKS, MARKET),
  factorCurvature: of(pricing.factorCurvature, GREEKS, MARKET),
  factorUnderlyings: of(pricing.factorUnderlyings, MARKET),
  deltaGammaMoments: of(pricing.deltaGammaMoments, GREEKS, MARKET),
  cornishFisherVar: of(
    pricing.cornishFisherVar,
    { mean: 1, variance: 4, skewness: -0.3, excessKurtosis: 0.5 },
    0.99,
  ),
  parametricRisk: of(pricing.parametricRisk, Float64Array.of(10, -3), MARKET.dailyCovariance, 0.99),
  incrementalVar: of(pricing.incrementalVar, Float64Array.of(10, -3), MARKET.dailyCovariance, 0.99, [0, 1]),
  historicalRisk: of(pricing.historicalRisk, PNL, [0.9, 0.95], { ageDecay: 0.98 }),
  historicalContributions: of(
    pricing.historicalContributions,
    BY_PART,
    { kind: 'valueAtRisk', convention: 'ageWeighted', level: 0.9, ageDecay: 0.98 },
    Float64Array.of(2, 3),
  ),
  nestedCharge: of(pricing.nestedCharge, NESTED),
  nestedCharges: of(pricing.nestedCharges, NESTED),
  spanScenarios: of(pricing.spanScenarios, 3, 0.33),
  spanRisk: of(pricing.spanRisk, HOLDINGS, MARKET, {
    ...SPAN,
    scenarios: pricing.spanScenarios(2, 0.35).slice(-3),
  }),
  portfolioMargin: of(pricing.portfolioMargin, HOLDINGS, MARKET, MARGIN),
  stressGrid: of(pricing.stressGrid, HOLDINGS, MARKET, {
    spotRelativeShift: [-0.1, 0.1],
    volRelativeShift: [0, 0.2],
  }),
  exceptionsOf: of(pricing.exceptionsOf, PNL, 3),
  backtest: of(pricing.backtest, PNL, 3, 0.99),
  kupiecTest: of(pricing.kupiecTest, 3, 250, 0.99),
  independenceTest: of(pricing.independenceTest, { n00: 240, n01: 4, n10: 4, n11: 1 }),
  trafficLight: of(pricing.trafficLight, 3, 250, 0.99, { yellow: 0.95, red: 0.9999 }),
};
