import { RangeError, ShapeError } from '../base/errors.ts';
import { chebyshevSum } from '../numeric/chebyshev/expansion.ts';
import { type Matrix, matVec } from '../numeric/matrix.ts';
import type { Ordered } from './arithmetic.ts';
import type { InputSpec } from './circuit.ts';

const zip = (a: Float64Array, b: Float64Array, f: (x: number, y: number) => number): Float64Array => {
  if (a.length !== b.length) {
    throw new ShapeError(`expected vectors of equal length, found ${a.length} and ${b.length}`, {
      a: a.length,
      b: b.length,
    });
  }
  return a.map((x, i) => f(x, b[i]!));
};

function matMul(a: Float64Array, b: Float64Array, rows: number): Float64Array {
  const inner = a.length / rows;
  const cols = b.length / inner;
  if (!(Number.isInteger(inner) && Number.isInteger(cols))) {
    throw new ShapeError(
      `expected matrices that fit, the first of ${rows} rows, found ${a.length} elements times ${b.length}`,
      { rows, a: a.length, b: b.length },
    );
  }
  const out = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[r * inner + k]!;
      for (let c = 0; c < cols; c++) out[r * cols + c]! += factor * b[k * cols + c]!;
    }
  }
  return out;
}

/** The algebra in the clear, in double precision: the oracle that every private back end is compared with. */
export const plainAlgebra: Ordered<Float64Array> = {
  constant: (w) => w.slice(),
  add: (a, b) => zip(a, b, (x, y) => x + y),
  sub: (a, b) => zip(a, b, (x, y) => x - y),
  scale: (a, factor) => a.map((x) => factor * x),
  addPlain: (a, w) => zip(a, w, (x, y) => x + y),
  mulPlain: (a, w) => zip(a, w, (x, y) => x * y),
  sum: (a) => Float64Array.of(a.reduce((total, x) => total + x, 0)),
  replicate: (a, length) => new Float64Array(length).fill(a[0]!),
  within: (a, low, high) => {
    // Rounding of what computes a may leave the interval by some ulp.
    const slack = 2 ** -40 * Math.max(Math.abs(low), Math.abs(high));
    const index = a.findIndex((x) => !(x >= low - slack && x <= high + slack));
    if (index < 0) return a;
    throw new RangeError(
      `element ${index} of a value is outside [${low}, ${high}], within which it was guaranteed to lie; ` +
        'clamp the inputs where they are clear',
      { index, low, high },
    );
  },
  matVecPlain: (m: Matrix, x) => matVec(m, x),
  mul: (a, b) => zip(a, b, (x, y) => x * y),
  dot: (a, b) => Float64Array.of(zip(a, b, (x, y) => x * y).reduce((total, x) => total + x, 0)),
  matMul,
  poly: ({ coefficients, domain: [low, high] }, x) =>
    x.map((value) => chebyshevSum(coefficients, (2 * value - low - high) / (high - low))),
  lessThan: (a, b) => zip(a, b, (x, y) => (x < y ? 1 : 0)),
  // Not bit (a - b) + b, which loses a where b is much larger.
  select: (bit, a, b) =>
    zip(
      zip(bit, a, (s, x) => s * x),
      zip(bit, b, (s, y) => (1 - s) * y),
      (x, y) => x + y,
    ),
  max: (a, b) => zip(a, b, Math.max),
  kthSmallest: (a, k) => Float64Array.of(a.slice().sort()[k - 1]!),
  smallest: (a, k) => a.slice().sort().slice(0, k),
  sort: (a) => a.slice().sort(),
};

/** Rounding slack of a declared bound: a vector normalised in double precision may exceed 1 by a few ulp. */
const SLACK = 1 + 1e-12;

/**
 * Checks a clear vector against its declaration, before it is encrypted or shared. NaN and infinities are refused
 * here, because nothing later could notice them. Messages name the element, never its value.
 * @throws ShapeError, RangeError
 */
export function checkInput(name: string, x: Float64Array, spec: InputSpec): void {
  // Programs without types forget inputs.
  const found = x?.length ?? 'nothing';
  if (found !== spec.length) {
    throw new ShapeError(`input ${name}: expected ${spec.length} elements, found ${found}`, {
      name,
      expected: spec.length,
      found,
    });
  }
  let l1 = 0;
  for (let i = 0; i < x.length; i++) {
    const magnitude = Math.abs(x[i]!);
    // Written so that NaN fails it.
    if (!(magnitude <= spec.bound * SLACK && withinRange(x[i]!, spec))) {
      throw new RangeError(
        `input ${name}: element ${i} is not a number within its declared ${declaredOf(spec)}; ` +
          'normalise it, clamp it or declare a wider bound',
        { name, index: i, bound: spec.bound },
      );
    }
    l1 += magnitude;
  }
  // A sum of n magnitudes may be off by n ulp, in what normalised the vector and here.
  if (spec.l1 !== undefined && !(l1 <= spec.l1 * (SLACK + x.length * 2 ** -51))) {
    throw new RangeError(`input ${name}: the sum of magnitudes exceeds its declared bound ${spec.l1}`, {
      name,
      l1: spec.l1,
    });
  }
}

function withinRange(x: number, { bound, range: [low, high] = [-bound, bound] }: InputSpec): boolean {
  const slack = (SLACK - 1) * bound;
  return x >= low - slack && x <= high + slack;
}

function declaredOf({ bound, range }: InputSpec): string {
  return range === undefined ? `bound ${bound}` : `range [${range[0]}, ${range[1]}]`;
}
