import { faddeeva } from '../../numeric/faddeeva.ts';
import { erfcx, normalCdf } from '../../numeric/normal.ts';

const SQRT_HALF = Math.SQRT1_2;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/** A value and its derivative by the distance. */
export type Passage = { readonly value: number; readonly slope: number };

/**
 * E[exp(-r tau); tau <= T], the value of one unit of cash paid when a Brownian motion with drift first goes a
 * distance, and its derivative by that distance (F44).
 *
 * In units of v sqrt T let a > 0 be the distance |ln(H/S)| and g the drift (r - q - v^2/2) T towards the barrier, and
 * let rho = r T. With l = sqrt(g^2 + 2 rho)
 *
 *     U = e^(ga) [ e^(la) N(-a - l) + e^(-la) N(l - a) ],   dU/da = (g + l) U1 + (g - l) U2 - 2 X / sqrt(2 pi)
 *
 * for U = U1 + U2. Both terms have the density X = exp(-rho - (a - g)^2 / 2), so that U = X [erfcx((a + l)/sqrt 2) +
 * erfcx((a - l)/sqrt 2)] / 2: far from the barrier nothing overflows and all digits stay. Where a < l the second term
 * is e^((g-l)a) N(l - a), with g - l = -2 rho / (g + l) for g > 0. A negative rate may make l imaginary, l = i k:
 * then U = X Re w((k + i a)/sqrt 2), w the Faddeeva function.
 *
 * Source: M. Rubinstein and E. Reiner, "Unscrambling the binary code", Risk 4 (October 1991), 75-83, and Haug (2007),
 * section 4.19.5, for real l; the forms above, and imaginary l, are own derivations.
 * Accuracy: absolute 1e-15 max(1, e^(-rho)); relative 1e-15 (4 + |exponent of X|).
 */
export function firstPassage(distance: number, drift: number, rateTime: number): Passage {
  const a = distance;
  const g = drift;
  const square = g * g + 2 * rateTime;
  const density = Math.exp(-rateTime - 0.5 * (a - g) * (a - g));
  const flow = -2 * SQRT_TWO_PI_INVERSE * density;
  if (square < 0) {
    const k = Math.sqrt(-square);
    const w = faddeeva(k * SQRT_HALF, a * SQRT_HALF);
    const value = density * w.re;
    return { value, slope: g * value + k * density * w.im + flow };
  }
  const l = Math.sqrt(square);
  const far = 0.5 * density * erfcx((a + l) * SQRT_HALF);
  // g - l and g + l, each without cancellation; their product is -2 rho.
  const plus = g > 0 || l === 0 ? g + l : (-2 * rateTime) / (g - l);
  const minus = g > 0 ? (-2 * rateTime) / (g + l) : g - l;
  const near = a > l ? 0.5 * density * erfcx((a - l) * SQRT_HALF) : Math.exp(minus * a) * normalCdf(l - a);
  return { value: far + near, slope: plus * far + minus * near + flow };
}
