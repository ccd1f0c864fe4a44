import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import { PlanError } from '../../base/errors.ts';
import { evaluateSeries } from '../circuit/chebyshev.ts';
import type { Fixed, FixedPoint } from '../circuit/fixed.ts';
import { keySetCount, type Protocol } from '../engine/protocol.ts';
import { truncationError } from '../protocols/truncate.ts';
import { type Domain, interpolate, inverseSqrtSeries, positive } from './series.ts';

/** Degree of the polynomials that Newton's iterations start from: four layers of products. */
const START_DEGREE = 15;
const MOST_ITERATIONS = 12;

/** Largest error of one rounded product. */
function roundingOf(fixed: FixedPoint): number {
  return truncationError(keySetCount(fixed.context.scheme)) * 2 ** -fixed.frac;
}

/**
 * 1 / x for x in a positive interval. Starts from the polynomial p of degree 15 with the least residual, 1 - x p(x) = T_16(u) / T_16(u_0)
 * (u_0 the image of 0), and iterates y <- y + y (1 - x y), which squares the residual.
 *
 * Error, proved: with tau the error of a rounded product, the residual obeys e' <= e^2 + (1 + e) tau + x tau, and |y - 1/x| <= e / x; an error of x itself adds
 * its 1 / low^2. Cost: 6 products and 2 an iteration; about log2(sqrt(high / low)) iterations.
 * @throws PlanError for an interval that is not positive or too wide for the fraction bits.
 */
export function* reciprocal(fixed: FixedPoint, x: Fixed, domain: Domain): Protocol<Fixed> {
  positive('reciprocal', domain);
  const [low, high] = domain;
  const tau = roundingOf(fixed);
  const value = fixed.within(yield* fixed.round(x), high);
  const { series, residual } = reciprocalStart(domain);
  // The start is evaluated without knowing x exactly; its own error counts as a residual.
  const exact = { ...value, error: 0 };
  let y = yield* evaluateSeries(fixed, series, exact);
  let e = residual + high * y.error;
  let before = Infinity;
  for (let i = 0; i < MOST_ITERATIONS && before ** 2 > tau && e < before; i++) {
    before = e;
    y = { ...y, magnitude: (1 + e) / low, error: 0 };
    const product = yield* fixed.multiply(exact, y, y.v.length, 1 + e + tau);
    const defect = fixed.addNumber(fixed.scale({ ...product, error: 0 }, -1), 1);
    const step = yield* fixed.multiply(y, { ...defect, magnitude: e + tau, error: 0 });
    y = fixed.add(y, { ...step, error: 0 });
    e = e * e + (1 + e) * tau + high * tau;
  }
  if (!(before < 0.25)) throw tooWide('reciprocal', domain, fixed);
  // e'(x) / x, whose last term is tau for every x.
  const error = (before ** 2 + (1 + before) * tau) / low + tau + x.error / low ** 2;
  return fixed.of(y.v, fixed.frac, 1 / low, error);
}

/** a / b for b in a positive interval. Error: that of the reciprocal times |a|, and one product. */
export function* divide(fixed: FixedPoint, a: Fixed, b: Fixed, domain: Domain): Protocol<Fixed> {
  const [numerator, inverse] = yield* fixed.side([fixed.round(a), reciprocal(fixed, b, domain)]);
  return yield* fixed.multiply(numerator!, inverse!);
}

/**
 * 1 / sqrt(x) for x in a positive interval, by y <- y (3 - x y^2) / 2 from a polynomial.
 *
 * Error, proved: the relative error obeys d' <= 3/2 d^2 + 1/2 d^3 + (x + 1) tau / 2 + sqrt(x) tau; an error of x itself adds its low^-1.5 / 2. Cost: the start and 3 products an iteration.
 * @throws PlanError for an interval that is not positive or too wide.
 */
