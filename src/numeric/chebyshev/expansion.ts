/**
 * Polynomials as Chebyshev expansions: sum c_k T_k(u) on a domain, u = (2x - low - high) / (high - low). Formula F180.
 */
export type ChebyshevExpansion = {
  readonly coefficients: Float64Array;
  readonly domain: readonly [low: number, high: number];
};

/** Which coefficients are there: of odd index only, of even index only, or both. */
export type Parity = 'odd' | 'even' | 'none';

/** sum c_k T_k(u), by Clenshaw's recurrence (C. W. Clenshaw, "A note on the summation of Chebyshev series", MTAC 9 (1955), 118-120). */
export function chebyshevSum(coefficients: Float64Array, u: number): number {
  const twice = u + u;
  let here = 0;
  let next = 0;
  for (let k = coefficients.length - 1; k > 0; k--) {
    const sum = coefficients[k]! + twice * here - next;
    next = here;
    here = sum;
  }
  return (coefficients[0] ?? 0) + u * here - next;
}

/** Where x lies in the domain, from -1 to 1. */
export function toUnit([low, high]: readonly [number, number], x: number): number {
  // Not 2x - low - high: the differences are exact near the ends, where the polynomial is steepest.
  return (x - low - (high - x)) / (high - low);
}

/** Value at x of the domain. */
export function expansionAt(p: ChebyshevExpansion, x: number): number {
  return chebyshevSum(p.coefficients, toUnit(p.domain, x));
}

/** Largest index with a coefficient that is not zero; 0 for the zero polynomial. */
export function degreeOf({ coefficients }: Pick<ChebyshevExpansion, 'coefficients'>): number {
  let degree = coefficients.length - 1;
  while (degree > 0 && coefficients[degree] === 0) degree--;
  return Math.max(degree, 0);
}

/** Parity by exact zeros, of the coefficients from index `from` on; 'even' where all of those are zero. */
export function parityOf(coefficients: Float64Array, from = 0): Parity {
  let odd = false;
  let even = false;
  for (let k = from; k < coefficients.length; k++) {
    if (coefficients[k] === 0) continue;
    if (k % 2 === 1) odd = true;
    else even = true;
  }
  if (odd && even) return 'none';
  return odd ? 'odd' : 'even';
}

/** cos(pi j / m): exact at the ends and in the middle, and antisymmetric, for 0 <= j <= m. */
export function cosineOf(j: number, m: number): number {
  // The sine of the distance from the middle is symmetric by construction and accurate where the cosine is small.
  return Math.sin((Math.PI * (m - 2 * j)) / (2 * m));
}
