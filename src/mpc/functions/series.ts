import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import { PlanError } from '../../base/errors.ts';
import { normalCdf, normalPdf } from '../../numeric/normal.ts';

/** An interval on which a function is approximated. */
export type Domain = readonly [low: number, high: number];

const MOST_DEGREE = 512;

/** Half axes of the ellipse with foci at the ends of the domain and parameter rho, and its centre. */
type Ellipse = { readonly centre: number; readonly real: number; readonly imaginary: number };

/**
 * The shortest Chebyshev series that interpolates f within `error` on the domain, by the bound of Trefethen, "Approximation
 * theory and approximation practice" (2013), theorem 8.2: with |f| <= M on the ellipse of parameter rho, interpolation in degree + 1 Chebyshev
 * points is within 4 M rho^-degree / (rho - 1). Rounding of the coefficients is added.
 * @param boundOn M, or Infinity where f has a singularity inside.
 * @throws PlanError if degree 512 is not enough: the message says what to narrow.
 */
function certifiedSeries(
  name: string,
  f: (x: number) => number,
  [low, high]: Domain,
  error: number,
  boundOn: (ellipse: Ellipse) => number,
): ChebyshevSeries {
  if (!(low < high && Number.isFinite(high - low) && error > 0)) {
    throw new PlanError(
      `${name}: expected an interval and a positive error, found [${low}, ${high}] and ${error}`,
      {
        low,
        high,
        error,
      },
    );
  }
  const bounds = Array.from({ length: 400 }, (_, i) => {
    // Spread towards 1, where a singularity next to the domain leaves room only there.
    const rho = 1 + 1e-3 * 1.03 ** i;
    const half = (high - low) / 2;
    return {
      rho,
      most: boundOn({
        centre: (low + high) / 2,
        real: (half * (rho + 1 / rho)) / 2,
        imaginary: (half * (rho - 1 / rho)) / 2,
      }),
    };
  }).filter(({ most }) => Number.isFinite(most));
  for (let degree = 1; degree <= MOST_DEGREE; degree++) {
    const truncation = bounds.reduce((least, { rho, most }) => {
      const bound = (4 * most * rho ** -degree) / (rho - 1);
      return Math.min(bound, least);
    }, Infinity);
    if (!(truncation <= 0.9 * error)) continue;
    const coefficients = interpolate(f, low, high, degree);
    const size = coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
    const rounding = size * degree * 2 ** -50;
    return { coefficients, domain: [low, high], error: truncation + rounding };
  }
  throw new PlanError(
    `${name} on [${low}, ${high}] within ${error} takes more than degree ${MOST_DEGREE}; narrow the domain or accept a larger error`,
    { low, high, error },
  );
}

/** Coefficients of the interpolant in the degree + 1 Chebyshev points of the first kind. */
export function interpolate(
  f: (x: number) => number,
  low: number,
  high: number,
  degree: number,
): Float64Array {
  const n = degree + 1;
  const values = Array.from({ length: n }, (_, i) => {
    const u = Math.cos((Math.PI * (i + 0.5)) / n);
    return f((low + high) / 2 + (u * (high - low)) / 2);
  });
  return Float64Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[i]! * Math.cos((Math.PI * k * (i + 0.5)) / n);
    return (sum * (k === 0 ? 1 : 2)) / n;
  });
}

/** e^x within an absolute error. */
export function expSeries(domain: Domain, error: number): ChebyshevSeries {
  return certifiedSeries('exp', Math.exp, domain, error, ({ centre, real }) => Math.exp(centre + real));
}

/** ln x on a positive interval within an absolute error. The degree grows with the square root of high / low. */
export function logSeries(domain: Domain, error: number): ChebyshevSeries {
  positive('log', domain);
  return certifiedSeries('log', Math.log, domain, error, ({ centre, real }) => {
    const nearest = centre - real;
    if (nearest <= 0) return Infinity;
    return Math.max(Math.abs(Math.log(nearest)), Math.abs(Math.log(centre + real))) + Math.PI / 2;
  });
}

/** The normal distribution function within an absolute error. */
export function normalCdfSeries(domain: Domain, error: number): ChebyshevSeries {
  // |Phi(x + iy)| <= Phi(x) + |y| phi(0) e^(y^2 / 2), integrating phi upwards from x.
  return certifiedSeries(
    'normal cdf',
    normalCdf,
    domain,
    error,
    ({ imaginary: y }) => 1 + 0.4 * y * Math.exp((y * y) / 2),
  );
}

/** The normal density within an absolute error. */
export function normalPdfSeries(domain: Domain, error: number): ChebyshevSeries {
  return certifiedSeries(
    'normal pdf',
    normalPdf,
    domain,
    error,
    ({ imaginary: y }) => 0.4 * Math.exp((y * y) / 2),
  );
}

/** 1 / sqrt(x) on a positive interval within an absolute error. */
export function inverseSqrtSeries(domain: Domain, error: number): ChebyshevSeries {
  positive('inverse square root', domain);
  return certifiedSeries(
    'inverse square root',
    (x) => 1 / Math.sqrt(x),
    domain,
    error,
    ({ centre, real }) => (centre > real ? 1 / Math.sqrt(centre - real) : Infinity),
  );
}

/** @throws PlanError unless the interval is positive. */
export function positive(name: string, [low, high]: Domain): void {
  if (!(low > 0 && high > low)) {
    throw new PlanError(`${name}: expected a positive interval, found [${low}, ${high}]`, { low, high });
  }
}
