import { ShapeError } from '../base/errors.ts';
import { base64 } from './bit-claims.wasm.ts';
import type { FieldVector } from './field-vector.ts';
import { compileModule, instantiate, reserve, type WasmMemory } from './wasm-module.ts';

/**
 * Claims on bits: s + s' = x y' + y x' modulo 2, where one side knows s, x, y and another s', x', y'. What each knows lies in `pieces` rows of `words` 32-bit words, a
 * multiple of four; pieces is 32 or 64.
 *
 * With signs S = (-1)^s and so on, S S' (-1)^(x y' + y x') is 1 where a claim holds and -1 where it does not. It is half of sum_c U_c V_c of four signs on either side, since the Hadamard matrix H of (x, y) and (y', x') is
 * H' K / 2 with K = J - 2 I and H' = H K / 2: U_c = S H'[(x, y), c], V_c = S' K[c, (y', x')].
 */
export type BitSide = {
  readonly s: Uint32Array;
  readonly x: Uint32Array;
  readonly y: Uint32Array;
};

/** Kernels for such claims. */
export interface BitClaimKernels {
  /** For every two rows: of so many claims with the left sides of one and the right sides of the other, row by row, those that do not hold. */
  mismatches(left: BitSide, right: BitSide, pieces: number): Uint32Array<ArrayBuffer>;
  /**
   * out = sum_i factor_i U_c of row i, or V_c, modulo 2^61 - 1, for every c and place: 128 elements a word. Rows are taken 64 words at a time: of each such part come all U_0, then U_1, U_2, U_3.
   */
  fold(side: BitSide, isRight: boolean, factors: FieldVector, out: FieldVector): void;
}

type Exports = {
  readonly memory: WasmMemory;
  mismatches(
    ...pointers: readonly [
      s: number,
      x: number,
      y: number,
      t: number,
      u: number,
      v: number,
      counts: number,
      pieces: number,
      bytes: number,
    ]
  ): void;
  buildTables(factors: number, tables: number, pieces: number): void;
  fold(
    ...pointers: readonly [
      s: number,
      x: number,
      y: number,
      flip: number,
      tables: number,
      scratch: number,
      out: number,
      pieces: number,
      bytes: number,
    ]
  ): void;
};

/** Most pieces, and words of a row that are done at a time. */
export const MOST_PIECES = 64;
export const CLAIM_WORDS = 64;

/** Elements to which a word of every row folds: four signs a place. */
export const ELEMENTS_A_WORD = 128;

const FACTORS = 64;
const TABLES: number = FACTORS + 8 * MOST_PIECES;
const COUNTS: number = TABLES + (2048 * MOST_PIECES) / 8;
const ROWS: number = COUNTS + 4 * MOST_PIECES ** 2;
/** Bytes of one of a side's three bits. */
const REGION: number = 4 * MOST_PIECES * CLAIM_WORDS;
const OUT: number = ROWS + 6 * REGION;
const END: number = OUT + 4 * 32 * 8 * CLAIM_WORDS;

/** @throws ShapeError unless a side is whole rows; their words. */
export function checkSide({ s, x, y }: BitSide, pieces: number): number {
  const words = s.length / pieces;
  if (
    x.length !== s.length ||
    y.length !== s.length ||
    words % 4 !== 0 ||
    pieces % 16 !== 0 ||
    pieces > MOST_PIECES
  ) {
    throw new ShapeError(
      `expected three times ${pieces} rows of a multiple of 4 words, found ${[s, x, y].map(({ length }) => length)} words`,
      { pieces },
    );
  }
  return words;
}

/** @throws ShapeError unless there is room for what so many words fold to. */
export function checkFolded({ length }: FieldVector, words: number): void {
  if (length !== ELEMENTS_A_WORD * words) {
    throw new ShapeError(`expected room for ${ELEMENTS_A_WORD * words} elements, found ${length}`, {
      length,
    });
  }
}

class WasmBitClaims implements BitClaimKernels {
  readonly #wasm: Exports;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #limbs: BigUint64Array<ArrayBuffer>;

  constructor() {
    this.#wasm = instantiate<Exports>(compileModule(base64));
    reserve(this.#wasm.memory, END);
    this.#words = new Uint32Array(this.#wasm.memory.buffer);
    this.#limbs = new BigUint64Array(this.#wasm.memory.buffer);
  }

  mismatches(left: BitSide, right: BitSide, pieces: number): Uint32Array<ArrayBuffer> {
    const words = checkSide(left, pieces);
    checkSide(right, pieces);
    const counts = COUNTS / 4;
    this.#words.fill(0, counts, counts + pieces ** 2);
    for (let start = 0; start < words; start += CLAIM_WORDS) {
      const n = Math.min(CLAIM_WORDS, words - start);
      const places = [left.s, left.x, left.y, right.s, right.x, right.y].map((rows, i) =>
        this.#load(rows, ROWS + i * REGION, pieces, words, start, n),
      );
      const [s, x, y, t, u, v] = places as [number, number, number, number, number, number];
      this.#wasm.mismatches(s, x, y, t, u, v, COUNTS, pieces, 4 * n);
    }
    const out = this.#words.slice(counts, counts + pieces ** 2);
    this.#words.fill(0, counts, END / 4);
    return out;
  }

  fold(side: BitSide, isRight: boolean, factors: FieldVector, out: FieldVector): void {
    const pieces = factors.length;
    const words = checkSide(side, pieces);
    checkFolded(out, words);
    this.#limbs.set(factors.limbs, FACTORS / 8);
    this.#wasm.buildTables(FACTORS, TABLES, pieces);
    for (let start = 0; start < words; start += CLAIM_WORDS) {
      const n = Math.min(CLAIM_WORDS, words - start);
      const [s, x, y] = [side.s, side.x, side.y].map((of, i) =>
        this.#load(of, ROWS + i * REGION, pieces, words, start, n),
      ) as [number, number, number];
      this.#wasm.fold(s, x, y, isRight ? -1 : 0, TABLES, ROWS + 3 * REGION, OUT, pieces, 4 * n);
      out.limbs.set(this.#limbs.subarray(OUT / 8, OUT / 8 + 128 * n), 128 * start);
    }
    this.#words.fill(0, ROWS / 4, END / 4);
  }

  /** Puts a part of all rows into the memory, one after the other. */
  #load(rows: Uint32Array, at: number, pieces: number, words: number, start: number, n: number): number {
    for (let i = 0; i < pieces; i++) {
      const from = i * words + start;
      this.#words.set(rows.subarray(from, from + n), at / 4 + i * n);
    }
    return at;
  }
}

let kernels: BitClaimKernels | undefined;

/** The WASM SIMD kernels; compiled at the first call. */
export function loadBitClaims(): BitClaimKernels {
  kernels ??= new WasmBitClaims();
  return kernels;
}
