import type { VolSurface } from '../../src/domain/market.ts';
import * as pricing from '../../src/pricing/index.ts';
import { batchOf } from './options.ts';
import { quotesOf } from './quotes.ts';

/** Arguments that a function accepts, as data, and the call. */
export type PricingCall = {
  readonly args: readonly unknown[];
  readonly call: (...args: never[]) => unknown;
};

const two = (a: number, b: number = a): Float64Array => Float64Array.of(a, b);
const SPOT = {
  spot: two(100, 90),
  expiryYears: two(1, 0.5),
  rate: two(0.05),
  dividendYield: two(0.01),
  vol: two(0.2, 0.3),
};
const FORWARD = { sign: two(1, -1), forward: two(100, 90), strike: two(95), expiryYears: two(1, 0.5) };
const OPTION = batchOf({}, { sign: -1, spot: 90 });
const FUTURES = { quantity: two(2, -3), contractSize: two(10), entryPrice: two(90), price: two(100) };
const FUNDING = { rate: two(1e-4), hours: two(8), mark: two(100, 101) };
const SLICE = { a: 0.02, b: 0.1, rho: -0.3, m: 0.05, sigma: 0.2 };
const SABR = { forward: 100, expiryYears: 1, alpha: 0.3, beta: 0.9, nu: 0.4, rho: -0.2 };
const PNL = Float64Array.of(1, -2, 3, -4, 5, -6, 0.5, -0.25);
const SURFACE: VolSurface = {
  model: 'svi',
  slices: [
    { t: 0.5, ...SLICE },
    { t: 1, ...SLICE, a: 0.05 },
  ],
};

const of = <F extends (...args: never[]) => unknown>(call: F, ...args: Parameters<F>): PricingCall => ({
  call,
  args,
});

