import { checkMatMul, checkRows, type FieldKernels } from '../../kernels/field-kernels.ts';
import { commonLength, FieldVector, modulusOf, type Width } from '../../kernels/field-vector.ts';
import { checkTerms, type Field61Kernels } from '../../kernels/field61.ts';
import type { Field127Kernels } from '../../kernels/field127.ts';

const NOTHING: BigUint64Array<ArrayBuffer> = new BigUint64Array(0);

/** A vector that has a length and no elements. */
export function shapeVector(length: number, width: Width): FieldVector {
  return new FieldVector(length, width, NOTHING);
}

function shapes(width: Width): FieldKernels {
  const of = (length: number): FieldVector => shapeVector(length, width);
  return {
    name: 'shape',
    width,
    modulus: modulusOf(width),
    add: (a, b) => of(commonLength('add', [a, b])),
    sub: (a, b) => of(commonLength('sub', [a, b])),
    mul: (a, b) => of(commonLength('mul', [a, b])),
    scale: (a) => of(a.length),
    addConstant: (a) => of(a.length),
    total: (vectors) => of(commonLength('total', vectors)),
    keepLowBits: (a) => a,
    combine: (_, vectors) => of(commonLength('combine', vectors)),
    evaluate: (coefficients) => of(commonLength('evaluate', coefficients)),
    dots: (a, b, rows) => {
      checkRows(commonLength('dots', [a, b]), rows);
      return of(rows);
    },
    matMul: (f, x, rows) => of(rows * checkMatMul(f, x, rows).size),
    lowBits: (a) => of(a.length),
    shiftRight: (a) => of(a.length),
    signs: (_, __, length) => of(length),
    concat: (vectors) => of(vectors.reduce((total, { length }) => total + length, 0)),
    zeros: of,
    gather: (_, places) => of(places.length),
  };
}

/** Kernels that know lengths only: with them a plan runs the protocols to count what they cost. */
export const shapes61: Field61Kernels = {
  ...shapes(1),
  comparisonTerms: (bits, c, sign) => shapeVector((checkTerms(bits, c, sign) + 1) * c.length, 1),
};

export const shapes127: Field127Kernels = {
  ...shapes(2),
  matrix: (rows, cols) => ({
    rows,
    cols,
    times: (_, from = 0, to = rows) => shapeVector(to - from, 2),
  }),
};
