import { RangeError, ShapeError } from '../base/errors.ts';
import type { Market } from '../domain/market.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { checkMatrix, type Matrix, matrixOf } from '../numeric/matrix.ts';
import { checkMarket } from './market-checks.ts';
import type { SegmentMove } from './revalue-segment.ts';

/**
 * How the market moves: a row a scenario, a column an underlying, in the order of `market.underlyings`. A scenario maps
 *
 *     S to S (1 + spotReturn),   vol to max(vol (1 + relativeVolShift volTerm(T)) + volShift, VOL_FLOOR),   T to max(T - elapsedYears, 0).
 *
 * Moves that are absent are zero. T in `volTerm` is the time to expiry before anything elapses.
 */
export type MarketMoves = {
  /** Relative, above -1: -0.3 is a fall by 30 %. */
  readonly spotReturns: Matrix;
  /** Absolute, in units of vol: 0.05 is five points. */
  readonly volShifts?: Matrix;
  /** Relative to each option's own vol: 0.25 makes 0.40 of 0.32. */
  readonly relativeVolShifts?: Matrix;
  /** How strongly a relative vol shift acts on an option of so many years; 1 everywhere if absent. */
  readonly volTerm?: (expiryYears: number) => number;
  /** Calendar time that passes before the move, at least 0; 0 if absent. */
  readonly elapsedYears?: number;
};

/** Moves after {@link movesOf}: checked, and complete. Element [scenario x underlyings + underlying]. */
export type CheckedMoves = {
  readonly rows: number;
  readonly returns: Float64Array;
  readonly shifts: Float64Array;
  readonly relativeShifts: Float64Array;
  readonly volTerm: ((expiryYears: number) => number) | undefined;
  readonly elapsedYears: number;
};

// Far outside any market; within it no product of moves and checked prices or vols leaves the range of a double.
const LARGEST_MOVE = 1e10;

/**
 * The moves of a scenario file, or of a table of moves, checked.
 * @throws ShapeError for tables of the wrong shape, or two factors for the same thing.
 * @throws RangeError for a spot return of -1 or less, a move beyond 1e10, or negative elapsed time.
 */
export function movesOf(scenarios: ScenarioSet | MarketMoves, market: Market): CheckedMoves {
  checkMarket(market);
  if (
    typeof scenarios !== 'object' ||
    scenarios === null ||
    !('factors' in scenarios || 'spotReturns' in scenarios)
  ) {
    throw new ShapeError('expected scenarios with factors, or moves with spotReturns');
  }
  return 'factors' in scenarios ? movesOfFactors(scenarios, market) : movesOfTables(scenarios, market);
}

function movesOfTables(moves: MarketMoves, market: Market): CheckedMoves {
  const { spotReturns, volTerm, elapsedYears = 0 } = moves;
  checkMatrix(spotReturns, 'spotReturns');
  const { rows } = spotReturns;
  const names = market.underlyings.map(({ name }) => name);
  const table = (name: 'spotReturns' | 'volShifts' | 'relativeVolShifts', above: number): Float64Array => {
    const matrix = moves[name];
    if (matrix !== undefined) checkMatrix(matrix, name);
    if (matrix === undefined) return new Float64Array(rows * names.length);
    if (matrix.rows !== rows || matrix.cols !== names.length) {
      throw new ShapeError(
        `expected ${rows} x ${names.length} ${name}, a column an underlying, found ${matrix.rows} x ${matrix.cols}`,
        { name, rows: matrix.rows, cols: matrix.cols },
      );
    }
    matrix.data.forEach((move, i) => {
      const scenario = Math.floor(i / names.length);
      checkMove(move, above, String(scenario), `${name} of ${names[i % names.length]}`);
    });
    return matrix.data;
  };
  if (!(elapsedYears >= 0 && elapsedYears < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`expected elapsedYears of at least 0, found ${elapsedYears}`, { elapsedYears });
  }
  return {
    rows,
    returns: table('spotReturns', -1),
    shifts: table('volShifts', -Number.MAX_VALUE),
    relativeShifts: table('relativeVolShifts', -Number.MAX_VALUE),
    volTerm,
    elapsedYears,
  };
}

