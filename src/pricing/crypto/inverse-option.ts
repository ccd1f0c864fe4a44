import { checkOutput } from '../black-scholes.ts';
import {
  BLOCK,
  DENSITY,
  DEVIATION,
  fillBlock,
  HEAD1,
  HEAD2,
  ROOT_T,
  TAIL1,
  TAIL2,
} from '../black-scholes-block.ts';
import type { BlackScholesInputs } from '../black-scholes-inputs.ts';
import { forEachLimit, limitGreeksAt } from '../black-scholes-limit.ts';
import { checkColumns, checkSigns, lengthOf, PRICE, VOL, YEARS } from '../column-checks.ts';
import type { PricingModel } from '../model.ts';
import { priceColumn, signColumn, TYPE_COLUMN, VOL_COLUMN, YEARS_COLUMN } from '../model-table.ts';

/** A batch of coin-settled European options, a column a field. Prices are in quote currency (USD) for one coin. */
export type InverseOptionInputs = {
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  /** Forward for the option's expiry: the future's price, or the synthetic underlying that the venue publishes. */
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  readonly expiryYears: Float64Array;
  readonly vol: Float64Array;
};

/** Premium and sensitivities of a batch, a column each. Units: see {@link inverseOptionGreeks}. */
export type InverseOptionGreeks = {
  readonly priceUsd: Float64Array;
  readonly priceCoin: Float64Array;
  readonly deltaUsd: Float64Array;
  readonly deltaPremiumAdjusted: Float64Array;
  readonly coinDelta: Float64Array;
  readonly coinGamma: Float64Array;
  readonly vegaCoin: Float64Array;
  readonly thetaCoin: Float64Array;
};

const NAMES = [
  'priceUsd',
  'priceCoin',
  'deltaUsd',
  'deltaPremiumAdjusted',
  'coinDelta',
  'coinGamma',
  'vegaCoin',
  'thetaCoin',
] as const;
const SQRT_TWO_PI_INVERSE = 0.3989422804014327;

/** Room for the results of `count` options. */
export function allocateInverseOptions(count: number): InverseOptionGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    priceUsd: column(),
    priceCoin: column(),
    deltaUsd: column(),
    deltaPremiumAdjusted: column(),
    coinDelta: column(),
    coinGamma: column(),
    vegaCoin: column(),
    thetaCoin: column(),
  };
}

/**
 * Premiums and sensitivities of European options that are quoted and settled in the coin itself (F35): payoff max(w
 * (S_T - K), 0) / S_T coins, price w (N(w d1) - (K/F) N(w d2)) coins, undiscounted because premium and collateral are
 * coins that earn nothing.
 *
 * C. Alexander, D. Chen and A. Imeraj, "Crypto quanto and inverse options", Mathematical Finance (2023), doi
 * 10.1111/mafi.12410; Deribit, "Inverse Options" (contract specification: premium and payoff in coins, vol of the
 * forward); U. Wystup, "FX Options and Structured Products" (2006), section 1.2, for the premium-adjusted delta.
 *
 * Units. priceUsd: quote currency. priceCoin: coins, priceUsd / F. deltaUsd: d priceUsd / dF, the coins to hold
 * against an option whose premium was paid in quote currency. deltaPremiumAdjusted: deltaUsd - priceCoin = w (K/F)
 * N(w d2), the coins to hold besides the premium received in coins. coinDelta: d priceCoin / dF, coins for one of
 * quote currency; coinGamma: d2 priceCoin / dF2. vegaCoin: coins for 1.00 of vol. thetaCoin: coins a year of calendar
 * time. Without variance: intrinsic value; exactly at its kink what has two one-sided values is NaN, and vegaCoin is
 * the derivative from the right.
 *
 * Accuracy: priceCoin 1e-15 (1 + K/F); deltas 1e-14 (1 + K/F); coinGamma 1e-12 / F^2; vegaCoin 1e-15; thetaCoin
 * 1e-14.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless sign is +1 or
 * -1, prices lie between 1e-100 and 1e100, expiryYears >= 0 and 0 <= vol <= 1e100.
 */
