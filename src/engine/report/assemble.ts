import { type EngineName, FIGURE_NAMES, type Json, type Report } from '../../domain/report.ts';
import type { RiskBasis } from '../../risk/bases/basis.ts';
import {
  denormalise,
  denormaliseFigures,
  type FigureResults,
  figuresOf,
  widenErrors,
} from '../../risk/finish.ts';
import { parametricFigures } from '../../risk/programs/parametric.ts';
import type { Valuation } from '../../risk/valuation.ts';
import type { AuditLog } from '../../trust/audit.ts';
import type { PhaseClock } from '../clock.ts';
import { riskLedger } from '../ledger/risk.ts';
import { type BookCoordinates, CURRENCY, type EngineRun } from '../task.ts';

/** A finished run, as its owner sees it. */
export type FinishedRun = {
  readonly engine: EngineName;
  /** Default `pnl`. */
  readonly open: 'pnl' | 'figures' | undefined;
  readonly positions: number;
  readonly basis: RiskBasis;
  /** What the report says about the basis; nothing if absent. */
  readonly coordinates?: Omit<BookCoordinates, 'x'> | undefined;
  readonly valuation: Valuation;
  /** Secret scale of the normalised outputs. */
  readonly l1: number;
  readonly run: EngineRun;
  readonly clock: PhaseClock;
  readonly log: AuditLog;
};

/** Undoes the normalisation, takes the figures of the P&L vector, and states what it cost and what was opened. */
export async function assembleReport(finished: FinishedRun): Promise<Report> {
  const { engine, open = 'pnl', positions, basis, coordinates, valuation, run, clock, log } = finished;
  const { pnl, ...results } = await clock.time('finish', () => finish(finished));
  const showsPnl = pnl !== undefined && open === 'pnl';
  const opened = showsPnl ? ['pnl', 'value', 'netGreeks'] : [...FIGURE_NAMES, 'netGreeks'];
  return {
    engine,
    basis: basis.kind,
    positions,
    scenarios: valuation.pnl.rows,
    currency: CURRENCY,
    ...results,
    pnl: showsPnl ? Array.from(pnl) : null,
    opened,
    privacy: riskLedger({ protection: run.protection, basis, read: run.opened, opened }),
    parameters:
      coordinates === undefined
        ? run.parameters
        : { ...run.parameters, basis: factsOf(coordinates, results, pnl) },
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
  valuation,
  run,
  l1,
  coordinates,
}: FinishedRun): FigureResults & { readonly pnl?: Float64Array } {
  const { pnl, ...results } = exactResults(valuation, run, l1);
  const approximation = coordinates?.approximation;
  return {
    ...(approximation === undefined ? results : widenErrors(results, approximation)),
    ...(pnl === undefined ? {} : { pnl }),
  };
}

function exactResults(
  valuation: Valuation,
  run: EngineRun,
  l1: number,
): FigureResults & { readonly pnl?: Float64Array } {
  if (run.opened === 'figures') return denormaliseFigures(valuation, run.outputs, run.error, l1);
  const results = denormalise(valuation, run.outputs, run.error, l1);
  const { netGreeks, netGreeksError, pnl } = results;
  return { figures: figuresOf(results), netGreeks, netGreeksError, pnl };
}

/** What the report says about the basis, with what only the opened figures tell. */
function factsOf(
  { approximation, covarianceOf, description }: Omit<BookCoordinates, 'x'>,
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
