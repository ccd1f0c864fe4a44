import { logRatio } from '../../numeric/log-ratio.ts';
import { normalCdf } from '../../numeric/normal.ts';
import { checkOutput } from '../black-scholes.ts';
import {
  checkChoices,
  checkColumns,
  checkDeviations,
  checkDiscounts,
  checkLength,
  checkSigns,
  columnError,
  lengthOf,
  PRICE,
  RATE,
  VOL,
  YEARS,
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
import { allocateBarrierValues, type BarrierValues } from './barrier-values.ts';
import { DETERMINISTIC } from './deterministic-path.ts';
import { type ExtremeTerms, extremePremium } from './extreme-premium.ts';

/** floating: the extreme is the strike. fixed: the extreme is exercised against a strike. */
export type LookbackKind = 'floating' | 'fixed';

/** A batch of lookback options, a column a field. */
export type LookbackInputs = {
  readonly kind: readonly LookbackKind[];
  /** +1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly spot: Float64Array;
  /** Not used where `kind` is `floating`. */
  readonly strike: Float64Array;
  /** Minimum so far of a floating call or fixed put, maximum so far of a floating put or fixed call. */
  readonly currentExtreme: Float64Array;
  readonly expiryYears: Float64Array;
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly vol: Float64Array;
};

/**
 * Prices and deltas of lookback options with continuous monitoring (F53): floating, S_T - min or max - S_T at expiry,
 * and fixed, max(max - K, 0) or max(K - min, 0).
 *
 * M. B. Goldman, H. B. Sosin and M. A. Gatto, "Path dependent options: buy at the low, sell at the high", Journal of
 * Finance 34 (1979), 1111-1127 (floating); A. Conze and Viswanathan, "Path dependent options: the case of lookback
 * options", Journal of Finance 46 (1991), 1893-1907 (fixed); Haug (2007), sections 4.15.1 and 4.15.2. All four are a
 * European option at the extreme (or at the strike, if that is farther), plus what is certain of a fixed one already,
 * plus {@link extremePremium}: a sum of terms that are never negative.
 *
 * Units: quote currency; delta dV/dS with the extreme so far unchanged. A spot beyond the extreme so far is the new
 * extreme. Without variance the spot follows its forward; delta is NaN where the payoff has a corner.
 * Accuracy: with P = (S + K + extreme) (1 + v^2 T) times the largest growth factor of negative rates, price 2e-15 P and
 * delta 2e-15 P (1 + 1 / (v sqrt T)) / S, at and near r = q too. Cost: 3 to 5 distribution functions an option, and
 * near r = q six Chebyshev series.
 * @throws ShapeError where columns differ in length. @throws RangeError naming field and index unless prices lie
 * between 1e-100 and 1e100, expiryYears >= 0, vol >= 0, vol sqrt(T) <= 1e4, and |rate x years| and |yield x years|
 * are at most 300.
 */
export function lookbackPrices(
  inputs: LookbackInputs,
  out: BarrierValues = allocateBarrierValues(lengthOf('spot', inputs.spot)),
): BarrierValues {
  const { kind, sign, spot, strike, currentExtreme, expiryYears, rate, dividendYield, vol } = inputs;
  const count = checkColumns({ spot, currentExtreme, expiryYears, rate, dividendYield, vol }, RANGES);
  checkSigns('sign', sign, count, 'call or put');
  checkChoices('kind', kind, count, ['floating', 'fixed']);
  checkLength('strike', strike, count);
  checkDiscounts('rate', rate, expiryYears);
  checkDiscounts('dividendYield', dividendYield, expiryYears);
  checkDeviations(vol, expiryYears);
  checkOutput(out.price, count, 'price');
  checkOutput(out.delta, count, 'delta');
  for (let i = 0; i < count; i++) {
    const fixed = kind[i] === 'fixed';
    const K = strike[i]!;
    if (fixed && !(K >= PRICE.low && K <= PRICE.high)) throw columnError('strike', i, PRICE.expected, K);
    const S = spot[i]!;
    const w = sign[i]!;
    const t = expiryYears[i]!;
    const terms: ExtremeTerms = {
      spot: S,
      spotPv: S * Math.exp(-dividendYield[i]! * t),
      discount: Math.exp(-rate[i]! * t),
      carry: (rate[i]! - dividendYield[i]!) * t,
      deviation: vol[i]! * Math.sqrt(t),
    };
    // A fixed call and a floating put look at the maximum.
    const side = fixed === w > 0 ? 1 : -1;
    const value = terms.deviation < DETERMINISTIC ? deterministic : fixed ? fixedLookback : floatingLookback;
    const { price, delta } = value(terms, w, side, currentExtreme[i]!, fixed ? K : undefined);
    out.price[i] = price;
    out.delta[i] = delta;
  }
  return out;
}

type Value = { readonly price: number; readonly delta: number };

/** The farther of two levels: the higher one for the maximum. */
const farther = (side: number, a: number, b: number): number => (side > 0 ? Math.max(a, b) : Math.min(a, b));

function floatingLookback(terms: ExtremeTerms, w: number, side: 1 | -1, current: number): Value {
  return lookbackAt(terms, w, side, farther(side, current, terms.spot), 0);
}

function fixedLookback(
  terms: ExtremeTerms,
  w: number,
  side: 1 | -1,
  current: number,
  strike: number | undefined,
): Value {
  const K = strike!;
  const extreme = farther(side, current, terms.spot);
  return lookbackAt(
    terms,
    w,
    side,
    farther(side, extreme, K),
    terms.discount * Math.max(w * (extreme - K), 0),
  );
}

/** What is certain, the European option at the level, and what the extreme adds beyond it. */
function lookbackAt(terms: ExtremeTerms, w: number, side: 1 | -1, level: number, certain: number): Value {
  const { spot, spotPv, discount, carry, deviation: s } = terms;
  const centre = (logRatio(spot, level) + carry) / s;
  const n1 = normalCdf(w * (centre + 0.5 * s));
  const european = w * (spotPv * n1 - level * discount * normalCdf(w * (centre - 0.5 * s)));
  const premium = extremePremium(terms, level, side);
  return {
    price: certain + Math.max(european, 0) + premium.value,
    delta: (w * spotPv * n1) / spot + premium.delta,
  };
}

/** The path S e^((r - q) t), whose extreme is at one of its ends, or behind it; everything discounted. */
function deterministic(
  { spot, spotPv, discount }: ExtremeTerms,
  w: number,
  side: 1 | -1,
  current: number,
  strike: number | undefined,
): Value {
  const currentPv = current * discount;
  const startPv = spot * discount;
  const extremePv = farther(side, farther(side, currentPv, startPv), spotPv);
  const growth = spotPv / spot;
  const slopes = new Set<number>();
  if (extremePv === currentPv) slopes.add(0);
  if (extremePv === startPv) slopes.add(discount);
  if (extremePv === spotPv) slopes.add(growth);
  // A corner where two of them are the extreme and move differently.
  const slope = slopes.size === 1 ? [...slopes][0]! : Number.NaN;
  if (strike === undefined) {
    // + 0: nothing is 0, not -0.
    return { price: Math.max(w * (spotPv - extremePv), 0), delta: w * (growth - slope) + 0 };
  }
  const payoff = w * (extremePv - strike * discount);
  const delta = payoff === 0 ? Number.NaN : payoff > 0 ? w * slope : 0;
  return { price: Math.max(payoff, 0), delta };
}

const RANGES = {
  spot: PRICE,
  currentExtreme: PRICE,
  expiryYears: YEARS,
  rate: RATE,
  dividendYield: RATE,
  vol: VOL,
};

/** Lookback options on the command line. */
export const lookbackModel: PricingModel = {
  name: 'lookback',
  inputs: [
    { name: 'kind', kind: 'choice', choices: ['floating', 'fixed'] },
    TYPE_COLUMN,
    priceColumn('spot'),
    { name: 'strike', kind: 'number', rule: 'positive', optional: true },
    { name: 'current_extreme', kind: 'number', rule: 'positive', optional: true },
    YEARS_COLUMN,
    RATE_COLUMN,
    YIELD_COLUMN,
    VOL_COLUMN,
  ],
  results: ['price'],
  price: (table) => {
    const spot = table.number('spot');
    const { price } = lookbackPrices({
      kind: table.text('kind') as readonly LookbackKind[],
      sign: signColumn(table, 'type', 'call'),
      spot,
      // Absent where it is needed, it is refused as NaN, by row and name.
      strike: numberOr(table, 'strike', Number.NaN),
      // A lookback that begins today has seen the spot only.
      currentExtreme: numberOr(table, 'current_extreme', spot),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      vol: table.number('vol'),
    });
    return { price };
  },
};
