import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { absolute, min } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';

/** The box in which all options of a batch lie: public. Between them, quotes have vega enough for six iterations. */
export type ImpliedVolDomain = {
  /** |ln(forward / strike)| at most. */
  readonly logMoneyness: number;
  /** vol sqrt(T) */
  readonly totalDeviation: readonly [least: number, most: number];
  /** |ln(forward / strike)| / (vol sqrt(T)) at most. */
  readonly deviations: number;
};

export const DEFAULT_IMPLIED_VOL_DOMAIN: ImpliedVolDomain = {
  logMoneyness: 0.3,
  totalDeviation: [0.1, 0.8],
  deviations: 2,
};

export const QUOTE_FEATURES = ['logForward', 'rootForward', 'inverseRootForward', 'quote'] as const;
export const STRIKE_FEATURES = ['logStrike', 'rootStrike', 'inverseRootStrike', 'inverseRootTime'] as const;
export type ImpliedVolInput = (typeof QUOTE_FEATURES)[number] | (typeof STRIKE_FEATURES)[number];

/** Iterations after which, over the default domain, nothing is left of the error of the start but 2e-9. */
const ITERATIONS = 6;
/** Domains of series, so that what is clamped lies inside of them even rounded. */
const WIDER: number = 1 + 2 ** -10;
const SERIES_ERROR = 1e-10;
/** Strikes and forwards within e^+-1 of the public unit; shortest expiry, a hundredth of a year. */
const MOST_LOG = 1;
const MOST_INVERSE_ROOT_TIME = 10;

/**
 * Implied volatilities of calls by Newton's method on shares (F195): one owner knows forwards and quotes, the other strikes and expiries. In the normalised
 * price b(s) = e^(x/2) Phi(x/s + s/2) - e^(-x/2) Phi(x/s - s/2), x = ln(F/K), b' = e^-((x/s)^2 + (s/2)^2)/2 / sqrt(2 pi), so that a step divides by nothing but s, by a series:
 * s <- s - (b(s) - b) sqrt(2 pi) e^((x/s)^2 + (s/2)^2)/2, kept within the domain. The start, sqrt(2 pi) (b - sinh(x/2)) + 5/8 |x|, is exact at the money (M. Brenner, M. G. Subrahmanyam, "A simple formula to
 * compute the implied standard deviation", Financial Analysts Journal 44 (1988)). Puts are turned into calls by parity where they are clear, if one owner has forward and strike.
 *
 * A quote outside the domain gives a vol at its edge: `converged` is 1 where the last step was below 1e-4, whose square is what is left.
 * Error: measured, 2e-7 of vol over the default domain at 34 fraction bits (which a plan has to be told); the plan's bound, which cannot see that Newton's method corrects itself, is far from it.
 * Cost: an iteration takes four series and six comparisons an option.
 */
