import { RangeError, ShapeError } from '../base/errors.ts';
import { commonLength, ELEMENT_BYTES, FieldVector, fieldVectorOf } from './field-vector.ts';
import { base64 } from './field127.wasm.ts';
import { compileModule, instantiate, reserve, type WasmMemory } from './wasm-module.ts';

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

/**
 * Arithmetic mod p = 2^127 - 1 over whole vectors. Results are new vectors with canonical elements. Every
 * method throws ShapeError where lengths differ.
 */
export interface Field127Kernels {
  readonly name: 'wasm' | 'twin';
  /** a + b. */
  add(a: FieldVector, b: FieldVector): FieldVector;
  /** a - b. */
  sub(a: FieldVector, b: FieldVector): FieldVector;
  /** a b, elementwise. */
  mul(a: FieldVector, b: FieldVector): FieldVector;
  /** factor a, for a public field element. */
  scale(a: FieldVector, factor: bigint): FieldVector;
  /** sum_i factors_i vectors_i for public field elements: interpolation at fixed points. */
  combine(factors: readonly bigint[], vectors: readonly FieldVector[]): FieldVector;
  /** sum_k coefficients_k x^k by Horner's rule at a public integer 0 <= x < 2^31: dealing of shares. */
  evaluate(coefficients: readonly FieldVector[], x: number): FieldVector;
  /**
   * Prepares a public matrix of integers, asked for row by row (a row may be reused memory).
   * @throws RangeError unless every entry is an integer of magnitude at most 2^52.
   */
  matrix(rows: number, cols: number, rowAt: (row: number) => Float64Array): FieldMatrix;
}

type Exports = {
  readonly memory: WasmMemory;
  add(a: number, b: number, out: number, n: number): void;
  sub(a: number, b: number, out: number, n: number): void;
  mul(a: number, b: number, out: number, n: number): void;
  scaleAdd(a: number, c: number, out: number, n: number): void;
  horner(a: number, x: number, out: number, n: number): void;
  packRow(source: number, out: number, cols: number): void;
  packVector(source: number, out: number, n: number): void;
  matVec(m: number, x: number, out: number, rows: number, groups: number): void;
};

/**
 * Elements that an elementwise kernel takes at a time: three operands of 64 KiB stay in the second-level
 * cache.
 */
const BLOCK = 4096;
const A = 64;
const B: number = A + BLOCK * ELEMENT_BYTES;
const OUT: number = B + BLOCK * ELEMENT_BYTES;
const END: number = OUT + BLOCK * ELEMENT_BYTES;

/** Bytes of a group of four columns: of a packed matrix row, and of a packed vector. */
const ROW_GROUP_BYTES = 32;
const VECTOR_GROUP_BYTES = 80;

class WasmKernels implements Field127Kernels {
  readonly name = 'wasm';
  readonly #module: object;
  readonly #wasm: Exports;

  constructor(module: object) {
    this.#module = module;
    this.#wasm = instantiate<Exports>(module);
    reserve(this.#wasm.memory, END);
  }

  add(a: FieldVector, b: FieldVector): FieldVector {
    return this.#zip('add', a, b);
  }

  sub(a: FieldVector, b: FieldVector): FieldVector {
    return this.#zip('sub', a, b);
  }

  mul(a: FieldVector, b: FieldVector): FieldVector {
    return this.#zip('mul', a, b);
  }

  scale(a: FieldVector, factor: bigint): FieldVector {
    return this.combine([factor], [a]);
  }

  combine(factors: readonly bigint[], vectors: readonly FieldVector[]): FieldVector {
    if (factors.length !== vectors.length) {
      throw new ShapeError(`combine: expected ${vectors.length} factors, found ${factors.length}`);
    }
    const constants = factors.map((factor) => fieldVectorOf([factor]).limbs);
    return this.#blocks('combine', vectors, (memory, n, blockOf) => {
      memory.fill(0n, OUT / 8, OUT / 8 + 2 * n);
      vectors.forEach((vector, i) => {
        memory.set(constants[i]!, B / 8);
        memory.set(blockOf(vector), A / 8);
        this.#wasm.scaleAdd(A, B, OUT, n);
      });
    });
  }

  evaluate(coefficients: readonly FieldVector[], x: number): FieldVector {
    if (!Number.isInteger(x) || x < 0 || x >= 2 ** 31) {
      throw new RangeError(`evaluate: expected an integer point in [0, 2^31), found ${x}`, { x });
    }
    return this.#blocks('evaluate', coefficients, (memory, n, blockOf) => {
      memory.fill(0n, OUT / 8, OUT / 8 + 2 * n);
      for (const coefficient of coefficients.toReversed()) {
        memory.set(blockOf(coefficient), A / 8);
        this.#wasm.horner(A, x, OUT, n);
      }
    });
  }

  matrix(rows: number, cols: number, rowAt: (row: number) => Float64Array): FieldMatrix {
    return new WasmMatrix(this.#module, rows, cols, rowAt);
  }

  #zip(kernel: 'add' | 'sub' | 'mul', a: FieldVector, b: FieldVector): FieldVector {
    return this.#blocks(kernel, [a, b], (memory, n, blockOf) => {
      memory.set(blockOf(a), A / 8);
      memory.set(blockOf(b), B / 8);
      this.#wasm[kernel](A, B, OUT, n);
    });
  }

  /**
   * Runs `body`, which leaves n elements at OUT, on one block after the other; wipes what it left in the
   * memory.
   */
  #blocks(
    what: string,
    operands: readonly FieldVector[],
    body: (memory: BigUint64Array, n: number, blockOf: (v: FieldVector) => BigUint64Array) => void,
  ): FieldVector {
    const out = new FieldVector(commonLength(what, operands));
    const memory = new BigUint64Array(this.#wasm.memory.buffer);
    for (let start = 0; start < out.length; start += BLOCK) {
      const n = Math.min(BLOCK, out.length - start);
      body(memory, n, (v) => v.limbs.subarray(2 * start, 2 * (start + n)));
      out.limbs.set(memory.subarray(OUT / 8, OUT / 8 + 2 * n), 2 * start);
    }
    memory.fill(0n, A / 8, END / 8);
    return out;
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
  kernels ??= new WasmKernels(compileModule(base64));
  return kernels;
}
