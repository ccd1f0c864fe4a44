import { normalCdf } from '../../numeric/normal.ts';
import { checkOutput } from '../black-scholes.ts';
import { lengthOf } from '../column-checks.ts';
import { type AsianInputs, checkAsianInputs } from './asian-inputs.ts';
import { type Law, lawOfSum, type Walk } from './average-law.ts';
import { allocateBarrierValues, type BarrierValues } from './barrier-values.ts';

/**
 * Prices and deltas of options on the arithmetic average of the fixings under Black-Scholes-Merton (F57), without simulation: the law of
 * the average by recursive convolution ({@link lawOfSum}), the last step of it by Black's formula.
 *
 * Units: quote currency; delta dV/dS, by differentiation under the sum; today's fixing, if there is one, moves with the spot. Without
 * variance the average is that of the forwards; delta is NaN where it ends exactly at the strike.
 * Accuracy: 2e-12 of the larger of forward average and strike, median 1e-17, for any vol; 3e-9 (1 + v^2 T) S where fixings follow each other, or today,
 * within 1e-8 of the time to the last one: they are taken together. Differences are smooth. Cost: 0.1 ms for 12 fixings, 0.7 ms for 52, 6 ms
 * for 252; options next to each other in the batch with the same fixings, carry and vol share the law and cost some 20 us each.
 * @throws ShapeError @throws RangeError as `geometricAsianPrices`.
 */
export function arithmeticAsianPrices(
  inputs: AsianInputs,
  out: BarrierValues = allocateBarrierValues(lengthOf('sign', inputs.sign)),
): BarrierValues {
  const lastFixing = checkAsianInputs(inputs);
  const { sign, spot, strike, fixingYears, rate, dividendYield, vol } = inputs;
  checkOutput(out.price, sign.length, 'price');
  checkOutput(out.delta, sign.length, 'delta');
  let average: AverageLaw | undefined;
  for (let i = 0; i < sign.length; i++) {
    const fixings = fixingYears[i]!;
    const carry = rate[i]! - dividendYield[i]!;
    if (average === undefined || !isLawOf(average, fixings, carry, vol[i]!)) {
      average = averageLaw(fixings, carry, vol[i]!);
    }
    const S = spot[i]!;
    const { known } = average;
    const n = fixings.length;
    // In units of S/n: the fixings to come against what is left of the strike.
    const total = (n * strike[i]!) / S;
    const level = total - known;
    const { value, slope } = optionOn(average, sign[i]! > 0, level);
    const unit = Math.exp(-rate[i]! * lastFixing[i]!) / n;
    out.price[i] = Math.max(value, 0) * S * unit;
    out.delta[i] = (value - total * slope) * unit;
  }
  return out;
}

/** E[max(w (A - level), 0)] and its derivative by the level. */
type Option = { readonly value: number; readonly slope: number };

/** The sum of the fixings over the spot, of which `known` is fixed today. */
type AverageLaw = {
  readonly fixings: Float64Array;
  readonly carry: number;
  readonly vol: number;
  readonly known: number;
  /** Expectation of the rest. */
  readonly mean: number;
  /** Option on the rest, at a level above 0. */
  readonly option: (call: boolean, level: number) => Option;
  /** Whether a call far out of the money can be had by itself: what it is worth may lie beyond the nodes. */
  readonly hasCalls: boolean;
};

/** Calls are puts by parity, but for those out of the money, which would drown in its rounding. */
function optionOn({ mean, option, hasCalls }: AverageLaw, call: boolean, level: number): Option {
  if (level <= 0) return passed(call, mean - level);
  if (!call || (hasCalls && level > mean)) return option(call, level);
  const put = option(false, level);
  return { value: put.value + (mean - level), slope: put.slope - 1 };
}

function isLawOf(law: AverageLaw, fixings: Float64Array, carry: number, vol: number): boolean {
  return (
    law.carry === carry &&
    law.vol === vol &&
    law.fixings.length === fixings.length &&
    law.fixings.every((years, i) => years === fixings[i])
  );
}

/** The law is followed this many deviations up, beyond its mean, where calls are priced by themselves. */
const WIDEST_WITH_CALLS = 2;

/** Below this deviation of the last fixing the average is that of the forwards. */
const NO_VARIANCE = 1e-12;

function averageLaw(fixings: Float64Array, carry: number, vol: number): AverageLaw {
  const dates = distinctDates(fixings, carry);
  let mean = 0;
  dates.years.forEach((t, k) => {
    mean += dates.counts[k]! * Math.exp(carry * t);
  });
  const common = { fixings, carry, vol, known: dates.known, mean };
  const deviation = vol * Math.sqrt(fixings[fixings.length - 1]!);
  if (!(deviation >= NO_VARIANCE)) {
    return { ...common, option: (call, level) => certainOption(call, level, mean), hasCalls: true };
  }
  const walk = walkOf(dates, carry, vol);
  return {
    ...common,
    option: walk.counts.length === 0 ? (_, level) => ({ value: level, slope: 1 }) : optionOnWalk(walk),
    hasCalls: deviation <= WIDEST_WITH_CALLS,
  };
}

