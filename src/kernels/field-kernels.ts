import { RangeError, ShapeError } from '../base/errors.ts';
import { commonLength, FieldVector, fieldVectorOf, modulusOf, type Width } from './field-vector.ts';
import { instantiate, reserve, type WasmMemory } from './wasm-module.ts';

/**
 * Arithmetic modulo 2^61 - 1 (width 1) or 2^127 - 1 (width 2) over whole vectors. Results are new vectors with
 * canonical elements. Every method throws ShapeError where lengths differ.
 */
export interface FieldKernels {
  readonly name: 'wasm' | 'twin' | 'shape';
  readonly width: Width;
  readonly modulus: bigint;
  /** a + b. */
  add(a: FieldVector, b: FieldVector): FieldVector;
  /** a - b. */
  sub(a: FieldVector, b: FieldVector): FieldVector;
  /** a b, elementwise. */
  mul(a: FieldVector, b: FieldVector): FieldVector;
  /** factor a, for a public field element. */
  scale(a: FieldVector, factor: bigint): FieldVector;
  /** a + c in every element, for a public field element. */
  addConstant(a: FieldVector, c: bigint): FieldVector;
  /** The sum of at least one vector. */
  total(vectors: readonly FieldVector[]): FieldVector;
  /** sum_i factors_i vectors_i for public field elements: interpolation at fixed points. */
  combine(factors: readonly bigint[], vectors: readonly FieldVector[]): FieldVector;
  /** sum_k coefficients_k x^k by Horner's rule at a public integer 0 <= x < 2^31: dealing of shares. */
  evaluate(coefficients: readonly FieldVector[], x: number): FieldVector;
  /** Inner products of `rows` consecutive pieces of equal length of a and b: one element a row. */
  dots(a: FieldVector, b: FieldVector, rows: number): FieldVector;
  /** F X for a public matrix F of `rows` rows and a matrix X, both row by row in a vector. */
  matMul(f: FieldVector, x: FieldVector, rows: number): FieldVector;
  /** The low `bits` of every element; all bits of the width make a uniform element from random bits, p being 0. */
  lowBits(a: FieldVector, bits: number): FieldVector;
  /** The same, in place; returns its argument. */
  keepLowBits(a: FieldVector, bits: number): FieldVector;
  /** Every element divided by 2^shift, rounded down, as an integer. */
  shiftRight(a: FieldVector, shift: number): FieldVector;
  /** c where a bit of `bits` (least significant first in each byte) is 1, -c where it is 0. c is not zero. */
  signs(bits: Uint8Array, c: bigint, length: number): FieldVector;
  /** Vectors one after the other; a single one is returned as it is. */
  concat(vectors: readonly FieldVector[]): FieldVector;
  /** So many zeros. */
  zeros(length: number): FieldVector;
  /** The elements at public places, in their order. */
  gather(a: FieldVector, places: Uint32Array): FieldVector;
}

/** What both modules of field arithmetic export. */
export type FieldExports = {
  readonly memory: WasmMemory;
  add(a: number, b: number, out: number, n: number): void;
  sub(a: number, b: number, out: number, n: number): void;
  mul(a: number, b: number, out: number, n: number): void;
  scaleAdd(a: number, c: number, out: number, n: number): void;
  horner(a: number, x: number, out: number, n: number): void;
  dot(a: number, b: number, out: number, n: number): void;
  lowBits(a: number, bits: number, out: number, n: number): void;
  shiftRight(a: number, shift: number, out: number, n: number): void;
  signs(a: number, c: number, out: number, n: number): void;
  combineRows(f: number, x: number, out: number, rows: number, cols: number, stride: number): void;
};

/**
 * Elements that an elementwise kernel takes at a time: three operands of 64 KiB (M127) stay in the
 * second-level cache.
 */
const BLOCK = 4096;
const A = 64;
const REGION: number = BLOCK * 16;
const B: number = A + REGION;
const OUT: number = B + REGION;
const END: number = OUT + REGION;

