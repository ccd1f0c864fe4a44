import { logRatio } from '../../numeric/log-ratio.ts';
import { checkOutput } from '../black-scholes.ts';
import {
  AMOUNT,
  checkChoices,
  checkColumns,
  checkDeviations,
  checkDiscounts,
  lengthOf,
  PRICE,
  RATE,
  VOL,
  YEARS,
} from '../column-checks.ts';
import type { PricingModel } from '../model.ts';
import { priceColumn, RATE_COLUMN, VOL_COLUMN, YEARS_COLUMN, YIELD_COLUMN } from '../model-table.ts';
import { allocateBarrierValues, type BarrierValues, type Direction } from './barrier-values.ts';
import { DETERMINISTIC, hitTime } from './deterministic-path.ts';
import { firstPassage } from './first-passage.ts';

/**
 * A batch of one-touch options, a column a field: each pays cash once if the spot touches the barrier before expiry.
 */
export type OneTouchInputs = {
  readonly direction: readonly Direction[];
  /** When the cash is paid: when the barrier is hit, or at expiry. */
  readonly payment: readonly ('hit' | 'expiry')[];
  readonly spot: Float64Array;
  readonly barrier: Float64Array;
  readonly expiryYears: Float64Array;
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly vol: Float64Array;
  readonly cash: Float64Array;
};

/**
 * Prices and deltas of one-touch options with continuous monitoring (F45): cash x E[e^(-r tau); tau <= T] where cash
 * is paid when the barrier is hit, cash x e^(-rT) P(tau <= T) where it is paid at expiry; both are {@link
 * firstPassage}.
 *
 * M. Rubinstein and E. Reiner, "Unscrambling the binary code", Risk 4 (October 1991), 75-83; Haug (2007), section
 * 4.19.5, types 1 to 4.
 *
 * Units: quote currency; delta dV/dS. A spot at or beyond the barrier has touched it: the price is the cash, or its
 * discounted value, and delta is 0. Without variance the spot follows its forward; where the forward ends exactly on
 * the barrier delta is NaN.
 * Accuracy: price 1e-15 of the cash, and 12 digits however far the barrier; delta 2e-15 of the cash times
 * (1 + 1 / (v sqrt T)) / S. With negative rates both times e^(-rT).
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless spot and
 * barrier lie between 1e-100 and 1e100, cash between 0 and 1e100, expiryYears >= 0, vol >= 0, vol sqrt(T) <= 1e4,
 * |rate x years| and |yield x years| <= 300.
 */
export function oneTouchPrices(
  inputs: OneTouchInputs,
  out: BarrierValues = allocateBarrierValues(lengthOf('spot', inputs.spot)),
): BarrierValues {
  const { direction, payment, spot, barrier, expiryYears, rate, dividendYield, vol, cash } = inputs;
  const count = checkColumns({ spot, barrier, expiryYears, rate, dividendYield, vol, cash }, RANGES);
  checkChoices('direction', direction, count, ['up', 'down']);
  checkChoices('payment', payment, count, ['hit', 'expiry']);
  checkDiscounts('rate', rate, expiryYears);
  checkDiscounts('dividendYield', dividendYield, expiryYears);
  checkDeviations(vol, expiryYears);
  checkOutput(out.price, count, 'price');
  checkOutput(out.delta, count, 'delta');
  for (let i = 0; i < count; i++) {
    const S = spot[i]!;
    const t = expiryYears[i]!;
    const up = direction[i] === 'up';
    const atHit = payment[i] === 'hit';
    const rateTime = rate[i]! * t;
    const carry = (rate[i]! - dividendYield[i]!) * t;
    const deviation = vol[i]! * Math.sqrt(t);
    const paid = atHit ? cash[i]! : cash[i]! * Math.exp(-rateTime);
    const height = logRatio(barrier[i]!, S);
    if (up ? height <= 0 : height >= 0) {
      out.price[i] = paid;
      out.delta[i] = 0;
    } else if (deviation < DETERMINISTIC) {
      const { share, slope } = hitTime(height, carry);
      const discount = atHit ? Math.exp(-rateTime * share) : 1;
      out.price[i] = share <= 1 ? paid * discount : 0;
      // d(share)/dS = -slope / S.
      out.delta[i] =
        share === 1 ? Number.NaN : share < 1 && atHit ? (paid * discount * rateTime * slope) / S : 0;
    } else {
      const side = up ? 1 : -1;
      const drift = (side * (carry - 0.5 * deviation * deviation)) / deviation;
      const { value, slope } = firstPassage((side * height) / deviation, drift, atHit ? rateTime : 0);
      out.price[i] = paid * value;
      out.delta[i] = (-side * paid * slope) / deviation / S;
    }
  }
  return out;
}

const RANGES = {
  spot: PRICE,
  barrier: PRICE,
  expiryYears: YEARS,
  rate: RATE,
  dividendYield: RATE,
  vol: VOL,
  cash: AMOUNT,
};

/** One-touch options on the command line. */
export const oneTouchModel: PricingModel = {
  name: 'one_touch',
  inputs: [
    { name: 'direction', kind: 'choice', choices: ['up', 'down'] },
    { name: 'payment', kind: 'choice', choices: ['hit', 'expiry'] },
    priceColumn('spot'),
    priceColumn('barrier'),
    YEARS_COLUMN,
    RATE_COLUMN,
    YIELD_COLUMN,
    VOL_COLUMN,
    { name: 'cash', kind: 'number', rule: 'nonNegative' },
  ],
  results: ['price'],
  price: (table) => {
    const { price } = oneTouchPrices({
      direction: table.text('direction') as readonly Direction[],
      payment: table.text('payment') as readonly ('hit' | 'expiry')[],
      spot: table.number('spot'),
      barrier: table.number('barrier'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      vol: table.number('vol'),
      cash: table.number('cash'),
    });
    return { price };
  },
};
