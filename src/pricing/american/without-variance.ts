import type { AmericanRegime } from './regime.ts';

/** Value and derivatives of an American option whose spot moves along its forward with certainty. */
export type CertainOption = {
  readonly price: number;
  readonly delta: number;
  readonly theta: number;
  readonly regime: AmericanRegime;
};

/**
 * The limit of an American option as vol sqrt(t) goes to zero (F67): the largest of w (S e^(-q s) - K e^(-r s)) over the times s up
 * to expiry, and zero. It has at most one stationary point inside, s = ln(r K / (q S)) / (r - q).
 * At the kink between worthless and not, delta and theta are NaN, as for a European option.
 */
export function certainOption(
  sign: number,
  spot: number,
  strike: number,
  years: number,
  rate: number,
  dividendYield: number,
): CertainOption {
  const worth = (s: number): number =>
    sign * (spot * Math.exp(-dividendYield * s) - strike * Math.exp(-rate * s));
  const inside = Math.log((rate * strike) / (dividendYield * spot)) / (rate - dividendYield);
  let best = 0;
  for (const s of [inside, years]) if (s > 0 && s <= years && worth(s) > worth(best)) best = s;
  const price = worth(best);
  if (price === 0) return { price: 0, delta: Number.NaN, theta: Number.NaN, regime: 'european' };
  if (price < 0) return { price: 0, delta: 0, theta: 0, regime: 'european' };
  const spotPv = spot * Math.exp(-dividendYield * best);
  const strikePv = strike * Math.exp(-rate * best);
  return {
    price,
    delta: sign * Math.exp(-dividendYield * best),
    theta: best === years && years > 0 ? sign * (dividendYield * spotPv - rate * strikePv) : 0,
    regime: best === 0 && years > 0 ? 'immediate' : best === years ? 'european' : 'early',
  };
}