export function* inverseSqrt(fixed: FixedPoint, x: Fixed, domain: Domain): Protocol<Fixed> {
  const { y, before } = yield* iterateRoot(fixed, x, domain);
  const [low, high] = domain;
  const tau = roundingOf(fixed);
  // d'(x) / sqrt(x): the rounding terms are largest at one of the ends.
  const rounding = (tau / 2) * Math.max(...[low, high].map((v) => Math.sqrt(v) + 1 / Math.sqrt(v))) + tau;
  const error = (1.5 * before ** 2 + 0.5 * before ** 3) / Math.sqrt(low) + rounding;
  return fixed.of(y.v, fixed.frac, 1 / Math.sqrt(low), error + x.error / (2 * low ** 1.5));
}

/** sqrt(x) = x / sqrt(x) for x in a positive interval. Error: sqrt(x) times the relative error of the inverse root, and one product. */
export function* sqrt(fixed: FixedPoint, x: Fixed, domain: Domain): Protocol<Fixed> {
  const { y, value, relative } = yield* iterateRoot(fixed, x, domain);
  const [low, high] = domain;
  const most = Math.sqrt(high);
  const root = yield* fixed.multiply(value, { ...y, error: 0 }, y.v.length, most * (1 + relative));
  const error = relative * most + root.error + x.error / (2 * Math.sqrt(low));
  return fixed.of(root.v, root.frac, most, error);
}

/** The iteration: y, x as it was used, the relative error before the last step and after it. */
function* iterateRoot(
  fixed: FixedPoint,
  x: Fixed,
  domain: Domain,
): Protocol<{
  readonly y: Fixed;
  readonly value: Fixed;
  readonly before: number;
  readonly relative: number;
}> {
  positive('inverse square root', domain);
  const [low, high] = domain;
  const tau = roundingOf(fixed);
  const value = { ...fixed.within(yield* fixed.round(x), high), error: 0 };
  // A quarter relative to the smallest value that the root can take.
  const start = inverseSqrtSeries(domain, 0.25 / Math.sqrt(high));
  let y = yield* evaluateSeries(fixed, start, value);
  let d = y.error * Math.sqrt(high);
  let before = Infinity;
  const noise = (high + 1) * (tau / 2) + Math.sqrt(high) * tau;
  for (let i = 0; i < MOST_ITERATIONS && before ** 2 > tau && d < before; i++) {
    before = d;
    y = { ...y, magnitude: (1 + d) / Math.sqrt(low), error: 0 };
    const square = { ...(yield* fixed.multiply(y, y)), error: 0 };
    const bound = (1 + d) ** 2 + high * tau;
    const product = { ...(yield* fixed.multiply(value, square, y.v.length, bound)), error: 0 };
    const correction = { ...fixed.addNumber(fixed.scale(product, -1), 3), magnitude: 3, error: 0 };
    // Half of the product: one more bit is rounded off.
    const twice = yield* fixed.product(y, correction);
    y = yield* fixed.round({ ...twice, frac: twice.frac + 1, magnitude: twice.magnitude / 2, error: 0 });
    d = 1.5 * d * d + 0.5 * d ** 3 + noise;
  }
  if (!(before < 0.5)) throw tooWide('inverse square root', domain, fixed);
  return { y: { ...y, error: 0 }, value, before, relative: d };
}

/** The polynomial of degree 15 whose residual on the domain is least, and that residual. */
function reciprocalStart([low, high]: Domain): { series: ChebyshevSeries; residual: number } {
  const image = (x: number): number => (2 * x - low - high) / (high - low);
  const n = START_DEGREE + 1;
  const T = (u: number): number =>
    Math.abs(u) <= 1
      ? Math.cos(n * Math.acos(u))
      : Math.sign(u) ** n * Math.cosh(n * Math.acosh(Math.abs(u)));
  const scale = T(image(0));
  const coefficients = interpolate((x) => (1 - T(image(x)) / scale) / x, low, high, START_DEGREE);
  // Coefficients are rounded to doubles: far below one bit of any format.
  return { series: { coefficients, domain: [low, high], error: 0 }, residual: Math.abs(1 / scale) + 1e-12 };
}

function tooWide(name: string, [low, high]: Domain, { frac }: FixedPoint): PlanError {
  return new PlanError(
    `${name} on [${low}, ${high}] does not converge with ${frac} fraction bits; narrow the domain or allow more bits`,
    { low, high, frac },
  );
}
