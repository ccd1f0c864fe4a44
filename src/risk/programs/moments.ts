import type { Program } from '../../algebra/arithmetic.ts';
import type { Circuit } from '../../algebra/circuit.ts';
import { record } from '../../algebra/record.ts';
import { RangeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import { type Matrix, matrixOf, selectionMatrix } from '../../numeric/matrix.ts';
import type { Moments } from '../../numeric/quadratic-form.ts';
import { factorCurvature, factorExposures, factorUnderlyings } from '../../pricing/portfolio/exposures.ts';
import type { PortfolioGreeks } from '../../pricing/portfolio/net-greeks.ts';
import { correlationOf } from './parametric.ts';

/** Cumulants of the second-order P&L, the first to the fourth, of a normalised book. */
export const CUMULANTS = ['mean', 'variance', 'third', 'fourth'] as const;
export type Cumulant = (typeof CUMULANTS)[number];

/** A second derivative that may differ from zero: by two factors of one underlying, or twice by one. */
type Curvature = readonly [a: number, b: number];

/** Fourth cumulants take a public matrix of a row and a column a pair of second derivatives: 36 of these are 12 underlyings. */
const MOST_CURVATURES = 60;

/**
 * Cumulants of x'f + f'Gf/2 for secret exposures x and second derivatives of normal factors (F149), in units of the factors' standard
 * deviations. G is zero between underlyings: G = sum_k c_k E_k with three numbers c an underlying. With R the correlations, y = Rx and o the products
 * c_l c_m, traces of powers of GR are forms in c and o with public coefficients:
 *
 *     mean tr(GR) / 2,   variance x'y + c'Q c / 2,   third 3 y'Gy + c'T o,   fourth 12 (Gy)'R(Gy) + 3 o'U o.
 *
 * Two secret products deep, so that ciphertexts do it as well as shares. With sum |x| <= 1 and sum |c| <= 1 nothing exceeds 1 but the third and fourth.
 */
const momentsProgram =
  <O extends Cumulant>(
    correlation: Matrix,
    curvatures: readonly Curvature[],
    outputs: readonly O[],
  ): Program<'exposures' | 'curvature', O> =>
  (alg, { exposures, curvature }) => {
    type V = typeof exposures;
    const n = correlation.rows;
    const pairs = curvatures.flatMap((_, l) => curvatures.slice(l).map((_, m) => [l, l + m] as const));
    const forms = traces(correlation, curvatures);
    const pick = (from: V, length: number, indices: readonly number[]): V =>
      alg.matVecPlain(selectionMatrix(indices, length), from);
    const bounded = (value: V): V => alg.within(value, -1, 1);
    const product = (a: V, b: V): V => bounded(alg.dot(a, b));

    const y = alg.matVecPlain(correlation, exposures);
    const ofCurvature = curvatures.length;
    const o = alg.mul(
      pick(
        curvature,
        ofCurvature,
        pairs.map(([l]) => l),
      ),
      pick(
        curvature,
        ofCurvature,
        pairs.map(([, m]) => m),
      ),
    );
    // y'E_k y.
    const along = alg.mul(
      pick(
        y,
        n,
        curvatures.map(([a]) => a),
      ),
      pick(
        y,
        n,
        curvatures.map(([, b]) => b),
      ),
    );
    // Gy: what each second derivative adds at its two factors, half of it where they differ.
    const ends = curvatures.flatMap(([a, b], k) =>
      a === b
        ? [{ k, at: a, by: b, weight: 1 }]
        : [
            { k, at: a, by: b, weight: 0.5 },
            { k, at: b, by: a, weight: 0.5 },
          ],
    );
    const parts = alg.mul(
      pick(
        curvature,
        ofCurvature,
        ends.map(({ k }) => k),
      ),
      pick(
        y,
        n,
        ends.map(({ by }) => by),
      ),
    );
    const gathered = matrixOf(n, ends.length);
    ends.forEach(({ at, weight }, e) => {
      gathered.data[at * ends.length + e] = weight;
    });
    const bent = bounded(alg.matVecPlain(gathered, parts));
    const single = curvatures.map((_, k) => [k]);
    // Each makes its public matrix when it is asked for: that of the fourth takes most of the time.
    const cumulants: Record<Cumulant, () => V> = {
      mean: () => alg.scale(alg.matVecPlain(forms.matrix([[]], single), curvature), 0.5),
      variance: () =>
        alg.add(
          product(exposures, y),
          alg.scale(
            product(curvature, bounded(alg.matVecPlain(forms.matrix(single, single), curvature))),
            0.5,
          ),
        ),
      third: () =>
        alg.add(
          alg.scale(product(curvature, along), 3),
          product(curvature, bounded(alg.matVecPlain(forms.matrix(single, pairs), o))),
        ),
      fourth: () =>
        alg.add(
          alg.scale(product(bent, bounded(alg.matVecPlain(correlation, bent))), 12),
          alg.scale(product(o, bounded(alg.matVecPlain(forms.matrix(pairs, pairs), o))), 3),
        ),
    };
    return Object.fromEntries(outputs.map((name) => [name, cumulants[name]()])) as Record<O, V>;
  };

/**
 * The recorded program for the factors of a market. Who learns what: whoever opens it four numbers of a normalised book.
 * Cost: 9 secret products of short vectors; a public matrix of a million entries for 12 underlyings.
 * @throws RangeError for more than 20 underlyings with two factors each.
 */
export function momentsCircuit<O extends Cumulant = Cumulant>(
  market: Market,
  outputs: readonly O[] = CUMULANTS as readonly Cumulant[] as readonly O[],
): Circuit<'exposures' | 'curvature', O> {
  const { correlation } = correlationOf(market);
  const curvatures = curvaturesOf(market);
  return record(momentsProgram(correlation, curvatures, outputs), {
    exposures: { length: correlation.rows, bound: 1, l1: 1 },
    curvature: { length: curvatures.length, bound: 1, l1: 1 },
  });
}

/** A book as the inputs of {@link momentsCircuit}, and its size, which stays with its owner. */
export type QuadraticBook = {
  readonly inputs: Readonly<Record<'exposures' | 'curvature', Float64Array>>;
  /** Sum of all |exposure x deviation| and |second derivative x deviations|, in currency. */
  readonly size: number;
};

/** @throws ShapeError as `factorExposures`. @throws RangeError for a book without exposure. */
export function quadraticBook(greeks: PortfolioGreeks, market: Market): QuadraticBook {
  const { deviations } = correlationOf(market);
  const linear = factorExposures(greeks, market).map((exposure, i) => exposure * deviations[i]!);
  const { cols, data } = factorCurvature(greeks, market);
  const quadratic = Float64Array.from(
    curvaturesOf(market),
    ([a, b]) => (a === b ? 1 : 2) * data[a * cols + b]! * deviations[a]! * deviations[b]!,
  );
  const sizeOf = (of: Float64Array): number => of.reduce((sum, value) => sum + Math.abs(value), 0);
  // A little more, so that no rounding makes a norm exceed 1.
  const size = (sizeOf(linear) + sizeOf(quadratic)) * (1 + 1e-12);
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      'expected a book with finite exposures to the factors of the market, and not all zero',
    );
  }
  const normalised = (of: Float64Array): Float64Array => of.map((value) => value / size);
  return { inputs: { exposures: normalised(linear), curvature: normalised(quadratic) }, size };
}

