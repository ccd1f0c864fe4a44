/** The plaintext reference engine: vectorised prices, Greeks, scenario revaluation and portfolio risk in double precision. */

// American
export { type AmericanGreeks, americanGreeks, americanPrices } from './american/american.ts';
export {
  americanExerciseBoundary,
  type BoundaryCurve,
  type BoundaryTerms,
  type ExerciseBoundary,
} from './american/exercise-boundary.ts';
export { AMERICAN_REGIMES, type AmericanRegime } from './american/regime.ts';
export { AMERICAN_SCHEMES, type AmericanScheme } from './american/scheme.ts';
// vanilla
export { type BachelierGreeks, type BachelierInputs, bachelierGreeks } from './bachelier.ts';
export {
  type BlackScholesGreeks,
  type BlackScholesInputs,
  blackScholesGreeks,
  blackScholesPrices,
} from './black-scholes.ts';
export { type BlackScholesAllGreeks, blackScholesAllGreeks } from './black-scholes-all-greeks.ts';
export { BlackScholesBatch } from './black-scholes-batch.ts';
export { type Black76Greeks, type Black76Inputs, black76Greeks } from './black76.ts';
// conventions
export {
  addBusinessDays,
  adjustBusinessDay,
  type BusinessDayConvention,
  businessDaysBetween,
  type ExpiryRule,
  expirySchedule,
} from './conventions/business-days.ts';
export type { Calendar } from './conventions/calendar.ts';
export { ALWAYS_OPEN, CALENDARS, NYSE, TARGET, UNITED_KINGDOM } from './conventions/calendars.ts';
export { addDays, addMonths, type CivilDate, civilDate, isoOf, weekdayOf } from './conventions/civil-date.ts';
export { DAY_COUNTS, type DayCount, yearFraction } from './conventions/day-count.ts';
// crypto
export { type Amount, convertAmount, type ExchangeRate, sumAmounts } from './crypto/amount.ts';
export { type CoinMarginAccount, type CoinMarginEquity, coinMarginEquity } from './crypto/coin-margin.ts';
export {
  type FundingHistory,
  type FundingRule,
  fundingRates,
  inverseFundingPaid,
  linearFundingPaid,
} from './crypto/funding.ts';
export {
  type FuturesInputs,
  type FuturesPriceInputs,
  type FuturesPrices,
  type FuturesValues,
  futuresPrices,
  inverseFutures,
  linearFutures,
} from './crypto/future.ts';
export {
  type InverseOptionGreeks,
  type InverseOptionInputs,
  inverseOptionGreeks,
} from './crypto/inverse-option.ts';
export {
  type PerpetualMarkInputs,
  type PerpetualPnl,
  type PerpetualPosition,
  perpetualMarks,
  perpetualPnl,
} from './crypto/perpetual.ts';
// payoffs written as expressions
export { compilePayoff } from './custom/compile.ts';
export { type PayoffExpression, parsePayoff } from './custom/expression.ts';
export { type CustomPrice, type CustomTerms, priceCustomPayoff } from './custom/price.ts';
// exotics
export { arithmeticAsianPrices } from './exotic/arithmetic-asian.ts';
export {
  continuousGeometricAsianPrices,
  geometricAsianPrices,
  turnbullWakemanAsianPrices,
} from './exotic/asian.ts';
export type { AsianInputs } from './exotic/asian-inputs.ts';
export { type BarrierInputs, barrierPrices } from './exotic/barrier.ts';
export type { BarrierValues } from './exotic/barrier-values.ts';
export { type DigitalGreeks, type DigitalInputs, digitalGreeks } from './exotic/digital.ts';
export { type DoubleBarrierInputs, doubleBarrierPrices } from './exotic/double-barrier.ts';
export { type LookbackInputs, lookbackPrices } from './exotic/lookback.ts';
export { type OneTouchInputs, oneTouchPrices } from './exotic/one-touch.ts';
// implied volatility
export { bachelierImpliedVols, tryBachelierImpliedVols } from './implied-vol/bachelier-implied-vol.ts';
export { blackImpliedVols, tryBlackImpliedVols } from './implied-vol/black-implied-vol.ts';
export type { ImpliedVols, OptionQuotes, QuoteDefect } from './implied-vol/quotes.ts';
export { type MargrabeGreeks, type MargrabeInputs, margrabeGreeks } from './margrabe.ts';
// instruments in a market, and models by name
export { gridMoves, type MarketMoves } from './market-moves.ts';
export type { ModelColumn, ModelTable, PricingModel } from './model.ts';
// models of volatility
export { type ButterflyReport, durrlemanG } from './models/durrleman.ts';
export { type HestonGreeks, type HestonInputs, hestonGreeks, hestonPrices } from './models/heston.ts';
export { type SabrInputs, sabrVols } from './models/sabr.ts';
export { type SabrSlice, sabrArbitrage } from './models/sabr-arbitrage.ts';
export { type SviInputs, type SviPoints, type SviSlice, sviPoints, sviTotalVariance } from './models/svi.ts';
export { sviArbitrage } from './models/svi-arbitrage.ts';
export { calibrateSvi, type SviFit, type SviQuotes } from './models/svi-calibration.ts';
export { PRICING_MODELS } from './models.ts';
// simulation
export { type AsianSimulationInputs, simulateAsianOptions } from './montecarlo/asian-model.ts';
export {
  type AmericanProblem,
  type AmericanResult,
  simulateAmerican,
} from './montecarlo/longstaff-schwartz.ts';
export type { PayoffSpec } from './montecarlo/payoff.ts';
export type { Estimate, SimulationResult } from './montecarlo/result.ts';
export { simulate } from './montecarlo/simulate.ts';
export type { Sampling, SimulationMarket, SimulationSpec } from './montecarlo/specification.ts';
// portfolios
export {
  type Backtest,
  backtest,
  exceptionsOf,
  independenceTest,
  kupiecTest,
  type LikelihoodRatio,
  type TrafficLight,
  trafficLight,
} from './portfolio/backtest.ts';
export { type CornishFisherRisk, cornishFisherVar, deltaGammaMoments } from './portfolio/delta-gamma.ts';
export { type ExplainConventions, explainPnl, type PnlExplain } from './portfolio/explain.ts';
export { factorCurvature, factorExposures, factorUnderlyings } from './portfolio/exposures.ts';
export { type HistoricalConventions, type HistoricalRisk, historicalRisk } from './portfolio/historical.ts';
export {
  type HistoricalContributions,
  type HistoricalMeasure,
  historicalContributions,
} from './portfolio/historical-contributions.ts';
export { type ByUnderlying, type Holdings, holdingsOf } from './portfolio/holdings.ts';
export {
  CORRELATION_SCENARIOS,
  type NestedCharge,
  type NestedCharges,
  type NestedRisk,
  nestedCharge,
  nestedCharges,
  type RiskBucket,
} from './portfolio/nested-aggregation.ts';
export { type GreekConventions, type PortfolioGreeks, portfolioGreeks } from './portfolio/net-greeks.ts';
export { incrementalVar, type ParametricRisk, parametricRisk } from './portfolio/parametric.ts';
export { portfolioPnl, portfolioPnlSync, totalPnl } from './portfolio/pnl.ts';
export {
  type PortfolioMargin,
  type PortfolioMarginParameters,
  portfolioMargin,
} from './portfolio/portfolio-margin.ts';
export {
  type SpanParameters,
  type SpanRisk,
  type SpanScenario,
  spanRisk,
  spanScenarios,
} from './portfolio/span.ts';
export { type StressGrid, type StressShifts, stressGrid } from './portfolio/stress-grid.ts';
export { type ApproximatePnl, approximatePnl, type TaylorTerms, taylorTerms } from './portfolio/taylor.ts';
export { type PortfolioValue, portfolioValue } from './portfolio/value.ts';
export { scenarioPnl, scenarioPnlSync } from './revalue.ts';
export { impliedVol, type VolSurfaceEvaluator, volSurface } from './surface.ts';
export { checkSurface, type SurfaceReport } from './surface-arbitrage.ts';
export {
  type UnitGreeks,
  type UnitSecondOrderGreeks,
  unitGreeks,
  unitSecondOrderGreeks,
  unitValues,
} from './unit-value.ts';
