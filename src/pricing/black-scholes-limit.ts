import type { BlackScholesInputs } from './black-scholes-inputs.ts';
import { type BlackScholesGreeks, GREEKS } from './black-scholes-outputs.ts';

/** Price and every Greek of one option without variance. */
export type LimitGreeks = {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
  readonly phi: number;
  readonly vanna: number;
  readonly volga: number;
  readonly charm: number;
  readonly speed: number;
  readonly zomma: number;
  readonly dualDelta: number;
};

/** Below this vol sqrt(t) counts as zero: its inverse square must stay a double. */
export const NO_VARIANCE = 1e-150;

/** Calls `visit` with the index of every option from `from` up to `to` whose vol sqrt(t) is below {@link NO_VARIANCE}. */
export function forEachLimit(
  inputs: BlackScholesInputs,
  visit: (index: number) => void,
  from = 0,
  to: number = inputs.vol.length,
): void {
  for (let i = from; i < to; i++) {
    if (inputs.vol[i]! * Math.sqrt(inputs.expiryYears[i]!) < NO_VARIANCE) visit(i);
  }
}

/** Overwrites the prices of options `from` up to `to` that have no variance. */
export function finishLimitPrices(
  inputs: BlackScholesInputs,
  out: Float64Array,
  from: number,
  to: number,
): void {
  forEachLimit(
    inputs,
    (i) => {
      out[i] = limitGreeksAt(inputs, i).price;
    },
    from,
    to,
  );
}

/** Overwrites price and Greeks of options `from` up to `to` that have no variance. */
export function finishLimitGreeks(
  inputs: BlackScholesInputs,
  out: BlackScholesGreeks,
  from: number,
  to: number,
): void {
  forEachLimit(
    inputs,
    (i) => {
      const limit = limitGreeksAt(inputs, i);
      for (const name of GREEKS) out[name][i] = limit[name];
    },
    from,
    to,
  );
}

/**
 * The limit of Black-Scholes-Merton as vol sqrt(t) goes to zero (F8): V = max(w (S e^(-qt) - K e^(-rt)), 0) and its derivatives.
 *
 * At the kink, where both present values are the same double, V has one-sided derivatives only: they are NaN, except
 * that vega is the derivative from the right, S e^(-qt) sqrt(t) / sqrt(2 pi), and volga is zero.
 */
export function limitGreeksAt(inputs: BlackScholesInputs, index: number): LimitGreeks {
  const w = inputs.sign[index]!;
  const t = inputs.expiryYears[index]!;
  const r = inputs.rate[index]!;
  const q = inputs.dividendYield[index]!;
  const yieldDiscount = Math.exp(-q * t);
  const rateDiscount = Math.exp(-r * t);
  const spotPv = inputs.spot[index]! * yieldDiscount;
  const strikePv = inputs.strike[index]! * rateDiscount;
  const moneyness = w * (spotPv - strikePv);
  if (moneyness === 0) return kink(spotPv * Math.sqrt(t / (2 * Math.PI)));
  // Zero out of the money, one in the money: N(w d1) and N(w d2) in the limit.
  const side = moneyness > 0 ? w : 0;
  return {
    price: Math.max(moneyness, 0),
    delta: side * yieldDiscount,
    gamma: 0,
    vega: 0,
    theta: side * (q * spotPv - r * strikePv),
    rho: side * t * strikePv,
    phi: -side * t * spotPv,
    vanna: 0,
    volga: 0,
    charm: side * q * yieldDiscount,
    speed: 0,
    zomma: 0,
    dualDelta: -side * rateDiscount,
  };
}

function kink(vega: number): LimitGreeks {
  const none = Number.NaN;
  return {
    price: 0,
    delta: none,
    gamma: none,
    vega,
    theta: none,
    rho: none,
    phi: none,
    vanna: none,
    volga: 0,
    charm: none,
    speed: none,
    zomma: none,
    dualDelta: none,
  };
}
