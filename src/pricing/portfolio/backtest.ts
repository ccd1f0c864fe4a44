import { RangeError, ShapeError } from '../../base/errors.ts';
import { binomialCdf, deviance } from '../../numeric/binomial.ts';
import { chiSquareSurvival } from '../../numeric/chi-square.ts';

/** A likelihood ratio and the probability of one as large if the model is right. */
export type LikelihoodRatio = { readonly statistic: number; readonly pValue: number };

/** Days after a day without (0) or with (1) an exception: `n01` had one after a day without. */
export type Transitions = {
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
};

export type TrafficLight = {
  readonly zone: 'green' | 'yellow' | 'red';
  readonly exceptions: number;
  /** P(at most that many exceptions) if the model is right. */
  readonly cumulativeProbability: number;
  /** Least number of exceptions of the yellow and of the red zone. */
  readonly yellowFrom: number;
  readonly redFrom: number;
};

/** All backtests of a series of value-at-risk forecasts. */
export type Backtest = {
  readonly days: number;
  readonly exceptions: number;
  readonly transitions: Transitions;
  readonly kupiec: LikelihoodRatio;
  readonly independence: LikelihoodRatio;
  readonly conditionalCoverage: LikelihoodRatio;
  readonly trafficLight: TrafficLight;
};

/**
 * Whether each day's loss exceeded its value at risk: pnl < -var, 1 or 0 (F160).
 * @param pnl P&L a day. @param valueAtRisk forecast for that day, a loss: one a day, or one for all.
 * @throws ShapeError unless there is a forecast a day. @throws RangeError naming the day for a number that is not finite.
 */
export function exceptionsOf(pnl: Float64Array, valueAtRisk: Float64Array | number): Uint8Array {
  if (typeof valueAtRisk !== 'number' && valueAtRisk.length !== pnl.length) {
    throw new ShapeError(`expected ${pnl.length} forecasts, one a day, found ${valueAtRisk.length}`, {
      expected: pnl.length,
      found: valueAtRisk.length,
    });
  }
  return Uint8Array.from(pnl, (gain, day) => {
    const forecast = typeof valueAtRisk === 'number' ? valueAtRisk : valueAtRisk[day]!;
    if (!Number.isFinite(gain) || !Number.isFinite(forecast)) {
      throw new RangeError(
        `day ${day}: expected a finite P&L and value at risk, found ${gain} and ${forecast}`,
        { day },
      );
    }
    return gain < -forecast ? 1 : 0;
  });
}

/**
 * Proportion of failures (F161): the likelihood ratio of x exceptions in n days with probability 1 - level against x/n; chi-square
 * with one degree of freedom. P. H. Kupiec, "Techniques for verifying the accuracy of risk measurement models", J. Derivatives 3
 * (1995), 73-84. Accuracy: relative 1e-14, also where x/n is close to 1 - level.
 * @throws RangeError unless n is a whole number of at least 1, x one of 0 to n, and the level between 0 and 1.
 */
export function kupiecTest(exceptions: number, days: number, level: number): LikelihoodRatio {
  checkCounts(exceptions, days, level);
  return ratioOf(deviance(exceptions, days * (1 - level)) + deviance(days - exceptions, days * level), 1);
}

/**
 * Independence of exceptions on successive days (F162): the likelihood ratio of one probability of an exception against
 * one after a day with and another after a day without; chi-square with one degree of freedom. P. F. Christoffersen, "Evaluating interval forecasts",
 * International Economic Review 39 (1998), 841-862, section 3.2. 0 ln 0 counts as 0, so that a series with at most one
 * exception passes or nearly so: it says nothing about clusters.
 * @throws RangeError unless the counts are whole numbers of at least 0.
 */
export function independenceTest({ n00, n01, n10, n11 }: Transitions): LikelihoodRatio {
  for (const [name, count] of Object.entries({ n00, n01, n10, n11 })) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new RangeError(`expected a whole number of days of at least 0 as ${name}, found ${count}`, {
      field: name,
      found: count,
    });
  }
  const pairs = n00 + n01 + n10 + n11;
  if (pairs === 0) return ratioOf(0, 1);
  const expected = (row: number, column: number): number => (row * column) / pairs;
  return ratioOf(
    deviance(n00, expected(n00 + n01, n00 + n10)) +
      deviance(n01, expected(n00 + n01, n01 + n11)) +
      deviance(n10, expected(n10 + n11, n00 + n10)) +
      deviance(n11, expected(n10 + n11, n01 + n11)),
    1,
  );
}

