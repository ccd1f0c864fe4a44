import type { TextbookOption } from './textbook-black-scholes.ts';

/** Peizer and Pratt's second inversion of the binomial distribution, n odd. */
function peizerPratt(z: number, n: number): number {
  const x = z / (n + 1 / 3 + 0.1 / (n + 1));
  return 0.5 + 0.5 * Math.sign(z) * Math.sqrt(1 - Math.exp(-x * x * (n + 1 / 6)));
}

/**
 * American price on a tree of D. Leisen and M. Reimer, "Binomial models for option valuation - examining and improving convergence", Applied
 * Mathematical Finance 3 (1996): what most code uses, in its best known form. Errors fall as 1 / steps.
 */
export function leisenReimer({ type, spot, strike, t, r, q, vol }: TextbookOption, steps: number): number {
  const n = steps | 1;
  const w = type === 'call' ? 1 : -1;
  const deviation = vol * Math.sqrt(t);
  const d1 = (Math.log(spot / strike) + (r - q) * t) / deviation + deviation / 2;
  const p = peizerPratt(d1 - deviation, n);
  const growth = Math.exp(((r - q) * t) / n);
  const up = (growth * peizerPratt(d1, n)) / p;
  const down = (growth - p * up) / (1 - p);
  const discount = Math.exp((-r * t) / n);
  const upWeight = discount * p;
  const downWeight = discount * (1 - p);
  const values = new Float64Array(n + 1);
  const ratio = up / down;
  let at = spot * down ** n;
  for (let i = 0; i <= n; i++, at *= ratio) values[i] = Math.max(w * (at - strike), 0);
  for (let step = n - 1; step >= 0; step--) {
    at = spot * down ** step;
    for (let i = 0; i <= step; i++, at *= ratio) {
      const held = downWeight * values[i]! + upWeight * values[i + 1]!;
      const exercised = w * (at - strike);
      values[i] = Math.max(held, exercised);
    }
  }
  return values[0]!;
}
