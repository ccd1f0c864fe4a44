import { RangeError } from '../../src/base/errors.ts';
import type { VolSurface } from '../../src/domain/market.ts';
import type { OptionQuotes } from '../../src/pricing/implied-vol/quotes.ts';
import * as pricing from '../../src/pricing/index.ts';
import { batchOf } from './options.ts';
import { PORTFOLIO_CALLS } from './portfolio-calls.ts';
import { of, type PricingCall } from './pricing-call.ts';
import { quotesOf } from './quotes.ts';
import { equalTimes, marketOf } from './simulations.ts';

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
const DAY = pricing.civilDate('2026-11-20');
const PAYOFF = await pricing.parsePayoff('max(S - K, 0)', { parameters: ['K'] });
const LATER = pricing.civilDate('2027-02-01');
const SURFACE: VolSurface = {
  model: 'svi',
  slices: [
    { t: 0.5, ...SLICE },
    { t: 1, ...SLICE, a: 0.05 },
  ],
};

/** A valid call of every exported function, but parsePayoff, which takes a text alone. */
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
  tryBlackImpliedVols: of(
    (quotes: OptionQuotes) => refusing(pricing.tryBlackImpliedVols(quotes)),
    quotesOf({}, { sign: -1, strike: 105 }),
  ),
  tryBachelierImpliedVols: of(
    (quotes: OptionQuotes) => refusing(pricing.tryBachelierImpliedVols(quotes)),
    quotesOf({}, { sign: -1, strike: 105 }),
  ),
  arithmeticAsianPrices: of(pricing.arithmeticAsianPrices, asian()),
  // One option after the other: there are no columns to be of different lengths.
  BlackScholesBatch: of(
    (sign: number, spot: number, strike: number, expiryYears: number, vol: number) => {
      const batch = new pricing.BlackScholesBatch(1);
      const { inputs } = batch;
      inputs.sign[0] = sign;
      inputs.spot[0] = spot;
      inputs.strike[0] = strike;
      inputs.expiryYears[0] = expiryYears;
      inputs.vol[0] = vol;
      return Float64Array.of(
        batch.computePrices()[0]!,
        ...Object.values(batch.computeGreeks()).map(([x]) => x!),
      );
    },
    1,
    100,
    90,
    1,
    0.2,
  ),
  simulate: of(pricing.simulate, {
    market: { ...marketOf(), correlation: [[1]] },
    times: equalTimes(2),
    payoff: { kind: 'asian', average: 'arithmetic', type: 'call', strike: 100 },
    sampling: { kind: 'sobol', seed: 1, pathsPerScrambling: 64, scramblings: 2 },
  }),
  simulateAmerican: of(pricing.simulateAmerican, {
    market: marketOf(),
    type: 'put',
    strike: 100,
    expiryYears: 1,
    dates: 3,
    degree: 2,
    trainingPaths: 256,
    sampling: { kind: 'pseudo', seed: 1, paths: 256 },
  }),
  simulateAsianOptions: of(
    pricing.simulateAsianOptions,
    {
      type: ['call', 'put'],
      spot: two(100),
      strike: two(95),
      fixingDays: ['30 60', '90'],
      rate: two(0.05),
      dividendYield: two(0.01),
      vol: two(0.2),
    },
    { kind: 'sobol', seed: 1, pathsPerScrambling: 64, scramblings: 2 },
  ),
  priceCustomPayoff: of(
    (terms: Parameters<typeof pricing.priceCustomPayoff>[1]) => pricing.priceCustomPayoff(PAYOFF, terms),
    { spot: 100, expiryYears: 1, rate: 0.05, dividendYield: 0.01, vol: 0.2, parameters: { K: 95 } },
  ),
  compilePayoff: of(
    (parameters: { readonly K: number }) => {
      pricing.compilePayoff(PAYOFF, parameters);
    },
    { K: 95 },
  ),
  civilDate: of(pricing.civilDate, { year: 2026, month: 11, day: 20 }),
  isoOf: of(pricing.isoOf, DAY),
  weekdayOf: of(pricing.weekdayOf, DAY),
  addDays: of(pricing.addDays, DAY, 3),
  addMonths: of(pricing.addMonths, DAY, 3),
  yearFraction: of(pricing.yearFraction, DAY, LATER),
  adjustBusinessDay: of(pricing.adjustBusinessDay, pricing.NYSE, DAY, 'following'),
  addBusinessDays: of(pricing.addBusinessDays, pricing.NYSE, DAY, 3),
  businessDaysBetween: of(pricing.businessDaysBetween, pricing.NYSE, DAY, LATER),
  expirySchedule: of(pricing.expirySchedule, pricing.NYSE, DAY, 2, {
    rule: { n: 3, weekday: 5 },
    everyMonths: 3,
  }),
  ...PORTFOLIO_CALLS,
};

/** A quote without a vol is to have a reason. */
function refusing({ vol, defect }: pricing.ImpliedVols): Float64Array {
  const index = defect.findIndex((code) => code !== 0);
  if (index >= 0) throw new RangeError(`quote ${index}: defect ${defect[index]}`);
  return vol;
}

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
