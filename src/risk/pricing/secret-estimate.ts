import type { Arithmetic } from '../../algebra/arithmetic.ts';

/** Mean of secret values, one a path, and the variance of that mean as an estimate: its root is the standard error. */
export function secretEstimate<V>(
  alg: Arithmetic<V>,
  values: V,
  count: number,
): { readonly mean: V; readonly variance: V } {
  const mean = alg.scale(alg.sum(values), 1 / count);
  const square = alg.scale(alg.dot(values, values), 1 / count);
  const variance = alg.scale(alg.sub(square, alg.mul(mean, mean)), 1 / (count - 1));
  return { mean, variance };
}
