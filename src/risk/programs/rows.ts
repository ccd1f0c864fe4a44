import type { Program } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { record } from '../../algebra/record.ts';
import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import { ShapeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import type { RiskBasis } from '../bases/basis.ts';

/** Public rows of a basis, by name: each row is a linear risk figure in currency, a column a coordinate. */
export type RiskRows<Name extends string> = Readonly<Record<Name, Matrix>>;

/**
 * Rows scaled into a circuit as a `Valuation` is: columns by their largest entry over all rows, rows by what is then their largest, so
 * that with z = (columnScale x) / L1 no result exceeds 1.
 */
export type ScaledRows<Name extends string> = {
  readonly basis: Digest;
  readonly columnScale: Float64Array;
  readonly matrices: RiskRows<Name>;
  readonly rowScales: Readonly<Record<Name, Float64Array>>;
  readonly digest: Digest;
};

/** @throws ShapeError for rows that do not have a column a coordinate. */
export function scaleRows<Name extends string>(
  basis: Pick<RiskBasis, 'digest'>,
  rows: RiskRows<Name>,
): ScaledRows<Name> {
  const entries = Object.entries(rows) as [Name, Matrix][];
  const cols = entries[0]?.[1].cols ?? 0;
  const columnScale = new Float64Array(cols);
  for (const [name, matrix] of entries) {
    if (matrix.cols !== cols) {
      throw new ShapeError(`${name}: expected rows of ${cols} coordinates, found ${matrix.cols}`, {
        name,
        expected: cols,
        found: matrix.cols,
      });
    }
    matrix.data.forEach((entry, i) => {
      columnScale[i % cols] = Math.max(columnScale[i % cols]!, Math.abs(entry));
    });
  }
  const matrices = {} as Record<Name, Matrix>;
  const rowScales = {} as Record<Name, Float64Array>;
  for (const [name, { rows: count, data }] of entries) {
    const scaled = data.map((entry, i) => (entry === 0 ? 0 : entry / columnScale[i % cols]!));
    const scales = new Float64Array(count);
    scaled.forEach((entry, i) => {
      const row = Math.floor(i / cols);
      scales[row] = Math.max(scales[row]!, Math.abs(entry));
    });
    rowScales[name] = scales;
    matrices[name] = matrixOf(
      count,
      cols,
      scaled.map((entry, i) => (entry === 0 ? 0 : entry / scales[Math.floor(i / cols)]!)),
    );
  }
  const digest = digestOf('blindrisk/rows/1', {
    basis: basis.digest,
    columnScale,
    rows: entries.map(([name, { data }]) => ({ name, data })),
  });
  return { basis: basis.digest, columnScale, matrices, rowScales, digest };
}

/** All rows of a book: depth 1, no product of secrets. */
export const rowsProgram =
  <Name extends string>({ matrices }: ScaledRows<Name>): Program<'book', Name> =>
  (alg, { book }) => {
    const outputs = Object.entries(matrices) as [Name, Matrix][];
    type V = typeof book;
    return Object.fromEntries(
      outputs.map(([name, matrix]) => [name, alg.matVecPlain(matrix, book)]),
    ) as Record<Name, V>;
  };

export function rowsCircuit<Name extends string>(rows: ScaledRows<Name>): Circuit<'book', Name> {
  const book: InputSpec = { length: rows.columnScale.length, bound: 1, l1: 1 };
  return record(rowsProgram(rows), { book });
}

/** Results of the rows in currency, from what the circuit gives and the owner's L1. */
export function readRows<Name extends string>(
  { rowScales }: ScaledRows<Name>,
  outputs: Readonly<Record<Name, Float64Array>>,
  l1: number,
): Record<Name, Float64Array> {
  const names = Object.keys(rowScales) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, outputs[name].map((value, r) => value * rowScales[name][r]! * l1)]),
  ) as Record<Name, Float64Array>;
}

/**
 * Rows by underlying from rows of all: row u x rows + r is row r on the coordinates of underlying u alone, so that figures of one underlying
 * (a risk array, a bucket) come out without the others.
 * @param underlying index of each coordinate's underlying; negative: none.
 */
export function rowsByUnderlying(
  { rows, cols, data }: Matrix,
  underlying: Int32Array,
  count: number,
): Matrix {
  const out = matrixOf(rows * count, cols);
  for (let j = 0; j < cols; j++) {
    const u = underlying[j]!;
    if (u < 0) continue;
    for (let r = 0; r < rows; r++) out.data[(u * rows + r) * cols + j] = data[r * cols + j]!;
  }
  return out;
}
