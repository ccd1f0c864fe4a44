import { blackScholesGreeks, blackScholesPrices, checkOutput } from '../black-scholes.ts';
import type { BlackScholesInputs } from '../black-scholes-inputs.ts';
import { lengthOf } from '../column-checks.ts';
import type { Premium } from './constant-boundary.ts';
import { AMERICAN_REGIMES, EUROPEAN, IMMEDIATE } from './regime.ts';
import { AMERICAN_SCHEMES, type AmericanScheme } from './scheme.ts';
import { type Outcome, Solver } from './solver.ts';
import { certainOption } from './without-variance.ts';

/** Prices and Greeks of American options, a column each. Units: see {@link americanGreeks}. */
export type AmericanGreeks = {
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly theta: Float64Array;
  /** Price of the same option without the right to exercise early. */
  readonly europeanPrice: Float64Array;
  /** Index into {@link AMERICAN_REGIMES}. */
  readonly regime: Uint8Array;
};

/** Below this vol sqrt(t) the certain limit is exact in double precision. */
const NO_VARIANCE = 1e-12;
/** Below this one the price is held to what so little variance can add to the certain one: there a boundary that is nearly a step may not be found. */
const LITTLE_VARIANCE = 1e-3;

/**
 * Prices of American calls and puts on an asset with a continuous yield (F60-F67, F69), rates and yields of either sign.
 *
 * The method is that of L. Andersen, M. Lake and D. Offengenden, "High-performance American option pricing", J. Computational
 * Finance 20 (2016): collocation of the integral equation of the exercise boundary, then the premium as an integral. It departs from the paper
 * in the quadrature's variable, in the function that is interpolated, and in Newton's method on all nodes (docs/formulas.md).
 * A put with yield < rate < 0, or a call with rate < yield < 0, is exercised between two boundaries: each is found by the same collocation, and the time at
 * which they meet, if they do (L. Andersen and M. Lake, "Fast American option pricing: the double-boundary case", Wilmott, 2021).
 * Calls by put-call symmetry (R. McDonald and M. Schroder, "A parity result for American options", J. Computational Finance 1, 1998).
 *
 * Accuracy: the scheme `accurate` (the default) 1e-12 of the larger of spot and strike in the median, at most 2e-8 for vols of 0.2 to 400 %, terms
 * up to 40 years and rates and yields within 30 %; `fast` 1e-11 in the median, at most 1e-6; for smaller vols at most 0.8 vol sqrt(t) of the spot. Never below the
 * intrinsic value or the European price. Cost: some 20 us an option with `fast`, 160 us with `accurate`; options next to each other in the
 * batch with the same sign, rates, vol and expiry share the boundary, and cost 2 us and 4 us each. Two boundaries cost some 0.3 ms with `accurate`, and
 * 5 ms where vol lets them meet.
 * @param out room for the prices; allocated when absent.
 * @throws ShapeError @throws RangeError as `blackScholesPrices`, or for a setting of the scheme out of range.
 * @throws PrecisionError naming the index of an option whose boundary no scheme finds; known only of two boundaries where rate or yield x years is beyond -30.
 */
export function americanPrices(
  inputs: BlackScholesInputs,
  scheme: AmericanScheme = AMERICAN_SCHEMES.accurate,
  out: Float64Array = new Float64Array(lengthOf('sign', inputs.sign)),
): Float64Array {
  checkOutput(out, inputs.sign.length, 'out');
  const european = blackScholesPrices(inputs);
  const solver = new Solver(inputs, scheme);
  const outcome: Outcome = { regime: 0, value: 0, first: 0, second: 0 };
  for (let i = 0; i < out.length; i++) {
    if (isCertain(inputs, i)) {
      out[i] = Math.max(certainAt(inputs, i).price, european[i]!);
      continue;
    }
    solver.solve(i, outcome);
    out[i] = held(inputs, i, priceOf(inputs, i, european[i]!, outcome));
  }
  return out;
}

/**
 * Prices, Greeks and regimes of American options (F60-F67): as {@link americanPrices}, with delta dV/dS, gamma d2V/dS2 and theta
 * dV/d(calendar time) a year. Delta and gamma are derivatives of the integral itself; theta follows from the Black-Scholes equation.
 *
 * Where the option is exercised at once delta is +-1 and gamma and theta are 0; gamma jumps at the boundary. Without variance: delta +-e^(-q s)
 * for exercise at s and gamma 0; at the kink those of the European option.
 * Accuracy with `accurate`: delta 1e-8, gamma 1e-5 of its largest value over spots, median 1e-13 and 1e-12.
 * @throws as {@link americanPrices}.
 */
