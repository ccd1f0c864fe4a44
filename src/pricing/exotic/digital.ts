import { logRatio } from '../../numeric/log-ratio.ts';
import { normalCdf, normalPdf } from '../../numeric/normal.ts';
import { checkOutput } from '../black-scholes.ts';
import { type BlackScholesInputs, checkBlackScholesInputs } from '../black-scholes-inputs.ts';
import { NO_VARIANCE } from '../black-scholes-limit.ts';
import { AMOUNT, checkChoices, checkLength, columnError, lengthOf, requireRecord } from '../column-checks.ts';
import type { PricingModel } from '../model.ts';
import {
  numberOr,
  priceColumn,
  RATE_COLUMN,
  signColumn,
  TYPE_COLUMN,
  VOL_COLUMN,
  YEARS_COLUMN,
  YIELD_COLUMN,
} from '../model-table.ts';

/** What a digital option pays in the money: an amount of cash, or one unit of the asset. */
export type DigitalKind = 'cash' | 'asset';

/** A batch of European digital options, a column a field. */
export type DigitalInputs = {
  readonly kind: readonly DigitalKind[];
  /** Cash paid in the money; not used where `kind` is `asset`. */
  readonly cash: Float64Array;
  readonly option: BlackScholesInputs;
};

/** Price and Greeks of a batch, a column each. */
export type DigitalGreeks = {
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
};

const NAMES = ['price', 'delta', 'gamma', 'vega'] as const;

/** Room for the Greeks of `count` options. */
export function allocateDigitals(count: number): DigitalGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return { price: column(), delta: column(), gamma: column(), vega: column() };
}

/**
 * Prices and Greeks of European digital options (F43): cash-or-nothing, cash e^(-rT) N(w d2), and asset-or-nothing, S
 * e^(-qT) N(w d1).
 *
 * M. Rubinstein and E. Reiner, "Unscrambling the binary code", Risk 4 (October 1991), 75-83; Haug (2007), sections
 * 4.19.2 and 4.19.3.
 *
 * Units: quote currency; delta dV/dS; gamma d2V/dS2; vega a unit of vol. Without variance the price is the discounted
 * payoff, which pays only strictly in the money; exactly at its jump the price is half of it, the limit from positive
 * vols, and the Greeks, which do not exist there, are NaN.
 *
 * Accuracy, with U the discounted payoff in the money and s = v sqrt T: price 2e-15 U, and 12 digits however far out of
 * the money; delta 2e-15 U (1 + 1/s) / S, gamma 2e-15 U (1 + 1/s)^2 / S^2, vega 2e-15 U / v. Cost: one distribution
 * function and one density an option.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index, as
 * `blackScholesPrices`, and unless cash lies between 0 and 1e100 where it is paid.
 */
export function digitalGreeks(
  inputs: DigitalInputs,
  out: DigitalGreeks = allocateDigitals(lengthOf('kind', inputs.kind)),
): DigitalGreeks {
  const { kind, cash, option } = inputs;
  checkBlackScholesInputs(requireRecord('option', option));
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = option;
  const count = sign.length;
  checkChoices('kind', kind, count, ['cash', 'asset']);
  checkLength('cash', cash, count);
  for (const name of NAMES) checkOutput(out[name], count, name);
  for (let i = 0; i < count; i++) {
    const w = sign[i]!;
    const S = spot[i]!;
    const t = expiryYears[i]!;
    const v = vol[i]!;
    const deviation = v * Math.sqrt(t);
    const paysAsset = kind[i] === 'asset';
    const paid = cash[i]!;
    if (!paysAsset && !(paid >= AMOUNT.low && paid <= AMOUNT.high)) {
      throw columnError('cash', i, AMOUNT.expected, paid);
    }
    const unit = paysAsset ? S * Math.exp(-dividendYield[i]! * t) : paid * Math.exp(-rate[i]! * t);
    if (deviation < NO_VARIANCE) {
      finishLimit(out, i, option, unit, paysAsset);
      continue;
    }
    const centre = (logRatio(S, strike[i]!) + (rate[i]! - dividendYield[i]!) * t) / deviation;
    const d1 = centre + 0.5 * deviation;
    const d2 = centre - 0.5 * deviation;
    // N(w here) is paid for; `other` is the d that its derivatives bring down.
    const here = paysAsset ? d1 : d2;
    const other = paysAsset ? d2 : d1;
    const density = unit * normalPdf(here);
    const price = unit * normalCdf(w * here);
    out.price[i] = price;
    out.delta[i] = ((w * density) / deviation + (paysAsset ? price : 0)) / S;
    // Where the density is zero, the rest could be infinite.
    out.gamma[i] = density === 0 ? 0 : (((-w * density) / deviation) * (other / deviation)) / S / S;
    out.vega[i] = density === 0 ? 0 : (-w * density * other) / v;
  }
  return out;
}

function finishLimit(
  out: DigitalGreeks,
  i: number,
  { sign, spot, strike, expiryYears, rate, dividendYield }: BlackScholesInputs,
  unit: number,
  paysAsset: boolean,
): void {
  const t = expiryYears[i]!;
  const spotPv = spot[i]! * Math.exp(-dividendYield[i]! * t);
  const moneyness = sign[i]! * (spotPv - strike[i]! * Math.exp(-rate[i]! * t));
  const none = moneyness === 0 ? Number.NaN : 0;
  out.price[i] = moneyness > 0 ? unit : moneyness === 0 ? unit / 2 : 0;
  out.delta[i] = moneyness > 0 && paysAsset ? unit / spot[i]! : none;
  out.gamma[i] = none;
  out.vega[i] = none;
}

/** Digital options on the command line. */
export const digitalModel: PricingModel = {
  name: 'digital',
  inputs: [
    { name: 'kind', kind: 'choice', choices: ['cash', 'asset'] },
    TYPE_COLUMN,
    priceColumn('spot'),
    priceColumn('strike'),
    YEARS_COLUMN,
    RATE_COLUMN,
    YIELD_COLUMN,
    VOL_COLUMN,
    { name: 'cash', kind: 'number', rule: 'nonNegative', optional: true },
  ],
  results: ['price', 'delta', 'gamma', 'vega'],
  price: (table) =>
    digitalGreeks({
      kind: table.text('kind') as readonly DigitalKind[],
      // Absent where it is paid, it is refused as NaN, by row and name.
      cash: numberOr(table, 'cash', Number.NaN),
      option: {
        sign: signColumn(table, 'type', 'call'),
        spot: table.number('spot'),
        strike: table.number('strike'),
        expiryYears: table.number('t'),
        rate: table.number('r'),
        dividendYield: table.number('q'),
        vol: table.number('vol'),
      },
    }),
};
