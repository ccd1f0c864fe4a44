import { RangeError } from '../base/errors.ts';

/** Moduli below this are computed with in doubles; {@link mulMod} is exact for them. */
export const MAX_MODULUS: number = 2 ** 50;

/** Veltkamp's constant: splits a double into two halves of 26 bits whose products are exact. */
const SPLITTER = 2 ** 27 + 1;

/**
 * a b mod p for 0 <= a, b < p < 2^50, exactly: the quotient is within 1 of floor(a b / p), and both a b and q p are
 * sums of two doubles by Dekker's product ("A floating-point technique for extending the available precision",
 * Numer. Math. 18, 1971). Varies in time with its arguments: for public numbers. Cost: some 10 ns.
 */
export function mulMod(a: number, b: number, p: number): number {
  const product = a * b;
  const quotient = Math.floor(product / p);
  const r = product - quotient * p;
  // Both products are rounded; what rounding took away is added back. All differences are small integers, so exact.
  const exact = r + (roundingOf(a, b, product) - roundingOf(quotient, p, quotient * p));
  return exact < 0 ? exact + p : exact >= p ? exact - p : exact;
}

/** a b - fl(a b), exactly. */
function roundingOf(a: number, b: number, product: number): number {
  const aScaled = a * SPLITTER;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * SPLITTER;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** base^exponent mod p for 0 <= base < p < 2^50 and an exponent below 2^53. */
export function powMod(base: number, exponent: number, p: number): number {
  let result = 1 % p;
  let square = base;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = mulMod(result, square, p);
    square = mulMod(square, square, p);
  }
  return result;
}

/** a^-1 mod a prime p < 2^50, by the extended Euclidean algorithm. @throws RangeError where p divides a. */
export function inverseMod(a: number, p: number): number {
  let r0 = p;
  let r1 = a % p;
  let t0 = 0;
  let t1 = 1;
  while (r1 !== 0) {
    const quotient = Math.floor(r0 / r1);
    const r2 = r0 - quotient * r1;
    const t2 = t0 - quotient * t1;
    r0 = r1;
    r1 = r2;
    t0 = t1;
    t1 = t2;
  }
  if (r0 !== 1) throw new RangeError(`${a} has no inverse modulo ${p}: expected coprime numbers`, { a, p });
  return t0 < 0 ? t0 + p : t0;
}