function certainOption(call: boolean, level: number, mean: number): Option {
  const value = call ? mean - level : level - mean;
  if (value === 0) return { value, slope: Number.NaN };
  return value > 0 ? { value, slope: call ? -1 : 1 } : { value: 0, slope: 0 };
}

type Dates = {
  readonly known: number;
  readonly years: readonly number[];
  readonly counts: readonly number[];
};

/** Fixings within this fraction of the time to the last one are taken together, at their mean time; those as near to now are known. */
const TOGETHER = 1e-8;

function distinctDates(fixings: Float64Array, carry: number): Dates {
  const within = TOGETHER * fixings[fixings.length - 1]!;
  const years: number[] = [];
  const counts: number[] = [];
  let known = 0;
  let start = 0;
  for (const t of fixings) {
    const k = years.length - 1;
    if (t > start + within) {
      years.push(t);
      counts.push(1);
      start = t;
    } else if (k < 0) {
      known += Math.exp(carry * t);
    } else {
      counts[k]!++;
      years[k]! += (t - years[k]!) / counts[k]!;
    }
  }
  return { known, years, counts };
}

/** A fixing below e^-100 of the spot, but for a probability of 1e-17, is in the mean only. */
const VANISHED = -100;

function walkOf({ years, counts }: Dates, carry: number, vol: number): Walk {
  const drift = carry - 0.5 * vol * vol;
  let kept = years.length;
  while (kept > 0 && drift * years[kept - 1]! + 8.5 * vol * Math.sqrt(years[kept - 1]!) < VANISHED) kept--;
  const gaps = years.slice(0, kept).map((t, k) => t - (k === 0 ? 0 : years[k - 1]!));
  return {
    counts: Float64Array.from(counts.slice(0, kept)),
    means: Float64Array.from(gaps, (gap) => drift * gap),
    deviations: Float64Array.from(gaps, (gap) => vol * Math.sqrt(gap)),
  };
}

/** A first step below this part of the second one has a rule of its own ... */
const SMALL_STEP = 0.25;
/** ... if the deviation of the whole walk is at most this: else the rest of the sum may vanish beside the first term, and leave a corner. */
const SMALL_WALK = 0.5;
const ALONE: Law = { values: Float64Array.of(0), weights: Float64Array.of(1) };

/**
 * Options on a sum Z = e^X_1 (count_1 + e^Y_2): Black's formula over X_1, summed over the law of e^Y_2. Where X_1 is small beside X_2, X_2 is the one
 * that Black's formula takes, and X_1 has a trapezoidal rule, which converges as fast.
 */
function optionOnWalk(walk: Walk): (call: boolean, level: number) => Option {
  const { counts, means, deviations } = walk;
  const after = (step: number): Law => (step < counts.length ? lawOfSum(walk, step) : ALONE);
  const whole = Math.sqrt(deviations.reduce((sum, deviation) => sum + deviation * deviation, 0));
  if (counts.length === 1 || deviations[0]! >= SMALL_STEP * deviations[1]! || whole > SMALL_WALK) {
    const rest = after(1);
    return (call, level) => blackOver(rest, counts[0]!, means[0]!, deviations[0]!, call, level);
  }
  const rest = after(2);
  const forward = Math.exp(means[1]! + 0.5 * deviations[1]! ** 2) * (counts[1]! + meanOf(rest));
  return (call, level) => {
    let value = 0;
    let slope = 0;
    for (let j = -HALF_NODES; j <= HALF_NODES; j++) {
      const z = j * NODE_STEP;
      const weight = Math.exp(-0.5 * z * z) * NODE_WEIGHT;
      const growth = Math.exp(means[0]! + deviations[0]! * z);
      const left = level / growth - counts[0]!;
      const inner =
        left > 0
          ? blackOver(rest, counts[1]!, means[1]!, deviations[1]!, call, left)
          : passed(call, forward - left);
      value += weight * growth * inner.value;
      slope += weight * inner.slope;
    }
    return { value, slope };
  };
}

/** What the first fixing alone has decided. */
const passed = (call: boolean, value: number): Option =>
  call ? { value, slope: -1 } : { value: 0, slope: 0 };

const meanOf = ({ values, weights }: Law): number =>
  values.reduce((sum, value, m) => sum + weights[m]! * value, 0);

/** Trapezoidal rule for a standard normal variable: 1e-15 for entire functions of no smaller scale. */
const NODE_STEP = 0.5;
const HALF_NODES = 17;
const NODE_WEIGHT: number = NODE_STEP / Math.sqrt(2 * Math.PI);

/** Option on e^X (count + V), X normal and V of a law. */
function blackOver(
  { values, weights }: Law,
  count: number,
  mean: number,
  deviation: number,
  call: boolean,
  level: number,
): Option {
  const w = call ? 1 : -1;
  const growth = Math.exp(mean + 0.5 * deviation * deviation);
  let value = 0;
  let slope = 0;
  for (let m = 0; m < values.length; m++) {
    const spot = count + values[m]!;
    const d2 = (Math.log(spot / level) + mean) / deviation;
    const exercised = normalCdf(w * d2);
    const worth = w * (spot * growth * normalCdf(w * (d2 + deviation)) - level * exercised);
    value += weights[m]! * Math.max(worth, 0);
    slope -= weights[m]! * w * exercised;
  }
  return { value, slope };
}
