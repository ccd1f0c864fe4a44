import { ShapeError } from '../base/errors.ts';
import { type FieldExports, type FieldKernels, WasmFieldKernels } from './field-kernels.ts';
import { FieldVector } from './field-vector.ts';
import { base64 } from './field61.wasm.ts';
import { compileModule, reserve } from './wasm-module.ts';

/** Arithmetic modulo p = 2^61 - 1, and the terms of comparisons. */
export interface Field61Kernels extends FieldKernels {
  /**
   * Terms of which one is zero exactly if (sign = -1 and c >= b) or (sign = 1 and c < b), for a public c, shared
   * bits b and a shared sign (Damgard, Geisler, Kroigaard, ACISP 2007). They are linear in shares.
   * @param bits rows of c.length shared bits, least significant first.
   * @param c public, of the other field; its low bits are read.
   * @param sign shares of 1 or -1.
   * @returns one row more than there are bits.
   */
  comparisonTerms(bits: FieldVector, c: FieldVector, sign: FieldVector): FieldVector;
}

type Exports = FieldExports & {
  comparisonTerms(b: number, c: number, s: number, out: number, count: number, bits: number): void;
};

const AT = 64;
/** Bytes that one call of comparisonTerms works on. */
const CHUNK_BYTES: number = 2 ** 17;

class Wasm61 extends WasmFieldKernels<Exports> implements Field61Kernels {
  comparisonTerms(bits: FieldVector, c: FieldVector, sign: FieldVector): FieldVector {
    const rows = checkTerms(bits, c, sign);
    const out = new FieldVector((rows + 1) * c.length, 1);
    const most = Math.max(1, Math.floor(CHUNK_BYTES / (8 * (2 * rows + 4))));
    const end = AT + 8 * most * (2 * rows + 4) + 16;
    reserve(this.wasm.memory, end);
    const memory = new BigUint64Array(this.wasm.memory.buffer);
    for (let start = 0; start < c.length; start += most) {
      const n = Math.min(most, c.length - start);
      const cAt = AT / 8;
      const sAt = cAt + 2 * n;
      const bAt = sAt + n;
      const outAt = bAt + rows * n;
      memory.set(c.limbs.subarray(2 * start, 2 * (start + n)), cAt);
      memory.set(sign.limbs.subarray(start, start + n), sAt);
      for (let row = 0; row < rows; row++) {
        const from = row * c.length + start;
        memory.set(bits.limbs.subarray(from, from + n), bAt + row * n);
      }
      this.wasm.comparisonTerms(8 * bAt, 8 * cAt, 8 * sAt, 8 * outAt, n, rows);
      for (let row = 0; row <= rows; row++) {
        const from = outAt + row * n;
        out.limbs.set(memory.subarray(from, from + n), row * c.length + start);
      }
    }
    memory.fill(0n, AT / 8, end / 8);
    return out;
  }
}

/** @throws ShapeError unless there are rows of bits and one sign for every element of c; the rows are counted. */
export function checkTerms(bits: FieldVector, c: FieldVector, sign: FieldVector): number {
  const rows = bits.length / c.length;
  if (!Number.isInteger(rows) || rows < 1 || sign.length !== c.length) {
    throw new ShapeError(
      `comparisonTerms: expected rows of ${c.length} bits and as many signs, found ${bits.length} and ${sign.length}`,
      { elements: c.length, bits: bits.length, signs: sign.length },
    );
  }
  return rows;
}

let kernels: Field61Kernels | undefined;

/** The WASM SIMD kernels; compiled at the first call, about 1 ms. */
export function loadField61(): Field61Kernels {
  kernels ??= new Wasm61(compileModule(base64), 1);
  return kernels;
}
