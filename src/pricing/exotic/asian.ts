import { columnError, PRICE } from '../column-checks.ts';
import type { PricingModel } from '../model.ts';
import {
  priceColumn,
  RATE_COLUMN,
  signColumn,
  TYPE_COLUMN,
  VOL_COLUMN,
  YIELD_COLUMN,
} from '../model-table.ts';
import { arithmeticAsianPrices } from './arithmetic-asian.ts';
import { type AsianInputs, checkAsianInputs, fixingYearsOf } from './asian-inputs.ts';
import {
  type AverageMoments,
  arithmeticMoments,
  continuousGeometricMoments,
  geometricMoments,
} from './average-moments.ts';
import { lognormalPrices } from './lognormal-option.ts';

/**
 * Prices of options on the geometric average of the fixings (F54), exact under Black-Scholes-Merton.
 *
 * Units: quote currency. Accuracy: 2e-15 (S + K), times growth factors of negative rates. Cost: that of a European option and one pass over the fixings.
 * @throws ShapeError where columns differ in length or an option has no fixings. @throws RangeError naming field and
 * index unless sign is +1 or -1, prices lie between 1e-100 and 1e100, vol >= 0, vol sqrt(T) <= 1e4, |rate x years|
 * and |yield x years| <= 300 and fixings are not negative and do not decrease.
 * @example
 * const one = (x: number) => Float64Array.of(x);
 * geometricAsianPrices({ sign: one(1), spot: one(100), strike: one(100), fixingYears: [Float64Array.of(0.5, 1)],
 *   rate: one(0.05), dividendYield: one(0), vol: one(0.2) });
 */
export function geometricAsianPrices(inputs: AsianInputs): Float64Array {
  return pricesBy(inputs, geometricMoments);
}

/**
 * Prices of options on the geometric average over all times from now to the last fixing (F55), exact under
 * Black-Scholes-Merton.
 * Units, accuracy and @throws as {@link geometricAsianPrices}.
 */
export function continuousGeometricAsianPrices(inputs: AsianInputs): Float64Array {
  return pricesBy(inputs, (fixings, carry, vol) =>
    continuousGeometricMoments(fixings[fixings.length - 1]!, carry, vol),
  );
}

/**
 * Turnbull and Wakeman's approximation for options on the arithmetic average of the fixings (F56): a lognormal
 * variable with the first two moments of the average.
 *
 * The formula is computed to 2e-15 (S + K); as an approximation of the price it is off by up to 1 % of the spot for
 * high vols. Units and @throws as {@link geometricAsianPrices}.
 */
export function turnbullWakemanAsianPrices(inputs: AsianInputs): Float64Array {
  return pricesBy(inputs, arithmeticMoments);
}

function pricesBy(
  inputs: AsianInputs,
  momentsOf: (fixings: Float64Array, carry: number, vol: number) => AverageMoments,
): Float64Array {
  const lastFixing = checkAsianInputs(inputs);
  const { sign, spot, strike, fixingYears, rate, dividendYield, vol } = inputs;
  const count = sign.length;
  const mean = new Float64Array(count);
  const deviation = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const { growth, logVariance } = momentsOf(fixingYears[i]!, rate[i]! - dividendYield[i]!, vol[i]!);
    const expected = spot[i]! * growth;
    if (!(expected <= PRICE.high))
      throw columnError('spot', i, 'a price whose expected average is at most 1e100', spot[i]!);
    // The mean of a geometric average underflows at huge vols; no strike is near what it then is.
    mean[i] = Math.max(expected, PRICE.low);
    deviation[i] = Math.sqrt(logVariance);
  }
  return lognormalPrices({ sign, mean, strike, deviation, rateTime: rate.map((r, i) => r * lastFixing[i]!) });
}

/**
 * Average-price options on the command line: two exact geometric prices, the arithmetic one, and Turnbull and Wakeman's
 * approximation of it.
 */
export const asianModel: PricingModel = {
  name: 'asian',
  inputs: [
    TYPE_COLUMN,
    priceColumn('spot'),
    priceColumn('strike'),
    { name: 'fixing_days', kind: 'text' },
    RATE_COLUMN,
    YIELD_COLUMN,
    VOL_COLUMN,
  ],
  results: ['geometric_discrete', 'geometric_continuous', 'arithmetic', 'arithmetic_turnbull_wakeman'],
  price: (table) => {
    const inputs: AsianInputs = {
      sign: signColumn(table, 'type', 'call'),
      spot: table.number('spot'),
      strike: table.number('strike'),
      fixingYears: table.text('fixing_days').map(fixingYearsOf),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      vol: table.number('vol'),
    };
    return {
      geometric_discrete: geometricAsianPrices(inputs),
      geometric_continuous: continuousGeometricAsianPrices(inputs),
      arithmetic: arithmeticAsianPrices(inputs).price,
      arithmetic_turnbull_wakeman: turnbullWakemanAsianPrices(inputs),
    };
  },
};
