import { normalCdf, normalPdf } from '../../src/numeric/normal.ts';

/** A quote as most JavaScript code holds it. */
export type PlainQuote = {
  readonly type: 'call' | 'put';
  readonly forward: number;
  readonly strike: number;
  readonly t: number;
  readonly r: number;
  readonly price: number;
};

/**
 * The baseline: Newton's method on Black's formula from the start of S. Manaster and G. Koehler ("The calculation of implied variances from the Black-Scholes model",
 * J. Finance 37, 1982), between brackets, with the library's distribution function; out of the money side, so that it is accurate in the wings.
 */
export function newtonImpliedVol({ type, forward, strike, t, r, price }: PlainQuote): number {
  const w = type === 'call' ? 1 : -1;
  const value = price * Math.exp(r * t);
  const side = w * (forward - strike) > 0 ? -w : w;
  const target = value - Math.max(w * (forward - strike), 0);
  const logMoneyness = Math.log(forward / strike);
  let low = 0;
  let high = 50;
  let s = Math.sqrt(2 * Math.abs(logMoneyness)) || 0.3;
  for (let step = 0; step < 200; step++) {
    const d1 = logMoneyness / s + s / 2;
    const b = side * (forward * normalCdf(side * d1) - strike * normalCdf(side * (d1 - s)));
    const error = b - target;
    if (error > 0) high = s;
    else low = s;
    let next = s - error / (forward * normalPdf(d1));
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - s) <= 1e-14 * s) return next / Math.sqrt(t);
    s = next;
  }
  return s / Math.sqrt(t);
}
