import type { FieldVector } from '../../kernels/field-vector.ts';
import { type Context, kernelsOf, type Protocol, reshare } from '../engine/protocol.ts';

/**
 * a b, elementwise. Who learns what: nobody anything (uniform shares); a deviating party can only add to the
 * product what does not depend on a and b, and is found before anything is opened.
 * Cost: one round; n - 1 - t elements an element and dealing party (one at n = 3).
 */
export function* multiply(context: Context, a: FieldVector, b: FieldVector): Protocol<FieldVector> {
  const local = kernelsOf(context, a.width).mul(a, b);
  const z = yield* reshare(local);
  local.recycle();
  context.products.add({ x: a, y: b, z });
  return z;
}

/**
 * Inner products of `rows` consecutive pieces of a and b: one element a row. Cost: one round, as of one product a row, however
 * long the pieces are.
 */
export function* innerProducts(
  context: Context,
  a: FieldVector,
  b: FieldVector,
  rows: number,
): Protocol<FieldVector> {
  const z = yield* reshare(kernelsOf(context, a.width).dots(a, b, rows));
  context.products.add({ x: a, y: b, z });
  return z;
}

/**
 * A B for matrices of shares, row by row, A of `rows` rows: one reshare an element of the result, whatever the inner length. Who learns what: nobody anything.
 * Cost: one round, as of one product an element of the result; locally one product a term, and a verification of A's, B's and the result's size.
 */
export function* matrixProduct(
  context: Context,
  a: FieldVector,
  b: FieldVector,
  rows: number,
): Protocol<FieldVector> {
  const local = kernelsOf(context, a.width).matMul(a, b, rows);
  const c = yield* reshare(local);
  local.recycle();
  context.products.addMatrix({ a, b, c, rows });
  return c;
}

/** The product of `rows` vectors of equal length that lie one after the other, in ceil(log2 rows) rounds. */
export function* productOfRows(context: Context, rows: FieldVector, count: number): Protocol<FieldVector> {
  const k = kernelsOf(context, rows.width);
  const length = rows.length / count;
  let left = rows;
  // `rows` are the caller's; what is made here is not needed when it has been multiplied.
  const made: FieldVector[] = [];
  for (let remaining = count; remaining > 1; ) {
    const half = remaining >> 1;
    const z = yield* multiply(
      context,
      left.part(0, half * length),
      left.part(half * length, 2 * half * length),
    );
    left = remaining % 2 === 0 ? z : k.concat([z, left.part(2 * half * length, remaining * length)]);
    remaining -= half;
    if (remaining > 1) made.push(left);
    // A claim keeps z, of which `left` may be a copy.
    if (left !== z) made.push(z);
  }
  context.products.release(...made);
  return left;
}
