import type { ChebyshevSeries } from '../../src/algebra/arithmetic.ts';
import type { Parity } from '../../src/numeric/chebyshev/expansion.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';

/** A series with sum |c_k| = 1 whose degree is exact, and of whose parity all coefficients are there. */
export function randomSeries(
  degree: number,
  parity: Parity,
  seed: number,
  domain: readonly [number, number] = [-1, 1],
): ChebyshevSeries {
  const random = new SeededRandom(seed);
  const present = (k: number): boolean => parity === 'none' || k % 2 === (parity === 'odd' ? 1 : 0);
  const coefficients = Float64Array.from({ length: degree + 1 }, (_, k) =>
    present(k) ? random.between(0.1, 1) * (random.between(-1, 1) < 0 ? -1 : 1) : 0,
  );
  const norm = coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
  return { coefficients: coefficients.map((c) => c / norm), domain, error: 0 };
}

/** Every degree from 1 to the largest with the parities it can have. */
export function degreesAndParities(largest: number): [degree: number, parity: Parity][] {
  return Array.from({ length: largest }, (_, i) => i + 1).flatMap((degree): [number, Parity][] => [
    [degree, 'none'],
    [degree, degree % 2 === 1 ? 'odd' : 'even'],
  ]);
}
