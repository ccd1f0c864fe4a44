import type { FieldKernels } from '../../kernels/field-kernels.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import type { Field61Kernels } from '../../kernels/field61.ts';
import type { Field127Kernels, FieldMatrix } from '../../kernels/field127.ts';

/** Products of field elements. */
export type FieldWork = { products: number };

/** Kernels that count the products they are asked for. */
export function countedKernels(
  k61: Field61Kernels,
  k127: Field127Kernels,
  work: FieldWork,
): { readonly k61: Field61Kernels; readonly k127: Field127Kernels } {
  return {
    k61: {
      ...counted(k61, work),
      comparisonTerms: (bits, c, sign) => {
        work.products += bits.length;
        return k61.comparisonTerms(bits, c, sign);
      },
    },
    k127: {
      ...counted(k127, work),
      matrix: (rows, cols, rowAt) => countedMatrix(k127.matrix(rows, cols, rowAt), work),
    },
  };
}

/** A prepared matrix whose products are counted. */
export function countedMatrix(matrix: FieldMatrix, work: FieldWork): FieldMatrix {
  const { rows, cols } = matrix;
  return {
    rows,
    cols,
    times: (x, from = 0, to = rows) => {
      work.products += (to - from) * cols;
      return matrix.times(x, from, to);
    },
  };
}

function counted(k: FieldKernels, work: FieldWork): FieldKernels {
  const lengthOf = (vectors: readonly FieldVector[]) => vectors.reduce((sum, { length }) => sum + length, 0);
  return {
    name: k.name,
    width: k.width,
    modulus: k.modulus,
    add: (a, b) => k.add(a, b),
    sub: (a, b) => k.sub(a, b),
    addConstant: (a, c) => k.addConstant(a, c),
    total: (vectors) => k.total(vectors),
    lowBits: (a, bits) => k.lowBits(a, bits),
    keepLowBits: (a, bits) => k.keepLowBits(a, bits),
    shiftRight: (a, shift) => k.shiftRight(a, shift),
    signs: (bits, c, length) => k.signs(bits, c, length),
    concat: (vectors) => k.concat(vectors),
    zeros: (length) => k.zeros(length),
    gather: (a, places) => k.gather(a, places),
    mul: (a, b) => {
      work.products += a.length;
      return k.mul(a, b);
    },
    scale: (a, factor) => {
      work.products += a.length;
      return k.scale(a, factor);
    },
    combine: (factors, vectors) => {
      work.products += lengthOf(vectors);
      return k.combine(factors, vectors);
    },
    evaluate: (coefficients, x) => {
      work.products += lengthOf(coefficients);
      return k.evaluate(coefficients, x);
    },
    matMul: (f, x, rows) => {
      work.products += rows * x.length;
      return k.matMul(f, x, rows);
    },
    dots: (a, b, rows) => {
      work.products += a.length;
      return k.dots(a, b, rows);
    },
  };
}
