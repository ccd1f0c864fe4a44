import { RangeError } from '../../base/errors.ts';
import type { BlackScholesInputs } from '../black-scholes-inputs.ts';
import { checkBlackScholesInputs } from '../black-scholes-inputs.ts';
import { ExerciseBand } from './exercise-band.ts';
import { HeldBoundary } from './held-boundary.ts';
import { AMERICAN_SCHEMES, type AmericanScheme, type SchemeTables, tablesOf } from './scheme.ts';
import { exerciseRegion } from './unit-put.ts';

/** Where exercise earns less than this share of the strike over the whole term, doubles cannot tell its boundary from none. */
const LEAST_EARNED = 1e-200;

/** The terms of an option that its exercise boundary depends on. Units as in `BlackScholesInputs`. */
export type BoundaryTerms = {
  readonly type: 'call' | 'put';
  readonly strike: number;
  readonly expiryYears: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly vol: number;
};

/** A spot as a function of the time left. */
export type BoundaryCurve = {
  /** Times to expiry at which it was found, ascending, in years; the last is the whole term, or the time at which two boundaries meet. */
  readonly years: Float64Array;
  /** The boundary at {@link years}. */
  readonly spots: Float64Array;
  /**
   * The boundary at a time to expiry between 0 and the whole term; at 0 its limit.
   * @throws RangeError for any other time.
   */
  readonly at: (years: number) => number;
};

/**
 * Where an American option is best exercised. A put is exercised at or below the boundary, a call at or above; at expiry it is min(K, K r/q) for a put and
 * max(K, K r/q) for a call, and K where there are two.
 */
export type ExerciseBoundary = BoundaryCurve & {
  /**
   * The second boundary of a put with yield < rate < 0, or of a call with rate < yield < 0: a put is exercised only at or above it too, a call at or below; at expiry it is
   * K r/q. Undefined for any other option.
   */
  readonly far: BoundaryCurve | undefined;
};

/**
 * The early exercise boundary of an American option (F62, F63, F69), with its interpolant in the cube root of time.
 *
 * Where exercise before expiry never pays (a put with r <= 0 <= q, a call with q <= 0 <= r, and the like: F60), or earns less than 1e-200 of the
 * strike, the boundary is 0 for a put and Infinity for a call, at every time, with no nodes. Beyond the time from which it is the perpetual option's to 1e-11 it is
 * constant. Two boundaries that meet (where vol is above |sqrt(-2 r) - sqrt(-2 q)|, given time) leave nothing beyond: from there on it is again 0 for a put and Infinity for
 * a call, and the far one Infinity and 0. Accuracy with the scheme `accurate`, over the strike: 1e-6 where a put's yield is at most the rate (a call's rate the yield). Else the boundary
 * bends sharply near expiry, as the far one always does: 1e-3, and 1e-2 where exercise earns less than 1e-3 of the strike. Prices depend on its square. Cost: one American option.
 * @throws RangeError as `blackScholesPrices`, and unless vol sqrt(t) is at least 1e-12. @throws PrecisionError as `americanPrices`.
 */
