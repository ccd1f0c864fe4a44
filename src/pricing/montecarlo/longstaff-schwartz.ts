import { RangeError } from '../../base/errors.ts';
import { blackScholesPrices } from '../black-scholes.ts';
import { requireRecord } from '../column-checks.ts';
import { type ExerciseRule, exerciseIntervals, fitPremium } from './exercise-rule.ts';
import { PathGenerator } from './paths.ts';
import type { OptionType } from './payoff.ts';
import { checkNumber, signOf } from './payoffs/fields.ts';
import { planSimulation } from './plan.ts';
import type { Estimate, SimulationResult } from './result.ts';
import { simulate } from './simulate.ts';
import type { GreekMethod, Sampling, SimulationMarket, SimulationSpec } from './specification.ts';

/** An American option on one underlying, exercisable at equally spaced dates up to its expiry, and now. */
export type AmericanProblem = {
  /** One underlying. */
  readonly market: SimulationMarket;
  readonly type: OptionType;
  readonly strike: number;
  readonly expiryYears: number;
  /** Exercise dates after today, the last of them the expiry. */
  readonly dates: number;
  /** Numbers for the price. The rule is fitted to other numbers of the same seed. */
  readonly sampling: Sampling;
  /** Paths from which the exercise rule is learnt; 32768 unless said otherwise. */
  readonly trainingPaths?: number;
  /** Degree of the polynomial in the moneyness, 1 to 12; 5 unless said otherwise. */
  readonly degree?: number;
  readonly greeks?: GreekMethod;
};

/** A lower bound for the price of an American option. */
export type AmericanResult = {
  /** The estimate, or the intrinsic value if that is higher; the standard error is then 0. */
  readonly price: Estimate;
  /** Whether exercising today is worth more than the estimate of holding. */
  readonly exerciseNow: boolean;
  readonly simulation: SimulationResult;
  readonly rule: ExerciseRule;
};

const MOST_TRAINING_NUMBERS = 2 ** 27;
/** Training paths start within this many vol sqrt(t) of the strike. */
const SPREAD = 1.5;
/** With fewer points a coefficient the fit would follow the noise. */
const POINTS_A_COEFFICIENT = 10;

/**
 * Learns when to exercise by regression over the paths in the money, backwards from the expiry (F123).
 *
 * F. A. Longstaff and E. S. Schwartz, "Valuing American options by simulation: a simple least-squares approach",
 * Rev. Financial Studies 14 (2001), 113-147, section 2; what is regressed is not the payoff but its excess over the
 * European option's value at exercise, which has the same mean given today's spot up to that value, and far less
 * noise (N. S. Rasmussen, J. Computational Finance 9 (2005)).
 * Cost: trainingPaths x dates numbers of memory, some 100 ns each.
 * @throws RangeError naming the field, its value and the allowed range. @throws ShapeError unless there is one
 * underlying.
 */
export function fitExerciseRule(problem: AmericanProblem): ExerciseRule {
  const { market, strike, dates, degree = 5, trainingPaths = 32768 } = problem;
  const sign = signOf(problem.type);
  checkNumber('strike', strike, 'positive');
  if (!(Number.isInteger(degree) && degree >= 1 && degree <= 12)) {
    throw new RangeError(`expected a degree from 1 to 12, found ${degree}`, { degree });
  }
  if (!(trainingPaths * dates <= MOST_TRAINING_NUMBERS)) {
    throw new RangeError(
      `expected at most ${MOST_TRAINING_NUMBERS} trainingPaths x dates, found ${trainingPaths} x ${dates}`,
      { trainingPaths, dates },
    );
  }
  const columns = trainingColumns(problem, trainingPaths);
  const put = sign < 0;
  const [rate, dividendYield] = put
    ? [market.rate, market.dividendYields[0]!]
    : [market.dividendYields[0]!, market.rate];
  const vol = market.vols[0]!;
  const discount = Math.exp((-market.rate * problem.expiryYears) / dates);
  // Along each path, by what exercising by the rule beats the European option from now on, in units of the strike:
  // nothing at expiry.
  const excess = new Float64Array(trainingPaths);
  const x = new Float64Array(trainingPaths);
  const y = new Float64Array(trainingPaths);
  const at = new Int32Array(trainingPaths);
  const steps: [number, number][][] = Array.from({ length: dates }, () => []);
  for (let step = dates - 2; step >= 0; step--) {
    const spots = columns[step]!;
    let count = 0;
    for (let p = 0; p < trainingPaths; p++) {
      excess[p]! *= discount;
      const moneyness = put ? spots[p]! / strike : strike / spots[p]!;
      if (moneyness < 1) {
        x[count] = moneyness;
        y[count] = put ? excess[p]! : excess[p]! * moneyness;
        at[count++] = p;
      }
    }
    if (count < POINTS_A_COEFFICIENT * (degree + 1)) continue;
    const years = (problem.expiryYears * (dates - 1 - step)) / dates;
    const terms = { years, rate, dividendYield, vol };
    const intervals = exerciseIntervals(fitPremium(terms, x, y, count, degree));
    steps[step] = intervals;
    if (intervals.length === 0) continue;
    const europeans = europeanPuts(terms, x.subarray(0, count));
    for (let i = 0; i < count; i++) {
      const moneyness = x[i]!;
      if (intervals.some(([low, high]) => moneyness >= low && moneyness <= high)) {
        excess[at[i]!] = (1 - moneyness - europeans[i]!) / (put ? 1 : moneyness);
      }
    }
  }
  return { steps };
}

