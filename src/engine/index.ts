/** Roles and runs: owner, engine, computing parties and recipient, from a book to a report. */
export type { LedgerEntry, PrivacyLedger } from '../domain/privacy.ts';
export { CkksEngine, CkksOwner } from './ckks.ts';
export { PhaseClock } from './clock.ts';
export { SubmissionRound } from './consortium/round.ts';
export {
  type ConsortiumRequest,
  type ConsortiumRun,
  consortiumTerms,
  type OpenedFigure,
  runConsortium,
} from './consortium/run.ts';
export { type BasisProposal, readBasis, writeBasis } from './exchange/basis-file.ts';
export {
  type PublicDigests,
  type RunDescription,
  readDescription,
  readPublicIdentity,
  writeDescription,
  writePublicIdentity,
} from './exchange/description.ts';
export { type EvaluateRequest, evaluateRequest } from './exchange/engine.ts';
export { makeOffer, readOffer } from './exchange/offer.ts';
export {
  type ProtectedBook,
  type ProtectRequest,
  protectBook,
  type RevealRequest,
  revealAnswer,
} from './exchange/owner.ts';
export type { PublicFiles } from './exchange/public-side.ts';
export { agreePricing, type PricingAgreement, type PricingTerms } from './pricing/agreement.ts';
export { PricingEvaluator } from './pricing/evaluator.ts';
export { type ProtectedInputs, protectContracts, protectMarket } from './pricing/input-owners.ts';
export { type KeyOwnerSeat, PricingKeyOwner, type SentDigests } from './pricing/key-owner.ts';
export { type PricingRequest, type PricingRun, rehearsePricing } from './pricing/rehearse.ts';
export { prepareTask, rehearse } from './rehearse.ts';
export { histogramSvg } from './report/histogram.ts';
export { htmlReport } from './report/html.ts';
export { printComparison, printReport } from './report/print.ts';
export { type BlockPnl, RiskSession, reportInBlocks, type StreamRequest } from './session.ts';
export {
  impliedVolsOnShares,
  priceOnShares,
  type SharedFigures,
  type SharedOptions,
  type SharedSimulation,
  simulateAmericanOnShares,
  simulateOnShares,
} from './shared-pricing.ts';
export { CURRENCY, DEFAULT_PRECISION, type EngineRun, type RiskRequest, type RiskTask } from './task.ts';