/** Bytes of the matrices on which a product works at a time: they stay in the second-level cache. */
const MATRIX_BYTES: number = 2 ** 18;

type Body = (memory: BigUint64Array, n: number, blockOf: (v: FieldVector) => BigUint64Array) => void;

/** Kernels of one module. Vectors live outside its memory and pass through it in blocks, which are wiped. */
export class WasmFieldKernels<Exports extends FieldExports = FieldExports> implements FieldKernels {
  readonly name = 'wasm';
  readonly width: Width;
  readonly modulus: bigint;
  protected readonly module: object;
  protected readonly wasm: Exports;

  constructor(module: object, width: Width) {
    this.module = module;
    this.width = width;
    this.modulus = modulusOf(width);
    this.wasm = instantiate<Exports>(module);
    reserve(this.wasm.memory, END);
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

  addConstant(a: FieldVector, c: bigint): FieldVector {
    const constant = fieldVectorOf([c], this.width).limbs;
    let filled = 0;
    return this.#blocks('addConstant', [a], (memory, n, blockOf) => {
      for (; filled < n; filled++) memory.set(constant, B / 8 + this.width * filled);
      memory.set(blockOf(a), A / 8);
      this.wasm.add(A, B, OUT, n);
    });
  }

  total(vectors: readonly FieldVector[]): FieldVector {
    return this.#blocks('total', vectors, (memory, n, blockOf) => {
      memory.set(blockOf(vectors[0]!), OUT / 8);
      for (const vector of vectors.slice(1)) {
        memory.set(blockOf(vector), A / 8);
        this.wasm.add(A, OUT, OUT, n);
      }
    });
  }

  combine(factors: readonly bigint[], vectors: readonly FieldVector[]): FieldVector {
    if (factors.length !== vectors.length) {
      throw new ShapeError(`combine: expected ${vectors.length} factors, found ${factors.length}`);
    }
    const constants = factors.map((factor) => fieldVectorOf([factor], this.width).limbs);
    return this.#blocks('combine', vectors, (memory, n, blockOf) => {
      memory.fill(0n, OUT / 8, OUT / 8 + this.width * n);
      vectors.forEach((vector, i) => {
        memory.set(constants[i]!, B / 8);
        memory.set(blockOf(vector), A / 8);
        this.wasm.scaleAdd(A, B, OUT, n);
      });
    });
  }

  evaluate(coefficients: readonly FieldVector[], x: number): FieldVector {
    if (!Number.isInteger(x) || x < 0 || x >= 2 ** 31) {
      throw new RangeError(`evaluate: expected an integer point in [0, 2^31), found ${x}`, { x });
    }
    return this.#blocks('evaluate', coefficients, (memory, n, blockOf) => {
      memory.fill(0n, OUT / 8, OUT / 8 + this.width * n);
      for (const coefficient of coefficients.toReversed()) {
        memory.set(blockOf(coefficient), A / 8);
        this.wasm.horner(A, x, OUT, n);
      }
    });
  }

  dots(a: FieldVector, b: FieldVector, rows: number): FieldVector {
    const cols = checkRows(commonLength('dots', [a, b]), rows);
    const { width } = this;
    const out = new FieldVector(rows, width);
    const memory = new BigUint64Array(this.wasm.memory.buffer);
    for (let row = 0; row < rows; row++) {
      memory.fill(0n, OUT / 8, OUT / 8 + width);
      for (let start = 0; start < cols; start += BLOCK) {
        const n = Math.min(BLOCK, cols - start);
        const from = width * (row * cols + start);
        memory.set(a.limbs.subarray(from, from + width * n), A / 8);
        memory.set(b.limbs.subarray(from, from + width * n), B / 8);
        // Modulo 2^61 - 1 four elements are taken at a time: what lies behind the last must add nothing.
        if (width === 1) memory.fill(0n, A / 8 + n, A / 8 + n + 3);
        this.wasm.dot(A, B, OUT, n);
      }
      out.limbs.set(memory.subarray(OUT / 8, OUT / 8 + width), width * row);
    }
    memory.fill(0n, A / 8, A / 8 + width * Math.min(BLOCK, cols));
    memory.fill(0n, B / 8, B / 8 + width * Math.min(BLOCK, cols));
    return out;
  }

  matMul(f: FieldVector, x: FieldVector, rows: number): FieldVector {
    const { cols, size } = checkMatMul(f, x, rows);
    const { width } = this;
    const out = new FieldVector(rows * size, width);
    const most = Math.max(4, 4 * Math.floor(MATRIX_BYTES / (32 * width * (rows + cols))));
    const xAt = A / 8 + width * (f.length + (f.length & 1));
    const stride = Math.min(most, 4 * Math.ceil(size / 4));
    const outAt = xAt + width * cols * stride;
    const end = outAt + width * rows * stride;
    reserve(this.wasm.memory, 8 * end);
    const memory = new BigUint64Array(this.wasm.memory.buffer);
    memory.set(f.limbs, A / 8);
    for (let start = 0; start < size; start += stride) {
      const n = Math.min(stride, size - start);
      for (let c = 0; c < cols; c++) {
        const from = width * (c * size + start);
        memory.set(x.limbs.subarray(from, from + width * n), xAt + width * c * stride);
      }
      memory.fill(0n, outAt, end);
      this.wasm.combineRows(A, 8 * xAt, 8 * outAt, rows, cols, stride);
      for (let r = 0; r < rows; r++) {
        const from = outAt + width * r * stride;
        out.limbs.set(memory.subarray(from, from + width * n), width * (r * size + start));
      }
    }
    memory.fill(0n, A / 8, end);
    return out;
  }

  lowBits(a: FieldVector, bits: number): FieldVector {
    return this.#map('lowBits', a, bits);
  }

  keepLowBits(a: FieldVector, bits: number): FieldVector {
    return this.#map('lowBits', a, bits, a);
  }

  shiftRight(a: FieldVector, shift: number): FieldVector {
    return this.#map('shiftRight', a, shift);
  }

  signs(bits: Uint8Array, c: bigint, length: number): FieldVector {
    checkBits(bits, length);
    const out = new FieldVector(length, this.width);
    const memory = new BigUint64Array(this.wasm.memory.buffer);
    const bytes = new Uint8Array(this.wasm.memory.buffer);
    memory.set(fieldVectorOf([c], this.width).limbs, B / 8);
    for (let start = 0; start < length; start += BLOCK) {
      const n = Math.min(BLOCK, length - start);
      bytes.set(bits.subarray(start / 8, Math.ceil((start + n) / 8)), A);
      this.wasm.signs(A, B, OUT, n);
      out.limbs.set(memory.subarray(OUT / 8, OUT / 8 + this.width * n), this.width * start);
    }
    memory.fill(0n, A / 8, A / 8 + BLOCK / 64);
    memory.fill(0n, OUT / 8, OUT / 8 + this.width * Math.min(BLOCK, length));
    return out;
  }

  zeros(length: number): FieldVector {
    return new FieldVector(length, this.width);
  }

  concat(vectors: readonly FieldVector[]): FieldVector {
    if (vectors.length === 1) return vectors[0]!;
    const length = vectors.reduce((total, vector) => total + vector.length, 0);
    const out = new FieldVector(length, this.width);
    let offset = 0;
    for (const { limbs } of vectors) {
      out.limbs.set(limbs, offset);
      offset += limbs.length;
    }
    return out;
  }

  gather(a: FieldVector, places: Uint32Array): FieldVector {
    checkPlaces(a, places);
    const out = new FieldVector(places.length, this.width);
    const size = 2 * this.width;
    for (let i = 0; i < places.length; i++) {
      const from = size * places[i]!;
      for (let k = 0; k < size; k++) out.words[size * i + k] = a.words[from + k]!;
    }
    return out;
  }

  #map(kernel: 'lowBits' | 'shiftRight', a: FieldVector, count: number, out?: FieldVector): FieldVector {
    checkBitCount(kernel, count, this.width);
    const body: Body = (memory, n, blockOf) => {
      memory.set(blockOf(a), A / 8);
      this.wasm[kernel](A, count, OUT, n);
    };
    return this.#blocks(kernel, [a], body, out);
  }

  #zip(kernel: 'add' | 'sub' | 'mul', a: FieldVector, b: FieldVector): FieldVector {
    return this.#blocks(kernel, [a, b], (memory, n, blockOf) => {
      memory.set(blockOf(a), A / 8);
      memory.set(blockOf(b), B / 8);
      this.wasm[kernel](A, B, OUT, n);
    });
  }

  /**
   * Runs `body`, which leaves n elements at OUT, on one block after the other; wipes what it left in the
   * memory.
   */
  #blocks(what: string, operands: readonly FieldVector[], body: Body, into?: FieldVector): FieldVector {
    const { width } = this;
    const length = commonLength(what, operands);
    const out = into ?? new FieldVector(length, width);
    const memory = new BigUint64Array(this.wasm.memory.buffer);
    for (let start = 0; start < out.length; start += BLOCK) {
      const n = Math.min(BLOCK, out.length - start);
      body(memory, n, (v) =>
        start === 0 && n === v.length ? v.limbs : v.limbs.subarray(width * start, width * (start + n)),
      );
      out.limbs.set(memory.subarray(OUT / 8, OUT / 8 + width * n), width * start);
    }
    const touched = width * Math.min(BLOCK, out.length);
    for (const region of [A, B, OUT]) memory.fill(0n, region / 8, region / 8 + touched);
    return out;
  }
}