/** European puts with strike 1 on spots x. */
function europeanPuts(
  terms: {
    readonly years: number;
    readonly rate: number;
    readonly dividendYield: number;
    readonly vol: number;
  },
  x: Float64Array,
): Float64Array {
  const constant = (value: number): Float64Array => new Float64Array(x.length).fill(value);
  return blackScholesPrices({
    sign: constant(-1),
    spot: x,
    strike: constant(1),
    expiryYears: constant(terms.years),
    rate: constant(terms.rate),
    dividendYield: constant(terms.dividendYield),
    vol: constant(terms.vol),
  });
}

function trainingColumns(problem: AmericanProblem, paths: number): Float64Array[] {
  const { market } = problem;
  const sampling = requireRecord('sampling', problem.sampling);
  const plan = planSimulation({
    market,
    times: exerciseTimes(problem),
    payoff: { kind: 'european', type: problem.type, strike: problem.strike },
    sampling: { kind: 'pseudo', seed: sampling.seed, paths },
  });
  if (plan.assets !== 1) {
    throw new RangeError(`expected one underlying of an American option, found ${plan.assets}`, {
      found: plan.assets,
    });
  }
  const generator = new PathGenerator(plan, 'pseudo', 0, 'training');
  const columns = Array.from({ length: plan.steps }, () => new Float64Array(paths));
  for (let block = 0; block < plan.blocks; block++) {
    const { spots, count } = generator.block(block);
    columns.forEach((column, step) => {
      column.set(spots.subarray(step * count, (step + 1) * count), block * plan.blockSamples);
    });
  }
  // The rule does not depend on where paths start: they start around the strike, so that at every date many are
  // near the boundary.
  const deviation = SPREAD * plan.vols[0]! * Math.sqrt(problem.expiryYears);
  for (let p = 0; p < paths; p++) {
    const start = problem.strike * Math.exp(deviation * ((2 * p + 1) / paths - 1));
    for (const column of columns) column[p]! *= start / plan.spots[0]!;
  }
  return columns;
}

function exerciseTimes({ expiryYears, dates }: AmericanProblem): number[] {
  if (!(Number.isInteger(dates) && dates >= 1 && dates <= 10_000)) {
    throw new RangeError(`expected 1 to 10000 exercise dates, found ${dates}`, { dates });
  }
  if (!(expiryYears > 0 && Number.isFinite(expiryYears))) {
    throw new RangeError(`expected a positive number of years as expiryYears, found ${expiryYears}`, {
      expiryYears,
    });
  }
  return Array.from({ length: dates }, (_, i) => (expiryYears * (i + 1)) / dates);
}

/** The simulation that prices an American option by a rule: plain data, for this thread or for workers. */
export function americanSimulation(problem: AmericanProblem, rule: ExerciseRule): SimulationSpec {
  const { market, type, strike, sampling, greeks } = problem;
  return {
    market,
    times: exerciseTimes(problem),
    payoff: { kind: 'american', type, strike, rule },
    sampling,
    controls: ['exercise'],
    ...(greeks && { greeks }),
  };
}

/** Reads the price of an American option off its simulation: holding, or exercising now. */
export function americanResult(
  problem: AmericanProblem,
  rule: ExerciseRule,
  simulation: SimulationResult,
): AmericanResult {
  const intrinsic = Math.max(signOf(problem.type) * (problem.market.spots[0]! - problem.strike), 0);
  const exerciseNow = intrinsic > 0 && intrinsic >= simulation.price.value;
  return {
    price: exerciseNow ? { value: intrinsic, standardError: 0 } : simulation.price,
    exerciseNow,
    simulation,
    rule,
  };
}

/**
 * The price of an American option by simulation (F123): a rule learnt from one set of paths, valued on another, so
 * that the estimate is biased low only: by exercising at `dates` dates instead of always and by the rule not being
 * optimal. The European option's value at exercise is the control variate.
 *
 * Accuracy: with n dates the bias is 0.8 / n of the premium over the European option at the median and 4 / n at
 * most (measured with n from 12 to 48 on options with a premium above 1e-4 of the spot). Pathwise Greeks are off by
 * up to some 1 % besides, because the rule is near its optimum but not at it. Cost: {@link fitExerciseRule}, then
 * one simulation; about 0.2 s with 24 dates.
 * @throws RangeError naming the field, its value and the allowed range.
 */
export function simulateAmerican(problem: AmericanProblem): AmericanResult {
  const rule = fitExerciseRule(problem);
  return americanResult(problem, rule, simulate(americanSimulation(problem, rule)));
}
