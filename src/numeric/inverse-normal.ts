import { RangeError } from '../base/errors.ts';
import { normalCdf, normalPdf } from './normal.ts';

// PPND16 of AS 241: |p - 1/2| <= 0.425, then two ranges of sqrt(-ln(tail)). Ascending powers.
const CENTRE_TOP = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.693765509461, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const CENTRE_BOTTOM = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const NEAR_TOP = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 7.745450142783414e-4,
];
const NEAR_BOTTOM = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  5.475938084995345e-4, 1.0507500716444169e-9,
];
const FAR_TOP = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const FAR_BOTTOM = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 7.868691311456133e-4, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

/** The quantile for a tail probability in (0, 0.075), as a negative number. */
function leftTailStart(tail: number): number {
  const r = Math.sqrt(-Math.log(tail));
  return r <= 5
    ? -polynomial(NEAR_TOP, r - 1.6) / polynomial(NEAR_BOTTOM, r - 1.6)
    : -polynomial(FAR_TOP, r - 5) / polynomial(FAR_BOTTOM, r - 5);
}

/**
 * Inverse of the standard normal distribution function: the x with N(x) = p (F24).
 *
 * M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Appl. Statist. 37 (1988),
 * 477-484 (routine PPND16), followed by one Halley step on the smaller tail, so that 1 - p is used for p near 1.
 *
 * Accuracy: 1e-13 (1 + |x|) absolute for p from 1e-300 to 1 - 1e-16. Cost: one log, one normal cdf and pdf.
 * @returns -Infinity for 0 and Infinity for 1.
 * @throws RangeError unless 0 <= p <= 1.
 * @example inverseNormalCdf(0.99) // 2.3263478740408408
 */
export function inverseNormalCdf(p: number): number {
  if (!(p >= 0 && p <= 1)) {
    throw new RangeError(`expected a probability between 0 and 1, found ${p}`, { probability: p });
  }
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  const q = p - 0.5;
  // 1 - p is exact for p >= 1/2.
  const tail = q > 0 ? 1 - p : p;
  let x: number;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    x = (-Math.abs(q) * polynomial(CENTRE_TOP, r)) / polynomial(CENTRE_BOTTOM, r);
  } else {
    x = leftTailStart(tail);
  }
  const density = normalPdf(x);
  // Below 1e-305 density and cdf are subnormal and a step would only add their noise; AS 241 alone is good to 1e-16.
  if (density > 1e-305) {
    const newton = (normalCdf(x) - tail) / density;
    // Halley: f''/f' of N is -x.
    x -= newton / (1 + 0.5 * x * newton);
  }
  // + 0: the quantile of 1/2 is 0, not -0.
  return (q > 0 ? -x : x) + 0;
}
