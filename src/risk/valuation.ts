import type { Digest } from '../base/brand.ts';
import { type Digestible, digestOf } from '../base/digest.ts';
import { RangeError, ShapeError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import type { Market } from '../domain/market.ts';
import { NET_GREEK_NAMES, type NetGreekName } from '../domain/report.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import { checkSurface } from '../pricing/surface-arbitrage.ts';
import type { RiskBasis } from './bases/basis.ts';
import { type UnitRisk, unitRiskOf } from './unit-risk.ts';

/** Names a Greek's row: one Greek of one underlying. */
export type GreekRow = { readonly greek: NetGreekName; readonly underlying: string };

/**
 * The public matrix V of a basis, by full revaluation: every linear risk number is one of its rows times the book's
 * coordinates x. Rows and columns are scaled so that all entries lie in [-1, 1]:
 *   V_rj = rowScale_r V'_rj columnScale_j,   z = (columnScale x) / L1,   L1 = sum |columnScale_j x_j|.
 * Then |V' z| <= 1 whatever the book is, so nothing can overflow, and errors are relative to L1, the sum of every
 * contract's largest scenario loss or gain. L1 is secret and stays with the owner.
 */
export type Valuation = {
  readonly basis: Digest;
  readonly columnScale: Float64Array;
  /** Present value of one unit of each contract, unscaled. */
  readonly unitValue: Float64Array;
  /** Scenario P&L, one row a scenario; row scale 1. */
  readonly pnl: Matrix;
  readonly value: Matrix;
  readonly valueScale: number;
  /** Net Greeks, grouped by underlying. */
  readonly greeks: Matrix;
  readonly greekRows: readonly GreekRow[];
  readonly greekScale: Float64Array;
  readonly digest: Digest;
};

/**
 * A column is scaled by its largest scenario P&L, but by no less than this fraction of its value: contracts that
 * hardly move must not make the value row ill-conditioned.
 */
const LEAST_MOVE = 1 / 8;
/**
 * Nor by less than this fraction of its cash delta: a forward struck at its forward price has no value, and no P&L
 * where only vols move, but it has a delta.
 */
const LEAST_DELTA = 1 / 1024;
/** What neither moves nor is worth anything may still have a theta, or a gamma where no spot moves: this fraction of it is its scale. */
const LEAST_CARRY = 1 / 1024;
/** Columns that move less than this are zero: what they add is lost anyway, and 1 / scale must be finite. */
const LEAST_SCALE = 1e-300;

/** Values all contracts of a basis in all scenarios. Cost: scenarios x contracts prices. */
export async function valuationOf(
  basis: RiskBasis,
  market: Market,
  scenarios: ScenarioSet,
  options: RunOptions = {},
): Promise<Valuation> {
  for (const { surface } of market.underlyings) if (surface !== undefined) checkSurface(surface);
  return normaliseUnits(basis, market, scenarios, await unitRiskOf(basis, market, scenarios, options));
}

/** Scales the table of a basis' coordinates into the matrices of the risk circuit. The P&L matrix is scaled in place. */
export function normaliseUnits(
  basis: Pick<RiskBasis, 'digest'>,
  market: Market,
  scenarios: ScenarioSet,
  { pnl, sensitivities: unit, underlying }: UnitRisk,
): Valuation {
  const columnScale = largestMoves(pnl);
  for (let j = 0; j < columnScale.length; j++) {
    const spot = market.underlyings[underlying[j]!]?.spot ?? 0;
    const floor = Math.max(
      LEAST_MOVE * Math.abs(unit.value[j]!),
      LEAST_DELTA * Math.abs(unit.delta[j]! * spot),
    );
    columnScale[j] = Math.max(columnScale[j]!, floor);
    if (columnScale[j] === 0) {
      const [gamma, vega, theta] = [unit.gamma[j]! * spot * spot, unit.vega[j]!, unit.theta[j]!];
      columnScale[j] = LEAST_CARRY * Math.max(Math.abs(gamma), Math.abs(vega), Math.abs(theta));
    }
  }
  divideColumns(pnl, columnScale);
  const value = matrixOf(1, pnl.cols, unit.value.slice());
  divideColumns(value, columnScale);
  const greekRows = market.underlyings.flatMap(({ name }) =>
    NET_GREEK_NAMES.map((greek): GreekRow => ({ greek, underlying: name })),
  );
  const greeks = matrixOf(greekRows.length, pnl.cols);
  for (let j = 0; j < pnl.cols; j++) {
    if (underlying[j]! < 0) continue;
    NET_GREEK_NAMES.forEach((greek, g) => {
      const row = underlying[j]! * NET_GREEK_NAMES.length + g;
      greeks.data[row * pnl.cols + j] = unit[greek][j]!;
    });
  }
  divideColumns(greeks, columnScale);
  const [valueScale] = normaliseRows(value) as Float64Array & { 0: number };
  const greekScale = normaliseRows(greeks);
  const digest = digestOf('blindrisk/valuation/1', {
    basis: basis.digest,
    market: market as Digestible,
    scenarios: scenarios as Digestible,
  });
  return {
    basis: basis.digest,
    columnScale,
    unitValue: unit.value,
    pnl,
    value,
    valueScale,
    greeks,
    greekRows,
    greekScale,
    digest,
  };
}

/** The owner's secret input to the risk circuit, and the secret scale by which its results are multiplied back. */
export type NormalisedBook = { readonly z: Float64Array; readonly l1: number };

/**
 * z = (columnScale x) / L1. A book without any exposure gets z = 0 and L1 = 0.
 * @param limit a public number at least as large as L1 that takes its place, so that books of several owners add up.
 * @throws ShapeError for a book in another basis. @throws RangeError where an exposure, or their sum, is not finite, or L1 exceeds the limit.
 */
export function normaliseBook(x: Float64Array, columnScale: Float64Array, limit?: number): NormalisedBook {
  if (x.length !== columnScale.length) {
    throw new ShapeError(`expected ${columnScale.length} coordinates, found ${x.length}`, {
      expected: columnScale.length,
      found: x.length,
    });
  }
  const exposures = x.map((units, j) => units * columnScale[j]!);
  const l1 = exposures.reduce((sum, exposure) => sum + Math.abs(exposure), 0);
  // An infinite sum would normalise everything to zero, which passes every later check.
  if (!Number.isFinite(l1)) throw new RangeError("the sum of the book's exposures is not a finite number");
  // By how much is the owner's secret.
  if (limit !== undefined && l1 > limit)
    throw new RangeError(`the book's exposure exceeds the agreed limit of ${limit}; agree on a larger one`, {
      limit,
    });
  const scale = limit ?? l1;
  return { z: scale > 0 ? exposures.map((exposure) => exposure / scale) : exposures, l1: scale };
}

function largestMoves(pnl: Matrix): Float64Array {
  const largest = new Float64Array(pnl.cols);
  for (let r = 0, i = 0; r < pnl.rows; r++) {
    for (let c = 0; c < pnl.cols; c++, i++) {
      const move = Math.abs(pnl.data[i]!);
      if (move > largest[c]!) largest[c] = move;
    }
  }
  return largest;
}

/** In place. A column of scale zero (no value, no P&L, no delta) becomes zero. */
function divideColumns(matrix: Matrix, scale: Float64Array): void {
  const inverse = scale.map((s) => (s > LEAST_SCALE ? 1 / s : 0));
  for (let r = 0, i = 0; r < matrix.rows; r++) {
    for (let c = 0; c < matrix.cols; c++, i++) matrix.data[i]! *= inverse[c]!;
  }
}

/** Divides each row by its largest magnitude, in place; returns these. */
function normaliseRows(matrix: Matrix): Float64Array {
  const scales = new Float64Array(matrix.rows);
  for (let r = 0; r < matrix.rows; r++) {
    const row = matrix.data.subarray(r * matrix.cols, (r + 1) * matrix.cols);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[r] = largest;
    if (largest > 0) for (let c = 0; c < row.length; c++) row[c]! /= largest;
  }
  return scales;
}