/** A valid call of the exported functions that price instruments, and of backtests. */
export const PRICING_CALLS: Readonly<Record<string, PricingCall>> = {
  americanPrices: of(pricing.americanPrices, OPTION),
  americanGreeks: of(pricing.americanGreeks, OPTION),
  americanExerciseBoundary: of(pricing.americanExerciseBoundary, {
    type: 'put',
    strike: 100,
    expiryYears: 1,
    rate: 0.05,
    dividendYield: 0.02,
    vol: 0.2,
  }),
  bachelierGreeks: of(pricing.bachelierGreeks, {
    ...FORWARD,
    rate: two(0.05),
    normalVol: two(20),
  }),
  blackScholesPrices: of(pricing.blackScholesPrices, OPTION),
  blackScholesGreeks: of(pricing.blackScholesGreeks, OPTION),
  blackScholesAllGreeks: of(pricing.blackScholesAllGreeks, OPTION),
  black76Greeks: of(pricing.black76Greeks, {
    ...FORWARD,
    rate: two(0.05),
    vol: two(0.2),
  }),
  inverseOptionGreeks: of(pricing.inverseOptionGreeks, { ...FORWARD, vol: two(0.8) }),
  margrabeGreeks: of(pricing.margrabeGreeks, {
    spot1: two(22),
    spot2: two(20),
    quantity1: two(1),
    quantity2: two(2),
    expiryYears: two(1),
    dividendYield1: two(0.01),
    dividendYield2: two(0.02),
    vol1: two(0.2),
    vol2: two(0.3),
    correlation: two(0.5),
  }),
  linearFutures: of(pricing.linearFutures, FUTURES),
  inverseFutures: of(pricing.inverseFutures, FUTURES),
  futuresPrices: of(pricing.futuresPrices, {
    spot: SPOT.spot,
    expiryYears: SPOT.expiryYears,
    rate: SPOT.rate,
    dividendYield: SPOT.dividendYield,
  }),
  perpetualMarks: of(pricing.perpetualMarks, {
    index: two(100),
    fundingRate: two(1e-4),
    intervalLeft: two(0.5),
  }),
  perpetualPnl: of(pricing.perpetualPnl, {
    settlement: 'inverse',
    quantity: 10,
    contractSize: 1,
    entryPrice: 90,
    mark: 100,
    funding: FUNDING,
    fundingIntervalHours: 8,
  }),
  fundingRates: of(pricing.fundingRates, two(1e-4, -2e-4), {
    intervalHours: 8,
    interestRate: 1e-4,
    damper: 5e-4,
    floor: -0.01,
    cap: 0.01,
  }),
  linearFundingPaid: of(pricing.linearFundingPaid, 2, FUNDING, 8),
  inverseFundingPaid: of(pricing.inverseFundingPaid, 2, FUNDING, 8),
  coinMarginEquity: of(pricing.coinMarginEquity, {
    balanceCoin: 1,
    price: 100,
    valueCoin: two(0.1, -0.2),
    coinDelta: two(0.5),
    coinGamma: two(0.01),
  }),
  sumAmounts: of(pricing.sumAmounts, [
    { value: 1, currency: 'BTC' },
    { value: 2, currency: 'BTC' },
  ]),
  convertAmount: of(pricing.convertAmount, { value: 1, currency: 'BTC' }, 'USD', {
    base: 'BTC',
    quote: 'USD',
    price: 100,
  }),
  geometricAsianPrices: of(pricing.geometricAsianPrices, asian()),
  continuousGeometricAsianPrices: of(pricing.continuousGeometricAsianPrices, asian()),
  turnbullWakemanAsianPrices: of(pricing.turnbullWakemanAsianPrices, asian()),
  barrierPrices: of(pricing.barrierPrices, {
    direction: ['up', 'down'],
    knock: ['out', 'in'],
    option: OPTION,
    barrier: two(130, 80),
    rebate: two(1),
  }),
  digitalGreeks: of(pricing.digitalGreeks, {
    kind: ['cash', 'asset'],
    cash: two(10),
    option: OPTION,
  }),
  doubleBarrierPrices: of(pricing.doubleBarrierPrices, {
    knock: ['out', 'in'],
    option: OPTION,
    lower: two(70),
    upper: two(140),
  }),
  lookbackPrices: of(pricing.lookbackPrices, {
    ...SPOT,
    kind: ['fixed', 'fixed'],
    sign: two(1, -1),
    strike: two(100),
    currentExtreme: two(110, 80),
  }),
  oneTouchPrices: of(pricing.oneTouchPrices, {
    ...SPOT,
    direction: ['up', 'down'],
    payment: ['hit', 'expiry'],
    barrier: two(130, 70),
    cash: two(10),
  }),
  blackImpliedVols: of(pricing.blackImpliedVols, quotesOf({}, { sign: -1, strike: 105 })),
  bachelierImpliedVols: of(pricing.bachelierImpliedVols, quotesOf({}, { sign: -1, strike: 105 })),
  hestonPrices: of(pricing.hestonPrices, heston()),
  hestonGreeks: of(pricing.hestonGreeks, heston()),
  sabrVols: of(pricing.sabrVols, {
    forward: two(100),
    strike: two(95, 110),
    expiryYears: two(1),
    alpha: two(0.3),
    beta: two(0.9),
    nu: two(0.4),
    rho: two(-0.2),
  }),
  sabrArbitrage: of(pricing.sabrArbitrage, SABR),
  sviPoints: of(pricing.sviPoints, {
    a: two(SLICE.a),
    b: two(SLICE.b),
    rho: two(SLICE.rho),
    m: two(SLICE.m),
    sigma: two(SLICE.sigma),
    k: two(0.1, -0.1),
    expiryYears: two(1),
  }),
  sviTotalVariance: of(pricing.sviTotalVariance, SLICE, 0.1),
  sviArbitrage: of(pricing.sviArbitrage, SLICE),
  durrlemanG: of(pricing.durrlemanG, 0.1, 0.04, 0.01, 0.02),
  calibrateSvi: of(pricing.calibrateSvi, {
    k: Float64Array.of(-0.3, -0.1, 0, 0.1, 0.3),
    vol: Float64Array.of(0.24, 0.21, 0.2, 0.19, 0.2),
    weights: Float64Array.of(1, 1, 1, 1, 1),
    expiryYears: 1,
  }),
  impliedVol: of(pricing.impliedVol, SURFACE, 0.1, 0.7),
  volSurface: of(pricing.volSurface, SURFACE),
  checkSurface: of(pricing.checkSurface, SURFACE),
  exceptionsOf: of(pricing.exceptionsOf, PNL, 3),
  backtest: of(pricing.backtest, PNL, 3, 0.99),
  kupiecTest: of(pricing.kupiecTest, 3, 250, 0.99),
  independenceTest: of(pricing.independenceTest, {
    n00: 240,
    n01: 4,
    n10: 4,
    n11: 1,
  }),
  trafficLight: of(pricing.trafficLight, 3, 250, 0.99),
};

function asian() {
  return {
    sign: two(1, -1),
    spot: two(100),
    strike: two(95),
    fixingYears: [two(0.5, 1), two(0.25, 0.5)],
    rate: two(0.05),
    dividendYield: two(0.01),
    vol: two(0.2),
  };
}

function heston() {
  return {
    sign: two(1, -1),
    spot: two(100),
    strike: two(95),
    expiryYears: two(1),
    rate: two(0.05),
    dividendYield: two(0.01),
    initialVariance: two(0.04),
    meanReversion: two(2),
    longVariance: two(0.05),
    volOfVol: two(0.4),
    correlation: two(-0.6),
  };
}
