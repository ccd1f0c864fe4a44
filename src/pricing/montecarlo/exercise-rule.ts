import { lognormalOption } from './lognormal.ts';
import { fitPolynomial, type PolynomialFit, polynomialAt } from './regression.ts';

/**
 * Tells when to exercise: for each time, the intervals of the moneyness in which to. The moneyness x lies between 0
 * and 1 in the money: S/K for a put, K/S for a call, which in these terms is a put with rate and yield exchanged
 * (R. McDonald and M. Schroder, "A parity result for American options", J. Computational Finance 1 (1998), 5-13).
 */
export type ExerciseRule = { readonly steps: readonly (readonly (readonly [number, number])[])[] };

/** What holding the option is worth in terms of x, in units of the strike (a put) or of the spot (a call). */
export type Continuation = {
  /** Years left. */
  readonly years: number;
  /** The risk-free rate of a put, the dividend yield of a call. */
  readonly rate: number;
  /** The dividend yield of a put, the risk-free rate of a call. */
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
  const { years, rate, dividendYield, vol, low, high, premium } = continuation;
  const mean = Math.log(x) + (rate - dividendYield - 0.5 * vol * vol) * years;
  const european = Math.exp(-rate * years) * lognormalOption(-1, mean, vol * vol * years, 1);
  const width = high > low ? high - low : 1;
  return 1 - x - european - Math.max(polynomialAt(premium, (2 * x - low - high) / width), 0);
}

const GRID = 128;

/**
 * Where exercising is worth more than holding: changes of sign on a grid over the fitted range, refined by
 * bisection; further in the money as at the end of the range. Where neither rate nor yield is negative the slope of
 * the price is at most 1 in size, so that exercise at one spot implies it further in the money; noise at the thin
 * end of the fit is then overruled. Cost: some 300 option values.
 */
export function exerciseIntervals(continuation: Continuation): [number, number][] {
  const { low, high } = continuation;
  const intervals: [number, number][] = [];
  const point = (i: number): number => low + ((high - low) * i) / GRID;
  let before = advantage(continuation, low) > 0;
  let start = 0;
  for (let i = 1; i <= GRID; i++) {
    const now = advantage(continuation, point(i)) > 0;
    if (now !== before) {
      const edge = bisect(continuation, point(i - 1), point(i), before);
      if (now) start = edge;
      else intervals.push([start, edge]);
    }
    before = now;
  }
  if (before) intervals.push([start, high]);
  const nearest = intervals.at(-1);
  return nearest !== undefined && continuation.rate >= 0 && continuation.dividendYield >= 0
    ? [[0, nearest[1]]]
    : intervals;
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
