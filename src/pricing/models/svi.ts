import { RangeError } from '../../base/errors.ts';
import { commonLength } from '../column-checks.ts';
import type { ModelColumn, PricingModel } from '../model.ts';
import { allocateSmile, durrlemanG, type VarianceSmile } from './durrleman.ts';

const FIELDS: readonly (keyof SviInputs)[] = ['k', 'a', 'b', 'rho', 'm', 'sigma', 'expiryYears'];

/**
 * A slice of J. Gatheral's raw SVI: total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), k = ln(K/F).
 */
export type SviSlice = {
  /** Level of total variance. */
  readonly a: number;
  /** Slope of the wings together, at least 0. */
  readonly b: number;
  /** Rotation, -1 to 1. */
  readonly rho: number;
  /** Log-moneyness of the centre. */
  readonly m: number;
  /** Smoothness at the centre, above 0. */
  readonly sigma: number;
};

/**
 * @throws RangeError naming the parameter unless all are finite, b >= 0, |rho| <= 1, sigma >= 1e-10 and none exceeds
 * 1e10 in size.
 */
export function checkSviSlice(slice: SviSlice, what = 'SVI slice'): void {
  const size = (x: number): boolean => Math.abs(x) <= 1e10;
  const requirements: readonly [keyof SviSlice, string, (x: number) => boolean][] = [
    ['a', 'a number', size],
    ['b', 'a slope of at least 0', (x) => x >= 0 && size(x)],
    ['rho', 'a number between -1 and 1', (x) => x >= -1 && x <= 1],
    ['m', 'a number', size],
    ['sigma', 'a number of at least 1e-10', (x) => x >= 1e-10 && size(x)],
  ];
  for (const [field, expected, holds] of requirements) {
    if (!holds(slice[field])) {
      throw new RangeError(
        `${what}: expected ${expected} (at most 1e10 in size) as ${field}, found ${slice[field]}`,
        {
          field,
          found: slice[field],
        },
      );
    }
  }
}

/** Total variance of one slice at one k (F87), unchecked: negative where the slice is. */
export function sviTotalVariance(slice: SviSlice, k: number): number {
  const x = k - slice.m;
  return slice.a + slice.b * (slice.rho * x + Math.sqrt(x * x + slice.sigma * slice.sigma));
}

/**
 * The least total variance over all k: a + b sigma sqrt(1 - rho^2), reached at k = m - rho sigma / sqrt(1 - rho^2), or
 * in the limit for |rho| = 1. Negative: the slice is no smile.
 */
export function sviMinimumTotalVariance({ a, b, rho, sigma }: SviSlice): number {
  return a + b * sigma * Math.sqrt((1 - rho) * (1 + rho));
}

/**
 * Total variance, its derivatives and Durrleman's g of one slice (F87, F88).
 *
 * J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), 59-71,
 * sections 3.1 and 2.2.
 * @param k ln(K/F), any finite numbers.
 * @returns g is NaN where w = 0, and without meaning where w < 0; see `sviArbitrage` for the whole line at once.
 * Accuracy: 4e-16 of the sum of absolute terms. Cost: one square root and three divisions a strike.
 * @throws RangeError for bad parameters, see {@link checkSviSlice}, or a k that is not finite.
 */
export function sviSmile(slice: SviSlice, k: Float64Array): VarianceSmile {
  checkSviSlice(slice);
  const smile = allocateSmile(k.length);
  for (let i = 0; i < k.length; i++)
    fillSmile(slice.a, slice.b, slice.rho, slice.m, slice.sigma, k[i]!, smile, i);
  return smile;
}

function fillSmile(
  a: number,
  b: number,
  rho: number,
  m: number,
  sigma: number,
  k: number,
  smile: VarianceSmile,
  index: number,
): void {
  const x = k - m;
  if (!(Math.abs(x) <= 1e100)) {
    throw new RangeError(`strike ${index}: expected a finite log-moneyness as k, found ${k}`, {
      index,
      field: 'k',
      found: k,
    });
  }
  const root = Math.sqrt(x * x + sigma * sigma);
  const variance = a + b * (rho * x + root);
  const slope = b * (rho + x / root);
  const narrow = sigma / root;
  const curvature = (b * narrow * narrow) / root;
  smile.totalVariance[index] = variance;
  smile.slope[index] = slope;
  smile.curvature[index] = curvature;
  smile.durrleman[index] = durrlemanG(k, variance, slope, curvature);
}

/** Slices and log-moneynesses of a batch, a column each; element i of every column belongs to point i. */
export type SviInputs = { readonly [Field in keyof SviSlice]: Float64Array } & {
  readonly k: Float64Array;
  /** Years to expiry, above 0. */
  readonly expiryYears: Float64Array;
};

/**
 * Per point: {@link VarianceSmile}, the volatility sqrt(w / t), NaN where w < 0, and the slice's least total variance.
 */
export type SviPoints = VarianceSmile & {
  readonly impliedVol: Float64Array;
  readonly minimumTotalVariance: Float64Array;
};

/**
 * {@link sviSmile} for points that each have a slice of their own.
 * @throws ShapeError where columns differ in length. @throws RangeError naming index and field as {@link checkSviSlice}, or
 * for an expiry that is not positive.
 */
export function sviPoints(inputs: SviInputs): SviPoints {
  const count = commonLength(inputs, FIELDS);
  const points: SviPoints = {
    ...allocateSmile(count),
    impliedVol: new Float64Array(count),
    minimumTotalVariance: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const slice: SviSlice = {
      a: inputs.a[i]!,
      b: inputs.b[i]!,
      rho: inputs.rho[i]!,
      m: inputs.m[i]!,
      sigma: inputs.sigma[i]!,
    };
    checkSviSlice(slice, `point ${i}`);
    const t = inputs.expiryYears[i]!;
    if (!(t > 0 && t < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`point ${i}: expected a positive number of years as expiryYears, found ${t}`, {
        index: i,
        field: 'expiryYears',
        found: t,
      });
    }
    fillSmile(slice.a, slice.b, slice.rho, slice.m, slice.sigma, inputs.k[i]!, points, i);
    const variance = points.totalVariance[i]!;
    points.impliedVol[i] = variance >= 0 ? Math.sqrt(variance / t) : Number.NaN;
    points.minimumTotalVariance[i] = sviMinimumTotalVariance(slice);
  }
  return points;
}

const number = (name: string, rule: 'positive' | 'nonNegative' | 'finite'): ModelColumn => ({
  name,
  kind: 'number',
  rule,
});

/** {@link sviPoints} as a table; implied_vol is NaN where total variance is negative. */
export const svi: PricingModel = {
  name: 'svi',
  inputs: [
    number('a', 'finite'),
    number('b', 'nonNegative'),
    number('rho', 'finite'),
    number('m', 'finite'),
    number('sigma', 'positive'),
    number('k', 'finite'),
    number('t', 'positive'),
  ],
  results: ['total_variance', 'dw_dk', 'd2w_dk2', 'durrleman_g', 'implied_vol', 'min_total_variance'],
  price: (table) => {
    const points = sviPoints({
      a: table.number('a'),
      b: table.number('b'),
      rho: table.number('rho'),
      m: table.number('m'),
      sigma: table.number('sigma'),
      k: table.number('k'),
      expiryYears: table.number('t'),
    });
    return {
      total_variance: points.totalVariance,
      dw_dk: points.slope,
      d2w_dk2: points.curvature,
      durrleman_g: points.durrleman,
      implied_vol: points.impliedVol,
      min_total_variance: points.minimumTotalVariance,
    };
  },
};
