import { logRatio } from '../../numeric/log-ratio.ts';
import { checkOutput } from '../black-scholes.ts';
import { type BlackScholesInputs, checkBlackScholesInputs } from '../black-scholes-inputs.ts';
import {
  AMOUNT,
  checkChoices,
  checkColumns,
  checkDeviations,
  checkLength,
  lengthOf,
  PRICE,
  requireRecord,
} from '../column-checks.ts';
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
import { allocateBarrierValues, type BarrierValues, type Direction, type Knock } from './barrier-values.ts';
import { DETERMINISTIC, hitTime } from './deterministic-path.ts';
import { firstPassage } from './first-passage.ts';
import {
  addDeterministicVanilla,
  addReflected,
  addVanilla,
  DIRECT,
  type Sum,
  type TotalTerms,
  totalTermsAt,
} from './reflected-payoff.ts';

/** A batch of European options with one continuously monitored barrier, a column a field. */
export type BarrierInputs = {
  readonly direction: readonly Direction[];
  readonly knock: readonly Knock[];
  readonly option: BlackScholesInputs;
  readonly barrier: Float64Array;
  /** Cash paid to the holder of a knock-out when it is hit, and of a knock-in at expiry if it never was. */
  readonly rebate: Float64Array;
};

/**
 * Prices and deltas of single-barrier options: all eight of call or put, up or down, in or out, with a rebate (F48).
 *
 * E. Reiner and M. Rubinstein, "Breaking down the barriers", Risk 4 (September 1991), 28-35; Haug (2007), section
 * 4.17.1. Here an in option is the payoff over paths that end beyond the barrier and over reflected paths that end on
 * this side; an out option is the payoff over paths that end on this side less the reflected ones ({@link
 * addReflected}): one rule for all eight and for any order of strike and barrier.
 *
 * Units: quote currency; delta dV/dS. A spot at or beyond the barrier has touched it: an in option is the European
 * option, an out option its rebate, paid now. Without variance the spot follows its forward; delta is NaN where the
 * forward ends exactly on barrier or strike.
 *
 * Accuracy: with P = (S + K + rebate) times the largest growth factor of negative rates, price 2e-15 P and delta 2e-15
 * P (1 + 1 / (v sqrt T)) / S, from a minute to 30 years and vols of 1 to 500 %. Cost: 4 to 8 tails of the normal
 * distribution an option; 1 to 2 million options a second on one core.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index as
 * `blackScholesPrices`, and unless barriers lie between 1e-100 and 1e100, rebates between 0 and 1e100, and vol
 * sqrt(T) is at most 1e4.
 */
export function barrierPrices(
  inputs: BarrierInputs,
  out: BarrierValues = allocateBarrierValues(lengthOf('barrier', inputs.barrier)),
): BarrierValues {
  const { direction, knock, option, barrier, rebate } = inputs;
  checkBlackScholesInputs(requireRecord('option', option));
  checkDeviations(option.vol, option.expiryYears);
  const count = checkColumns({ barrier, rebate }, { barrier: PRICE, rebate: AMOUNT });
  checkLength('option', option.sign, count);
  checkChoices('direction', direction, count, ['up', 'down']);
  checkChoices('knock', knock, count, ['in', 'out']);
  checkOutput(out.price, count, 'price');
  checkOutput(out.delta, count, 'delta');
  for (let i = 0; i < count; i++) {
    const terms = totalTermsAt(option, i);
    const up = direction[i] === 'up';
    const knocksIn = knock[i] === 'in';
    const height = logRatio(barrier[i]!, terms.spot);
    const sum: Sum = { value: 0, logDelta: 0 };
    if (up ? height <= 0 : height >= 0) {
      if (knocksIn) addVanilla(sum, terms);
      else sum.value = rebate[i]!;
    } else if (terms.deviation < DETERMINISTIC) {
      addDeterministic(sum, terms, height, knocksIn, rebate[i]!);
    } else {
      addOption(sum, terms, height, barrier[i]!, knocksIn);
      if (rebate[i]! > 0) addRebate(sum, terms, height, knocksIn, rebate[i]!);
    }
    out.price[i] = sum.value;
    out.delta[i] = sum.logDelta / terms.spot;
  }
  return out;
}

