import type { Circuit } from '../algebra/circuit.ts';
import type { RunOptions } from '../base/progress.ts';
import type { Book, BookSource } from '../domain/book.ts';
import type { Market } from '../domain/market.ts';
import type { BasisName, Cost, ErrorBound, Json, NetGreeks } from '../domain/report.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import type { RiskBasis } from '../risk/bases/basis.ts';
import type { FigureOutput, RiskInput, RiskOutput } from '../risk/program.ts';
import type { NormalisedBook, Valuation } from '../risk/valuation.ts';
import type { AuditLog } from '../trust/audit.ts';
import type { PhaseClock } from './clock.ts';
import type { Protection } from './ledger/risk.ts';
import type { SessionKeys } from './session-keys.ts';

/** Currency of all values: quotes of the market's spots. */
export const CURRENCY = 'USD';

/** Default of {@link RiskRequest.precision}. */
export const DEFAULT_PRECISION = 1e-6;

/** What somebody asks for. */
export type RiskRequest = {
  /** Secret, of the owner: in memory, or read in blocks, one to three times, where it is larger than memory. */
  readonly book: Book | BookSource;
  /** Public. */
  readonly market: Market;
  /** Public. */
  readonly scenarios: ScenarioSet;
  /** `listed` if absent. */
  readonly basis?: BasisName | undefined;
  /** Wanted worst error of the P&L vector, as a fraction of gross (the sum of |position value|). */
  readonly precision?: number | undefined;
  /**
   * What the report shows: the P&L vector and all that follows from it, or the figures only. On ciphertexts the owner, who has the
   * key, reads the vector either way. On shares `figures` are computed on shares and nothing else is opened, to anybody.
   */
  readonly open?: 'pnl' | 'figures' | undefined;
  /** Computing parties, 3 to 7, for the `mpc` engine. */
  readonly parties?: number | undefined;
  /** How many of them may collude without learning anything: t < n/2. */
  readonly threshold?: number | undefined;
  /**
   * How to start the `blindrisk` command, without arguments, if each computing party is to be a process of its own that speaks TLS on
   * this machine; otherwise all run in this process.
   */
  readonly partyCommand?: readonly string[] | undefined;
} & RunOptions;

/**
 * How far a book is from its coordinates, in currency, and how that is known. The `listed` basis has none.
 */
export type Approximation = {
  readonly pnl: number;
  readonly value: number;
  readonly netGreeks: NetGreeks;
  readonly known: ErrorBound['known'];
  /**
   * Where the model itself is one: an estimate of what full revaluation would add to each scenario's P&L. The report states what it
   * would do to each figure.
   */
  readonly pnlDifference?: Float64Array | undefined;
};

/** A basis with the public side valued, and what its owner knows of a book in it. */
export type BookCoordinates = {
  readonly basis: RiskBasis;
  readonly valuation: Valuation;
  /** Sum of |position value|. */
  readonly gross: number;
  readonly approximation?: Approximation | undefined;
  /** What the protocol may add to the error of the P&L, in currency. */
  readonly protocolError: number;
  /** Where variance-covariance figures belong to the report: the market whose covariance they take. */
  readonly covarianceOf?: Market | undefined;
  /** What the report says about the basis. */
  readonly description: Readonly<Record<string, Json>>;
};

/** What all engines start from: the public side valued and recorded, the secret side projected and normalised. */
export type RiskTask = {
  readonly request: RiskRequest;
  readonly coordinates: BookCoordinates;
  readonly valuation: Valuation;
  readonly circuit: Circuit<RiskInput, RiskOutput>;
  readonly book: NormalisedBook;
  /** Wanted worst error of the normalised outputs: precision x gross / L1. */
  readonly outputPrecision: number;
  readonly clock: PhaseClock;
  readonly log: AuditLog;
  /** Keys that a session keeps from one block of scenarios to the next. */
  readonly keys?: SessionKeys | undefined;
};

/** Normalised outputs with the error of their elements. */
type Outputs<O extends string> = {
  readonly outputs: Readonly<Record<O, Float64Array>>;
  readonly error: Readonly<Record<O, ErrorBound>>;
};

/** What an engine returns: the P&L vector, from which its owner computes the figures, or the figures alone; and what it cost. */
export type EngineRun = (
  | (Outputs<RiskOutput> & { readonly opened: 'pnl' })
  | (Outputs<FigureOutput> & { readonly opened: 'figures' })
) & {
  readonly protection: Protection;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly cost: Pick<Cost, 'bytesUp' | 'bytesDown' | 'rotations' | 'rounds' | 'messages'>;
};