export function sharedImpliedVol(
  length: number,
  domain: ImpliedVolDomain = DEFAULT_IMPLIED_VOL_DOMAIN,
): Circuit<ImpliedVolInput, 'vol' | 'converged', 'ordered'> {
  const {
    logMoneyness,
    totalDeviation: [least, most],
    deviations,
  } = checkDomain(domain);
  const reach = (deviations + most / 2) * WIDER;
  const steepest = ((deviations ** 2 + most ** 2 / 4) / 2) * WIDER;
  const reciprocal = seriesFor('reciprocal', [least / WIDER, most * WIDER], SERIES_ERROR);
  const distribution = seriesFor('normalCdf', [-reach, reach], SERIES_ERROR);
  const exp = seriesFor('exp', [steepest * (1 - WIDER), steepest], SERIES_ERROR);
  const program = <V>(
    alg: Ordered<V>,
    x: Readonly<Record<ImpliedVolInput, V>>,
  ): Record<'vol' | 'converged', V> => {
    const constant = (value: number) => alg.constant(new Float64Array(length).fill(value));
    const [lowest, highest] = [constant(least), constant(most)];
    const kept = (value: V, low: V, high: V): V => min(alg, alg.max(value, low), high);
    const moneyness = kept(
      alg.sub(x.logForward, x.logStrike),
      constant(-logMoneyness),
      constant(logMoneyness),
    );
    const up = alg.mul(x.rootForward, x.inverseRootStrike);
    const down = alg.mul(x.rootStrike, x.inverseRootForward);
    const price = alg.mul(x.quote, x.inverseRootStrike);
    const timeValue = alg.sub(price, alg.scale(alg.sub(up, down), 0.5));
    const start = alg.add(
      alg.scale(timeValue, Math.sqrt(2 * Math.PI)),
      alg.scale(absolute(alg, moneyness), 0.625),
    );
    let s = kept(start, lowest, highest);
    let before = s;
    for (let i = 0; i < ITERATIONS; i++) {
      before = s;
      const y = kept(
        alg.mul(moneyness, alg.poly(reciprocal, s)),
        constant(-deviations),
        constant(deviations),
      );
      const half = alg.scale(s, 0.5);
      const model = alg.sub(
        alg.mul(up, alg.poly(distribution, alg.add(y, half))),
        alg.mul(down, alg.poly(distribution, alg.sub(y, half))),
      );
      const exponent = alg.scale(alg.add(alg.mul(y, y), alg.mul(half, half)), 0.5);
      const inverseVega = alg.scale(alg.poly(exp, exponent), Math.sqrt(2 * Math.PI));
      s = kept(alg.sub(s, alg.mul(alg.sub(model, price), inverseVega)), lowest, highest);
    }
    return {
      vol: alg.mul(s, x.inverseRootTime),
      converged: alg.lessThan(absolute(alg, alg.sub(s, before)), constant(1e-4)),
    };
  };
  const root = Math.exp(MOST_LOG / 2);
  const between = (low: number, high: number): InputSpec => ({
    length,
    bound: Math.max(-low, high),
    range: [low, high],
  });
  return recordOrdered<ImpliedVolInput, 'vol' | 'converged'>(program, {
    logForward: between(-MOST_LOG, MOST_LOG),
    rootForward: between(1 / root, root),
    inverseRootForward: between(1 / root, root),
    quote: between(0, root),
    logStrike: between(-MOST_LOG, MOST_LOG),
    rootStrike: between(1 / root, root),
    inverseRootStrike: between(1 / root, root),
    inverseRootTime: between(0, MOST_INVERSE_ROOT_TIME),
  });
}

/** Features of the quotes' owner: undiscounted call prices and forwards, by a public unit. Exact in the clear. */
export function quoteFeatures(
  { forward, quote }: { readonly forward: Float64Array; readonly quote: Float64Array },
  unit: number,
): Readonly<Record<(typeof QUOTE_FEATURES)[number], Float64Array>> {
  sameLength(forward, quote);
  positive('forwards', forward);
  return {
    logForward: forward.map((F) => Math.log(F / unit)),
    rootForward: forward.map((F) => Math.sqrt(F / unit)),
    inverseRootForward: forward.map((F) => Math.sqrt(unit / F)),
    // b = C / sqrt(F K): the first root here, the second on shares.
    quote: quote.map((C, i) => C / unit / Math.sqrt(forward[i]! / unit)),
  };
}

/** Features of the contracts' owner. Exact in the clear. */
export function strikeFeatures(
  { strike, expiryYears }: { readonly strike: Float64Array; readonly expiryYears: Float64Array },
  unit: number,
): Readonly<Record<(typeof STRIKE_FEATURES)[number], Float64Array>> {
  sameLength(strike, expiryYears);
  positive('strikes', strike);
  positive('expiries', expiryYears);
  return {
    logStrike: strike.map((K) => Math.log(K / unit)),
    rootStrike: strike.map((K) => Math.sqrt(K / unit)),
    inverseRootStrike: strike.map((K) => Math.sqrt(unit / K)),
    inverseRootTime: expiryYears.map((T) => 1 / Math.sqrt(T)),
  };
}

function checkDomain(domain: ImpliedVolDomain): ImpliedVolDomain {
  const {
    logMoneyness,
    totalDeviation: [least, most],
    deviations,
  } = domain;
  if (logMoneyness > 0 && least > 0 && most > least && deviations > 0 && Number.isFinite(most + deviations)) {
    return domain;
  }
  throw new RangeError('implied vol domain: expected positive bounds, and a least deviation below the most');
}

function sameLength(a: Float64Array, b: Float64Array): void {
  if (a.length === b.length) return;
  throw new ShapeError(`expected columns of one length, found ${a.length} and ${b.length}`, {
    a: a.length,
    b: b.length,
  });
}

function positive(name: string, column: Float64Array): void {
  const index = column.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY));
  if (index >= 0) throw new RangeError(`${name}: element ${index} is not a positive number`, { name, index });
}
