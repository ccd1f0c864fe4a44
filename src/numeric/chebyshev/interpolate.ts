import { RangeError } from '../../base/errors.ts';
import { checkDegree, checkDomain } from './checks.ts';
import { type ChebyshevExpansion, cosineOf, type Parity } from './expansion.ts';

/**
 * The polynomial that agrees with f in the Chebyshev points of the first kind, cos(pi (j + 1/2) / n) (F181).
 *
 * L. N. Trefethen, "Approximation Theory and Approximation Practice" (2013), chapter 4. Its error is at most 1 + (2/pi) ln(n) + 1
 * times that of the best polynomial; coefficients are good to about 1e-16 of the largest |f|. With a parity f is taken in the
 * upper half of the domain only and the coefficients of the other parity are exactly zero; the centre must then be one of symmetry.
 * Cost: n values of f and n^2 products.
 * @param f finite on the domain. @param points of interpolation: degree + 1 (the default) interpolates, more truncate a longer expansion.
 * @throws RangeError for a domain, degree or value that is not finite.
 */
export function interpolate(
  f: (x: number) => number,
  domain: readonly [number, number],
  degree: number,
  parity: Parity = 'none',
  points: number = degree + 1,
): ChebyshevExpansion {
  checkDomain(domain);
  checkDegree(degree);
  if (!(Number.isInteger(points) && points > degree)) {
    throw new RangeError(`expected more points than the degree ${degree}, found ${points}`, {
      degree,
      points,
    });
  }
  const [low, high] = domain;
  const mid = 0.5 * (low + high);
  const half = 0.5 * (high - low);
  // Points j and n - 1 - j are mirror images: one value stands for both.
  const used = parity === 'none' ? points : points >> 1;
  const values = Float64Array.from({ length: used }, (_, j) => {
    const value = f(mid + half * cosineOf(2 * j + 1, 2 * points));
    return checkValue(value, mid + half * cosineOf(2 * j + 1, 2 * points));
  });
  const centre = parity === 'even' && points % 2 === 1 ? checkValue(f(mid), mid) : 0;
  const coefficients = new Float64Array(degree + 1);
  const first = parity === 'odd' ? 1 : 0;
  const step = parity === 'none' ? 1 : 2;
  const cosines = Float64Array.from({ length: 4 * points }, (_, i) =>
    cosineOf(foldAngle(i, 2 * points), 2 * points),
  );
  for (let k = first; k <= degree; k += step) {
    let sum = 0;
    for (let j = 0; j < used; j++) sum += values[j]! * cosines[(k * (2 * j + 1)) % (4 * points)]!;
    if (parity !== 'none') sum *= 2;
    if (centre !== 0) sum += (k % 4 === 0 ? 1 : -1) * centre;
    coefficients[k] = ((k === 0 ? 1 : 2) * sum) / points;
  }
  return { coefficients, domain: [low, high] };
}

/** cos(pi i / m) for any i below 2 m, by an angle within [0, pi]. */
function foldAngle(i: number, m: number): number {
  return i <= m ? i : 2 * m - i;
}

function checkValue(value: number, x: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`expected a function that is finite on its domain, found ${value} at ${x}`, { x });
}
