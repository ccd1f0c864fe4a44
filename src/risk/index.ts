/** Risk of a book as linear programs over a public basis, and the finishers that run on what is opened. */
export {
  grossValue,
  type ListedBasis,
  listedBasis,
  type ProjectedBook,
  projectOnListed,
} from './bases/listed.ts';
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
  type RiskResults,
} from './finish.ts';
export {
  type FigureOutput,
  figuresCircuit,
  type RiskInput,
  type RiskOutput,
  riskCircuit,
  riskProgram,
} from './program.ts';
export { type SecretFigure, type SecretMeasure, secretFiguresCircuit } from './programs/secret-figures.ts';
export { marginCircuit, nettedExposureCircuit, type RiskArray, spanArray } from './programs/secret-margin.ts';
export {
  type GreekRow,
  type NormalisedBook,
  normaliseBook,
  type Valuation,
  valuationOf,
} from './valuation.ts';
