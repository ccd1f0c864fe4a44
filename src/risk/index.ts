/** Risk of a book as linear programs over a public basis, pricing with secret inputs, and the finishers that run on what is opened. */
export type { RiskBasis } from './bases/basis.ts';
export {
  type ChebyshevBasis,
  type ChebyshevBasisOptions,
  chebyshevBasis,
} from './bases/chebyshev/basis.ts';
export { type RoutedBook, routeBook, type SplitBook, splitBook } from './bases/chebyshev/book.ts';
export { allocateColumns, type OptionColumns } from './bases/chebyshev/columns.ts';
export { fitSmile, type SmilePoints } from './bases/chebyshev/fit-smile.ts';
export { OUTSIDE_REASONS, type OutsideReason } from './bases/chebyshev/locate.ts';
export { ChebyshevProjector } from './bases/chebyshev/project.ts';
export {
  domainOf,
  type OutsideCount,
  type ProposedBasis,
  type ProposeOptions,
  proposeBasis,
  type SplitSource,
} from './bases/chebyshev/propose.ts';
export {
  type ChebyshevSettings,
  DEFAULT_CHEBYSHEV,
  type PanelNodes,
  type ReferenceVol,
} from './bases/chebyshev/settings.ts';
export { type FactorsBasis, factorsBasis, projectOnFactors } from './bases/factors.ts';
export {
  ContractSums,
  grossValue,
  type ListedBasis,
  listedBasis,
  type ProjectedBook,
  projectOnListed,
} from './bases/listed.ts';
export { type ApproximationError, type MeasuredBasis, measureApproximation } from './bases/measure.ts';
export { type PositionSample, PositionSampler } from './bases/sample.ts';
export { type ClearingTerms, clearing, scaledTogether } from './consortium/clearing.ts';
export { type BalanceSheet, contagion, type StressTerms } from './consortium/contagion.ts';
export { type BookSubmission, jointRisk } from './consortium/joint-risk.ts';
export { multilateralNetting, type TradesSubmission } from './consortium/netting.ts';
export type { ConsortiumProgram, OutputTerms } from './consortium/program.ts';
export { concentration, correlations, leverage, type SizeBounds } from './consortium/statistics.ts';
export {
  denormalise,
  denormaliseFigures,
  type FigureResults,
  figuresOf,
  joinResults,
  type RiskResults,
  widenErrors,
} from './finish.ts';
export {
  type BookOutput,
  encryptedBlackScholes,
  encryptedBookValue,
  encryptedContractsOnly,
  type PricingCircuitOptions,
  type PricingOutput,
} from './pricing/encrypted-black-scholes.ts';
export {
  type BookFeature,
  bookFeatures,
  type ClampedFeatures,
  type ContractFeature,
  contractFeatures,
  type Features,
  type MarketFeature,
  marketFeatures,
  marketOfReference,
  type OptionBook,
  type OptionMarket,
  type OptionTerms,
} from './pricing/features.ts';
export { type HestonParameters, hestonPricer } from './pricing/heston-pricer.ts';
export {
  DEFAULT_PRICING_DOMAIN,
  type PricingDomain,
  type PricingReference,
  WIDE_PRICING_DOMAIN,
} from './pricing/reference.ts';
export {
  type FigureOutput,
  figuresCircuit,
  type RiskInput,
  type RiskOutput,
  riskCircuit,
  riskProgram,
} from './program.ts';
export { exposuresOf, parametricFigures, varianceCircuit } from './programs/parametric.ts';
export { type RiskRows, readRows, rowsCircuit, type ScaledRows, scaleRows } from './programs/rows.ts';
export {
  portfolioMarginRows,
  readPortfolioMargin,
  readSpanRisk,
  readStressGrid,
  spanRows,
  stressGridRows,
} from './programs/scenario-arrays.ts';
export { type SecretFigure, type SecretMeasure, secretFiguresCircuit } from './programs/secret-figures.ts';
export { marginCircuit, nettedExposureCircuit, type RiskArray, spanArray } from './programs/secret-margin.ts';
export {
  explainRows,
  readCharges,
  readExplain,
  type SensitivityWeights,
  weightedSensitivityRows,
} from './programs/sensitivities.ts';
export { REFERENCE_PRICER, type UnitPricer, type UnitSensitivities } from './unit-pricer.ts';
export { type UnitRisk, unitRiskOf } from './unit-risk.ts';
export {
  type GreekRow,
  type NormalisedBook,
  normaliseBook,
  normaliseUnits,
  type Valuation,
  valuationOf,
} from './valuation.ts';
