import { logRatio } from '../../numeric/log-ratio.ts';
import { millsDifference, millsRatio } from '../../numeric/mills.ts';
import { normalCdf, normalPdf } from '../../numeric/normal.ts';

/** Market terms of one lookback in total terms. */
export type ExtremeTerms = {
  readonly spot: number;
  /** S e^(-qT), and e^(-rT). */
  readonly spotPv: number;
  readonly discount: number;
  /** (r - q) T. */
  readonly carry: number;
  /** v sqrt T, positive. */
  readonly deviation: number;
};

/** A value and its derivative by the spot. */
export type Premium = { readonly value: number; readonly delta: number };

/** Up to this share of 1 + |a|, `millsDifference` takes a difference that would cancel as an integral. */
const SMOOTH_REACH = 0.1;

/**
 * What a lookback is worth beyond the European option struck at a level X that the extreme has to pass (F52): for the
 * maximum (X >= S) the discounted mean of max(max S_t, X) - max(S_T, X), for the minimum (X <= S) of min(S_T, X) -
 * min(min S_t, X).
 *
 * In the literature it is S e^(-rT) / k [ e^((r-q)T) N(a1) - (S/X)^(-k) N(a1 - k v sqrt T) ] with k = 2 (r - q) / v^2
 * for the maximum, and its mirror image for the minimum; both cancel as r - q goes to 0. With x = ln(S/X), s = v sqrt
 * T, d = (r - q) T / s, a = x/s + s/2 for the minimum and its negative for the maximum, and R the Mills ratio, both
 * are
 *
 *     X e^(-rT) n(a2) s (R(a - d) - R(a + d)) / (2 d),    a2 = x/s + d - s/2,
 *
 * a difference quotient that `millsDifference` takes without cancellation, at r = q too. For a < 0, where R would
 * overflow, R(-z) = sqrt(2 pi) e^(z^2/2) - R(z) moves the sum of exponentials into S e^(-rT) (e^(2 a d) - 1) / k. Own
 * derivation from Goldman, Sosin and Gatto (1979) and Conze and Viswanathan (1991).
 *
 * The derivative: value / S + e^(-rT) (S/X)^(-k) N(-a - d) for the maximum, value / S - e^(-rT) (S/X)^(-k) N(d - a)
 * for the minimum.
 * Accuracy: 1e-15 S (1 + s^2), of present values. @param side +1 for the maximum, -1 for the minimum.
 */
export function extremePremium(terms: ExtremeTerms, level: number, side: 1 | -1): Premium {
  const { spot, spotPv, discount, carry, deviation: s } = terms;
  const x = logRatio(spot, level);
  const d = carry / s;
  const a = -side * (x / s + 0.5 * s);
  const a2 = x / s + d - 0.5 * s;
  const magnitude = Math.abs(a);
  const density = level * discount * normalPdf(a2);
  // S e^(-rT) (S/X)^(-k), of which only bounded products are used.
  const power = (): number => spot * discount * Math.exp((-2 * d * x) / s);
  let value: number;
  if (Math.abs(d) > Math.max(magnitude, SMOOTH_REACH * (1 + magnitude))) {
    // The terms one by one: the larger argument as a tail with the density, the other as a distribution function.
    const tail = density * millsRatio(d > 0 ? a + d : a - d);
    const body = (side > 0 === d > 0 ? spotPv : power()) * normalCdf(Math.abs(d) - a);
    value = (Math.max(body - tail, 0) * s) / (2 * Math.abs(d));
  } else {
    value = density * s * millsDifference(magnitude, d);
    if (a < 0) {
      const growth = 2 * d * magnitude;
      // (e^growth - 1) / (2 d), as a quotient that is 1 where growth vanishes or loses digits as a subnormal number.
      const mean = growth === 0 ? magnitude : magnitude * (Math.expm1(growth) / growth);
      value += spot * discount * Math.exp(carry - growth) * mean * s;
    }
  }
  const z = a + side * d;
  const reached = z > 0 ? density * millsRatio(z) : power() * normalCdf(-z);
  return { value, delta: (value + side * reached) / spot };
}