/** Factors of underlyings that the market lacks are ignored: no instrument can depend on them. */
function movesOfFactors(scenarios: ScenarioSet, market: Market): CheckedMoves {
  const { factors, moves } = scenarios;
  checkMatrix(moves, 'moves');
  if (!Array.isArray(factors)) throw new ShapeError('expected a list of factors');
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  if (moves.cols !== factors.length) {
    throw new ShapeError(`expected ${factors.length} moves a scenario, found ${moves.cols}`, {
      expected: factors.length,
      found: moves.cols,
    });
  }
  const returns = new Float64Array(moves.rows * indexOf.size);
  const shifts = new Float64Array(moves.rows * indexOf.size);
  const seen = new Set<string>();
  factors.forEach((factor, c) => {
    const key = `${factor.kind} of ${factor.underlying}`;
    if (seen.has(key)) throw new ShapeError(`expected one factor for the ${key}, found two`, { factor: key });
    seen.add(key);
    const underlying = indexOf.get(factor.underlying);
    if (underlying === undefined) return;
    const target = factor.kind === 'spot_return' ? returns : shifts;
    const above = factor.kind === 'spot_return' ? -1 : -Number.MAX_VALUE;
    for (let s = 0; s < moves.rows; s++) {
      const move = moves.data[s * moves.cols + c]!;
      checkMove(move, above, scenarios.labels?.[s] ?? String(s), factor.name);
      target[s * indexOf.size + underlying] = move;
    }
  });
  const relativeShifts = new Float64Array(moves.rows * indexOf.size);
  return { rows: moves.rows, returns, shifts, relativeShifts, volTerm: undefined, elapsedYears: 0 };
}

function checkMove(move: number, above: number, scenario: string, factor: string): void {
  if (move > above && Math.abs(move) <= LARGEST_MOVE) return;
  const range = above === -1 ? `above -1 and at most ${LARGEST_MOVE}` : `of at most ${LARGEST_MOVE} in size`;
  throw new RangeError(`scenario ${scenario}, ${factor}: expected a move ${range}, found ${move}`, {
    scenario,
    factor,
    move,
  });
}

/** What a scenario does to one underlying, as option segments take it. */
export function segmentMoveOf(
  moves: CheckedMoves,
  scenario: number,
  underlyings: number,
  underlying: number,
): SegmentMove {
  const at = scenario * underlyings + underlying;
  const move = moves.returns[at]!;
  return {
    growth: 1 + move,
    logGrowth: Math.log1p(move),
    shift: moves.shifts[at]!,
    relativeShift: moves.relativeShifts[at]!,
  };
}

/**
 * All underlyings together on a grid of relative shifts: a scenario a pair, in which the vol shifts change fastest.
 * @throws RangeError naming the shift that is not above -1 (spot), not finite, or beyond 1e10.
 */
export function gridMoves(
  market: Market,
  spotShifts: readonly number[],
  volShifts: readonly number[],
): MarketMoves {
  checkMarket(market);
  checkShifts('spot shift', spotShifts, -1);
  checkShifts('vol shift', volShifts, -Number.MAX_VALUE);
  const cols = market.underlyings.length;
  const cells = spotShifts.length * volShifts.length;
  const spread = (of: (cell: number) => number): Matrix =>
    matrixOf(
      cells,
      cols,
      Float64Array.from({ length: cells * cols }, (_, i) => of(Math.floor(i / cols))),
    );
  return {
    spotReturns: spread((cell) => spotShifts[Math.floor(cell / volShifts.length)]!),
    relativeVolShifts: spread((cell) => volShifts[cell % volShifts.length]!),
  };
}

function checkShifts(name: string, shifts: readonly number[], above: number): void {
  if (!Array.isArray(shifts)) throw new ShapeError(`expected a list of ${name}s`);
  shifts.forEach((shift: number, index) => {
    if (shift > above && Math.abs(shift) <= LARGEST_MOVE) return;
    const range =
      above === -1 ? `above -1 and at most ${LARGEST_MOVE}` : `of at most ${LARGEST_MOVE} in size`;
    throw new RangeError(`${name} ${index}: expected a number ${range}, found ${shift}`, {
      index,
      found: String(shift),
    });
  });
}
