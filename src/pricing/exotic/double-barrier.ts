import { logRatio } from '../../numeric/log-ratio.ts';
import { checkOutput } from '../black-scholes.ts';
import { type BlackScholesInputs, checkBlackScholesInputs } from '../black-scholes-inputs.ts';
import {
  checkChoices,
  checkColumns,
  checkDeviations,
  checkLength,
  columnError,
  lengthOf,
  PRICE,
  requireRecord,
} from '../column-checks.ts';
import type { PricingModel } from '../model.ts';
import {
  priceColumn,
  RATE_COLUMN,
  signColumn,
  TYPE_COLUMN,
  VOL_COLUMN,
  YEARS_COLUMN,
  YIELD_COLUMN,
} from '../model-table.ts';
import { allocateBarrierValues, type BarrierValues, type Knock } from './barrier-values.ts';
import { DETERMINISTIC, hitTime } from './deterministic-path.ts';
import { addEigenSeries, addImageSeries, type Corridor } from './double-barrier-series.ts';
import {
  addDeterministicVanilla,
  addReflected,
  addVanilla,
  DIRECT,
  type Sum,
  type TotalTerms,
  totalTermsAt,
} from './reflected-payoff.ts';

/** A batch of European options between two continuously monitored barriers, a column a field. */
export type DoubleBarrierInputs = {
  readonly knock: readonly Knock[];
  readonly option: BlackScholesInputs;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
};

/** v sqrt T over ln(U/L) from which the eigenfunction series is the shorter one. */
const EIGEN_FROM = 0.3;
/**
 * The largest exponent in the eigenfunction series with which it is used: its terms then exceed the spot by e^3 at
 * most.
 */
const LARGEST_EXPONENT = 3;

/**
 * Prices and deltas of double knock-out and double knock-in options without rebate (F51), by the image series (F49)
 * while v sqrt T is below 0.3 ln(U/L) or the drift is strong, else by the eigenfunction series (F50). A knock-in is
 * the payoff over the paths that end outside and over the reflected ones that end between the barriers (images), or
 * the European option less the knock-out (eigenfunctions, where a knock-out is worth little).
 *
 * Units: quote currency; delta dV/dS. A spot at or beyond a barrier has touched it: a knock-out is worth nothing, a
 * knock-in is the European option. Without variance the spot follows its forward; delta is NaN where the forward ends
 * exactly on a barrier or the strike.
 *
 * Accuracy: as `barrierPrices`, without rebate. Cost: 12 to 30 tails of the normal distribution, or 2 to 10 terms with
 * six sines and cosines each.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index as
 * `blackScholesPrices`, and unless 1e-100 <= lower < upper <= 1e100 and vol sqrt(T) is at most 1e4.
 */
export function doubleBarrierPrices(
  inputs: DoubleBarrierInputs,
  out: BarrierValues = allocateBarrierValues(lengthOf('lower', inputs.lower)),
): BarrierValues {
  const { knock, option, lower, upper } = inputs;
  checkBlackScholesInputs(requireRecord('option', option));
  checkDeviations(option.vol, option.expiryYears);
  const count = checkColumns({ lower, upper }, { lower: PRICE, upper: PRICE });
  checkLength('option', option.sign, count);
  checkChoices('knock', knock, count, ['in', 'out']);
  checkOutput(out.price, count, 'price');
  checkOutput(out.delta, count, 'delta');
  for (let i = 0; i < count; i++) {
    const corridor = { lower: lower[i]!, upper: upper[i]! };
    if (!(corridor.lower < corridor.upper)) {
      throw columnError('upper', i, `a barrier above the lower one, ${corridor.lower},`, corridor.upper);
    }
    const terms = totalTermsAt(option, i);
    const knocksIn = knock[i] === 'in';
    const sum: Sum = { value: 0, logDelta: 0 };
    if (terms.spot <= corridor.lower || terms.spot >= corridor.upper) {
      if (knocksIn) addVanilla(sum, terms);
    } else if (terms.deviation < DETERMINISTIC) {
      addDeterministic(sum, terms, corridor, knocksIn);
    } else {
      addOption(sum, terms, corridor, knocksIn);
    }
    out.price[i] = sum.value;
    out.delta[i] = sum.logDelta / terms.spot;
  }
  return out;
}

function addOption(sum: Sum, terms: TotalTerms, corridor: Corridor, knocksIn: boolean): void {
  const { lower, upper } = corridor;
  if (prefersEigenfunctions(terms, logRatio(upper, lower))) {
    if (knocksIn) addVanilla(sum, terms);
    addEigenSeries(sum, terms, corridor, knocksIn ? -1 : 1);
  } else if (knocksIn) {
    const low = terms.sign > 0 ? terms.strike : 0;
    const high = terms.sign > 0 ? Number.POSITIVE_INFINITY : terms.strike;
    addReflected(sum, terms, DIRECT, low, Math.min(high, lower), 1);
    addReflected(sum, terms, DIRECT, Math.max(low, upper), high, 1);
    addImageSeries(sum, terms, corridor, -1, false);
  } else {
    addImageSeries(sum, terms, corridor, 1, true);
  }
  // Rounding only: a payoff that is never negative.
  if (sum.value < 0) sum.value = 0;
}

/** With a strong drift the terms of the eigenfunction series are large and cancel, where few of them would do. */
function prefersEigenfunctions({ deviation, carry }: TotalTerms, width: number): boolean {
  if (deviation < EIGEN_FROM * width) return false;
  const variance = deviation * deviation;
  const drift = Math.abs(carry - 0.5 * variance);
  return drift * (width - 0.5 * drift) <= LARGEST_EXPONENT * variance;
}

function addDeterministic(sum: Sum, terms: TotalTerms, { lower, upper }: Corridor, knocksIn: boolean): void {
  const down = hitTime(logRatio(lower, terms.spot), terms.carry).share;
  const up = hitTime(logRatio(upper, terms.spot), terms.carry).share;
  const share = Math.min(down, up);
  if (share <= 1 === knocksIn) addDeterministicVanilla(sum, terms);
  if (share === 1) sum.logDelta = Number.NaN;
}

/** Double-barrier options on the command line. */
export const doubleBarrierModel: PricingModel = {
  name: 'double_barrier',
  inputs: [
    { name: 'kind', kind: 'choice', choices: ['knock_out', 'knock_in'] },
    TYPE_COLUMN,
    priceColumn('spot'),
    priceColumn('strike'),
    priceColumn('lower'),
    priceColumn('upper'),
    YEARS_COLUMN,
    RATE_COLUMN,
    YIELD_COLUMN,
    VOL_COLUMN,
  ],
  results: ['price'],
  price: (table) => {
    const { price } = doubleBarrierPrices({
      knock: table.text('kind').map((kind) => (kind === 'knock_in' ? 'in' : 'out')),
      option: {
        sign: signColumn(table, 'type', 'call'),
        spot: table.number('spot'),
        strike: table.number('strike'),
        expiryYears: table.number('t'),
        rate: table.number('r'),
        dividendYield: table.number('q'),
        vol: table.number('vol'),
      },
      lower: table.number('lower'),
      upper: table.number('upper'),
    });
    return { price };
  },
};
