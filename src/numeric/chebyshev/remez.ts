import { PrecisionError, RangeError } from '../../base/errors.ts';
import { factoriseLu, solveLu } from '../small-lu.ts';
import { checkDegree, checkDomain } from './checks.ts';
import { type ChebyshevExpansion, chebyshevSum, cosineOf, type Parity, toUnit } from './expansion.ts';

/** A best polynomial, and by how much its error levels out. */
export type Minimax = ChebyshevExpansion & {
  /** The levelled error: no polynomial of this degree and parity is closer than that (de la Vallee-Poussin), up to rounding. */
  readonly least: number;
  /** The largest error seen on the grid of the search; within `tolerance` of `least`. */
  readonly largest: number;
  readonly exchanges: number;
};

export type MinimaxOptions = {
  readonly parity?: Parity;
  /** Where the error counts, within the domain, ascending and apart; default: all of it. With a parity: in the upper half. */
  readonly intervals?: readonly (readonly [low: number, high: number])[];
  /** Stops when the largest error exceeds the levelled one by at most this part. Default 1e-3. */
  readonly tolerance?: number;
};

const MAX_EXCHANGES = 60;
/** Grid points an unknown in the search for extrema. */
const GRID = 24;

/**
 * The minimax polynomial of a degree: Remez' exchange in the Chebyshev basis (F183).
 *
 * E. Remez, C. R. Acad. Sci. Paris 199 (1934), 337-340; R. Pachon and L. N. Trefethen, "Barycentric-Remez algorithms for best polynomial
 * approximation in the chebfun system", BIT 49 (2009), 721-741. With a parity only half the coefficients are unknown, the error is
 * watched in the upper half of the domain, and the other coefficients are exactly zero. Doubles carry it down to an error of
 * about 1e-13 of the largest |f|: below that, interpolate. Cost: a linear system of the unknowns an exchange, 4 to 8 of them.
 * @param f finite on the domain; continuous on each interval.
 * @throws RangeError for a domain, degree or value that is not finite. @throws PrecisionError where the error is lost in rounding.
 */
export function minimax(
  f: (x: number) => number,
  domain: readonly [number, number],
  degree: number,
  { parity = 'none', intervals, tolerance = 1e-3 }: MinimaxOptions = {},
): Minimax {
  checkDomain(domain);
  checkDegree(degree);
  const basis = basisOf(degree, parity);
  const pieces = piecesOf(domain, parity, intervals);
  const grid = gridOf(pieces, parity, GRID * (basis.length + 1));
  const mid = 0.5 * (domain[0] + domain[1]);
  const half = 0.5 * (domain[1] - domain[0]);
  const at = (u: number): number => {
    const value = f(mid + half * u);
    if (Number.isFinite(value)) return value;
    throw new RangeError(
      `expected a function that is finite on its domain, found ${value} at ${mid + half * u}`,
      {
        x: mid + half * u,
      },
    );
  };
  const values = grid.points.map(at);
  let reference = referenceOf(pieces, parity, basis.length + 1);
  let best: Minimax | undefined;
  for (let exchanges = 1; exchanges <= MAX_EXCHANGES; exchanges++) {
    const { coefficients, level } = levelled(basis, degree, reference, reference.map(at));
    const errors = values.map((value, i) => value - chebyshevSum(coefficients, grid.points[i]!));
    const extrema = alternating(grid, errors, (u) => at(u) - chebyshevSum(coefficients, u), reference.length);
    const largest = extrema.reduce((most, { error }) => Math.max(most, Math.abs(error)), Math.abs(level));
    const least = Math.abs(level);
    if (best === undefined || largest < best.largest)
      best = { coefficients, domain: [domain[0], domain[1]], least, largest, exchanges };
    if (largest <= least * (1 + tolerance)) return { ...best, exchanges };
    if (extrema.length < reference.length) break;
    reference = Float64Array.from(extrema, ({ u }) => u);
  }
  throw new PrecisionError(
    `the error of degree ${degree} does not level out in double precision (largest ${best!.largest}); interpolate instead`,
    { degree, largest: best!.largest },
  );
}

function basisOf(degree: number, parity: Parity): number[] {
  const all = Array.from({ length: degree + 1 }, (_, k) => k);
  if (parity === 'none') return all;
  return all.filter((k) => k % 2 === (parity === 'odd' ? 1 : 0));
}

type Piece = readonly [low: number, high: number];

/** Intervals of u in which the error counts. */
function piecesOf(
  domain: readonly [number, number],
  parity: Parity,
  intervals: MinimaxOptions['intervals'],
): readonly Piece[] {
  const from = parity === 'none' ? -1 : 0;
  if (intervals === undefined) return [[from, 1]];
  let last = from;
  const pieces = intervals.map(([low, high]): Piece => {
    const [a, b] = [toUnit(domain, low), toUnit(domain, high)];
    if (!(a >= last && b > a && b <= 1)) {
      throw new RangeError(`expected ascending intervals within [${domain}], found [${low}, ${high}]`, {
        low,
        high,
      });
    }
    last = b;
    return [a, b];
  });
  if (pieces.length === 0) throw new RangeError('expected at least one interval, found none');
  return pieces;
}

/** Ascending points, and the indices at which an interval begins or ends. */
type Grid = { readonly points: Float64Array; readonly ends: ReadonlySet<number> };

