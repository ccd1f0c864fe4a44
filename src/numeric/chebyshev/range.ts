import { RangeError } from '../../base/errors.ts';
import { derivative } from './calculus.ts';
import { clenshawRounding } from './certify.ts';
import { type ChebyshevExpansion, chebyshevSum, cosineOf, degreeOf, toUnit } from './expansion.ts';

/** The search stops when the bounds are this part of the range's width apart from values that are taken. */
const TOLERANCE = 1e-8;

/** A value of g and its slope by t. */
type Point = { readonly t: number; readonly value: number; readonly slope: number };
type Cell = readonly [from: Point, to: Point];

/**
 * Bounds of p(x) over [low, high], within the domain of p: proved, and within 1e-8 of the width tight (F186).
 *
 * With x = mid + half cos t, g(t) = p(x) - c is a trigonometric polynomial of degree n; S. Bernstein's inequality bounds its fourth
 * derivative by n^4 max |g|, and so on a cell of width h, g is within n^4 max |g| h^4 / 384 of the cubic with the same values and slopes at
 * its ends, which lies below its largest Bezier ordinate. max |g| itself comes from a grid by the lemma of Ehlich and Zeller. Cells
 * that may exceed what is taken are halved until none does by more than the tolerance. Rounding in doubles is added.
 * Cost: about 10 n values of p and p'; where p is flat near its extremum, up to 100 n.
 * @throws RangeError unless low <= high, within the domain.
 */
export function rangeOf(
  p: ChebyshevExpansion,
  low: number = p.domain[0],
  high: number = p.domain[1],
): readonly [low: number, high: number] {
  if (!(low >= p.domain[0] && high <= p.domain[1] && low <= high)) {
    throw new RangeError(`expected an interval within [${p.domain}], found [${low}, ${high}]`, { low, high });
  }
  const from = toUnit(p.domain, low);
  const to = toUnit(p.domain, high);
  // The argument is rounded relative to the ends of its domain, which may lie far from zero.
  const condition = Math.max(
    1,
    (Math.abs(p.domain[0]) + Math.abs(p.domain[1])) / (p.domain[1] - p.domain[0]),
  );
  const rounding = clenshawRounding(p.coefficients) + slopeBound(p) * 4 * condition * 2 ** -53;
  const mid = 0.5 * (from + to);
  const half = 0.5 * (to - from);
  const degree = Math.max(1, degreeOf(p));
  const slopes = derivative({ coefficients: p.coefficients, domain: [-1, 1] }).coefficients;
  const at = (t: number, cosine: number): Point => ({
    t,
    value: chebyshevSum(p.coefficients, mid + half * cosine),
    slope: -half * Math.sin(t) * chebyshevSum(slopes, mid + half * cosine),
  });
  const cells = 4 * degree;
  const grid = Array.from({ length: cells + 1 }, (_, j) => at((Math.PI * j) / cells, cosineOf(j, cells)));
  const least = grid.reduce((low, { value }) => Math.min(low, value), Infinity);
  const most = grid.reduce((high, { value }) => Math.max(high, value), -Infinity);
  const radius = (0.5 * (most - least) + rounding) / Math.cos(Math.PI / 8);
  if (half === 0 || radius === 0) return [least - rounding, most + rounding];
  // Slopes are rounded too: a third of one counts, over a cell at most.
  const slopeRounding = (clenshawRounding(slopes) * Math.PI) / cells;
  const search = { at, bend: degree ** 4 * radius, tolerance: TOLERANCE * radius + slopeRounding };
  const margin = rounding + slopeRounding;
  return [-maximum(grid, search, -1) - margin, maximum(grid, search, 1) + margin];
}

/** |p'(u)| <= sum k^2 |c_k|: what the rounding of u costs. */
function slopeBound({ coefficients }: ChebyshevExpansion): number {
  return coefficients.reduce((sum, c, k) => sum + k * k * Math.abs(c), 0);
}

type Search = {
  readonly at: (t: number, cosine: number) => Point;
  readonly bend: number;
  readonly tolerance: number;
};

/** An upper bound of sign g. */
function maximum(grid: readonly Point[], { at, bend, tolerance }: Search, sign: 1 | -1): number {
  let best = grid.reduce((most, { value }) => Math.max(most, sign * value), -Infinity);
  let bound = best;
  const reach = ([a, b]: Cell): number => {
    const h = b.t - a.t;
    const inner = Math.max(sign * (a.value + (h * a.slope) / 3), sign * (b.value - (h * b.slope) / 3));
    return Math.max(sign * a.value, sign * b.value, inner) + (bend * h ** 4) / 384;
  };
  let open = grid.slice(1).map((b, j): Cell => [grid[j]!, b]);
  while (open.length > 0) {
    const next: Cell[] = [];
    for (const cell of open) {
      const highest = reach(cell);
      if (highest <= best + tolerance) {
        bound = Math.max(bound, highest);
        continue;
      }
      const t = 0.5 * (cell[0].t + cell[1].t);
      const middle = at(t, Math.cos(t));
      best = Math.max(best, sign * middle.value);
      next.push([cell[0], middle], [middle, cell[1]]);
    }
    open = next;
  }
  return bound;
}
