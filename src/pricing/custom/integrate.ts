import { PrecisionError, RangeError } from '../../base/errors.ts';
import { fillExp } from '../../numeric/exp-fill.ts';
import { gaussLegendre } from '../../numeric/gauss-legendre.ts';
import { createEvaluator, type PayoffProgram } from './program.ts';

/** Moments of a payoff f(S(Z)), Z standard normal, over a range of Z. */
export type PayoffMoments = {
  /** E[f], E[f Z] and E[f (Z^2 - 1)]. */
  readonly mean: number;
  readonly first: number;
  readonly second: number;
  /** E|f| */
  readonly absolute: number;
  /** What the last refinement changed in the mean, and rounding. */
  readonly error: number;
  readonly evaluations: number;
};

/** ln S = logForward + deviation z - deviation^2 / 2. */
export type Lognormal = { readonly logForward: number; readonly deviation: number };

const RULE = gaussLegendre(16);
const POINTS = RULE.nodes.length;
/**
 * A panel is accepted when halving it changes its share by less than this part of E|f| (and of E|f (Z^2 - 1)|) ...
 */
const TOLERANCE = 1e-15;
/**
 * ... or than rounding makes of it: by what the payoff changes when S changes by a few units in the last place. It
 * is what is left of payoffs that are small differences of large numbers, and of any payoff where vol sqrt(t) is
 * tiny.
 */
const NUDGE = 1 + 4 * Number.EPSILON;
const WORST = 1e-6;
/** A panel with less than this part of E|f| is taken as it is. */
const NEGLIGIBLE = 1e-18;
const DEEPEST = 60;
const MOST_PANELS = 20_000;
const BATCH = 256;
const DENSITY = 0.3989422804014327;

type Panel = { readonly low: number; readonly high: number; readonly depth: number; sums: Sums };
type Sums = Record<(typeof FIELDS)[number], number>;
const FIELDS = [
  'mean',
  'first',
  'second',
  'absolute',
  'absoluteSecond',
  'rounding',
  'roundingSecond',
] as const;
const NOTHING: Sums = {
  mean: 0,
  first: 0,
  second: 0,
  absolute: 0,
  absoluteSecond: 0,
  rounding: 0,
  roundingSecond: 0,
};

/**
 * Integrates by 16-point Gauss-Legendre rules on panels that never cross a break, halved until halving changes
 * nothing (F131).
 *
 * P. J. Davis and P. Rabinowitz, "Methods of Numerical Integration", 2nd ed. (1984), section 6.2 (global adaptive
 * rules).
 * @param breaks ascending; the first and last are the range.
 * @throws RangeError where the payoff is not finite. @throws PrecisionError if it cannot be resolved to 1e-6 of E|f|.
 */