/** Points dense at the ends of the domain, as the extrema are, in proportion to the width of every piece. */
function gridOf(pieces: readonly Piece[], parity: Parity, count: number): Grid {
  const width = pieces.reduce((sum, [a, b]) => sum + (b - a), 0);
  // With a parity the centre is no end: the upper half of the points on the whole.
  if (parity !== 'none' && width === 1) {
    const points = Float64Array.from({ length: count + 1 }, (_, j) => cosineOf(count - j, 2 * count));
    return { points, ends: new Set([0, count]) };
  }
  const points: number[] = [];
  const ends = new Set<number>();
  for (const [a, b] of pieces) {
    const m = Math.max(8, Math.ceil((count * (b - a)) / width));
    ends.add(points.length);
    for (let j = 0; j <= m; j++) points.push(0.5 * (a + b) - 0.5 * (b - a) * cosineOf(j, m));
    ends.add(points.length - 1);
  }
  return { points: Float64Array.from(points), ends };
}

/** Extrema of the next Chebyshev polynomial of that parity: what the error looks like where f is smooth. */
function referenceOf(pieces: readonly Piece[], parity: Parity, count: number): Float64Array {
  const width = pieces.reduce((sum, [a, b]) => sum + (b - a), 0);
  if (parity === 'none' && width === 2)
    return Float64Array.from({ length: count }, (_, i) => -cosineOf(i, count - 1));
  if (parity !== 'none' && width === 1) {
    // An odd polynomial vanishes in the middle whatever its coefficients: no extremum there.
    const m = parity === 'odd' ? 2 * count - 1 : 2 * count - 2;
    return Float64Array.from({ length: count }, (_, i) => cosineOf(count - 1 - i, m));
  }
  const grid = gridOf(pieces, parity, GRID * count).points;
  const from = parity === 'odd' && grid[0] === 0 ? 1 : 0;
  const last = grid.length - 1 - from;
  return Float64Array.from({ length: count }, (_, i) => grid[from + Math.round((last * i) / (count - 1))]!);
}

/** Coefficients and E with sum c_k T_k(u_i) + (-1)^i E = f_i on the reference. */
function levelled(
  basis: readonly number[],
  degree: number,
  reference: Float64Array,
  values: Float64Array,
): { coefficients: Float64Array; level: number } {
  const n = basis.length + 1;
  const matrix = new Float64Array(n * n);
  reference.forEach((u, row) => {
    const angle = Math.acos(Math.min(1, Math.max(-1, u)));
    basis.forEach((k, column) => {
      matrix[row * n + column] = Math.cos(k * angle);
    });
    matrix[row * n + n - 1] = row % 2 === 0 ? 1 : -1;
  });
  const pivots = new Int32Array(n);
  const solution = values.slice();
  factoriseLu(matrix, n, n, pivots);
  solveLu(matrix, n, n, pivots, solution);
  const coefficients = new Float64Array(degree + 1);
  basis.forEach((k, column) => {
    coefficients[k] = solution[column]!;
  });
  return { coefficients, level: solution[n - 1]! };
}

type Extremum = { readonly u: number; readonly error: number };

/** One extremum of every run of errors of one sign, cut to the wanted number by leaving out the smallest. */
function alternating(
  grid: Grid,
  errors: Float64Array,
  errorAt: (u: number) => number,
  wanted: number,
): Extremum[] {
  const runs: Extremum[] = [];
  let best = 0;
  const close = (): void => {
    runs.push(refined(grid, errors, best, errorAt));
  };
  for (let i = 1; i < grid.points.length; i++) {
    if (errors[i]! > 0 === errors[best]! > 0) {
      if (Math.abs(errors[i]!) > Math.abs(errors[best]!)) best = i;
    } else {
      close();
      best = i;
    }
  }
  close();
  while (runs.length > wanted) dropLeast(runs, wanted);
  return runs;
}

/** Signs go on alternating when an end goes, or two neighbours. */
function dropLeast(runs: Extremum[], wanted: number): void {
  const size = (i: number): number => Math.abs(runs[i]!.error);
  const last = runs.length - 1;
  let least = size(0) < size(last) ? 0 : last;
  if (runs.length >= wanted + 2) for (let i = 1; i < last; i++) if (size(i) < size(least)) least = i;
  if (least === 0 || least === last) runs.splice(least, 1);
  else runs.splice(size(least - 1) < size(least + 1) ? least - 1 : least, 2);
}

/** Vertex of the parabola through a grid point and its neighbours, where that is larger. */
function refined(
  { points, ends }: Grid,
  errors: Float64Array,
  i: number,
  errorAt: (u: number) => number,
): Extremum {
  const found = { u: points[i]!, error: errors[i]! };
  if (ends.has(i)) return found;
  const [x0, x1, x2] = [points[i - 1]!, points[i]!, points[i + 1]!];
  const left = (errors[i]! - errors[i - 1]!) / (x1 - x0);
  const right = (errors[i + 1]! - errors[i]!) / (x2 - x1);
  const curvature = (right - left) / (x2 - x0);
  if (!(curvature * found.error < 0)) return found;
  const u = 0.5 * (x0 + x1) - left / (2 * curvature);
  if (!(u > x0 && u < x2)) return found;
  const error = errorAt(u);
  return Math.abs(error) > Math.abs(found.error) && error > 0 === found.error > 0 ? { u, error } : found;
}
