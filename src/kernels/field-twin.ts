import { ShapeError } from '../base/errors.ts';
import {
  checkBitCount,
  checkBits,
  checkMatMul,
  checkPlaces,
  checkRows,
  type FieldKernels,
} from './field-kernels.ts';
import {
  bigintsOf,
  commonLength,
  type FieldVector,
  fieldVectorOf,
  modulusOf,
  type Width,
} from './field-vector.ts';
import { checkTerms, type Field61Kernels } from './field61.ts';
import { checkedRow, checkProduct, type Field127Kernels, type FieldMatrix } from './field127.ts';

/**
 * The kernels again, on BigInt: the oracle of the tests, two orders of magnitude slower. Its running time
 * depends on the values, so it is not for secrets.
 */
function twinVartime(width: Width): FieldKernels {
  const of = (values: readonly bigint[]): FieldVector => fieldVectorOf(values, width);
  const zip = (
    what: string,
    a: FieldVector,
    b: FieldVector,
    f: (x: bigint, y: bigint) => bigint,
  ): FieldVector => {
    commonLength(what, [a, b]);
    const right = bigintsOf(b);
    return of(bigintsOf(a).map((x, i) => f(x, right[i]!)));
  };
  const twin: FieldKernels = {
    name: 'twin',
    width,
    modulus: modulusOf(width),
    add: (a, b) => zip('add', a, b, (x, y) => x + y),
    sub: (a, b) => zip('sub', a, b, (x, y) => x - y),
    mul: (a, b) => zip('mul', a, b, (x, y) => x * y),
    scale: (a, factor) => of(bigintsOf(a).map((x) => x * factor)),
    addConstant: (a, c) => of(bigintsOf(a).map((x) => x + c)),
    total: (vectors) =>
      twin.combine(
        vectors.map(() => 1n),
        vectors,
      ),
    combine: (factors, vectors) => {
      if (factors.length !== vectors.length) {
        throw new ShapeError(`combine: expected ${vectors.length} factors, found ${factors.length}`);
      }
      const sums = new Array<bigint>(commonLength('combine', vectors)).fill(0n);
      vectors.forEach((vector, k) => {
        bigintsOf(vector).forEach((x, i) => {
          sums[i]! += factors[k]! * x;
        });
      });
      return of(sums);
    },
    evaluate: (coefficients, x) => {
      const powers = coefficients.map((_, k) => BigInt(x) ** BigInt(k));
      return twin.combine(powers, coefficients);
    },
    dots: (a, b, rows) => {
      const cols = checkRows(commonLength('dots', [a, b]), rows);
      const products = bigintsOf(a).map((x, i) => [x, i] as const);
      const right = bigintsOf(b);
      const sums = new Array<bigint>(rows).fill(0n);
      for (const [x, i] of products) sums[Math.floor(i / cols)]! += x * right[i]!;
      return of(sums);
    },
    matMul: (f, x, rows) => {
      const { cols, size } = checkMatMul(f, x, rows);
      const factors = bigintsOf(f);
      const values = bigintsOf(x);
      const out = new Array<bigint>(rows * size).fill(0n);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++) {
          for (let i = 0; i < size; i++) out[r * size + i]! += factors[r * cols + c]! * values[c * size + i]!;
        }
      }
      return of(out);
    },
    lowBits: (a, bits) => {
      checkBitCount('lowBits', bits, width);
      return of(bigintsOf(a).map((x) => BigInt.asUintN(bits, x)));
    },
    keepLowBits: (a, bits) => {
      a.limbs.set(twin.lowBits(a, bits).limbs);
      return a;
    },
    shiftRight: (a, shift) => {
      checkBitCount('shiftRight', shift, width);
      return of(bigintsOf(a).map((x) => x >> BigInt(shift)));
    },
    signs: (bits, c, length) => {
      checkBits(bits, length);
      return of(Array.from({ length }, (_, i) => ((bits[i >> 3]! >> (i & 7)) & 1 ? c : -c)));
    },
    concat: (vectors) => of(vectors.flatMap(bigintsOf)),
    gather: (a, places) => {
      checkPlaces(a, places);
      const values = bigintsOf(a);
      return of(Array.from(places, (place) => values[place]!));
    },
    zeros: (length) => of(new Array<bigint>(length).fill(0n)),
  };
  return twin;
}

/** The twin modulo 2^61 - 1. */
export const field61TwinVartime: Field61Kernels = {
  ...twinVartime(1),
  comparisonTerms: (bits, c, sign) => {
    const rows = checkTerms(bits, c, sign);
    const b = bigintsOf(bits);
    const clear = bigintsOf(c);
    const s = bigintsOf(sign);
    const out = new Array<bigint>((rows + 1) * c.length);
    for (let e = 0; e < c.length; e++) {
      let higher = 0n;
      for (let i = rows - 1; i >= 0; i--) {
        const ci = (clear[e]! >> BigInt(i)) & 1n;
        const bi = b[i * c.length + e]!;
        out[i * c.length + e] = s[e]! + ci - bi + 3n * higher;
        higher += ci + bi - 2n * ci * bi;
      }
      out[rows * c.length + e] = s[e]! + 1n + 3n * higher;
    }
    return fieldVectorOf(out, 1);
  },
};

/** The twin modulo 2^127 - 1. */
export const field127TwinVartime: Field127Kernels = {
  ...twinVartime(2),
  matrix: (rows, cols, rowAt) => new TwinMatrix(rows, cols, rowAt),
};

class TwinMatrix implements FieldMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly #entries: BigInt64Array;

  constructor(rows: number, cols: number, rowAt: (row: number) => Float64Array) {
    this.rows = rows;
    this.cols = cols;
    this.#entries = new BigInt64Array(rows * cols);
    for (let r = 0; r < rows; r++) {
      this.#entries.set(BigInt64Array.from(checkedRow(rowAt(r), r, cols), BigInt), r * cols);
    }
  }

  times(x: FieldVector, from = 0, to: number = this.rows): FieldVector {
    checkProduct(this, x, from, to);
    const values = bigintsOf(x);
    const sums: bigint[] = [];
    for (let r = from; r < to; r++) {
      let sum = 0n;
      for (let c = 0; c < this.cols; c++) sum += this.#entries[r * this.cols + c]! * values[c]!;
      sums.push(sum);
    }
    return fieldVectorOf(sums);
  }
}
