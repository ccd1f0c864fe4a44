import { allocateGreeks, type BlackScholesGreeks, blackScholesGreeks } from './black-scholes.ts';
import {
  BLOCK,
  D1,
  D2,
  DENSITY,
  DEVIATION,
  fillBlock,
  HEAD1,
  HEAD2,
  RATE_DISCOUNT,
  TAIL1,
  TAIL2,
  YIELD_DISCOUNT,
} from './black-scholes-block.ts';
import type { BlackScholesInputs } from './black-scholes-inputs.ts';
import { forEachLimit, limitGreeksAt } from './black-scholes-limit.ts';
import { lengthOf } from './column-checks.ts';

/** The Greeks beyond the first five. Units: see {@link blackScholesAllGreeks}. */
export type HigherGreeks = {
  readonly phi: Float64Array;
  readonly vanna: Float64Array;
  readonly volga: Float64Array;
  readonly charm: Float64Array;
  readonly speed: Float64Array;
  readonly zomma: Float64Array;
  readonly dualDelta: Float64Array;
};

/** Price and twelve Greeks of a batch, a column each. */
export type BlackScholesAllGreeks = BlackScholesGreeks & HigherGreeks;

const HIGHER = ['phi', 'vanna', 'volga', 'charm', 'speed', 'zomma', 'dualDelta'] as const;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/**
 * Price and all Greeks of European options: those of {@link blackScholesGreeks} and (F7) phi dV/dq; vanna d2V/dS dvol;
 * volga d2V/dvol2; charm d(delta)/d(calendar time) a year; speed d3V/dS3; zomma d(gamma)/dvol; dualDelta dV/dK.
 *
 * Source: E. G. Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), chapter 2. Vols and rates a
 * unit, times a year. Without variance: see `limitGreeksAt`; NaN exactly at the kink.
 * Accuracy: phi 1e-14 of spot x years; the others 1e-12 of the largest value the Greek takes over spots.
 * Cost: about twice {@link blackScholesGreeks}.
 * @throws ShapeError @throws RangeError as {@link blackScholesGreeks}.
 */
export function blackScholesAllGreeks(inputs: BlackScholesInputs): BlackScholesAllGreeks {
  const count = lengthOf('sign', inputs.sign);
  const first = blackScholesGreeks(inputs, allocateGreeks(count));
  const column = (): Float64Array => new Float64Array(count);
  const higher: HigherGreeks = {
    phi: column(),
    vanna: column(),
    volga: column(),
    charm: column(),
    speed: column(),
    zomma: column(),
    dualDelta: column(),
  };
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    fillBlock(inputs, offset, size);
    finishHigher(inputs, offset, size, higher);
  }
  forEachLimit(inputs, (i) => {
    const limit = limitGreeksAt(inputs, i);
    for (const name of HIGHER) higher[name][i] = limit[name];
  });
  return { ...first, ...higher };
}

function finishHigher(inputs: BlackScholesInputs, offset: number, count: number, out: HigherGreeks): void {
  const { sign, spot, expiryYears, rate, dividendYield, vol, strike } = inputs;
  const { phi, vanna, volga, charm, speed, zomma, dualDelta } = out;
  for (let i = 0; i < count; i++) {
    const at = offset + i;
    const w = sign[at]!;
    const S = spot[at]!;
    const t = expiryYears[at]!;
    const v = vol[at]!;
    const q = dividendYield[at]!;
    const carry = rate[at]! - q;
    const d1 = D1[i]!;
    const d2 = D2[i]!;
    const dq = YIELD_DISCOUNT[i]!;
    const deviation = DEVIATION[i]!;
    const n1 = HEAD1[i]! + DENSITY[i]! * TAIL1[i]!;
    const pdf = dq * DENSITY[i]! * SQRT_TWO_PI_INVERSE;
    const gamma = pdf / (S * deviation);
    phi[at] = -w * t * S * dq * n1;
    // K e^(-rT) N(w d2) over K, the second term with S e^(-qT) phi(d1) = K e^(-rT) phi(d2).
    dualDelta[at] = -w * (RATE_DISCOUNT[i]! * HEAD2[i]! + ((S * dq * DENSITY[i]!) / strike[at]!) * TAIL2[i]!);
    charm[at] = w * q * dq * n1;
    // Far from the money the rest vanishes faster than any power of t or vol in a denominator overflows.
    if (pdf === 0) continue;
    vanna[at] = (-pdf * d2) / v;
    volga[at] = ((S * pdf * deviation) / v) * d1 * (d2 / v);
    charm[at]! -= pdf * (carry / deviation - d2 / (2 * t));
    speed[at] = (-gamma / S) * (d1 / deviation + 1);
    zomma[at] = (gamma * (d1 * d2 - 1)) / v;
  }
}
