import {
  type EngineName,
  FIGURE_NAMES,
  type Figure,
  type FigureName,
  type Json,
  type Report,
} from '../../domain/report.ts';
import { denormalise, figuresOf, type RiskResults, widenErrors } from '../../risk/finish.ts';
import { parametricFigures } from '../../risk/programs/parametric.ts';
import type { Valuation } from '../../risk/valuation.ts';
import type { AuditLog } from '../../trust/audit.ts';
import type { PhaseClock } from '../clock.ts';
import { type BookCoordinates, CURRENCY, type EngineRun } from '../task.ts';

/** A finished run, as its owner sees it. */
export type FinishedRun = {
  readonly engine: EngineName;
  /** Default `pnl`. */
  readonly open: 'pnl' | 'figures' | undefined;
  readonly positions: number;
  /** Where the book was put; the `listed` basis if absent. */
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
  const { engine, open = 'pnl', positions, coordinates, valuation, l1, run, clock, log } = finished;
  const { results, figures } = await clock.time('finish', () => {
    const exact = denormalise(valuation, run.outputs, run.error, l1);
    const approximation = coordinates?.approximation;
    const denormalised = approximation === undefined ? exact : widenErrors(exact, approximation);
    return { results: denormalised, figures: figuresOf(denormalised) };
  });
  const basisFacts = coordinates && factsOf(coordinates, results, figures);
  return {
    engine,
    basis: coordinates?.basis.kind ?? 'listed',
    positions,
    scenarios: valuation.pnl.rows,
    currency: CURRENCY,
    figures,
    netGreeks: results.netGreeks,
    netGreeksError: results.netGreeksError,
    pnl: open === 'pnl' ? Array.from(results.pnl) : null,
    opened: open === 'pnl' ? ['pnl', 'value', 'netGreeks'] : [...FIGURE_NAMES, 'netGreeks'],
    parameters: basisFacts === undefined ? run.parameters : { ...run.parameters, basis: basisFacts },
    cost: {
      phasesMs: clock.phasesMs,
      ...run.cost,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
    audit: { checkpoint: log.checkpoint(), entries: log.entries.length },
  };
}

/** What the report says about the basis, with what only the opened figures tell. */
function factsOf(
  { approximation, covarianceOf, description }: Omit<BookCoordinates, 'x'>,
  results: RiskResults,
  figures: Readonly<Record<FigureName, Figure>>,
): Record<string, Json> {
  const difference = approximation?.pnlDifference;
  return {
    ...description,
    ...(difference && { figureDifference: figureDifference(results, figures, difference) }),
    ...(covarianceOf && {
      parametric: parametricFigures(results.netGreeks, results.netGreeksError, covarianceOf),
    }),
  };
}

/** What full revaluation would change in each figure. */
function figureDifference(
  results: RiskResults,
  figures: Readonly<Record<FigureName, Figure>>,
  difference: Float64Array,
): Record<string, number> {
  const revalued = figuresOf({ ...results, pnl: results.pnl.map((pnl, s) => pnl + difference[s]!) });
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, revalued[name].value - figures[name].value]));
}