function addOption(sum: Sum, terms: TotalTerms, height: number, barrier: number, knocksIn: boolean): void {
  const up = height > 0;
  const call = terms.sign > 0;
  // In the money, on either side of the barrier.
  const low = call ? terms.strike : 0;
  const high = call ? Number.POSITIVE_INFINITY : terms.strike;
  const nearLow = up ? low : Math.max(low, barrier);
  const nearHigh = up ? Math.min(high, barrier) : high;
  const image = { shift: 2 * height, turn: -2 } as const;
  if (knocksIn) {
    if (up) addReflected(sum, terms, DIRECT, Math.max(low, barrier), high, 1);
    else addReflected(sum, terms, DIRECT, low, Math.min(high, barrier), 1);
    addReflected(sum, terms, image, nearLow, nearHigh, 1);
  } else {
    addReflected(sum, terms, DIRECT, nearLow, nearHigh, 1);
    addReflected(sum, terms, image, nearLow, nearHigh, -1);
  }
  // Rounding only: both are values of payoffs that are never negative.
  if (sum.value < 0) sum.value = 0;
}

function addRebate(sum: Sum, terms: TotalTerms, height: number, knocksIn: boolean, rebate: number): void {
  const { carry, deviation, rateTime } = terms;
  const side = height > 0 ? 1 : -1;
  const drift = (side * (carry - 0.5 * deviation * deviation)) / deviation;
  const { value, slope } = firstPassage((side * height) / deviation, drift, knocksIn ? 0 : rateTime);
  // The distance falls by side / (S v sqrt T) for one of spot.
  const logSlope = (-side * slope) / deviation;
  if (knocksIn) {
    const paid = rebate * Math.exp(-rateTime);
    sum.value += paid * Math.max(1 - value, 0);
    sum.logDelta -= paid * logSlope;
  } else {
    sum.value += rebate * value;
    sum.logDelta += rebate * logSlope;
  }
}

function addDeterministic(
  sum: Sum,
  terms: TotalTerms,
  height: number,
  knocksIn: boolean,
  rebate: number,
): void {
  const { share, slope } = hitTime(height, terms.carry);
  const hit = share <= 1;
  if (hit === knocksIn) {
    addDeterministicVanilla(sum, terms);
  } else if (hit) {
    sum.value = rebate * Math.exp(-terms.rateTime * share);
    sum.logDelta = sum.value * terms.rateTime * slope;
  } else {
    sum.value = rebate * Math.exp(-terms.rateTime);
  }
  // The forward ends on the barrier: a spot a little nearer has another path.
  if (share === 1) sum.logDelta = Number.NaN;
}

/** Single-barrier options on the command line. */
export const barrierModel: PricingModel = {
  name: 'barrier',
  inputs: [
    { name: 'barrier_type', kind: 'choice', choices: ['down_in', 'down_out', 'up_in', 'up_out'] },
    TYPE_COLUMN,
    priceColumn('spot'),
    priceColumn('strike'),
    priceColumn('barrier'),
    { name: 'rebate', kind: 'number', rule: 'nonNegative', optional: true },
    YEARS_COLUMN,
    RATE_COLUMN,
    YIELD_COLUMN,
    VOL_COLUMN,
  ],
  results: ['price', 'delta'],
  price: (table) => {
    const types = table.text('barrier_type');
    return barrierPrices({
      direction: types.map((type) => (type.startsWith('up') ? 'up' : 'down')),
      knock: types.map((type) => (type.endsWith('in') ? 'in' : 'out')),
      option: {
        sign: signColumn(table, 'type', 'call'),
        spot: table.number('spot'),
        strike: table.number('strike'),
        expiryYears: table.number('t'),
        rate: table.number('r'),
        dividendYield: table.number('q'),
        vol: table.number('vol'),
      },
      barrier: table.number('barrier'),
      rebate: numberOr(table, 'rebate', 0),
    });
  },
};
