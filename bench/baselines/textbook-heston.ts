/** One option under Heston's model, as a plain object. */
export type HestonOption = {
  readonly type: 'call' | 'put';
  readonly spot: number;
  readonly strike: number;
  readonly t: number;
  readonly r: number;
  readonly q: number;
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
};

type Complex = { readonly re: number; readonly im: number };
const add = (a: Complex, b: Complex): Complex => ({ re: a.re + b.re, im: a.im + b.im });
const sub = (a: Complex, b: Complex): Complex => ({ re: a.re - b.re, im: a.im - b.im });
const mul = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
});
const div = (a: Complex, b: Complex): Complex => {
  const n = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / n, im: (a.im * b.re - a.re * b.im) / n };
};
const scale = (a: Complex, s: number): Complex => ({ re: a.re * s, im: a.im * s });
const exp = (a: Complex): Complex => ({
  re: Math.exp(a.re) * Math.cos(a.im),
  im: Math.exp(a.re) * Math.sin(a.im),
});
const log = (a: Complex): Complex => ({ re: Math.log(Math.hypot(a.re, a.im)), im: Math.atan2(a.im, a.re) });
const sqrt = (a: Complex): Complex => {
  const root = Math.sqrt(Math.hypot(a.re, a.im));
  const half = Math.atan2(a.im, a.re) / 2;
  return { re: root * Math.cos(half), im: root * Math.sin(half) };
};
const ONE: Complex = { re: 1, im: 0 };

/** E[e^(iu ln S_T)], little-trap form of H. Albrecher et al. (2007), as it stands in textbooks. */
function characteristic(o: HestonOption, u: Complex): Complex {
  const iu = { re: -u.im, im: u.re };
  const beta = sub({ re: o.kappa, im: 0 }, scale(iu, o.rho * o.sigma));
  const d = sqrt(add(mul(beta, beta), scale(add(iu, mul(u, u)), o.sigma * o.sigma)));
  const minus = sub(beta, d);
  const g = div(minus, add(beta, d));
  const decay = exp(scale(d, -o.t));
  const s2 = o.sigma * o.sigma;
  const ratio = div(sub(ONE, mul(g, decay)), sub(ONE, g));
  const C = scale(sub(scale(minus, o.t), scale(log(ratio), 2)), (o.kappa * o.theta) / s2);
  const D = scale(mul(minus, div(sub(ONE, decay), sub(ONE, mul(g, decay)))), 1 / s2);
  const drift = scale(iu, Math.log(o.spot) + (o.r - o.q) * o.t);
  return exp(add(add(C, scale(D, o.v0)), drift));
}

/** Intervals of Simpson's rule and its upper limit. */
export const NODES = 512;
const LIMIT = 200;

/**
 * The price the way textbooks write it: two probabilities, each an integral of its own for every strike, by Simpson's rule on a fixed range.
 * S. L. Heston (1993), equations 10 to 18; the characteristic function of each strike is computed anew.
 */
export function textbookHestonPrice(o: HestonOption): number {
  const logStrike = Math.log(o.strike);
  const forward = o.spot * Math.exp((o.r - o.q) * o.t);
  const integrand = (u: number, shifted: boolean): number => {
    const phi = characteristic(o, { re: u, im: shifted ? -1 : 0 });
    const turned = mul(exp({ re: 0, im: -u * logStrike }), phi);
    const value = div(turned, { re: 0, im: u });
    return shifted ? value.re / forward : value.re;
  };
  const probability = (shifted: boolean): number => {
    const step = LIMIT / NODES;
    // The integrand's limit at zero is finite, but the formula is 0/0 there.
    let sum = integrand(1e-8, shifted) + integrand(LIMIT, shifted);
    for (let i = 1; i < NODES; i++) sum += (i % 2 === 0 ? 2 : 4) * integrand(i * step, shifted);
    return 0.5 + (sum * step) / 3 / Math.PI;
  };
  const call =
    o.spot * Math.exp(-o.q * o.t) * probability(true) - o.strike * Math.exp(-o.r * o.t) * probability(false);
  return o.type === 'call' ? call : call - o.spot * Math.exp(-o.q * o.t) + o.strike * Math.exp(-o.r * o.t);
}