/**
 * Moments in currency from what opened, for `cornishFisherVar`. Skewness and kurtosis are NaN without variance.
 * @param size of the {@link QuadraticBook}.
 */
export function readMoments(opened: Readonly<Record<Cumulant, Float64Array>>, size: number): Moments {
  const [mean, variance, third, fourth] = CUMULANTS.map((name) => opened[name][0]!) as [
    number,
    number,
    number,
    number,
  ];
  return {
    mean: mean * size,
    // A variance of nothing may open a little below it.
    variance: Math.max(0, variance) * size ** 2,
    skewness: third / variance ** 1.5,
    excessKurtosis: fourth / variance ** 2,
  };
}

/** Pairs of factors of the same underlying. */
function curvaturesOf(market: Market): readonly Curvature[] {
  const of = factorUnderlyings(market);
  const found: Curvature[] = [];
  for (let a = 0; a < of.length; a++)
    for (let b = a; b < of.length; b++) if (of[a] === of[b]) found.push([a, b]);
  if (found.length <= MOST_CURVATURES) return found;
  throw new RangeError(
    `expected at most ${MOST_CURVATURES} second derivatives, three an underlying with two factors, found ${found.length}: take the moments of fewer underlyings`,
    { found: found.length, limit: MOST_CURVATURES },
  );
}

/** Traces of products of E_k R, for lists of k: what multiplies c_k c_l ... in tr((GR)^p), over all orders of either list. */
function traces(
  { cols, data }: Matrix,
  curvatures: readonly Curvature[],
): {
  matrix(rows: readonly (readonly number[])[], columns: readonly (readonly number[])[]): Matrix;
} {
  // E_k, k of a and b, is e_a e_b', or half of that and half of its transpose.
  const ends = curvatures.map(
    ([a, b]) =>
      (a === b
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
          ]) as [number, number][],
  );
  /** Sum over orientations of R[b_1][a_2] R[b_2][a_3] ..., along a list, by its first a and last b. */
  const chains = (list: readonly number[]): { a: number; b: number; weight: number }[] =>
    list.reduce<{ a: number; b: number; weight: number }[]>(
      (before, k) => {
        const options = ends[k]!;
        return before.flatMap(({ a, b, weight }) =>
          options.map(([first, last]) => ({
            a: a < 0 ? first : a,
            b: last,
            weight: (weight / options.length) * (b < 0 ? 1 : data[b * cols + first]!),
          })),
        );
      },
      [{ a: -1, b: -1, weight: 1 }],
    );
  const orders = (list: readonly number[]): (readonly number[])[] =>
    list.length === 2 && list[0] !== list[1] ? [list, [list[1]!, list[0]!]] : [list];
  return {
    matrix(rows, columns) {
      const of = (lists: readonly (readonly number[])[]) =>
        lists.map((list) => orders(list).flatMap((each) => chains(each)));
      const [left, right] = [of(rows), of(columns)];
      const out = matrixOf(rows.length, columns.length);
      left.forEach((from, r) => {
        right.forEach((to, c) => {
          let sum = 0;
          for (const { a, b, weight } of from)
            for (const next of to) {
              const closes =
                a < 0 ? data[next.b * cols + next.a]! : data[b * cols + next.a]! * data[next.b * cols + a]!;
              sum += weight * next.weight * closes;
            }
          out.data[r * columns.length + c] = sum;
        });
      });
      return out;
    },
  };
}
