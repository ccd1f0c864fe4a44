import { checkOutput } from './black-scholes.ts';
import {
  BLOCK,
  DENSITY,
  DEVIATION,
  fillBlock,
  HEAD1,
  HEAD2,
  RATE_DISCOUNT,
  ROOT_T,
  TAIL1,
  TAIL2,
} from './black-scholes-block.ts';
import type { BlackScholesInputs } from './black-scholes-inputs.ts';
import { forEachLimit, limitGreeksAt } from './black-scholes-limit.ts';
import {
  checkColumns,
  checkDiscounts,
  checkSigns,
  lengthOf,
  PRICE,
  RATE,
  VOL,
  YEARS,
} from './column-checks.ts';
import type { PricingModel } from './model.ts';
import {
  priceColumn,
  RATE_COLUMN,
  signColumn,
  TYPE_COLUMN,
  VOL_COLUMN,
  YEARS_COLUMN,
} from './model-table.ts';

/** A batch of European options on forwards or futures, a column a field. */
export type Black76Inputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  /** Forward or futures price for the expiry of the option. */
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  readonly expiryYears: Float64Array;
  /** Discount rate, continuous, per year, decimal. */
  readonly rate: Float64Array;
  readonly vol: Float64Array;
};

/** Price and Greeks of a batch, a column each. Units: see {@link black76Greeks}. */
export type Black76Greeks = {
  readonly price: Float64Array;
  readonly deltaForward: Float64Array;
  readonly gammaForward: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
};

const NAMES = ['price', 'deltaForward', 'gammaForward', 'vega', 'theta', 'rho'] as const;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/** Room for the Greeks of `count` options. */
export function allocateBlack76(count: number): Black76Greeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    price: column(),
    deltaForward: column(),
    gammaForward: column(),
    vega: column(),
    theta: column(),
    rho: column(),
  };
}

/**
 * Discounted prices and Greeks of European options on a forward (F32).
 *
 * F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), 167-179; Haug (2007),
 * section 1.1.3. It is Black-Scholes-Merton with the forward as spot and q = r, and shares its block code.
 *
 * Units: quote currency for one unit of the underlying; deltaForward dV/dF and gammaForward d2V/dF2; vega a unit of
 * vol; theta dV/d(calendar time) a year at a fixed forward; rho dV/dr at a fixed forward, -T V. Without variance: the
 * discounted intrinsic value and its derivatives; exactly at the kink delta, gamma and theta are NaN, and vega is the
 * derivative from the right.
 *
 * Accuracy: price, vega 1e-15 F; delta 1e-14; gamma 1e-12 / F; theta 1e-14 F; prices above 1e-12 F 1e-12 relative.
 * Cost: as `blackScholesGreeks`.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless sign is +1 or
 * -1, prices lie between 1e-100 and 1e100, expiryYears >= 0, 0 <= vol <= 1e100 and |rate x years| <= 300.
 */
export function black76Greeks(
  inputs: Black76Inputs,
  out: Black76Greeks = allocateBlack76(lengthOf('sign', inputs.sign)),
): Black76Greeks {
  const { sign, forward, strike, expiryYears, rate, vol } = inputs;
  const count = checkColumns({ forward, strike, expiryYears, rate, vol }, RANGES);
  checkSigns('sign', sign, count, 'call or put');
  checkDiscounts('rate', rate, expiryYears);
  for (const name of NAMES) checkOutput(out[name], count, name);
  const terms = { sign, spot: forward, strike, expiryYears, rate, dividendYield: rate, vol };
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    fillBlock(terms, offset, size);
    finish(terms, offset, size, out);
  }
  forEachLimit(terms, (i) => {
    const limit = limitGreeksAt(terms, i);
    out.price[i] = limit.price;
    out.deltaForward[i] = limit.delta;
    out.gammaForward[i] = limit.gamma;
    out.vega[i] = limit.vega;
    out.theta[i] = limit.theta;
    out.rho[i] = -expiryYears[i]! * limit.price;
  });
  return out;
}

const RANGES = { forward: PRICE, strike: PRICE, expiryYears: YEARS, rate: RATE, vol: VOL };

function finish(terms: BlackScholesInputs, offset: number, count: number, out: Black76Greeks): void {
  const { sign, spot, strike, expiryYears, rate, vol } = terms;
  for (let i = 0; i < count; i++) {
    const at = offset + i;
    const w = sign[at]!;
    const F = spot[at]!;
    const discount = RATE_DISCOUNT[i]!;
    const density = DENSITY[i]!;
    const forwardPv = F * discount;
    const strikePv = strike[at]! * discount;
    const weight = forwardPv * density;
    const value = w * (forwardPv * HEAD1[i]! - strikePv * HEAD2[i]! + weight * (TAIL1[i]! - TAIL2[i]!));
    const price = Math.max(value, 0);
    const pdfTerm = weight * SQRT_TWO_PI_INVERSE;
    const cashGamma = pdfTerm / DEVIATION[i]!;
    out.price[at] = price;
    out.deltaForward[at] = w * discount * (HEAD1[i]! + density * TAIL1[i]!);
    out.gammaForward[at] = cashGamma / (F * F);
    out.vega[at] = pdfTerm * ROOT_T[i]!;
    out.theta[at] = rate[at]! * price - 0.5 * vol[at]! * vol[at]! * cashGamma;
    out.rho[at] = -expiryYears[at]! * price;
  }
}

/** Black-76 on the command line. */
export const black76Model: PricingModel = {
  name: 'black76',
  inputs: [TYPE_COLUMN, priceColumn('forward'), priceColumn('strike'), YEARS_COLUMN, RATE_COLUMN, VOL_COLUMN],
  results: ['price', 'delta_forward', 'gamma_forward', 'vega', 'theta', 'rho'],
  price: (table) => {
    const greeks = black76Greeks({
      sign: signColumn(table, 'type', 'call'),
      forward: table.number('forward'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      vol: table.number('vol'),
    });
    const { price, deltaForward, gammaForward, vega, theta, rho } = greeks;
    return { price, delta_forward: deltaForward, gamma_forward: gammaForward, vega, theta, rho };
  },
};
