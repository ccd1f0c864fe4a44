import { RangeError } from '../../base/errors.ts';
import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { checkMatrix, type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { contractChanges } from '../instruments/revalued-contracts.ts';
import { type CheckedMoves, type MarketMoves, movesOf, segmentMoveOf } from '../market-moves.ts';
import { planRevaluation, type RevaluationPlan } from '../revaluation-plan.ts';
import { inBlocks } from '../revalue.ts';
import type { SegmentRevaluer } from '../segment-revaluers.ts';
import { type Holdings, underlyingIndices } from './holdings.ts';

/**
 * P&L of a portfolio under each scenario by full revaluation (F11), by underlying: row u, column s is what the positions on
 * underlying u gain in scenario s. Sum the rows for the portfolio; a row is the P&L vector of an underlying.
 *
 * The figures are those of `scenarioPnlSync` times the units, without a matrix of all instruments. Accuracy: 1e-15 of gross, and
 * of what the scenario makes of it. Cost: as `scenarioPnlSync`; memory: the result and a few numbers an instrument.
 * @throws ShapeError @throws RangeError as `scenarioPnlSync`, or for units that are not finite.
 */
export function portfolioPnlSync(
  holdings: Holdings,
  market: Market,
  scenarios: ScenarioSet | MarketMoves,
): Matrix {
  const { plan, moves, out } = prepare(holdings, market, scenarios);
  fillColumns(plan, moves, 0, moves.rows, out);
  return out;
}

/**
 * {@link portfolioPnlSync} that lets other work run between blocks of scenarios, reports progress (phase `revalue`, counted in
 * scenarios) and can be aborted.
 * @throws AbortError when `options.signal` fires.
 */
export async function portfolioPnl(
  holdings: Holdings,
  market: Market,
  scenarios: ScenarioSet | MarketMoves,
  options: RunOptions = {},
): Promise<Matrix> {
  throwIfAborted(options.signal, 'revaluing scenarios');
  const { plan, moves, out } = prepare(holdings, market, scenarios);
  await inBlocks(moves.rows, { ...plan, columns: holdings.units.length }, options, (from, to) => {
    fillColumns(plan, moves, from, to, out);
  });
  return out;
}

/** Options of one underlying with how much there is of each. */
type WeightedSegment = { readonly segment: SegmentRevaluer; readonly units: Float64Array };

/** Forwards and spot positions of an underlying: P&L = exposure x return + carry. */
type LinearTotals = { readonly exposure: Float64Array; readonly carry: Float64Array };

type WeightedPlan = Pick<RevaluationPlan, 'contracts' | 'expired' | 'underlyings'> & {
  readonly segments: readonly WeightedSegment[];
  readonly linear: LinearTotals;
  readonly units: Float64Array;
};

function prepare(
  holdings: Holdings,
  market: Market,
  scenarios: ScenarioSet | MarketMoves,
): { plan: WeightedPlan; moves: CheckedMoves; out: Matrix } {
  const { instruments, units } = holdings;
  underlyingIndices(holdings, market);
  const moves = movesOf(scenarios, market);
  const { options, contracts, expired, linear, underlyings } = planRevaluation(instruments, market, moves);
  const segments = options.map(
    (segment): WeightedSegment => ({
      segment,
      units: Float64Array.from(segment.column, (column) => units[column]!),
    }),
  );
  const totals: LinearTotals = {
    exposure: new Float64Array(underlyings),
    carry: new Float64Array(underlyings),
  };
  linear.column.forEach((column, i) => {
    const u = linear.underlying[i]!;
    totals.exposure[u]! += units[column]! * linear.spotPv[i]!;
    totals.carry[u]! += units[column]! * linear.carry[i]!;
  });
  return {
    plan: { segments, contracts, expired, linear: totals, underlyings, units },
    moves,
    out: matrixOf(underlyings, moves.rows),
  };
}

function fillColumns(plan: WeightedPlan, moves: CheckedMoves, from: number, to: number, out: Matrix): void {
  const { segments, contracts, expired, linear, underlyings, units } = plan;
  const { returns } = moves;
  const { cols, data } = out;
  for (let u = 0; u < underlyings; u++) {
    for (let s = from; s < to; s++) {
      data[u * cols + s] = linear.exposure[u]! * returns[s * underlyings + u]! + linear.carry[u]!;
    }
  }
  for (const { segment, units: own } of segments) {
    const { underlying, changes } = segment;
    for (let s = from; s < to; s++) {
      segment.revalue(segmentMoveOf(moves, s, underlyings, underlying));
      data[underlying * cols + s]! += weightedSum(own, changes);
    }
  }
  for (const revalued of contracts) {
    const { positions, underlyings: of } = revalued.batch;
    for (let s = from; s < to; s++) {
      const changes = contractChanges(revalued, moves, s, underlyings);
      for (let i = 0; i < changes.length; i++) {
        data[of[i]! * cols + s]! += units[positions[i]!]! * changes[i]!;
      }
    }
  }
  for (const { underlying, column, sign, spot, strike, base } of expired) {
    for (let s = from; s < to; s++) {
      const moved = spot * (1 + returns[s * underlyings + underlying]!);
      data[underlying * cols + s]! += units[column]! * (Math.max(sign * (moved - strike), 0) - base);
    }
  }
}

function weightedSum(weights: Float64Array, values: Float64Array): number {
  const count = weights.length;
  const even = count - (count % 2);
  let s0 = 0;
  let s1 = 0;
  for (let i = 0; i < even; i += 2) {
    s0 += weights[i]! * values[i]!;
    s1 += weights[i + 1]! * values[i + 1]!;
  }
  if (even < count) s0 += weights[even]! * values[even]!;
  return s0 + s1;
}

/** The P&L of the whole portfolio: the sum of the rows of {@link portfolioPnlSync}. @throws ShapeError for what is no matrix. @throws RangeError naming row and scenario of a P&L that is not finite. */
export function totalPnl(pnlByUnderlying: Matrix): Float64Array {
  checkMatrix(pnlByUnderlying, 'P&L by underlying');
  const { rows, cols, data } = pnlByUnderlying;
  const out = new Float64Array(cols);
  for (let u = 0; u < rows; u++) {
    for (let s = 0; s < cols; s++) out[s]! += data[u * cols + s]!;
  }
  const at = out.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) refusePnl(pnlByUnderlying, at);
  return out;
}

/** Only a sum was looked at: finds the element. */
function refusePnl({ rows, cols, data }: Matrix, scenario: number): never {
  for (let row = 0; row < rows; row++) {
    const pnl = data[row * cols + scenario]!;
    if (Number.isFinite(pnl)) continue;
    throw new RangeError(`row ${row}, scenario ${scenario}: expected a finite P&L, found ${pnl}`, {
      row,
      scenario,
      found: pnl,
    });
  }
  throw new RangeError(`scenario ${scenario}: expected P&Ls with a finite sum`, { scenario });
}

/** The largest loss among P&Ls, zero if none is a loss. */
export function largestLoss(pnl: Float64Array): number {
  return pnl.reduce((most, gain) => Math.max(most, -gain), 0);
}
