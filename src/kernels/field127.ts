import { RangeError, ShapeError } from '../base/errors.ts';
import { type FieldExports, type FieldKernels, WasmFieldKernels } from './field-kernels.ts';
import { ELEMENT_BYTES, FieldVector } from './field-vector.ts';
import { base64 } from './field127.wasm.ts';
import { compileModule, instantiate, reserve } from './wasm-module.ts';

/** The largest magnitude of an entry of a {@link FieldMatrix}: the kernel's growth bound rests on it. */
export const MAX_ENTRY: number = 2 ** 52;

/** A public matrix of integers, prepared for repeated products with secret vectors. */
export interface FieldMatrix {
  readonly rows: number;
  readonly cols: number;
  /**
   * Rows `from` up to `to` of M x mod p. Secrecy: local, nothing is learned.
   * Cost: about 4 ns an entry (Node 24, x86-64).
   */
  times(x: FieldVector, from?: number, to?: number): FieldVector;
}

/** Arithmetic modulo p = 2^127 - 1, and products with public matrices. */
export interface Field127Kernels extends FieldKernels {
  /**
   * Prepares a public matrix of integers, asked for row by row (a row may be reused memory).
   * @throws RangeError unless every entry is an integer of magnitude at most 2^52.
   */
  matrix(rows: number, cols: number, rowAt: (row: number) => Float64Array): FieldMatrix;
}

type Exports = FieldExports & {
  packRow(source: number, out: number, cols: number): void;
  packVector(source: number, out: number, n: number): void;
  matVec(m: number, x: number, out: number, rows: number, groups: number): void;
};

const A = 64;

/** Bytes of a group of four columns: of a packed matrix row, and of a packed vector. */
const ROW_GROUP_BYTES = 32;
const VECTOR_GROUP_BYTES = 80;

class Wasm127 extends WasmFieldKernels<Exports> implements Field127Kernels {
  matrix(rows: number, cols: number, rowAt: (row: number) => Float64Array): FieldMatrix {
    return new WasmMatrix(this.module, rows, cols, rowAt);
  }
}

/** A packed matrix in a linear memory of its own: [ matrix | packed vector | input or result ]. */
class WasmMatrix implements FieldMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly #wasm: Exports;
  readonly #groups: number;
  readonly #x: number;
  readonly #io: number;

  constructor(module: object, rows: number, cols: number, rowAt: (row: number) => Float64Array) {
    this.rows = rows;
    this.cols = cols;
    this.#groups = Math.ceil(cols / 4);
    this.#x = A + rows * this.#groups * ROW_GROUP_BYTES;
    this.#io = this.#x + this.#groups * VECTOR_GROUP_BYTES;
    this.#wasm = instantiate<Exports>(module);
    reserve(this.#wasm.memory, this.#io + Math.max(rows, cols) * ELEMENT_BYTES);
    const row = new Float64Array(this.#wasm.memory.buffer, this.#io, cols);
    for (let r = 0; r < rows; r++) {
      row.set(checkedRow(rowAt(r), r, cols));
      this.#wasm.packRow(this.#io, A + r * this.#groups * ROW_GROUP_BYTES, cols);
    }
  }

  times(x: FieldVector, from = 0, to: number = this.rows): FieldVector {
    checkProduct(this, x, from, to);
    const memory = new BigUint64Array(this.#wasm.memory.buffer);
    memory.set(x.limbs, this.#io / 8);
    this.#wasm.packVector(this.#io, this.#x, this.cols);
    this.#wasm.matVec(A + from * this.#groups * ROW_GROUP_BYTES, this.#x, this.#io, to - from, this.#groups);
    const out = new FieldVector(to - from);
    out.limbs.set(memory.subarray(this.#io / 8, this.#io / 8 + 2 * out.length));
    memory.fill(0n, this.#x / 8);
    return out;
  }
}

/** @throws ShapeError, RangeError; see {@link Field127Kernels.matrix}. */
export function checkedRow(row: Float64Array, r: number, cols: number): Float64Array {
  if (row.length !== cols) {
    throw new ShapeError(`matrix: expected ${cols} entries in row ${r}, found ${row.length}`, {
      row: r,
      cols,
    });
  }
  for (let c = 0; c < cols; c++) {
    // Written so that NaN fails it.
    if (!(Math.abs(row[c]!) <= MAX_ENTRY && Number.isInteger(row[c]!))) {
      throw new RangeError(
        `matrix: expected an integer of magnitude at most 2^52, found ${row[c]} in row ${r}, column ${c}`,
        { row: r, column: c },
      );
    }
  }
  return row;
}

/** @throws ShapeError unless x has as many elements as M has columns and the rows exist. */
export function checkProduct(m: FieldMatrix, x: FieldVector, from: number, to: number): void {
  if (x.length !== m.cols || !(from >= 0 && from <= to && to <= m.rows)) {
    throw new ShapeError(
      `times: expected ${m.cols} elements and rows within 0..${m.rows}, found ${x.length} elements and rows ${from}..${to}`,
      { rows: m.rows, cols: m.cols, length: x.length, from, to },
    );
  }
}

let kernels: Field127Kernels | undefined;

/** The WASM SIMD kernels; compiled at the first call, about 1 ms. */
export function loadField127(): Field127Kernels {
  kernels ??= new Wasm127(compileModule(base64), 2);
  return kernels;
}
