import { ShapeError } from '../base/errors.ts';
import { bigintsOf, commonLength, type FieldVector, fieldVectorOf } from './field-vector.ts';
import { checkedRow, checkProduct, type Field127Kernels, type FieldMatrix } from './field127.ts';

const zip = (
  what: string,
  a: FieldVector,
  b: FieldVector,
  f: (x: bigint, y: bigint) => bigint,
): FieldVector => {
  commonLength(what, [a, b]);
  const right = bigintsOf(b);
  return fieldVectorOf(bigintsOf(a).map((x, i) => f(x, right[i]!)));
};

/**
 * The kernels again, on BigInt: the oracle of the tests, two orders of magnitude slower. Its running time
 * depends on the values, so it is not for secrets.
 */
export const field127TwinVartime: Field127Kernels = {
  name: 'twin',
  add: (a, b) => zip('add', a, b, (x, y) => x + y),
  sub: (a, b) => zip('sub', a, b, (x, y) => x - y),
  mul: (a, b) => zip('mul', a, b, (x, y) => x * y),
  scale: (a, factor) => fieldVectorOf(bigintsOf(a).map((x) => x * factor)),
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
    return fieldVectorOf(sums);
  },
  evaluate: (coefficients, x) => {
    const powers = coefficients.map((_, k) => BigInt(x) ** BigInt(k));
    return field127TwinVartime.combine(powers, coefficients);
  },
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
