import { RangeError, UnsupportedError } from '../../base/errors.ts';
import { compilePayoff, type ParameterValues } from './compile.ts';
import type { PayoffExpression } from './expression.ts';
import { integratePayoff, type Lognormal, spotAt } from './integrate.ts';
import { findKinks, type Kinks } from './kinks.ts';
import { createEvaluator, type PayoffProgram } from './program.ts';

/** One underlying, one expiry, and the values of the payoff's parameters. */
export type CustomTerms = {
  readonly spot: number;
  /** Years to expiry. */
  readonly expiryYears: number;
  /** Risk-free rate, continuous, per year, decimal. */
  readonly rate: number;
  /** Dividend, borrow or foreign yield, continuous, per year, decimal. */
  readonly dividendYield: number;
  /** Volatility, per square root of a year, decimal. */
  readonly vol: number;
  readonly parameters?: ParameterValues;
};

/** Price and Greeks, in the units of `blackScholesGreeks`. */
export type CustomPrice = {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
  /** Of the price: what the last refinement of the quadrature changed, and rounding. Measured, not proved. */
  readonly error: number;
  /** Where the payoff was found to have kinks or jumps. */
  readonly kinks: Float64Array;
};

/** Beyond these the normal density is below the smallest double. */
const FURTHEST = 38;
/** Growth exponent x vol sqrt(t): the density of what is integrated then still lies within +-38. */
const LARGEST_TILT = 25;
const LARGEST_EXPONENT = 16;
const LARGEST_LOG = 690;
/** The payoff is looked at on the spot times 10^-12 to 10^12. */
const DECADES = 12;

/**
 * Price and Greeks of a European payoff written as an expression, S lognormal (F130 to F132): e^(-rT) E[f(S_T)] by
 * quadrature between the payoff's kinks; Greeks from the moments E[f Z] and E[f (Z^2 - 1)], so that no payoff is
 * differentiated and jumps do no harm.
 *
 * Before it is used the payoff is checked: finite for S from 10^-12 to 10^12 times the forward and at every point
 * of the quadrature, unbounded nowhere, growing no faster than S^16 or S^-16.
 * Accuracy: 1e-10 relative for piecewise linear payoffs with vol sqrt(t) from 1e-4 to 5 (measured: 5e-11 at 1e-4,
 * 4e-13 from 0.01); otherwise what `error` says. Without variance the price is that of the forward, and the Greeks,
 * which need not exist, are NaN.
 * Cost: about a millisecond.
 * @throws UnsupportedError for a payoff of a path or of several underlyings: simulate it. @throws RangeError naming
 * the term that is out of range, or the spot at which the payoff is not finite or grows too fast. @throws
 * PrecisionError if it cannot be resolved.
 */
export function priceCustomPayoff(expression: PayoffExpression, terms: CustomTerms): CustomPrice {
  const { spot, expiryYears, rate, dividendYield, vol, parameters = {} } = terms;
  checkTerms(terms);
  const program = compilePayoff(expression, parameters);
  for (const { statistic, asset } of program.inputs) {
    if (statistic === 'terminal' && asset === 0) continue;
    throw new UnsupportedError(
      `${statistic === 'terminal' ? `S${asset + 1}` : `${statistic}(S)`} needs simulated paths: use simulate with a payoff of kind custom`,
      { source: expression.source },
    );
  }
  const discount = Math.exp(-rate * expiryYears);
  const logForward = Math.log(spot) + (rate - dividendYield) * expiryYears;
  const deviation = vol * Math.sqrt(expiryYears);
  const law = { logForward, deviation };
  const growth = checkGrowth(program, Math.exp(logForward));
  if (deviation < 1e-14) return withoutVariance(program, Math.exp(logForward), discount);
  const [low, high] = rangeOf(law, growth);
  const kinks = findKinks(expression, parameters, spotAt(law, low), spotAt(law, high));
  checkPoles(program, kinks);
  const inner = kinks.spots
    .map((kink) => (Math.log(kink) - logForward) / deviation + 0.5 * deviation)
    .filter((z) => z > low && z < high);
  const { mean, first, second, error } = integratePayoff(program, law, Float64Array.of(low, ...inner, high));
  const price = discount * mean;
  const delta = (discount * first) / (spot * deviation);
  const gamma = (discount * (second / deviation - first)) / (spot * spot * deviation);
  return {
    price,
    delta,
    gamma,
    vega: discount * (second / vol - Math.sqrt(expiryYears) * first),
    // The price solves Black and Scholes' equation.
    theta: rate * price - (rate - dividendYield) * spot * delta - 0.5 * vol * vol * spot * spot * gamma,
    rho: expiryYears * (spot * delta - price),
    error: discount * error,
    kinks: kinks.spots,
  };
}