export function americanExerciseBoundary(
  terms: BoundaryTerms,
  scheme: AmericanScheme = AMERICAN_SCHEMES.accurate,
): ExerciseBoundary {
  const { type, expiryYears, rate, dividendYield, vol } = terms;
  if (type !== 'put' && type !== 'call') {
    throw new RangeError(`expected 'call' or 'put' as type, found ${String(type)}`, { type: String(type) });
  }
  const isPut = type === 'put';
  checkBlackScholesInputs(inputsOf(terms));
  if (!(vol * Math.sqrt(expiryYears) >= 1e-12)) {
    throw new RangeError(
      `expected vol sqrt(expiryYears) of at least 1e-12 for a boundary, found vol = ${vol} and ${expiryYears} years`,
      { vol, expiryYears },
    );
  }
  const tables = tablesOf(scheme);
  const putRate = isPut ? rate : dividendYield;
  const putYield = isPut ? dividendYield : rate;
  const region = exerciseRegion(putRate, putYield, expiryYears);
  const nowhere = { near: isPut ? 0 : Number.POSITIVE_INFINITY, far: isPut ? Number.POSITIVE_INFINITY : 0 };
  if (region === 'two boundaries') {
    const band = new ExerciseBand();
    band.set(putRate, putYield, vol, expiryYears);
    if (band.put.earned >= LEAST_EARNED) band.solve(tables, 0);
    if (band.years > 0) {
      return {
        ...curveOf(terms, band.upper, band.years, nowhere.near),
        far: curveOf(terms, band.lower, band.years, nowhere.far),
      };
    }
    return { ...emptyCurve(terms, nowhere.near), far: emptyCurve(terms, nowhere.far) };
  }
  const held = new HeldBoundary();
  if (region === 'one boundary') held.set(Math.max(putRate, 0), putYield, vol, expiryYears);
  // Nothing is earned in the region 'never' either.
  if (held.put.earned < LEAST_EARNED) return { ...emptyCurve(terms, nowhere.near), far: undefined };
  held.solve(tables, 0);
  return { ...curveOf(terms, held, expiryYears, nowhere.near), far: undefined };
}

/** @throws RangeError unless `years` lies within the term. */
function checkTime({ expiryYears }: BoundaryTerms, years: number): void {
  if (years >= 0 && years <= expiryYears) return;
  throw new RangeError(`expected a time to expiry between 0 and ${expiryYears} years, found ${years}`, {
    years,
  });
}

/** A boundary that is never reached. */
function emptyCurve(terms: BoundaryTerms, nowhere: number): BoundaryCurve {
  return {
    years: new Float64Array(0),
    spots: new Float64Array(0),
    at: (time) => {
      checkTime(terms, time);
      return nowhere;
    },
  };
}

/** The curve of a boundary up to `until` years from expiry; `nowhere` beyond. */
function curveOf(terms: BoundaryTerms, held: HeldBoundary, until: number, nowhere: number): BoundaryCurve {
  const { type, strike, expiryYears, vol } = terms;
  const { put, tables, squares } = held;
  // The lower of two is held as its reciprocal.
  const side = (type === 'put') === !put.forward ? 1 : -1;
  const spotOf = (log: number): number => strike * Math.exp(side * (put.logStart - log));
  const years = tables.time.map((time) => (time * put.horizon) / (vol * vol));
  // The horizon falls short of the term where the boundary is constant in between.
  years[years.length - 1] = until;
  return {
    years,
    spots: years.map((_, i) => spotOf(Math.sqrt(squares[i]!))),
    at: (time) => {
      checkTime(terms, time);
      if (time > until && until < expiryYears) return nowhere;
      const position = Math.cbrt(Math.min(1, (time * vol * vol) / put.horizon));
      return spotOf(Math.sqrt(Math.max(0, interpolated(tables, squares, position))));
    },
  };
}

/** ln(start/B)^2 at a position between 0 and 1 in the interpolation variable, by the barycentric formula. */
function interpolated(tables: SchemeTables, squares: Float64Array, position: number): number {
  const { barycentric, nodes, time } = tables;
  if (position === 0) return 0;
  let top = 0;
  let bottom = barycentric[0]! / position;
  for (let j = 0; j < nodes; j++) {
    const node = Math.cbrt(time[j]!);
    if (position === node) return squares[j]!;
    const term = barycentric[j + 1]! / (position - node);
    top += term * squares[j]! * Math.sqrt(position / node);
    bottom += term;
  }
  return top / bottom;
}

function inputsOf(terms: BoundaryTerms): BlackScholesInputs {
  const { type, strike, expiryYears, rate, dividendYield, vol } = terms;
  return {
    sign: Float64Array.of(type === 'put' ? -1 : 1),
    spot: Float64Array.of(strike),
    strike: Float64Array.of(strike),
    expiryYears: Float64Array.of(expiryYears),
    rate: Float64Array.of(rate),
    dividendYield: Float64Array.of(dividendYield),
    vol: Float64Array.of(vol),
  };
}
