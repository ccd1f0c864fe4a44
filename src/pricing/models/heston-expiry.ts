import { blackScholesGreeks, blackScholesPrices } from '../black-scholes.ts';
import { hestonContour, NORMALISED } from './heston-contour.ts';
import type { HestonExpiry } from './heston-exponent.ts';
import { reachOfTail, smileGrid } from './heston-grid.ts';
import { criticalMoments } from './heston-moments.ts';
import { addSmile, hestonSmile } from './heston-smile.ts';

/**
 * Out-of-the-money options over the forward, undiscounted, an element a strike; c is the call for k >= 0, else the put.
 */
export type NormalisedOptions = {
  readonly price: Float64Array;
  /** dc/dk. */
  readonly slope: Float64Array;
  /** d2c/dk2 - dc/dk, which is S^2 times gamma. */
  readonly bend: Float64Array;
  /** dc/dv0. */
  readonly byVariance: Float64Array;
  /** dc/dT at fixed k. */
  readonly byTime: Float64Array;
};

/** Below this the shared grid's absolute error shows in the digits: the option is priced on a contour of its own. */
const FAR_PRICE = 1e-6;
const LOG_FAR_PRICE = Math.log(FAR_PRICE);
/** Costs in microseconds, measured, from which the cheaper of the two ways is chosen. */
const CONTOUR_COST = 20;
const NODE_COST = 0.3;
const NODE_STRIKE_COST = 0.004;
/** Below this the bounds cost more than they may save. */
const SMALLEST_GROUP = 3;
const MOST_NODES = 20_000;

/** Expected integral of the variance over [0, T], its derivative by T (the expected variance at T) and by v0. */
export function expectedVariance(model: HestonExpiry): {
  readonly total: number;
  readonly forward: number;
  readonly byVariance: number;
} {
  const { t, initialVariance, meanReversion, longVariance } = model;
  const decay = meanReversion * t;
  // (1 - e^(-kappa T)) / kappa, and T less that, which is kappa T^2 / 2 for small kappa T.
  const duration = decay < 1e-300 ? t : -Math.expm1(-decay) / meanReversion;
  const rest = decay < 1e-5 ? 0.5 * decay * t * (1 - decay / 3) : t - duration;
  const left = Math.exp(-decay);
  return {
    total: initialVariance * duration + longVariance * rest,
    forward: initialVariance * left - longVariance * Math.expm1(-decay),
    byVariance: duration,
  };
}

/**
 * All strikes of one expiry: near ones from shared values of the characteristic function, far ones and small groups
 * each on a contour of its own.
 * @param k ln(K/F) of each strike.
 * @param out room for the results; only `price` is filled unless `greeks`.
 */
export function normalisedOptions(
  model: HestonExpiry,
  k: Float64Array,
  greeks: boolean,
  out: NormalisedOptions,
): void {
  const { total, forward } = expectedVariance(model);
  const moments = criticalMoments(model);
  const alone = (i: number): void => {
    hestonContour(model, moments, total, k[i]!, greeks);
    store(out, i, greeks);
  };
  const near: number[] = [];
  if (k.length >= SMALLEST_GROUP) {
    // Beyond these a bound says already that the option is a far one.
    const farCall = reachOfTail(model, 1, moments.upper - 1, total, -LOG_FAR_PRICE, 0.5);
    const farPut = reachOfTail(model, -1, -moments.lower, total, -LOG_FAR_PRICE, -0.5);
    for (let i = 0; i < k.length; i++) {
      if (k[i]! > -farPut && k[i]! < farCall) near.push(i);
      else alone(i);
    }
  } else {
    for (let i = 0; i < k.length; i++) alone(i);
  }
  if (near.length === 0) return;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const i of near) {
    lowest = Math.min(lowest, k[i]!);
    highest = Math.max(highest, k[i]!);
  }
  const grid = smileGrid(model, moments, total, lowest, highest);
  const cost = grid.count * (NODE_COST + NODE_STRIKE_COST * near.length);
  if (!(grid.count <= MOST_NODES && cost < CONTOUR_COST * near.length)) {
    for (const i of near) alone(i);
    return;
  }
  const smile = hestonSmile(model, grid, total, forward, greeks);
  const black = controlVariate(k, near, total, greeks);
  for (let n = 0; n < near.length; n++) {
    const i = near[n]!;
    NORMALISED[0] = black.price[n]!;
    if (greeks) {
      const bend = black.gamma[n]!;
      NORMALISED[1] = black.price[n]! - black.delta[n]!;
      NORMALISED[2] = bend;
      NORMALISED[3] = 0;
      // The heat equation of Black-Scholes: dc/dw = (d2c/dk2 - dc/dk) / 2.
      NORMALISED[4] = 0.5 * bend * forward;
    }
    addSmile(smile, k[i]!, greeks);
    if (NORMALISED[0]! < FAR_PRICE) hestonContour(model, moments, total, k[i]!, greeks);
    store(out, i, greeks);
  }
}

const NOTHING = new Float64Array(0);

/** Black-Scholes of total variance w for the out-of-the-money options on a forward of 1. */
function controlVariate(
  k: Float64Array,
  near: readonly number[],
  totalVariance: number,
  greeks: boolean,
): { readonly price: Float64Array; readonly delta: Float64Array; readonly gamma: Float64Array } {
  const count = near.length;
  const zeros = new Float64Array(count);
  const ones = new Float64Array(count).fill(1);
  const inputs = {
    sign: new Float64Array(count),
    spot: ones,
    strike: new Float64Array(count),
    expiryYears: ones,
    rate: zeros,
    dividendYield: zeros,
    vol: new Float64Array(count).fill(Math.sqrt(totalVariance)),
  };
  for (let n = 0; n < count; n++) {
    const at = k[near[n]!]!;
    inputs.sign[n] = at >= 0 ? 1 : -1;
    inputs.strike[n] = Math.exp(at);
  }
  return greeks
    ? blackScholesGreeks(inputs)
    : { price: blackScholesPrices(inputs), delta: NOTHING, gamma: NOTHING };
}

function store(out: NormalisedOptions, i: number, greeks: boolean): void {
  out.price[i] = NORMALISED[0]!;
  if (!greeks) return;
  out.slope[i] = NORMALISED[1]!;
  out.bend[i] = NORMALISED[2]!;
  out.byVariance[i] = NORMALISED[3]!;
  out.byTime[i] = NORMALISED[4]!;
}
