import type { FieldVector } from '../../kernels/field-vector.ts';
import {
  bounded,
  type Context,
  doubleZero,
  keySetCount,
  open,
  openDouble,
  type Protocol,
} from '../engine/protocol.ts';
import { inverseVartime } from '../sharing.ts';
import { lowPart } from './low-part.ts';
import { KAPPA } from './masking.ts';
import { innerProducts, matrixProduct } from './multiply.ts';

/** How far a truncation may be from x / 2^shift, in units of the result: for any t parties' masks, C of them. */
export function truncationError(sets: number): number {
  return (sets + 1) / 2;
}

/**
 * x / 2^shift for integers |x| < 2^(bits - 1) modulo 2^127 - 1, rounded by chance to an integer less than (C + 1) / 2 away (2 at n = 3, t = 1), without bias:
 * c = x + r is opened, and floor(c / 2^shift) - sum floor(r_A / 2^shift) returned, where r = sum r_A over C key sets. The low parts of
 * the r_A are uniform, so that the mean is x / 2^shift exactly. One round, no preparation.
 *
 * Who learns what: c, within 2^-KAPPA of uniform whatever x is. Cost: one opening of 16 bytes an element.
 */
export function* truncate(
  context: Context,
  x: FieldVector,
  bits: number,
  shift: number,
): Protocol<FieldVector> {
  const mask = yield* bounded(bits + KAPPA, shift, x.length);
  const c = yield* open(masked(context, x, mask.whole, bits, shift));
  return unmasked(context, c, mask.shifted, bits, shift);
}

/**
 * Inner products of `rows` consecutive pieces of a and b, each divided by 2^shift as {@link truncate} does. Among semi-honest
 * parties in one round: the masked products are opened with degree 2t. Otherwise they are reshared, verified, and opened with all shares
 * checked.
 */
export function* innerProductsTruncated(
  context: Context,
  a: FieldVector,
  b: FieldVector,
  rows: number,
  bits: number,
  shift: number,
): Protocol<FieldVector> {
  if (context.security === 'malicious') {
    return yield* truncate(context, yield* innerProducts(context, a, b, rows), bits, shift);
  }
  const { k127 } = context;
  const products = rows === a.length ? k127.mul(a, b) : k127.dots(a, b, rows);
  return yield* productsTruncated(context, products, bits, shift);
}

/** A B for matrices row by row, A of `rows` rows, as {@link innerProductsTruncated}: one opening an element of the result. */
export function* matrixProductTruncated(
  context: Context,
  a: FieldVector,
  b: FieldVector,
  rows: number,
  bits: number,
  shift: number,
): Protocol<FieldVector> {
  if (context.security === 'malicious') {
    return yield* truncate(context, yield* matrixProduct(context, a, b, rows), bits, shift);
  }
  return yield* productsTruncated(context, context.k127.matMul(a, b, rows), bits, shift);
}

/** Sums of products, on polynomials of degree 2t, each divided by 2^shift; among semi-honest parties. */
function* productsTruncated(
  context: Context,
  products: FieldVector,
  bits: number,
  shift: number,
): Protocol<FieldVector> {
  const { k127 } = context;
  const mask = yield* bounded(bits + KAPPA, shift, products.length);
  const zero = yield* doubleZero(2, products.length);
  const c = yield* openDouble(masked(context, k127.add(products, zero), mask.whole, bits, shift));
  return unmasked(context, c, mask.shifted, bits, shift);
}

/** floor(x / 2^shift + 1/2), exactly, for |x| < 2^(bits - 1). Cost: as a comparison of `shift` bits. */
export function* truncateExactly(
  context: Context,
  x: FieldVector,
  bits: number,
  shift: number,
): Protocol<FieldVector> {
  const { k127 } = context;
  const offset = (1n << BigInt(bits)) + (1n << BigInt(shift - 1));
  const positive = k127.addConstant(x, offset);
  const low = yield* lowPart(context, positive, bits + 2, shift);
  const inverse = inverseVartime(1n << BigInt(shift), k127.modulus);
  return k127.addConstant(k127.scale(k127.sub(positive, low), inverse), -(1n << BigInt(bits - shift)));
}

/** Half of what the C low parts and the rounding down add on average: subtracted before, it leaves no bias. */
function centre(context: Context, shift: number): bigint {
  return ((BigInt(keySetCount(context.scheme)) - 1n) << BigInt(shift)) >> 1n;
}

/** Multiples of 2^shift that keep what is opened positive. */
function lift(context: Context, bits: number, shift: number): bigint {
  return (1n << BigInt(bits - 1 - shift)) + BigInt(keySetCount(context.scheme));
}

function masked(
  context: Context,
  x: FieldVector,
  mask: FieldVector,
  bits: number,
  shift: number,
): FieldVector {
  const { k127 } = context;
  const offset = (lift(context, bits, shift) << BigInt(shift)) - centre(context, shift);
  return k127.addConstant(k127.add(x, mask), offset);
}

function unmasked(
  context: Context,
  c: FieldVector,
  shifted: FieldVector,
  bits: number,
  shift: number,
): FieldVector {
  const { k127 } = context;
  return k127.addConstant(k127.sub(k127.shiftRight(c, shift), shifted), -lift(context, bits, shift));
}