function checkTerms({ spot, expiryYears, rate, dividendYield, vol }: CustomTerms): void {
  const fields: [string, number, string, boolean][] = [
    ['spot', spot, 'a positive number between 1e-100 and 1e100', spot >= 1e-100 && spot <= 1e100],
    [
      'expiryYears',
      expiryYears,
      'a number of years of at least 0',
      expiryYears >= 0 && Number.isFinite(expiryYears),
    ],
    [
      'rate',
      rate,
      'at most 300 / years in size',
      Math.abs(rate * expiryYears) <= 300 && Number.isFinite(rate),
    ],
    [
      'dividendYield',
      dividendYield,
      'at most 300 / years in size',
      Math.abs(dividendYield * expiryYears) <= 300 && Number.isFinite(dividendYield),
    ],
    ['vol', vol, 'a volatility of at least 0', vol >= 0 && Number.isFinite(vol)],
  ];
  for (const [field, found, expected, holds] of fields) {
    if (!holds) throw new RangeError(`expected ${expected} as ${field}, found ${found}`, { field, found });
  }
}

function withoutVariance(program: PayoffProgram, forward: number, discount: number): CustomPrice {
  const evaluator = createEvaluator(program, 1);
  for (const input of evaluator.inputs) input[0] = forward;
  const price = discount * finite(evaluator.evaluate(1)[0]!, forward);
  const none = Number.NaN;
  return {
    price,
    delta: none,
    gamma: none,
    vega: none,
    theta: none,
    rho: none,
    error: 1e-15 * Math.abs(price),
    kinks: new Float64Array(0),
  };
}

function finite(value: number, spot: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(
    `the payoff is ${value} at S = ${spot}; expected a finite number for every positive S`,
    {
      spot,
      found: String(value),
    },
  );
}

/** Exponents a and b with |f| growing like S^a to the right and S^-b to the left. */
function checkGrowth(
  program: PayoffProgram,
  forward: number,
): { readonly right: number; readonly left: number } {
  const count = 2 * DECADES + 1;
  const spots = Float64Array.from({ length: count }, (_, i) => forward * 10 ** (i - DECADES));
  const evaluator = createEvaluator(program, count);
  for (const input of evaluator.inputs) input.set(spots);
  const values = evaluator.evaluate(count);
  for (let i = 0; i < count; i++) finite(values[i]!, spots[i]!);
  // The slope of ln|f| in ln S over the last three decades, or the last one; a payoff that only begins there may be
  // linear.
  const exponent = (end: number, inward: number): number => {
    const size = Math.log10(Math.abs(values[end]!));
    if (values[end] === 0) return 0;
    const far = values[end + 3 * inward]!;
    const near = values[end + inward]!;
    if (far !== 0) return Math.max(0, (size - Math.log10(Math.abs(far))) / 3);
    return near !== 0 ? Math.max(0, size - Math.log10(Math.abs(near))) : 1;
  };
  const right = exponent(count - 1, -1);
  const left = exponent(0, 1);
  if (Math.max(right, left) > LARGEST_EXPONENT) {
    throw new RangeError(
      `expected a payoff that grows no faster than S^${LARGEST_EXPONENT} or S^-${LARGEST_EXPONENT}, found S^${(right > left ? right : -left).toFixed(1)}`,
      { exponent: right > left ? right : -left },
    );
  }
  return { right, left };
}

/** The values of Z over which to integrate: as far as there is any density, and as S and the payoff stay doubles. */
function rangeOf(
  { logForward, deviation }: Lognormal,
  { right, left }: { readonly right: number; readonly left: number },
): [number, number] {
  const tilt = Math.max(1, right, left) * deviation;
  const at = (logSpot: number): number => (logSpot - logForward) / deviation + 0.5 * deviation;
  const low = Math.max(-FURTHEST, at(-LARGEST_LOG / Math.max(1, left)));
  const high = Math.min(FURTHEST, at(LARGEST_LOG / Math.max(1, right)));
  if (!(tilt <= LARGEST_TILT && low < -left * deviation - 8 && high > right * deviation + 8)) {
    throw new RangeError(
      `expected vol sqrt(t) of at most about ${(LARGEST_TILT / Math.max(1, right, left)).toFixed(1)} for a payoff that grows like this one, found ${deviation}`,
      { deviation },
    );
  }
  return [low, high];
}

/** Refuses payoffs that run off to infinity inside the range. */
function checkPoles(program: PayoffProgram, { poles }: Kinks): void {
  const evaluator = createEvaluator(program, 1);
  const at = (spot: number): number => {
    for (const input of evaluator.inputs) input[0] = spot;
    return Math.abs(evaluator.evaluate(1)[0]!);
  };
  for (const { spot, position } of poles) {
    for (const side of [-1, 1]) {
      const far = at(spot * (1 + side * 1e-4));
      const near = at(spot * (1 + side * 1e-10));
      // A logarithm grows by a factor of 2.5, a square root's inverse by 1000.
      if (near > 100 * far && near > 1e-6) {
        throw new RangeError(`character ${position}: the payoff is unbounded near S = ${spot}`, {
          position,
          spot,
        });
      }
    }
  }
}
