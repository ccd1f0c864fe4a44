import type { ChebyshevSeries } from '../../src/algebra/arithmetic.ts';
import { LIBRARY_FUNCTIONS, type LibraryName } from '../../src/algebra/series/functions.ts';
import { expansionAt } from '../../src/numeric/chebyshev/expansion.ts';

/** What the documents promise of the library: function, domain, error asked for, degree. */
export const SERIES_CASES: readonly [LibraryName, readonly [number, number], number, number][] = [
  ['normalCdf', [-6, 6], 1e-7, 31],
  ['normalCdf', [-8, 8], 1e-9, 47],
  ['normalCdf', [-10, 10], 5e-9, 55],
  ['normalCdf', [-10, 10], 1e-10, 63],
  ['normalCdf', [-20, 20], 1e-9, 113],
  ['normalCdf', [-3, 10], 1e-8, 35],
  ['normalPdf', [-10, 10], 1e-8, 58],
  ['exp', [-1, 0], 1e-9, 7],
  ['exp', [-5, 5], 1e-9, 18],
  ['log', [0.5, 2], 1e-9, 17],
  ['log', [0.1, 10], 1e-6, 57],
  ['sqrt', [0.1, 1], 1e-9, 23],
  ['sqrt', [0.01, 1], 1e-6, 38],
  ['reciprocal', [0.25, 1], 1e-8, 18],
  ['reciprocal', [0.1, 1], 1e-7, 27],
  ['reciprocalSqrt', [0.1, 1], 1e-8, 27],
  ['tanh', [-4, 4], 1e-8, 47],
  ['softplus', [-8, 8], 1e-8, 42],
  ['abs', [-1, 1], 0.01, 30],
  ['positivePart', [-1, 1], 0.0025, 58],
];

/** Points of a series' domain: where doubles see the largest errors, and others spread over it. */
export function tellingPoints(
  name: LibraryName,
  series: ChebyshevSeries,
  worst: number,
  spread: number,
): number[] {
  const [low, high] = series.domain;
  const at = (i: number, n: number): number =>
    Math.min(high, Math.max(low, 0.5 * (low + high) - 0.5 * (high - low) * Math.cos((Math.PI * i) / n)));
  const { at: exact } = LIBRARY_FUNCTIONS[name];
  const largest = Array.from({ length: 8001 }, (_, i) => at(i, 8000))
    .map((x) => [Math.abs(expansionAt(series, x) - exact(x)), x] as const)
    .sort((a, b) => b[0] - a[0])
    .slice(0, worst)
    .map(([, x]) => x);
  return [...largest, ...Array.from({ length: spread }, (_, i) => at(i + 0.37, spread + 1))];
}