export function integratePayoff(program: PayoffProgram, law: Lognormal, breaks: Float64Array): PayoffMoments {
  const evaluator = createEvaluator(program, BATCH * POINTS);
  const z = new Float64Array(BATCH * POINTS);
  const spots = new Float64Array(BATCH * POINTS);
  const density = new Float64Array(BATCH * POINTS);
  const values = new Float64Array(BATCH * POINTS);
  let evaluations = 0;

  const measure = (panels: readonly Panel[]): void => {
    for (let from = 0; from < panels.length; from += BATCH) {
      const batch = panels.slice(from, from + BATCH);
      const count = batch.length * POINTS;
      batch.forEach(({ low, high }, i) => {
        for (let k = 0; k < POINTS; k++) z[i * POINTS + k] = low + (high - low) * RULE.nodes[k]!;
      });
      for (let i = 0; i < count; i++) {
        spots[i] = logSpotAt(law, z[i]!);
        density[i] = -0.5 * z[i]! * z[i]!;
      }
      fillExp(spots, spots, 0, count);
      fillExp(density, density, 0, count);
      for (const input of evaluator.inputs) input.set(spots.subarray(0, count));
      values.set(evaluator.evaluate(count).subarray(0, count));
      checkFinite(values, spots, count);
      for (let i = 0; i < count; i++) spots[i]! *= NUDGE;
      for (const input of evaluator.inputs) input.set(spots.subarray(0, count));
      const nudged = evaluator.evaluate(count);
      evaluations += 2 * count;
      batch.forEach((panel, i) => {
        panel.sums = sumsOf(panel, i * POINTS, { z, density, values, nudged });
      });
    }
  };

  let open: Panel[] = [];
  for (let i = 1; i < breaks.length; i++) {
    const low = breaks[i - 1]!;
    const high = breaks[i]!;
    const pieces = Math.max(1, Math.ceil(high - low));
    for (let k = 0; k < pieces; k++) {
      const start = low + ((high - low) * k) / pieces;
      const end = k + 1 === pieces ? high : low + ((high - low) * (k + 1)) / pieces;
      if (end > start) open.push({ low: start, high: end, depth: 0, sums: NOTHING });
    }
  }
  measure(open);
  const total = { ...NOTHING };
  let error = 0;
  let panels = open.length;
  const sizeOf = (some: readonly Panel[]): { absolute: number; absoluteSecond: number } => ({
    absolute: some.reduce((sum, { sums }) => sum + sums.absolute, total.absolute),
    absoluteSecond: some.reduce((sum, { sums }) => sum + sums.absoluteSecond, total.absoluteSecond),
  });
  // Far from where the payoff's value lies nothing needs refining.
  const whole = sizeOf(open);
  open = open.filter(({ sums }) => {
    const counts =
      sums.absolute > NEGLIGIBLE * whole.absolute || sums.absoluteSecond > NEGLIGIBLE * whole.absoluteSecond;
    if (!counts) add(total, sums);
    return counts;
  });
  while (open.length > 0) {
    const halves = open.flatMap(({ low, high, depth }): Panel[] => {
      const middle = low + 0.5 * (high - low);
      return [
        { low, high: middle, depth: depth + 1, sums: NOTHING },
        { low: middle, high, depth: depth + 1, sums: NOTHING },
      ];
    });
    measure(halves);
    panels += halves.length;
    // The scale against which changes are judged: everything accepted, and everything still open.
    const { absolute, absoluteSecond } = sizeOf(halves);
    const next: Panel[] = [];
    open.forEach((panel, i) => {
      const left = halves[2 * i]!;
      const right = halves[2 * i + 1]!;
      const change = Math.abs(left.sums.mean + right.sums.mean - panel.sums.mean);
      const changeSecond = Math.abs(left.sums.second + right.sums.second - panel.sums.second);
      const settled =
        change <= TOLERANCE * absolute + left.sums.rounding + right.sums.rounding &&
        changeSecond <=
          10 * TOLERANCE * absoluteSecond + left.sums.roundingSecond + right.sums.roundingSecond;
      const exhausted = left.depth >= DEEPEST || panels > MOST_PANELS;
      if (!settled && !exhausted) {
        next.push(left, right);
        return;
      }
      add(total, left.sums);
      add(total, right.sums);
      error += change;
    });
    open = next;
  }
  if (error > WORST * total.absolute + 10 * total.rounding) {
    throw new PrecisionError(
      `the payoff could only be integrated to ${(error / total.absolute).toExponential(1)} of its mean size; smooth it or simulate it`,
      { error, absolute: total.absolute },
    );
  }
  const { mean, first, second, absolute, absoluteSecond, rounding } = total;
  // The density exp(-z^2 / 2) is as inexact as its exponent is large.
  const inexact = 2 * TOLERANCE * (absolute + absoluteSecond);
  return { mean, first, second, absolute, error: error + rounding + inexact, evaluations };
}

/** S at a value of the normal variable. */
export function spotAt(law: Lognormal, z: number): number {
  return Math.exp(logSpotAt(law, z));
}

function logSpotAt({ logForward, deviation }: Lognormal, z: number): number {
  return logForward + deviation * (z - 0.5 * deviation);
}

function add(total: Sums, sums: Sums): void {
  for (const field of FIELDS) total[field] += sums[field];
}

function checkFinite(values: Float64Array, spots: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    // False for NaN and both infinities.
    if (values[i]! - values[i]! === 0) continue;
    throw new RangeError(
      `the payoff is ${values[i]} at S = ${spots[i]}; expected a finite number for every positive S`,
      { spot: spots[i]!, found: String(values[i]) },
    );
  }
}

type Columns = Readonly<Record<'z' | 'density' | 'values' | 'nudged', Float64Array>>;

function sumsOf({ low, high }: Panel, from: number, { z, density, values, nudged }: Columns): Sums {
  const scale = (high - low) * DENSITY;
  let mean = 0;
  let first = 0;
  let second = 0;
  let absolute = 0;
  let absoluteSecond = 0;
  let rounding = 0;
  let roundingSecond = 0;
  for (let k = 0; k < POINTS; k++) {
    const at = from + k;
    const x = z[at]!;
    const weight = scale * RULE.weights[k]! * density[at]!;
    const term = values[at]! * weight;
    const curvature = x * x - 1;
    const change = Math.abs(nudged[at]! - values[at]!) * weight;
    mean += term;
    first += term * x;
    second += term * curvature;
    absolute += Math.abs(term);
    absoluteSecond += Math.abs(term * curvature);
    rounding += change;
    roundingSecond += change * Math.abs(curvature);
  }
  return { mean, first, second, absolute, absoluteSecond, rounding, roundingSecond };
}
