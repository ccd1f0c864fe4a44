/**
 * blindrisk: option prices and portfolio risk without seeing the positions.
 *
 * This entry holds what an application needs to read inputs, run a report and handle errors. Parts have their own:
 * `blindrisk/pricing`, `/algebra`, `/risk`, `/ckks`, `/mpc`, `/trust`, `/engine`.
 */
export type { Digest, KeyId, PartyId } from './base/brand.ts';
export * from './base/errors.ts';
export type { Progress, RunOptions } from './base/progress.ts';
export type { Book, BookSource, Position } from './domain/book.ts';
export type {
  Forward,
  Instrument,
  InstrumentKind,
  OptionType,
  Spot,
  VanillaOption,
} from './domain/instrument.ts';
export type { Factor, FactorKind, Market, Underlying, VolSurface } from './domain/market.ts';
export { parseMarket } from './domain/parse/market.ts';
export { parsePositionBlocks } from './domain/parse/position-blocks.ts';
export { parsePositions } from './domain/parse/positions.ts';
export { parseScenarioBlocks } from './domain/parse/scenario-blocks.ts';
export { parseScenarios } from './domain/parse/scenarios.ts';
export type { EngineName, ErrorBound, Figure, FigureName, NetGreeks, Report } from './domain/report.ts';
export type { ScenarioSet } from './domain/scenarios.ts';
export { rehearse } from './engine/rehearse.ts';
export { printComparison, printReport } from './engine/report/print.ts';
export { RiskSession, reportInBlocks } from './engine/session.ts';
export type { RiskRequest } from './engine/task.ts';
export { type Matrix, matrixOf } from './numeric/matrix.ts';
