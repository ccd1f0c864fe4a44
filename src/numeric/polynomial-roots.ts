import { RangeError } from '../base/errors.ts';

/** Value of the polynomial with ascending coefficients at x, by Horner's rule. */
export function polynomialAt(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + coefficients[i]!;
  return value;
}

/** Coefficients of the product of two polynomials, all ascending. */
export function polynomialProduct(p: readonly number[], q: readonly number[]): number[] {
  const product = new Array<number>(p.length + q.length - 1).fill(0);
  p.forEach((a, i) => {
    q.forEach((b, j) => {
      product[i + j]! += a * b;
    });
  });
  return product;
}

/** factor * p + q, padded to the longer of the two. */
export function polynomialSum(p: readonly number[], factor: number, q: readonly number[]): number[] {
  return Array.from({ length: Math.max(p.length, q.length) }, (_, i) => factor * (p[i] ?? 0) + (q[i] ?? 0));
}

/**
 * The real roots in [low, high] at which a polynomial changes sign, ascending (F86).
 *
 * The roots of the derivative, found in the same way, cut the interval into pieces on which the polynomial is monotone;
 * each piece with a change of sign holds one root, which bisection guarded Newton steps find to the last digits that
 * the coefficients carry. Where the polynomial only touches zero there is no change of sign and no root, up to rounding
 * of its values. Cost: about n^2/2 searches of a few values each; 20 us for degree 10.
 * @param coefficients ascending, finite.
 * @throws RangeError unless coefficients and bounds are finite and low <= high.
 */
export function signChanges(coefficients: readonly number[], low: number, high: number): number[] {
  if (!(low <= high && Number.isFinite(high - low))) {
    throw new RangeError(`expected bounds with low <= high, found low = ${low} and high = ${high}`, {
      low,
      high,
    });
  }
  for (const [index, coefficient] of coefficients.entries()) {
    if (!Number.isFinite(coefficient)) {
      throw new RangeError(`expected finite coefficients, found ${coefficient} at ${index}`, {
        index,
        found: coefficient,
      });
    }
  }
  return rootsOf(coefficients, low, high);
}

function rootsOf(coefficients: readonly number[], low: number, high: number): number[] {
  let degree = coefficients.length - 1;
  while (degree > 0 && coefficients[degree] === 0) degree--;
  if (degree <= 0) return [];
  const polynomial = coefficients.slice(0, degree + 1);
  const derivative = polynomial.slice(1).map((coefficient, i) => (i + 1) * coefficient);
  const roots: number[] = [];
  let left = low;
  let atLeft = polynomialAt(polynomial, left);
  for (const right of [...rootsOf(derivative, low, high), high]) {
    const atRight = polynomialAt(polynomial, right);
    if (atLeft < 0 !== atRight < 0) roots.push(bracketed(polynomial, derivative, left, right, atLeft < 0));
    left = right;
    atLeft = atRight;
  }
  return roots;
}

/** The root between left and right, where the polynomial is below zero on the left side or on the right one. */
function bracketed(
  polynomial: readonly number[],
  derivative: readonly number[],
  left: number,
  right: number,
  negativeLeft: boolean,
): number {
  let low = left;
  let high = right;
  let x = 0.5 * (low + high);
  for (let i = 0; i < 200; i++) {
    const value = polynomialAt(polynomial, x);
    if (value < 0 === negativeLeft) low = x;
    else high = x;
    const newton = x - value / polynomialAt(derivative, x);
    // Newton inside the bracket; every fourth step halves it whatever Newton says.
    const next = i % 4 !== 3 && newton > low && newton < high ? newton : 0.5 * (low + high);
    if (next === x || next <= low || next >= high || Math.abs(next - x) <= 1e-16 * Math.abs(x)) return next;
    x = next;
  }
  return x;
}