/**
 * The Basel traffic light (F164): yellow from the least number of exceptions whose cumulative binomial probability reaches `yellow`, red from that which
 * reaches `red`. Basel Committee, "Supervisory framework for the use of 'backtesting' in conjunction with the internal models approach to
 * market risk capital requirements" (1996), table 2: for 250 days at 99 %, yellow from 5 and red from 10. No exception is
 * green however few the days.
 * @throws RangeError as {@link kupiecTest}, and unless 0 < yellow <= red < 1.
 */
export function trafficLight(
  exceptions: number,
  days: number,
  level = 0.99,
  { yellow = 0.95, red = 0.9999 }: { readonly yellow?: number; readonly red?: number } = {},
): TrafficLight {
  checkCounts(exceptions, days, level);
  if (!(yellow > 0 && yellow <= red && red < 1))
    throw new RangeError(`expected 0 < yellow <= red < 1, found ${yellow} and ${red}`, { yellow, red });
  const yellowFrom = leastCount(days, level, yellow);
  const redFrom = leastCount(days, level, red);
  return {
    zone: exceptions < yellowFrom ? 'green' : exceptions < redFrom ? 'yellow' : 'red',
    exceptions,
    cumulativeProbability: binomialCdf(exceptions, days, 1 - level),
    yellowFrom,
    redFrom,
  };
}

/**
 * Backtests value-at-risk forecasts against the P&L of their days (F160 to F164). Conditional coverage is the sum of the two ratios, chi-square
 * with two degrees of freedom (Christoffersen 1998, section 3.3); its coverage part counts all days, the first too.
 * @throws ShapeError @throws RangeError as {@link exceptionsOf} and {@link kupiecTest}.
 */
export function backtest(pnl: Float64Array, valueAtRisk: Float64Array | number, level: number): Backtest {
  const hits = exceptionsOf(pnl, valueAtRisk);
  const days = hits.length;
  const exceptions = hits.reduce((sum, hit) => sum + hit, 0);
  const transitions = transitionsOf(hits);
  const kupiec = kupiecTest(exceptions, days, level);
  const independence = independenceTest(transitions);
  const statistic = kupiec.statistic + independence.statistic;
  return {
    days,
    exceptions,
    transitions,
    kupiec,
    independence,
    conditionalCoverage: { statistic, pValue: chiSquareSurvival(statistic, 2) },
    trafficLight: trafficLight(exceptions, days, level),
  };
}

/** Counts of successive days with and without an exception. @param hits 1 on days with one: `exceptionsOf`. */
export function transitionsOf(hits: Uint8Array): Transitions {
  const counts = [0, 0, 0, 0];
  for (let day = 1; day < hits.length; day++) counts[2 * hits[day - 1]! + hits[day]!]!++;
  return { n00: counts[0]!, n01: counts[1]!, n10: counts[2]!, n11: counts[3]! };
}

function ratioOf(halfStatistic: number, degreesOfFreedom: 1 | 2): LikelihoodRatio {
  const statistic = 2 * halfStatistic;
  return { statistic, pValue: chiSquareSurvival(statistic, degreesOfFreedom) };
}

function checkCounts(exceptions: number, days: number, level: number): void {
  if (!(Number.isSafeInteger(days) && days >= 1))
    throw new RangeError(`expected a whole number of days of at least 1, found ${days}`, { days });
  if (!(Number.isSafeInteger(exceptions) && exceptions >= 0 && exceptions <= days)) {
    throw new RangeError(`expected a whole number of exceptions of 0 to ${days}, found ${exceptions}`, {
      exceptions,
      days,
    });
  }
  if (!(level > 0 && level < 1))
    throw new RangeError(`expected a level between 0 and 1, found ${level}`, { level });
}

/** The least x of 1 to `days` with P(X <= x) >= probability, by bisection; P(X <= days) = 1. */
function leastCount(days: number, level: number, probability: number): number {
  let below = 0;
  let reached = days;
  while (reached - below > 1) {
    const middle = Math.floor((below + reached) / 2);
    if (binomialCdf(middle, days, 1 - level) >= probability) reached = middle;
    else below = middle;
  }
  return reached;
}
