/**
 * Numbers of twice the precision of a double, as the unevaluated sum of two: T. J. Dekker, "A floating-point technique for extending
 * the available precision", Numer. Math. 18 (1971), 224-242. Magnitudes up to 1e290 and, for exact products, down to 1e-290.
 */
export type Double2 = readonly [high: number, low: number];

/** 2^27 + 1 splits a double into two halves. */
const SPLITTER = 134217729;

/** a + b, exactly. */
export function twoSum(a: number, b: number): Double2 {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

/** a b, exactly. */
export function twoProduct(a: number, b: number): Double2 {
  const product = a * b;
  const aBig = SPLITTER * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = SPLITTER * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

/** Relative error below 2^-100. */
export function multiplyDouble2([a, aLow]: Double2, [b, bLow]: Double2): Double2 {
  const [high, low] = twoProduct(a, b);
  const rest = low + (a * bLow + aLow * b);
  return [high + rest, rest - (high + rest - high)];
}

/** Error below 2^-100 of |a| + |b|. */
export function addDouble2([a, aLow]: Double2, [b, bLow]: Double2): Double2 {
  const [high, low] = twoSum(a, b);
  const rest = low + aLow + bLow;
  return [high + rest, rest - (high + rest - high)];
}

/** Relative error below 2^-98. */
export function divideDouble2(a: Double2, b: Double2): Double2 {
  const first = a[0] / b[0];
  const [p, pLow] = multiplyDouble2(b, [first, 0]);
  const second = addDouble2(a, [-p, -pLow])[0] / b[0];
  const high = first + second;
  return [high, second - (high - first)];
}
