import { lognormalOption } from './lognormal.ts';
import { fitPolynomial, type PolynomialFit, polynomialAt } from './regression.ts';

/**
 * Tells when to exercise: for each time, the intervals of S/K in which to. Infinity is the largest double, so that the rule survives JSON.
 */
export type ExerciseRule = { readonly steps: readonly (readonly (readonly [number, number])[])[] };

/** What the option is worth unexercised in terms of x = S/K, in units of the strike. */
export type Continuation = {
  readonly sign: 1 | -1;
  /** Years left. */
  readonly years: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly vol: number;
  /** Range of the points behind the fit. */
  readonly low: number;
  readonly high: number;
  /** The premium over the European option, in u = (2 x - low - high) / (high - low). */
  readonly premium: PolynomialFit;
};

/** Fits the premium over the European option to observed ones. @param count points used, at least 1. */
export function fitPremium(
  terms: Omit<Continuation, 'low' | 'high' | 'premium'>,
  x: Float64Array,
  premiums: Float64Array,
  count: number,
  degree: number,
): Continuation {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, x[i]!);
    high = Math.max(high, x[i]!);
  }
  const width = high > low ? high - low : 1;
  const u = new Float64Array(count);
  for (let i = 0; i < count; i++) u[i] = (2 * x[i]! - low - high) / width;
  return { ...terms, low, high, premium: fitPolynomial(u, premiums, count, degree) };
}

/** Intrinsic value less the value of holding; the premium of an American option is never negative. */
function advantage(continuation: Continuation, x: number): number {
  const { sign, years, rate, dividendYield, vol, low, high, premium } = continuation;
  const mean = Math.log(x) + (rate - dividendYield - 0.5 * vol * vol) * years;
  const european = Math.exp(-rate * years) * lognormalOption(sign, mean, vol * vol * years, 1);
  const width = high > low ? high - low : 1;
  return sign * (x - 1) - european - Math.max(polynomialAt(premium, (2 * x - low - high) / width), 0);
}

const GRID = 128;

/**
 * Where exercising is worth more than holding: changes of sign on a grid over the fitted range, refined by bisection; beyond the range
 * on the side in the money, as at its end. Cost: some 300 option values.
 */
export function exerciseIntervals(continuation: Continuation): [number, number][] {
  const { low, high, sign } = continuation;
  const intervals: [number, number][] = [];
  // From deep in the money towards the strike.
  const [deep, near] = sign > 0 ? [high, low] : [low, high];
  const point = (i: number): number => deep + ((near - deep) * i) / GRID;
  let start: number | undefined;
  const close = (end: number): void => {
    if (start !== undefined) intervals.push(start < end ? [start, end] : [end, start]);
    start = undefined;
  };
  let before = advantage(continuation, deep) > 0;
  if (before) start = sign > 0 ? Number.MAX_VALUE : 0;
  for (let i = 1; i <= GRID; i++) {
    const now = advantage(continuation, point(i)) > 0;
    if (now !== before) {
      const edge = bisect(continuation, point(i - 1), point(i), before);
      if (now) start = edge;
      else close(edge);
    }
    before = now;
  }
  close(near);
  return intervals;
}

function bisect(continuation: Continuation, from: number, to: number, atFrom: boolean): number {
  let a = from;
  let b = to;
  for (let i = 0; i < 40; i++) {
    const middle = 0.5 * (a + b);
    if (advantage(continuation, middle) > 0 === atFrom) a = middle;
    else b = middle;
  }
  return 0.5 * (a + b);
}
