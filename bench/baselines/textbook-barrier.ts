import { normalCdf } from '../../src/numeric/normal.ts';

/** One barrier option as plain numbers. */
export type TextbookBarrier = {
  readonly up: boolean;
  readonly knockIn: boolean;
  readonly sign: number;
  readonly spot: number;
  readonly strike: number;
  readonly barrier: number;
  readonly rebate: number;
  readonly t: number;
  readonly r: number;
  readonly q: number;
  readonly vol: number;
};

/**
 * Price of a barrier option as printed: E. G. Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), section
 * 4.17.1, with its letters. What a programmer writes from the book, with a good normal distribution function; no delta.
 */
export function textbookBarrierPrice(option: TextbookBarrier): number {
  const { up, knockIn, sign: phi, spot: S, strike: X, barrier: H, rebate: K, t: T, r, q, vol: v } = option;
  const eta = up ? -1 : 1;
  const b = r - q;
  const s = v * Math.sqrt(T);
  const mu = (b - (v * v) / 2) / (v * v);
  const lambda = Math.sqrt(mu * mu + (2 * r) / (v * v));
  const z = Math.log(H / S) / s + lambda * s;
  const x1 = Math.log(S / X) / s + (1 + mu) * s;
  const x2 = Math.log(S / H) / s + (1 + mu) * s;
  const y1 = Math.log((H * H) / (S * X)) / s + (1 + mu) * s;
  const y2 = Math.log(H / S) / s + (1 + mu) * s;
  const dq = Math.exp((b - r) * T);
  const dr = Math.exp(-r * T);
  const power = (H / S) ** (2 * mu);
  const vanilla = (x: number): number =>
    phi * S * dq * normalCdf(phi * x) - phi * X * dr * normalCdf(phi * x - phi * s);
  const image = (y: number): number =>
    phi * S * dq * power * (H / S) ** 2 * normalCdf(eta * y) -
    phi * X * dr * power * normalCdf(eta * y - eta * s);
  const A = vanilla(x1);
  const B = vanilla(x2);
  const C = image(y1);
  const D = image(y2);
  const E = K * dr * (normalCdf(eta * x2 - eta * s) - power * normalCdf(eta * y2 - eta * s));
  const F =
    K *
    ((H / S) ** (mu + lambda) * normalCdf(eta * z) +
      (H / S) ** (mu - lambda) * normalCdf(eta * z - 2 * eta * lambda * s));
  const above = X > H;
  const call = phi > 0;
  if (call !== up) {
    // Down call and up put.
    const near = call === above;
    if (knockIn) return near ? C + E : A - B + D + E;
    return near ? A - C + F : B - D + F;
  }
  const near = up === above;
  if (knockIn) return near ? A + E : B - C + D + E;
  return near ? F : A - B + C - D + F;
}
