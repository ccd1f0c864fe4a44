import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import { rangeOf } from '../../numeric/chebyshev/range.ts';
import type { Protocol } from '../engine/protocol.ts';
import type { Fixed, FixedPoint } from './fixed.ts';

/** Of an argument, as a fraction of the domain: there the series says no more about its value than its range does. */
const LARGE_ERROR = 2 ** -12;

/**
 * p(x), elementwise, by baby steps and giant steps in the Chebyshev basis (Paterson and Stockmeyer, SIAM J. Comput. 2
 * (1973), with T_(a+b) = 2 T_a T_b - T_|a-b| for powers): 2 sqrt(degree) products and about log2(degree) + 1 layers. Every leaf is linear
 * in the baby steps and rounded together with the product it is added to.
 *
 * @param inside whether the represented argument lies in the domain, whatever its error. Where that is large, it is left out of the evaluation, in which it would
 * grow with the degree, and the spread of the series is added to the result.
 */
export function* evaluateSeries(
  fixed: FixedPoint,
  series: ChebyshevSeries,
  x: Fixed,
  inside = false,
): Protocol<Fixed> {
  const [low, high] = series.domain;
  if (inside && x.error > LARGE_ERROR * (high - low)) {
    const value = yield* evaluateSeries(fixed, series, { ...x, error: 0 });
    const [least, most] = rangeOf(series, low, high);
    return { ...value, error: value.error + (most - least) };
  }
  const coefficients = trimmed(series.coefficients);
  const degree = coefficients.length - 1;
  // Rounded before it is scaled, too: the product of two long fractions would need a wider mask than there is, and cost every value bits.
  const centred = fixed.addNumber(yield* fixed.round(x), -(low + high) / 2);
  const u = fixed.within(yield* fixed.round(fixed.scale(centred, 2 / (high - low))), 1);
  if (degree === 0) return fixed.addNumber(fixed.scale(u, 0), coefficients[0]!);
  let levels = 0;
  while (2 ** (2 * levels) < degree + 1) levels++;
  const babies = 2 ** levels;
  const steps = yield* powers(fixed, u, Math.min(babies, degree));
  const giants: Fixed[] = [];
  for (let k = babies; 2 * k <= degree; k *= 2) {
    giants.push(yield* double(fixed, giants.at(-1) ?? steps[babies - 1]!));
  }
  const value = yield* evaluate(fixed, coefficients, steps, giants, babies);
  const most = coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
  const rounded = fixed.within(yield* fixed.round(value), most);
  return { ...rounded, error: rounded.error + series.error };
}

/** T_1 .. T_count, doubling what is known with every layer. */
function* powers(fixed: FixedPoint, u: Fixed, count: number): Protocol<Fixed[]> {
  const known = [u];
  while (known.length < count) {
    const have = known.length;
    const next = Math.min(count, 2 * have);
    const indices = Array.from({ length: next - have }, (_, i) => have + 1 + i);
    // T_j = 2 T_a T_b - T_(a-b) with a = ceil(j / 2), b = floor(j / 2): all in one vector, one round.
    const a = fixed.concat(indices.map((j) => known[Math.ceil(j / 2) - 1]!));
    const b = fixed.concat(indices.map((j) => known[Math.floor(j / 2) - 1]!));
    const products = yield* fixed.multiply(a, b, a.v.length, 1);
    const { length } = u.v;
    indices.forEach((j, i) => {
      const twice = fixed.scale(fixed.part(products, i * length, (i + 1) * length), 2);
      known.push(fixed.within(j % 2 === 0 ? fixed.addNumber(twice, -1) : fixed.sub(twice, u), 1));
    });
  }
  return known;
}

/** T_2k = 2 T_k^2 - 1. */
function* double(fixed: FixedPoint, t: Fixed): Protocol<Fixed> {
  const square = yield* fixed.multiply(t, t, t.v.length, 1);
  return fixed.within(fixed.addNumber(fixed.scale(square, 2), -1), 1);
}

/**
 * sum c_j T_j, with at most `2 x` the fraction bits. For degree >= babies it is divided by the largest giant T_K: with
 * T_j = 2 T_K T_(j-K) - T_(2K-j), p = q T_K + r.
 */
function* evaluate(
  fixed: FixedPoint,
  c: readonly number[],
  steps: readonly Fixed[],
  giants: readonly Fixed[],
  babies: number,
): Protocol<Fixed> {
  const degree = c.length - 1;
  if (degree < babies || (degree === babies && steps.length === babies)) return leaf(fixed, c, steps);
  const all = [steps[babies - 1]!, ...giants];
  let index = 0;
  while (index + 1 < all.length && babies * 2 ** (index + 1) <= degree) index++;
  const K = babies * 2 ** index;
  const q = new Array<number>(degree - K + 1).fill(0);
  const r = c.slice(0, K);
  q[0] = c[K]!;
  for (let j = K + 1; j <= degree; j++) {
    q[j - K] = 2 * c[j]!;
    r[2 * K - j]! -= c[j]!;
  }
  const [quotient, rest] = yield* fixed.side([
    evaluate(fixed, q, steps, giants, babies),
    evaluate(fixed, r, steps, giants, babies),
  ]);
  const rounded = yield* fixed.round(quotient!);
  return fixed.add(yield* fixed.product(rounded, all[index]!), rest!);
}

/** A linear combination of baby steps: local. */
function leaf(fixed: FixedPoint, c: readonly number[], steps: readonly Fixed[]): Fixed {
  let sum: Fixed | undefined;
  for (let j = 1; j < c.length; j++) {
    if (c[j] === 0) continue;
    const term = fixed.scale(steps[j - 1]!, c[j]!);
    sum = sum === undefined ? term : fixed.add(sum, term);
  }
  return fixed.addNumber(sum ?? fixed.scale(steps[0]!, 0), c[0]!);
}

/** Without trailing zeros, but at least one coefficient. */
function trimmed(coefficients: Float64Array): number[] {
  const out = [...coefficients];
  while (out.length > 1 && out.at(-1) === 0) out.pop();
  return out;
}
