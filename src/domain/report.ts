import type { PrivacyLedger } from './privacy.ts';

/**
 * How an error bound is known: by analysis (with the failure probability stated in the parameters), by analysis under stated
 * heuristic assumptions, or by measuring.
 */
export type ErrorBound = { readonly absolute: number; readonly known: 'proved' | 'modelled' | 'measured' };

/** A number and how far it can be from the truth, in the report's currency. Losses are positive. */
export type Figure = { readonly value: number; readonly error: ErrorBound };

/** Figures of `report.json`, in the order in which they are shown. */
export const FIGURE_NAMES = [
  'value',
  'var_95',
  'var_975',
  'var_99',
  'es_95',
  'es_975',
  'es_99',
  'worst',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];
/** Figures of the loss distribution. */
export type TailFigureName = Exclude<FigureName, 'value'>;

/** First-order and second-order sensitivities of the book by underlying. */
export const NET_GREEK_NAMES = ['delta', 'gamma', 'vega', 'theta'] as const;
export type NetGreekName = (typeof NET_GREEK_NAMES)[number];
export type NetGreeks = Readonly<Record<NetGreekName, Readonly<Record<string, number>>>>;

export const ENGINE_NAMES = ['plain', 'ckks', 'mpc'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export const BASIS_NAMES = ['listed', 'factors', 'chebyshev'] as const;
export type BasisName = (typeof BASIS_NAMES)[number];

/** Phases of a run, in order; times are wall-clock milliseconds. */
export const PHASE_NAMES = [
  'load',
  'project',
  'keys',
  'protect',
  'prepare',
  'evaluate',
  'release',
  'finish',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

export type Cost = {
  readonly phasesMs: Readonly<Record<PhaseName, number>>;
  /** Bytes from the owner to the engine or to the parties. */
  readonly bytesUp: number;
  /** Bytes back to whoever opens the result. */
  readonly bytesDown: number;
  readonly rotations?: number;
  readonly rounds?: number;
  readonly messages?: number;
  readonly peakMemoryBytes: number;
};

/** A JSON value: what `parameters` may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The content of `report.json`. */
export type Report = {
  readonly engine: EngineName;
  readonly basis: BasisName;
  readonly positions: number;
  readonly scenarios: number;
  readonly currency: string;
  readonly figures: Readonly<Record<FigureName, Figure>>;
  readonly netGreeks: NetGreeks;
  /** Absolute error bounds of `netGreeks`. */
  readonly netGreeksError: NetGreeks;
  /** P&L a scenario, or null where the vector was never opened to whoever reads this report. */
  readonly pnl: readonly number[] | null;
  /** Exactly what left the protection. */
  readonly opened: readonly string[];
  /** Who learned what, put together from what the run did. */
  readonly privacy: PrivacyLedger;
  readonly parameters: { readonly [key: string]: Json };
  readonly cost: Cost;
  readonly audit: { readonly checkpoint: string; readonly entries: number };
};