export function inverseOptionGreeks(
  inputs: InverseOptionInputs,
  out: InverseOptionGreeks = allocateInverseOptions(lengthOf('sign', inputs.sign)),
): InverseOptionGreeks {
  const { sign, forward, strike, expiryYears, vol } = inputs;
  const count = checkColumns({ forward, strike, expiryYears, vol }, RANGES);
  checkSigns('sign', sign, count, 'call or put');
  for (const name of NAMES) checkOutput(out[name], count, name);
  const zero = new Float64Array(count);
  const terms = { sign, spot: forward, strike, expiryYears, rate: zero, dividendYield: zero, vol };
  for (let offset = 0; offset < count; offset += BLOCK) {
    const size = Math.min(BLOCK, count - offset);
    fillBlock(terms, offset, size);
    finish(terms, offset, size, out);
  }
  forEachLimit(terms, (i) => finishLimit(terms, i, out));
  return out;
}

const RANGES = { forward: PRICE, strike: PRICE, expiryYears: YEARS, vol: VOL };

function finish(terms: BlackScholesInputs, offset: number, count: number, out: InverseOptionGreeks): void {
  const { sign, spot, strike, vol } = terms;
  for (let i = 0; i < count; i++) {
    const at = offset + i;
    const w = sign[at]!;
    const F = spot[at]!;
    const moneyness = strike[at]! / F;
    const density = DENSITY[i]!;
    const tail = density * (TAIL1[i]! - TAIL2[i]!);
    const price = Math.max(w * (HEAD1[i]! - moneyness * HEAD2[i]! + tail), 0);
    // (K/F) N(w d2), its density being that of N(w d1).
    const adjusted = w * (moneyness * HEAD2[i]! + density * TAIL2[i]!);
    const pdf = density * SQRT_TWO_PI_INVERSE;
    out.priceUsd[at] = price * F;
    out.priceCoin[at] = price;
    out.deltaUsd[at] = w * (HEAD1[i]! + density * TAIL1[i]!);
    out.deltaPremiumAdjusted[at] = adjusted;
    out.coinDelta[at] = adjusted / F;
    out.coinGamma[at] = (pdf / DEVIATION[i]! - 2 * adjusted) / F / F;
    out.vegaCoin[at] = pdf * ROOT_T[i]!;
    out.thetaCoin[at] = pdf === 0 ? -0 : (-0.5 * pdf * vol[at]! * vol[at]!) / DEVIATION[i]!;
  }
}

function finishLimit(terms: BlackScholesInputs, i: number, out: InverseOptionGreeks): void {
  const F = terms.spot[i]!;
  const limit = limitGreeksAt(terms, i);
  const adjusted = -limit.dualDelta * (terms.strike[i]! / F);
  out.priceUsd[i] = limit.price;
  out.priceCoin[i] = limit.price / F;
  out.deltaUsd[i] = limit.delta;
  out.deltaPremiumAdjusted[i] = adjusted;
  out.coinDelta[i] = adjusted / F;
  out.coinGamma[i] = (-2 * adjusted) / F / F;
  out.vegaCoin[i] = limit.vega / F;
  out.thetaCoin[i] = limit.theta / F;
}

/** Coin-settled options on the command line. */
export const inverseModel: PricingModel = {
  name: 'inverse',
  inputs: [TYPE_COLUMN, priceColumn('forward'), priceColumn('strike'), YEARS_COLUMN, VOL_COLUMN],
  results: [
    'price_usd',
    'price_coin',
    'delta_usd',
    'delta_premium_adjusted',
    'dcoin_dF',
    'd2coin_dF2',
    'vega_coin',
    'theta_coin',
  ],
  price: (table) => {
    const greeks = inverseOptionGreeks({
      sign: signColumn(table, 'type', 'call'),
      forward: table.number('forward'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      vol: table.number('vol'),
    });
    return {
      price_usd: greeks.priceUsd,
      price_coin: greeks.priceCoin,
      delta_usd: greeks.deltaUsd,
      delta_premium_adjusted: greeks.deltaPremiumAdjusted,
      dcoin_dF: greeks.coinDelta,
      d2coin_dF2: greeks.coinGamma,
      vega_coin: greeks.vegaCoin,
      theta_coin: greeks.thetaCoin,
    };
  },
};
