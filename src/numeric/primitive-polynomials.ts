/** a x b modulo the polynomial p of the given degree, coefficients of GF(2) as bits; degree at most 30. */
function multiplyModulo(a: number, b: number, p: number, degree: number): number {
  let product = 0;
  let x = a;
  for (let y = b; y > 0; y >>>= 1) {
    if (y & 1) product ^= x;
    x <<= 1;
    if (x >>> degree) x ^= p;
  }
  return product;
}

/** x^exponent modulo p. */
function powerOfX(exponent: number, p: number, degree: number): number {
  let result = 1;
  // For degree 1 the polynomial is x + 1 and x itself reduces to 1.
  let base = degree === 1 ? 1 : 2;
  for (let e = exponent; e > 0; e >>>= 1) {
    if (e & 1) result = multiplyModulo(result, base, p, degree);
    base = multiplyModulo(base, base, p, degree);
  }
  return result;
}

function primeFactors(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let p = 2; p * p <= rest; p++) {
    if (rest % p !== 0) continue;
    factors.push(p);
    while (rest % p === 0) rest /= p;
  }
  if (rest > 1) factors.push(rest);
  return factors;
}

/**
 * The primitive polynomials of one degree over GF(2), ascending; bit k is the coefficient of x^k.
 *
 * A polynomial is primitive when x generates the multiplicative group modulo it: its order is 2^degree - 1 and no
 * proper divisor (R. Lidl and H. Niederreiter, "Introduction to Finite Fields and their Applications", 1986,
 * theorem 3.18).
 * Cost: 2^degree trials; degrees up to 13 take some milliseconds.
 * @param degree from 1 to 20.
 */
export function primitivePolynomials(degree: number): number[] {
  const order = 2 ** degree - 1;
  const cofactors = primeFactors(order).map((prime) => order / prime);
  const found: number[] = [];
  // The constant term must be 1, or x would divide the polynomial.
  for (let p = 2 ** degree + 1; p < 2 ** (degree + 1); p += 2) {
    if (powerOfX(order, p, degree) !== 1) continue;
    if (cofactors.every((cofactor) => powerOfX(cofactor, p, degree) !== 1)) found.push(p);
  }
  return found;
}
