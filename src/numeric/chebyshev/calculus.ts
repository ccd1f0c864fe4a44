import { checkDegree, checkDomain } from './checks.ts';
import { type ChebyshevExpansion, degreeOf, expansionAt, parityOf, toUnit } from './expansion.ts';
import { interpolate } from './interpolate.ts';

/** The derivative by x: c'_(k-1) = c'_(k+1) + 2 k c_k, over the half-width (F182). Exact parity is kept. */
export function derivative(p: ChebyshevExpansion): ChebyshevExpansion {
  const degree = degreeOf(p);
  const slopes = new Float64Array(Math.max(degree, 1));
  const [low, high] = p.domain;
  const scale = 2 / (high - low);
  for (let k = degree; k > 0; k--) slopes[k - 1] = (slopes[k + 1] ?? 0) + 2 * k * p.coefficients[k]!;
  slopes[0]! *= 0.5;
  return { coefficients: slopes.map((c) => c * scale), domain: p.domain };
}

/** The same polynomial on another domain: an affine change of variable. Exact but for rounding; parity survives a symmetric one. */
export function restrict(p: ChebyshevExpansion, domain: readonly [number, number]): ChebyshevExpansion {
  checkDomain(domain);
  const parity =
    toUnit(p.domain, domain[0]) === -toUnit(p.domain, domain[1]) ? parityOf(p.coefficients) : 'none';
  return interpolate((x) => expansionAt(p, x), domain, degreeOf(p), parity);
}

/** p q, by T_i T_j = (T_(i+j) + T_|i-j|) / 2. Both on the domain of p. */
export function product(p: ChebyshevExpansion, q: ChebyshevExpansion): ChebyshevExpansion {
  const a = p.coefficients;
  const b = q.coefficients;
  const coefficients = new Float64Array(Math.max(a.length + b.length - 1, 1));
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      const half = 0.5 * a[i]! * b[j]!;
      coefficients[i + j]! += half;
      coefficients[Math.abs(i - j)]! += half;
    }
  }
  return { coefficients, domain: p.domain };
}

/**
 * outer(inner(x)) as one expansion on the inner's domain, of the product of both degrees: exact but for rounding. The inner's
 * values must lie in the outer's domain. @throws RangeError for a degree beyond the largest.
 */
export function compose(outer: ChebyshevExpansion, inner: ChebyshevExpansion): ChebyshevExpansion {
  const degree = degreeOf(outer) * degreeOf(inner);
  checkDegree(degree);
  const innerParity = parityOf(inner.coefficients);
  const centred = outer.domain[0] === -outer.domain[1];
  const parity =
    innerParity === 'even'
      ? 'even'
      : innerParity === 'odd' && centred
        ? parityOf(outer.coefficients)
        : 'none';
  return interpolate((x) => expansionAt(outer, expansionAt(inner, x)), inner.domain, degree, parity);
}
