/**
 * A polynomial in orthogonal form, fitted by least squares: sum c_k p_k(x) with p_0 = 1, p_(k+1) = (x - alpha_k)
 * p_k - beta_k p_(k-1).
 *
 * G. E. Forsythe, "Generation and use of orthogonal polynomials for data-fitting with a digital computer", J. SIAM
 * 5 (1957), 74-88: the p_k are orthogonal over the data, so that no normal equations, and no bad condition, arise.
 */
export type PolynomialFit = {
  readonly alpha: readonly number[];
  readonly beta: readonly number[];
  readonly coefficients: readonly number[];
};

/** The fitted value at one point. */
export function polynomialAt(fit: PolynomialFit, x: number): number {
  const { alpha, beta, coefficients } = fit;
  let previous = 0;
  let current = 1;
  let sum = coefficients[0]!;
  for (let k = 1; k < coefficients.length; k++) {
    const next = (x - alpha[k - 1]!) * current - beta[k - 1]! * previous;
    previous = current;
    current = next;
    sum += coefficients[k]! * current;
  }
  return sum;
}

/**
 * Least squares of y on polynomials of x up to a degree. The degree is lower where the points take too few distinct
 * values.
 * @param x best scaled to lie between -1 and 1.
 * @param count points used, from the start of the arrays; at least 1.
 * Cost: some 6 operations a point and degree.
 */
export function fitPolynomial(
  x: Float64Array,
  y: Float64Array,
  count: number,
  degree: number,
): PolynomialFit {
  const alpha: number[] = [];
  const beta: number[] = [];
  const coefficients: number[] = [];
  let previous = new Float64Array(count);
  let current = new Float64Array(count).fill(1);
  let previousNorm = 1;
  let spread = 0;
  for (let i = 0; i < count; i++) spread = Math.max(spread, Math.abs(x[i]!));
  for (let k = 0; k <= degree; k++) {
    let norm = 0;
    let moment = 0;
    let projection = 0;
    for (let i = 0; i < count; i++) {
      const p = current[i]!;
      norm += p * p;
      moment += x[i]! * p * p;
      projection += y[i]! * p;
    }
    // Fewer distinct points than k + 1: p_k vanishes on all of them.
    if (!(norm > 1e-24 * count * (k === 0 ? 1 : spread ** (2 * k)))) break;
    coefficients.push(projection / norm);
    alpha.push(moment / norm);
    beta.push(k === 0 ? 0 : norm / previousNorm);
    const next = new Float64Array(count);
    for (let i = 0; i < count; i++) next[i] = (x[i]! - alpha[k]!) * current[i]! - beta[k]! * previous[i]!;
    previous = current;
    current = next;
    previousNorm = norm;
  }
  return { alpha, beta, coefficients };
}
