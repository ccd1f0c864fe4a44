import { RangeError, ShapeError } from '../../base/errors.ts';
import { checkSquare } from '../../numeric/covariance.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import { lengthOf } from '../column-checks.ts';

/** One number for every pair, or a matrix; its diagonal is not read. */
export type Correlation = number | Matrix;

/** Sensitivities that are aggregated first, among themselves. */
export type RiskBucket = {
  /** Net sensitivities s_k, in currency. */
  readonly sensitivities: Float64Array;
  /** RW_k: one for the bucket, or one a sensitivity. */
  readonly riskWeight: number | Float64Array;
  /** rho_kl between sensitivities of the bucket. */
  readonly rho: Correlation;
};

/** Buckets, and gamma_bc between them. */
export type NestedRisk = { readonly buckets: readonly RiskBucket[]; readonly gamma: Correlation };

/**
 * When the sum S_b of a bucket is kept within +-K_b: `whenNegative` only if the total under the root is negative without (Basel,
 * "alternative S_b"), or `always` (ISDA SIMM).
 */
export type BucketSumConvention = 'whenNegative' | 'always';

/** Aggregation under one set of correlations; vectors hold an element a bucket. */
export type NestedCharge = {
  /** K_b */
  readonly bucketCapital: Float64Array;
  /** S_b, as used across buckets. */
  readonly bucketSum: Float64Array;
  readonly charge: number;
  /** Whether S_b was kept within +-K_b. */
  readonly alternativeSumUsed: boolean;
};

/** How a correlation is changed in each of Basel's scenarios (MAR21.6): the pairs only, never the diagonal. */
export const CORRELATION_SCENARIOS: Readonly<
  Record<'low' | 'medium' | 'high', (correlation: number) => number>
> = {
  low: (correlation) => Math.max(2 * correlation - 1, 0.75 * correlation),
  medium: (correlation) => correlation,
  high: (correlation) => Math.max(Math.min(1.25 * correlation, 1), -1),
};

/** The three scenarios, and the largest of their charges. */
export type NestedCharges = {
  readonly results: Readonly<Record<keyof typeof CORRELATION_SCENARIOS, NestedCharge>>;
  readonly charge: number;
};

/**
 * Aggregates weighted sensitivities WS_k = RW_k s_k in two steps (F155):
 *
 *     K_b = sqrt(max(0, sum_kl rho_kl WS_k WS_l)),   S_b = sum_k WS_k,   charge = sqrt(sum_b K_b^2 + sum_(b != c) gamma_bc S_b S_c).
 *
 * Basel Committee, "Minimum capital requirements for market risk" (2019), MAR21.4 (delta and vega of the sensitivities-based method);
 * ISDA SIMM has the same shape. Where the sum under the second root is negative, or always in SIMM, S_b is max(min(S_b, K_b), -K_b).
 * Weights and correlations are the caller's. Cost: sensitivities, and their square where rho is a matrix.
 * @param adjust change of every correlation; see {@link CORRELATION_SCENARIOS}.
 * @throws ShapeError for vectors or matrices that do not fit.
 * @throws RangeError naming the bucket for numbers that are not finite, or a correlation outside [-1, 1].
 */
export function nestedCharge(
  { buckets, gamma }: NestedRisk,
  adjust: (correlation: number) => number = CORRELATION_SCENARIOS.medium,
  convention: BucketSumConvention = 'whenNegative',
): NestedCharge {
  const bucketCapital = new Float64Array(lengthOf('buckets', buckets));
  const sums = new Float64Array(buckets.length);
  buckets.forEach((bucket, b) => {
    const weighted = weightedSensitivities(bucket, b);
    sums[b] = weighted.reduce((sum, value) => sum + value, 0);
    const squares = weighted.reduce((sum, value) => sum + value * value, 0);
    const pairs = pairSum(weighted, bucket.rho, adjust, `bucket ${b}, rho`);
    bucketCapital[b] = Math.sqrt(Math.max(0, squares + pairs));
  });
  const capital = bucketCapital.reduce((sum, k) => sum + k * k, 0);
  const across = (of: Float64Array): number => capital + pairSum(of, gamma, adjust, 'gamma');
  const plain = across(sums);
  const alternativeSumUsed = convention === 'always' || plain < 0;
  if (!alternativeSumUsed)
    return { bucketCapital, bucketSum: sums, charge: Math.sqrt(plain), alternativeSumUsed };
  const bucketSum = sums.map((sum, b) => Math.max(Math.min(sum, bucketCapital[b]!), -bucketCapital[b]!));
  return {
    bucketCapital,
    bucketSum,
    charge: Math.sqrt(Math.max(0, across(bucketSum))),
    alternativeSumUsed,
  };
}

/**
 * {@link nestedCharge} under low, medium and high correlations, and the largest of the three: which one binds depends on the book. Over several risk
 * classes MAR21.7 sums each scenario first and takes the largest of the sums: add up `results`, not `charge`.
 * @throws ShapeError @throws RangeError as {@link nestedCharge}.
 */
export function nestedCharges(
  risk: NestedRisk,
  convention: BucketSumConvention = 'whenNegative',
): NestedCharges {
  const under = (name: keyof typeof CORRELATION_SCENARIOS): NestedCharge =>
    nestedCharge(risk, CORRELATION_SCENARIOS[name], convention);
  const results = { low: under('low'), medium: under('medium'), high: under('high') };
  return {
    results,
    charge: Math.max(results.low.charge, results.medium.charge, results.high.charge),
  };
}

function weightedSensitivities({ sensitivities, riskWeight }: RiskBucket, bucket: number): Float64Array {
  const count = lengthOf(`sensitivities of bucket ${bucket}`, sensitivities);
  const what = `riskWeight of bucket ${bucket}`;
  if (typeof riskWeight !== 'number' && lengthOf(what, riskWeight) !== count) {
    throw new ShapeError(
      `bucket ${bucket}: expected ${sensitivities.length} risk weights, found ${riskWeight.length}`,
      { bucket, expected: sensitivities.length, found: riskWeight.length },
    );
  }
  return sensitivities.map((sensitivity, k) => {
    const weighted = sensitivity * (typeof riskWeight === 'number' ? riskWeight : riskWeight[k]!);
    if (Number.isFinite(weighted)) return weighted;
    throw new RangeError(`bucket ${bucket}: expected a finite weighted sensitivity ${k}, found ${weighted}`, {
      bucket,
      index: k,
    });
  });
}

/** Sum over k != l of correlation x_k x_l. */
function pairSum(
  x: Float64Array,
  correlation: Correlation,
  adjust: (correlation: number) => number,
  what: string,
): number {
  if (typeof correlation === 'number') {
    checkCorrelation(correlation, what);
    let sum = 0;
    let squares = 0;
    for (const value of x) {
      sum += value;
      squares += value * value;
    }
    return adjust(correlation) * (sum * sum - squares);
  }
  const size = x.length;
  checkSquare(correlation, size, `matrix of ${what}`);
  let sum = 0;
  for (let k = 0; k < size; k++) {
    for (let l = 0; l < size; l++) {
      if (k === l) continue;
      const pair = correlation.data[k * size + l]!;
      checkCorrelation(pair, `${what} of ${k} and ${l}`);
      sum += adjust(pair) * x[k]! * x[l]!;
    }
  }
  return sum;
}

function checkCorrelation(correlation: number, what: string): void {
  if (correlation >= -1 && correlation <= 1) return;
  throw new RangeError(`${what}: expected a correlation of -1 to 1, found ${correlation}`, { correlation });
}
