import { type EngineName, FIGURE_NAMES, type Json, type Report } from '../../domain/report.ts';
import type { RiskBasis } from '../../risk/bases/basis.ts';
import {
  denormalise,
  denormaliseFigures,
  type FigureResults,
  figuresOf,
  type RiskResults,
  widenErrors,
} from '../../risk/finish.ts';
import { parametricFigures } from '../../risk/programs/parametric.ts';
import type { Valuation } from '../../risk/valuation.ts';
import type { AuditLog } from '../../trust/audit.ts';
import type { PhaseClock } from '../clock.ts';
import { riskLedger } from '../ledger/risk.ts';
import { type BookCoordinates, CURRENCY, type EngineRun } from '../task.ts';

type CoordinateFacts = Pick<BookCoordinates, 'approximation' | 'covarianceOf' | 'description'>;

/** A finished run, as its owner sees it. */
export type FinishedRun = {
  readonly engine: EngineName;
  /** Default `pnl`. */
  readonly open: 'pnl' | 'figures' | undefined;
  readonly positions: number;
  readonly scenarios: number;
  readonly basis: RiskBasis;
  /** How far the book is from its coordinates, and what the report says of them. */
  readonly coordinates: CoordinateFacts;
  /** In currency, as the engine gave them. */
  readonly results: OwnResults;
  readonly run: Pick<EngineRun, 'protection' | 'parameters' | 'cost'>;
  /** Blocks of scenarios that were evaluated one after the other; 1 if absent. */
  readonly blocks?: number | undefined;
  readonly clock: PhaseClock;
  readonly log: AuditLog;
};

/** What the owner of a book has read: its P&L vector, or the figures alone. */
export type OwnResults =
  | ({ readonly opened: 'pnl' } & RiskResults)
  | ({ readonly opened: 'figures' } & FigureResults);

/** Undoes the normalisation. @param l1 secret scale of the outputs. */
export function ownResults(valuation: Valuation, run: EngineRun, l1: number): OwnResults {
  return run.opened === 'figures'
    ? { opened: 'figures', ...denormaliseFigures(valuation, run.outputs, run.error, l1) }
    : { opened: 'pnl', ...denormalise(valuation, run.outputs, run.error, l1) };
}

/** Takes the figures of the P&L vector, and states what the run cost and what was opened. */
export async function assembleReport(finished: FinishedRun): Promise<Report> {
  const { engine, open = 'pnl', positions, scenarios, basis, coordinates, run, clock, log } = finished;
  const { pnl, ...results } = await clock.time('finish', () => finish(finished));
  const showsPnl = pnl !== undefined && open === 'pnl';
  const opened = showsPnl ? ['pnl', 'value', 'netGreeks'] : [...FIGURE_NAMES, 'netGreeks'];
  const read = finished.results.opened;
  return {
    engine,
    basis: basis.kind,
    positions,
    scenarios,
    currency: CURRENCY,
    ...results,
    pnl: showsPnl ? Array.from(pnl) : null,
    opened,
    privacy: riskLedger({ protection: run.protection, basis, read, opened, blocks: finished.blocks }),
    parameters: { ...run.parameters, basis: factsOf(coordinates, results, pnl) },
    cost: {
      phasesMs: clock.phasesMs,
      ...run.cost,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
    audit: { checkpoint: log.checkpoint(), entries: log.entries.length },
  };
}

/** Figures in currency; and the P&L vector, if the owner has read it. */
function finish({
  results: own,
  coordinates: { approximation },
}: FinishedRun): FigureResults & { readonly pnl?: Float64Array } {
  const { netGreeks, netGreeksError } = own;
  const figures = own.opened === 'pnl' ? figuresOf(own) : own.figures;
  const results = { figures, netGreeks, netGreeksError };
  return {
    ...(approximation === undefined ? results : widenErrors(results, approximation)),
    ...(own.opened === 'pnl' ? { pnl: own.pnl } : {}),
  };
}

/** What the report says about the basis, with what only the opened figures tell. */
function factsOf(
  { approximation, covarianceOf, description }: CoordinateFacts,
  results: FigureResults,
  pnl: Float64Array | undefined,
): Record<string, Json> {
  const difference = approximation?.pnlDifference;
  return {
    ...description,
    ...(difference && pnl && { figureDifference: figureDifference(results, pnl, difference) }),
    ...(covarianceOf && {
      parametric: parametricFigures(results.netGreeks, results.netGreeksError, covarianceOf),
    }),
  };
}

/** What full revaluation would change in each figure. */
function figureDifference(
  { figures, netGreeks, netGreeksError }: FigureResults,
  pnl: Float64Array,
  difference: Float64Array,
): Record<string, number> {
  const revalued = figuresOf({
    pnl: pnl.map((value, s) => value + difference[s]!),
    pnlError: figures.worst.error,
    value: figures.value,
    netGreeks,
    netGreeksError,
  });
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, revalued[name].value - figures[name].value]));
}
