import { normalCdf, normalPdf } from '../../src/numeric/normal.ts';

/** An option as most JavaScript code holds it. */
export type TextbookOption = {
  readonly type: 'call' | 'put';
  readonly spot: number;
  readonly strike: number;
  readonly t: number;
  readonly r: number;
  readonly q: number;
  readonly vol: number;
};

/** Price and five Greeks as most JavaScript code returns them. */
export type TextbookGreeks = {
  price: number;
  delta: number;
  gamma: number;
  vega: number;
  theta: number;
  rho: number;
};

/**
 * The baseline: the formulas as a textbook prints them, on plain objects with Math.exp and Math.log, with the same normal
 * distribution function (Cody) as the library, so that it is as accurate.
 */
export function textbookGreeks({ type, spot, strike, t, r, q, vol }: TextbookOption): TextbookGreeks {
  const w = type === 'call' ? 1 : -1;
  const rootT = Math.sqrt(t);
  const d1 = (Math.log(spot / strike) + (r - q + 0.5 * vol * vol) * t) / (vol * rootT);
  const d2 = d1 - vol * rootT;
  const spotPv = spot * Math.exp(-q * t);
  const strikePv = strike * Math.exp(-r * t);
  const n1 = normalCdf(w * d1);
  const n2 = normalCdf(w * d2);
  const pdf = normalPdf(d1);
  return {
    price: w * (spotPv * n1 - strikePv * n2),
    delta: w * Math.exp(-q * t) * n1,
    gamma: (Math.exp(-q * t) * pdf) / (spot * vol * rootT),
    vega: spotPv * pdf * rootT,
    theta: (-spotPv * pdf * vol) / (2 * rootT) + w * (q * spotPv * n1 - r * strikePv * n2),
    rho: w * t * strikePv * n2,
  };
}

/** Price only, likewise. */
export function textbookPrice({ type, spot, strike, t, r, q, vol }: TextbookOption): number {
  const w = type === 'call' ? 1 : -1;
  const rootT = Math.sqrt(t);
  const d1 = (Math.log(spot / strike) + (r - q + 0.5 * vol * vol) * t) / (vol * rootT);
  const d2 = d1 - vol * rootT;
  return w * (spot * Math.exp(-q * t) * normalCdf(w * d1) - strike * Math.exp(-r * t) * normalCdf(w * d2));
}
