import type { LibraryFunction } from './functions.ts';

/** Ellipses tried: parameters 1 + 10^-3 ... 10^2. */
const ELLIPSES = 240;

/**
 * How near polynomials of a degree N come to a function that is analytic in the Bernstein ellipse with foci at the ends of the domain and
 * sum rho of semi-axes, and bounded by M there (F187):
 *
 *     tau(N) = 2 M rho^-N / (rho - 1),
 *
 * the error of its truncated Chebyshev series; the least over many ellipses. Source: L. N. Trefethen, "Approximation Theory and
 * Approximation Practice" (2013), theorem 8.2. 1e-12 relative covers the rounding of M in doubles.
 */
export function remainderOf(
  f: LibraryFunction,
  [low, high]: readonly [number, number],
): (degree: number) => number {
  const mid = 0.5 * (low + high);
  const half = 0.5 * (high - low);
  const ellipses: { readonly logRho: number; readonly logFactor: number }[] = [];
  for (let i = 0; i < ELLIPSES; i++) {
    const excess = 10 ** (-3 + (5 * i) / (ELLIPSES - 1));
    const rho = 1 + excess;
    const logM = f.logBound(mid, 0.5 * half * (rho + 1 / rho), 0.5 * half * (rho - 1 / rho));
    if (Number.isNaN(logM) || logM === Infinity) continue;
    ellipses.push({ logRho: Math.log(rho), logFactor: Math.log(2) + logM - Math.log(excess) });
  }
  return (degree) =>
    ellipses.reduce(
      (least, { logRho, logFactor }) => Math.min(least, Math.exp(logFactor - degree * logRho) * (1 + 1e-12)),
      Infinity,
    );
}
