import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import { RangeError, ShapeError, UnsupportedError } from '../../base/errors.ts';
import type { Position } from '../../domain/book.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import { type MarketMoves, movesOf } from '../../pricing/market-moves.ts';
import { unitSecondOrderGreeks } from '../../pricing/unit-value.ts';
import type { UnitRisk } from '../unit-risk.ts';

/** Coordinates of each underlying, in order: net sensitivities of the book. */
export const FACTOR_SENSITIVITIES = ['delta', 'gamma', 'vega', 'vanna', 'volga', 'theta'] as const;

/**
 * The `factors` risk basis: net sensitivities by underlying, and the book's value. What follows from them is an approximation, to second order
 * in spot and vol; books with large moves, short expiries or barriers are not described by it. Whoever sees the basis learns the market's
 * underlyings and nothing about contracts.
 */
export type FactorsBasis = {
  readonly kind: 'factors';
  readonly underlyings: readonly string[];
  /** Six an underlying, and the value. */
  readonly coordinates: number;
  readonly digest: Digest;
};

export function factorsBasis(market: Market): FactorsBasis {
  const underlyings = market.underlyings.map(({ name }) => name);
  return {
    kind: 'factors',
    underlyings,
    coordinates: FACTOR_SENSITIVITIES.length * underlyings.length + 1,
    digest: digestOf('blindrisk/basis/factors/1', { underlyings, sensitivities: [...FACTOR_SENSITIVITIES] }),
  };
}

/**
 * Net sensitivities of positions, added to `x`. Secret. Cost: all Greeks of every position.
 * @throws ShapeError for an underlying that the basis lacks.
 * @throws RangeError where a position has no sensitivities (an option at its kink with no time left).
 */
export function projectOnFactors(
  positions: readonly Position[],
  basis: FactorsBasis,
  market: Market,
  x: Float64Array = new Float64Array(basis.coordinates),
): Float64Array {
  const indexOf = new Map(basis.underlyings.map((name, index) => [name, index]));
  const unit = unitSecondOrderGreeks(
    positions.map(({ instrument }) => instrument),
    market,
  );
  positions.forEach(({ id, instrument, quantity, multiplier }, i) => {
    const u = indexOf.get(instrument.underlying);
    if (u === undefined) {
      throw new ShapeError(`position ${id}: the basis has no underlying ${instrument.underlying}`, { id });
    }
    const units = quantity * multiplier;
    x[basis.coordinates - 1]! += units * unit.value[i]!;
    FACTOR_SENSITIVITIES.forEach((name, n) => {
      const sensitivity = unit[name][i]!;
      if (!Number.isFinite(sensitivity)) {
        throw new RangeError(`position ${id} has no ${name} today: use the listed basis, which revalues it`, {
          id,
        });
      }
      x[u * FACTOR_SENSITIVITIES.length + n]! += units * sensitivity;
    });
  });
  return x;
}

/**
 * What one unit of each sensitivity gains (F146), for a return r and an absolute vol shift y: delta S r, gamma S^2 r^2 / 2, vega y, vanna S r y,
 * volga y^2 / 2.
 * @throws UnsupportedError for relative vol shifts or elapsed time.
 */
export function factorUnits(
  basis: FactorsBasis,
  market: Market,
  scenarios: ScenarioSet | MarketMoves,
): UnitRisk {
  if (
    'spotReturns' in scenarios &&
    (scenarios.relativeVolShifts !== undefined || (scenarios.elapsedYears ?? 0) !== 0)
  ) {
    throw new UnsupportedError(
      'expected spot returns and absolute vol shifts: net sensitivities say nothing of relative vol shifts or elapsed time; use the listed or the chebyshev basis',
    );
  }
  const { rows, returns, shifts } = movesOf(scenarios, market);
  const count = market.underlyings.length;
  const width = FACTOR_SENSITIVITIES.length;
  const pnl = matrixOf(rows, basis.coordinates);
  for (let s = 0; s < rows; s++) {
    market.underlyings.forEach(({ spot }, u) => {
      const move = spot * returns[s * count + u]!;
      const shift = shifts[s * count + u]!;
      const row = [move, 0.5 * move * move, shift, move * shift, 0.5 * shift * shift, 0];
      pnl.data.set(row, s * basis.coordinates + u * width);
    });
  }
  const one = (name: (typeof FACTOR_SENSITIVITIES)[number]): Float64Array =>
    Float64Array.from({ length: basis.coordinates }, (_, j) =>
      j < basis.coordinates - 1 && FACTOR_SENSITIVITIES[j % width] === name ? 1 : 0,
    );
  const value = new Float64Array(basis.coordinates);
  value[basis.coordinates - 1] = 1;
  return {
    pnl,
    sensitivities: {
      value,
      delta: one('delta'),
      gamma: one('gamma'),
      vega: one('vega'),
      theta: one('theta'),
    },
    underlying: Int32Array.from({ length: basis.coordinates }, (_, j) =>
      j < basis.coordinates - 1 ? Math.floor(j / width) : -1,
    ),
  };
}