/** @throws ShapeError unless so many elements are `rows` pieces of equal length, which is returned. */
export function checkRows(length: number, rows: number): number {
  if (!Number.isInteger(rows) || rows < 1 || length % rows !== 0) {
    throw new ShapeError(`dots: expected ${length} elements to be ${rows} rows of equal length`, {
      length,
      rows,
    });
  }
  return length / rows;
}

/** @throws ShapeError unless F has whole rows and X as many rows as F has columns. */
export function checkMatMul(
  f: FieldVector,
  x: FieldVector,
  rows: number,
): { readonly cols: number; readonly size: number } {
  const cols = f.length / rows;
  const size = x.length / cols;
  if (!Number.isInteger(cols) || !Number.isInteger(size)) {
    throw new ShapeError(
      `matMul: expected ${rows} whole rows and a matrix of as many rows as they have entries, found ${f.length} and ${x.length} elements`,
      { rows, factors: f.length, elements: x.length },
    );
  }
  return { cols, size };
}

/** @throws ShapeError unless all places exist. */
export function checkPlaces(a: FieldVector, places: Uint32Array): void {
  const outside = places.findIndex((place) => place >= a.length);
  if (outside >= 0) {
    throw new ShapeError(`gather: expected places below ${a.length}, found ${places[outside]}`, {
      length: a.length,
      found: places[outside]!,
    });
  }
}

/** @throws ShapeError unless there are at least `length` bits. */
export function checkBits(bits: Uint8Array, length: number): void {
  if (8 * bits.length < length) {
    throw new ShapeError(`signs: expected ${length} bits, found ${8 * bits.length}`, {
      expected: length,
      found: 8 * bits.length,
    });
  }
}

/** @throws RangeError unless an element of the width has so many bits. */
export function checkBitCount(what: string, bits: number, width: Width): void {
  const most = width === 1 ? 61 : 127;
  if (!Number.isInteger(bits) || bits < 0 || bits > most) {
    throw new RangeError(`${what}: expected a number of bits from 0 to ${most}, found ${bits}`, { bits });
  }
}
