import type { FieldVector } from '../../kernels/field-vector.ts';
import { type Context, dual, type Protocol } from '../engine/protocol.ts';
import { KAPPA } from './masking.ts';

/**
 * Integers of [0, 2^bits) shared modulo 2^61 - 1, `bits` at most `maskableBits61`, as shares modulo 2^127 - 1: they are opened by `opening` under masks that both
 * fields share. What is not in that interval comes out as something else. Who learns what: the sums, within 2^-KAPPA of uniform whatever the
 * integers are. Cost: one round, 8 bytes an element.
 */
export function* carry(
  context: Context,
  small: FieldVector,
  bits: number,
  opening: (vector: FieldVector) => Protocol<FieldVector>,
): Protocol<FieldVector> {
  const { narrow, wide } = yield* dual(bits + KAPPA, small.length);
  const masked = yield* opening(context.k61.add(small, narrow));
  return context.k127.sub(context.widen(masked), wide);
}