export function americanGreeks(
  inputs: BlackScholesInputs,
  scheme: AmericanScheme = AMERICAN_SCHEMES.accurate,
): AmericanGreeks {
  const european = blackScholesGreeks(inputs);
  const count = european.price.length;
  const column = (): Float64Array => new Float64Array(count);
  const out: AmericanGreeks = {
    price: column(),
    delta: column(),
    gamma: column(),
    theta: column(),
    europeanPrice: european.price,
    regime: new Uint8Array(count),
  };
  const solver = new Solver(inputs, scheme);
  const outcome: Outcome = { regime: 0, value: 0, first: 0, second: 0 };
  const writeCertain = (i: number): void => {
    const { price, delta, theta, regime } = certainAt(inputs, i);
    out.price[i] = Math.max(price, european.price[i]!);
    // At the kink what little variance there may be decides, as for a European option.
    const isKink = Number.isNaN(delta);
    out.delta[i] = isKink ? european.delta[i]! : delta;
    out.theta[i] = isKink ? european.theta[i]! : theta;
    out.gamma[i] = isKink ? european.gamma[i]! : 0;
    out.regime[i] = AMERICAN_REGIMES.indexOf(regime);
  };
  for (let i = 0; i < count; i++) {
    if (isCertain(inputs, i)) {
      writeCertain(i);
      continue;
    }
    solver.solve(i, outcome);
    const price = priceOf(inputs, i, european.price[i]!, outcome);
    const heldPrice = held(inputs, i, price);
    if (heldPrice !== price) {
      // The boundary was not found: derivatives of the certain option are nearer.
      writeCertain(i);
      out.price[i] = heldPrice;
      continue;
    }
    out.regime[i] = outcome.regime;
    out.price[i] = price;
    if (outcome.regime === IMMEDIATE) {
      out.delta[i] = inputs.sign[i]!;
      continue;
    }
    if (outcome.regime === EUROPEAN) {
      out.delta[i] = european.delta[i]!;
      out.gamma[i] = european.gamma[i]!;
      out.theta[i] = european.theta[i]!;
      continue;
    }
    const { delta, gamma } = derivativesOf(inputs, i, outcome);
    const w = inputs.sign[i]!;
    const spot = inputs.spot[i]!;
    // Convexity and smooth pasting bound both.
    out.delta[i] = w * Math.min(steepest(inputs, i), Math.max(0, w * (european.delta[i]! + delta)));
    out.gamma[i] = Math.max(0, european.gamma[i]! + gamma);
    out.theta[i] =
      inputs.rate[i]! * out.price[i]! -
      (inputs.rate[i]! - inputs.dividendYield[i]!) * spot * out.delta[i]! -
      // In an order in which no product overflows.
      0.5 * inputs.vol[i]! * (inputs.vol[i]! * (spot * (spot * out.gamma[i]!)));
  }
  return out;
}

function isCertain({ vol, expiryYears }: BlackScholesInputs, i: number): boolean {
  return vol[i]! * Math.sqrt(expiryYears[i]!) < NO_VARIANCE;
}

function certainAt(inputs: BlackScholesInputs, i: number): ReturnType<typeof certainOption> {
  const { sign, spot, strike, expiryYears, rate, dividendYield } = inputs;
  return certainOption(sign[i]!, spot[i]!, strike[i]!, expiryYears[i]!, rate[i]!, dividendYield[i]!);
}

/**
 * A price within what little variance allows. With M = S_t e^((q - r) t) / S_0, a martingale of mean 1, exercise at any time gains at most S_0 e^(-q t) |M_t - 1| on
 * the certain payoff, of which the mean is at most S_0 max(1, e^(-q T)) E|M_T - 1|, below 0.8 vol sqrt(T) of it; and no less than the certain price, by Jensen's inequality.
 */
function held(inputs: BlackScholesInputs, i: number, price: number): number {
  const deviation = inputs.vol[i]! * Math.sqrt(inputs.expiryYears[i]!);
  if (!(deviation < LITTLE_VARIANCE)) return price;
  const certain = certainAt(inputs, i).price;
  const growth = Math.exp(Math.max(0, -inputs.dividendYield[i]! * inputs.expiryYears[i]!));
  // Both bounds are rounded.
  const rounding = 2 ** -50 * Math.max(inputs.strike[i]!, inputs.spot[i]! * growth);
  const most = certain + 0.8 * deviation * inputs.spot[i]! * growth + rounding;
  return Math.min(Math.max(price, certain - rounding), most);
}

/** The largest |delta|: 1 with one boundary; below the lower of two a negative yield takes it further, as without exercise. */
function steepest({ sign, expiryYears, rate, dividendYield }: BlackScholesInputs, i: number): number {
  const putRate = sign[i]! < 0 ? rate[i]! : dividendYield[i]!;
  return putRate < 0 ? Math.exp(Math.max(0, -dividendYield[i]! * expiryYears[i]!)) : 1;
}

/** The strike of a put, the spot of a call: what the unit put's results are multiplied by. */
function unitOf({ sign, spot, strike }: BlackScholesInputs, i: number): number {
  return sign[i]! < 0 ? strike[i]! : spot[i]!;
}

function priceOf(inputs: BlackScholesInputs, i: number, european: number, outcome: Outcome): number {
  const intrinsic = inputs.sign[i]! * (inputs.spot[i]! - inputs.strike[i]!);
  // Rounding may leave the European price an ulp above.
  if (outcome.regime === IMMEDIATE) return Math.max(european, intrinsic);
  return Math.max(european, european + unitOf(inputs, i) * outcome.value, intrinsic);
}

/** Derivatives of the premium: of K v(ln(S/K)) for a put, of S v(ln(K/S)) for a call. */
function derivativesOf(
  inputs: BlackScholesInputs,
  i: number,
  premium: Premium,
): { delta: number; gamma: number } {
  const { value, first, second } = premium;
  const spot = inputs.spot[i]!;
  const curvature = second - first;
  if (inputs.sign[i]! > 0) return { delta: value - first, gamma: curvature / spot };
  const strike = inputs.strike[i]!;
  return { delta: (strike / spot) * first, gamma: ((strike / spot) * curvature) / spot };
}
