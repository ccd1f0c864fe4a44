import { elementsOfBits } from '../../kernels/bit-planes.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import { type Context, join, open, type Protocol, reveal } from '../engine/protocol.ts';
import { sharesBits } from '../engine/shared-bits.ts';
import { inverseVartime } from '../sharing.ts';
import { isNegativeOfThree, negativeBits } from './binary-compare.ts';
import { lowPart } from './low-part.ts';
import { multiply } from './multiply.ts';

/**
 * 1 where x < 0, else 0, for integers |x| < 2^(bits - 1) modulo 2^127 - 1: the top bit of x + 2^(bits - 1). Leaks and costs as
 * {@link negativeBits} among three parties, else as {@link lowPart}.
 */
export function* isNegative(context: Context, x: FieldVector, bits: number): Protocol<FieldVector> {
  const { k127 } = context;
  if (sharesBits(context.scheme)) return yield* isNegativeOfThree(context, x, bits);
  const top = 1n << BigInt(bits - 1);
  const positive = k127.addConstant(x, top);
  const low = yield* lowPart(context, positive, bits, bits - 1);
  const inverse = inverseVartime(top, k127.modulus);
  return k127.addConstant(k127.scale(k127.sub(positive, low), -inverse), 1n);
}

/** {@link isNegative}, opened: 0 and 1 that all parties know. */
export function* openNegative(context: Context, x: FieldVector, bits: number): Protocol<FieldVector> {
  if (!sharesBits(context.scheme)) return yield* open(yield* isNegative(context, x, bits));
  const negative = yield* reveal(yield* negativeBits(context, x, bits));
  return elementsOfBits(negative.bits, x.length);
}

/** 1 where x = 0, else 0: neither x nor -x is negative. */
export function* isZeroShared(context: Context, x: FieldVector, bits: number): Protocol<FieldVector> {
  const { k127 } = context;
  const both = k127.concat([x, k127.scale(x, -1n)]);
  const negative = yield* isNegative(context, both, bits);
  const either = k127.add(negative.part(0, x.length), negative.part(x.length, 2 * x.length));
  return k127.addConstant(k127.scale(either, -1n), 1n);
}

/** a where bit is 1, b where it is 0. One round. */
export function* choose(
  context: Context,
  bit: FieldVector,
  a: FieldVector,
  b: FieldVector,
): Protocol<FieldVector> {
  const { k127 } = context;
  return k127.add(b, yield* multiply(context, bit, k127.sub(a, b)));
}

/** The smaller and the larger of each pair, as integers |a - b| < 2^(bits - 1). */
export function* sortPairs(
  context: Context,
  a: FieldVector,
  b: FieldVector,
  bits: number,
): Protocol<{ readonly smaller: FieldVector; readonly larger: FieldVector }> {
  const { k127 } = context;
  const difference = k127.sub(b, a);
  const swap = yield* isNegative(context, difference, bits);
  const moved = yield* multiply(context, swap, difference);
  return { smaller: k127.add(a, moved), larger: k127.sub(b, moved) };
}

/** |x| for |x| < 2^(bits - 1). */
export function* absolute(context: Context, x: FieldVector, bits: number): Protocol<FieldVector> {
  const { k127 } = context;
  const negative = yield* isNegative(context, x, bits);
  return k127.sub(x, k127.scale(yield* multiply(context, negative, x), 2n));
}

/** Comparisons that run side by side. */
export function* areNegative(
  context: Context,
  vectors: readonly FieldVector[],
  bits: number,
): Protocol<readonly FieldVector[]> {
  return yield* join(vectors.map((x) => isNegative(context, x, bits)));
}
