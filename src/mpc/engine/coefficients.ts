import type { FieldKernels } from '../../kernels/field-kernels.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import type { Context } from './protocol.ts';

/** Coins from which so many coefficients are made. */
export function coinsFor(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count)));
}

/**
 * 1, g1, g2, g1 g2, g3 ... from opened coins: a sum of values with these coefficients is multilinear in the coins, so that unless all values are zero
 * it is zero with probability at most log2(count) / p (Schwartz 1980, Zippel 1979).
 */
export function coefficients(
  context: Context,
  k: FieldKernels,
  coins: FieldVector,
  count: number,
): FieldVector {
  let out = context.constant([1n], k.width);
  for (const coin of context.read(coins)) {
    if (out.length >= count) break;
    const more = k.scale(out, coin);
    const next = k.concat([out, more]);
    for (const vector of [out, more]) vector.recycle();
    out = next;
  }
  return out.part(0, count);
}
