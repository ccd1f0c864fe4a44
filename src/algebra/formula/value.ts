import { RangeError, ShapeError } from '../../base/errors.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import type { Wire } from '../record.ts';

/** A value of a formula while it is compiled. `depth`: levels down to the inputs. */
export type Value =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'vector'; readonly w: Float64Array }
  | { readonly kind: 'matrix'; readonly matrix: Matrix }
  | Secret;

export type Secret = { readonly kind: 'secret'; readonly wire: Wire; readonly depth: number };

/** A value that is known before anything runs and is no matrix. */
export type Plain = Extract<Value, { readonly kind: 'number' | 'vector' }>;

export function isPlain(value: Value): value is Plain {
  return value.kind === 'number' || value.kind === 'vector';
}

export function plainOf(w: Float64Array): Plain {
  return w.length === 1 ? { kind: 'number', value: w[0]! } : { kind: 'vector', w };
}

/** A public operation, in the clear; numbers meet vectors elementwise. */
export function mapPlain(
  operands: readonly Plain[],
  f: (...x: readonly number[]) => number,
  position: number,
  name: string,
): Plain {
  const length = operands.reduce((most, x) => (x.kind === 'vector' ? Math.max(most, x.w.length) : most), 1);
  for (const x of operands) {
    if (x.kind === 'vector' && x.w.length !== length) {
      throw new ShapeError(
        `character ${position}: ${name}: expected vectors of equal length, found ${x.w.length} and ${length}`,
        { position },
      );
    }
  }
  const out = Float64Array.from({ length }, (_, i) =>
    f(...operands.map((x) => (x.kind === 'number' ? x.value : x.w[i]!))),
  );
  const bad = out.find((value) => !Number.isFinite(value));
  if (bad !== undefined) {
    throw new RangeError(`character ${position}: ${name} of public numbers gives ${bad}`, { position });
  }
  return plainOf(out);
}

export function describe(value: Value): string {
  switch (value.kind) {
    case 'number':
      return `the number ${value.value}`;
    case 'vector':
      return `a public vector of ${value.w.length}`;
    case 'matrix':
      return `a ${value.matrix.rows} x ${value.matrix.cols} matrix`;
    case 'secret':
      return `a secret vector of ${value.wire.length}`;
  }
}

/** Its elements; a number is repeated. */
export function vectorOf(plain: Plain, length: number): Float64Array {
  return plain.kind === 'vector' ? plain.w : new Float64Array(length).fill(plain.value);
}

/** @throws ShapeError for a matrix, where `name` wants a number or a vector. */
export function withoutMatrix(value: Value, position: number, name: string): Plain | Secret {
  if (value.kind !== 'matrix') return value;
  throw new ShapeError(
    `character ${position}: ${name}: expected a number or a vector, found ${describe(value)}; multiply it with a vector first`,
    { position },
  );
}
